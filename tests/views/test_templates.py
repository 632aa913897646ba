"""Templates: messages in a folder of that name, kept from a letter, and letters that begin from them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from tests.servers.application import Visitor
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Person, letter
from tests.servers.submission import Submission
from tests.views.test_compose import DATA, files, parsed, write
from tests.views.test_foreign_drafts import apple, thunderbird
from tests.views.test_message import PNG
from webmail.config import Settings


def start(visitor: Visitor, subject: str) -> None:
    """The link of the fold on the page of a new letter."""
    visitor.get("/write")
    [url] = re.findall(rf'<a href="(/m/[^"]+/template)" dir="auto">{subject}</a>', visitor.html)
    visitor.get(url)


def test_a_letter_is_kept_as_a_template_and_begins_others_without_changing_it(
    visitor: Visitor, alice: Person, bob: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    assert "Use a template" not in visitor.text
    assert "Templates" not in alice.mailboxes()
    write(visitor, do="template", to="Bob <bob@example.org>", cc="half", bcc="x@example.net", subject="Offer",
        body="Dear customer,\n\n…", receipt="1", att=(io.BytesIO(DATA), "räksmörgås.bin"))  # fmt: skip
    write(visitor, do="template", to="bob@example.org", cc="", subject="Reminder", body="Again")
    assert "Saved as a template. Saved in Drafts" in visitor.text
    offer, reminder = alice.messages("Templates")
    assert parsed(offer.raw)["Subject"] == "Offer"
    assert files(parsed(offer.raw)) == {"räksmörgås.bin": DATA}
    own = [parsed(message.raw)["Message-ID"] for name in ("Templates", "Drafts") for message in alice.messages(name)]
    assert len(set(own)) == len(own) == 4, "a template is a letter of its own"
    visitor.get("/m/Templates")
    assert "Reminder" in visitor.text

    for _ in range(2):
        start(visitor, "Offer")
        form = visitor.form("/write")
        assert [form.value(name) for name in ("to", "cc", "bcc", "subject", "body", "receipt")] == [
            "Bob <bob@example.org>", "half", "x@example.net", "Offer", "Dear customer,\n\n…", "1",
        ]  # fmt: skip
        assert "räksmörgås.bin" in visitor.text
        visitor.send(form, do="send", cc="")
        assert visitor.path == "/m/INBOX", "not into the templates"
    first, second = (parsed(taken.raw) for taken in submission.accepted)
    assert first["Message-ID"] != second["Message-ID"] != own[0]
    assert files(second) == {"räksmörgås.bin": DATA}
    assert [message.raw for message in alice.messages("Templates")] == [offer.raw, reminder.raw]
    assert all(message.flags == {"\\Seen"} for message in alice.messages("Templates")), "neither answered nor forwarded"


def test_a_letter_from_a_template_is_saved_like_any_other_and_the_template_may_go_meanwhile(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    write(visitor, do="template", subject="Offer", body="Words", att=(io.BytesIO(DATA), "a.bin"))
    visitor.send(visitor.form("/write"), do="discard")
    start(visitor, "Offer")
    visitor.send(visitor.form("/write"), do="save", to="bob@example.org", body="Other words")
    [kept] = alice.messages("Templates")
    alice.expunge(kept.uid, "Templates")
    assert visitor.form("/write").value("mode") == "new"
    visitor.send(visitor.form("/write"), do="send")
    assert files(parsed(submission.accepted[0].raw)) == {"a.bin": DATA}
    assert not alice.messages("Drafts")


def test_any_message_can_be_edited_as_a_new_one(visitor: Visitor, alice: Person, submission: Submission) -> None:
    uid = alice.append(letter("Old", sender="bob@example.org", to="alice@example.org", text="Words\r\n",
        extra="Disposition-Notification-To: bob@example.org\r\nX-Pennypost-Origin: reply INBOX~1.1\r\n"))  # fmt: skip
    visitor.sign_in(alice)
    at = f"/m/INBOX/{alice.uidvalidity()}.{uid}"
    visitor.get(at)
    assert f'href="{at}/template"' in visitor.html
    visitor.get(f"{at}/template")
    visitor.send(visitor.form("/write"), do="send", to="x@example.net")
    [taken] = submission.accepted
    assert taken.sender == alice.address
    assert parsed(taken.raw)["In-Reply-To"] is None
    assert alice.flags(uid) <= {"\\Seen"}


@pytest.mark.parametrize("options", [{"prefix": "INBOX."}, {"layout": "fs"}])
def test_the_folder_is_made_where_the_server_wants_it_and_found_again(
    another_dovecot: Callable[..., Dovecot], make_app: Callable[[Settings], Flask], settings: Settings,
    options: dict[str, str],
) -> None:  # fmt: skip
    server = another_dovecot(**options)
    alice = server.person(ALICE)
    visitor = Visitor(make_app(replace(settings, imap_port=server.port)))
    visitor.sign_in(alice)
    for number in range(2):
        write(visitor, do="template", subject=f"Offer {number}", body="Words")
    assert len(alice.messages(options.get("prefix", "") + "Templates")) == 2
    start(visitor, "Offer 1")


def test_a_mailbox_that_is_full_says_so_and_keeps_the_words(
    another_dovecot: Callable[..., Dovecot], make_app: Callable[[Settings], Flask], settings: Settings
) -> None:
    server = another_dovecot(quota=1)
    alice = server.person(ALICE)
    visitor = Visitor(make_app(replace(settings, imap_port=server.port)))
    visitor.sign_in(alice)
    write(visitor, do="template", subject="Offer", body="Words " * 2000)
    assert visitor.status == 507
    assert "Not saved." in visitor.text
    assert visitor.form("/write").value("body").startswith("Words Words")


def test_a_template_that_is_formatted_begins_a_letter_with_its_looks(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    with alice.imap() as client:
        client.create_folder("Templates")
    for name, raw in (("Theirs", thunderbird()), ("Plainer", apple())):
        alice.append(raw.replace(b"Subject: From Thunderbird", b"Subject: Theirs").replace(
            b"Subject: From Mail", b"Subject: Plainer"), "Templates")  # fmt: skip
        visitor.sign_in(alice)
        start(visitor, name)
        form = visitor.form("/write")
        assert form.value("format") == "kept"
        assert "<b>Bob</b>" in form.value("html"), "what script opens the editor with"
        visitor.send(form, do="send", subject="Unchanged words")
        looks = parsed(submission.accepted[-1].raw).get_body(("html",))
        assert looks is not None
        assert "<b>Bob</b>" in looks.get_content()
    assert files(parsed(submission.accepted[0].raw)) == {"pic.png": PNG, "plan.pdf": DATA}
    start(visitor, "Theirs")
    visitor.send(visitor.form("/write"), do="send", body="Other words")
    assert parsed(submission.accepted[-1].raw).get_body(("html",)) is None
    assert len(alice.messages("Templates")) == 2


def test_saving_as_a_template_again_replaces_the_one_that_it_came_from(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    write(visitor, do="template", to="bob@example.org", subject="Offer", body="One", att=(io.BytesIO(DATA), "a.bin"))
    assert "Saved as a template." in visitor.text
    visitor.send(visitor.form("/write"), do="template", body="Two")
    assert "Template replaced, the old one is in Trash. Saved in Drafts" in visitor.text
    start(visitor, "Offer")
    assert visitor.form("/write").value("body") == "Two"
    visitor.send(visitor.form("/write"), do="template", body="Three")
    assert "Template replaced" in visitor.text
    [kept] = alice.messages("Templates")
    assert parsed(kept.raw).get_body(("plain",)).get_content().strip() == "Three"  # type: ignore[union-attr]
    assert files(parsed(kept.raw)) == {"a.bin": DATA}
    assert b"X-Pennypost-Template" not in kept.raw
    assert len(alice.messages("Trash")) == 2, "nothing is gone for good"
    visitor.send(visitor.form("/write"), do="send")
    assert files(parsed(submission.accepted[0].raw)) == {"a.bin": DATA}
    assert b"X-Pennypost" not in submission.accepted[0].raw
    # Any other message that is edited as a new one begins a template of its own.
    visitor.get(f"/m/Sent/{alice.uidvalidity('Sent')}.{alice.messages('Sent')[0].uid}/template")
    visitor.send(visitor.form("/write"), do="template")
    assert "Saved as a template." in visitor.text
    assert len(alice.messages("Templates")) == 2
