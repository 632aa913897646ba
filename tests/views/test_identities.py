"""As whom a letter is written: chosen from one's own addresses alone, kept in the draft, and judged by the server."""

from __future__ import annotations

import pytest

from tests.servers.application import Visitor, forms_of
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from tests.views.test_compose import parsed
from tests.views.test_compose_settings import SIGNED
from tests.views.test_settings import choose

OTHERS = "Alice Work <alice@work.example>\r\n  Alice\r\n  Work Ltd\r\nclub@example.net"
USUAL, WORK, CLUB = "alice@example.org", "alice@work.example", "club@example.net"


@pytest.fixture
def writer(visitor: Visitor, alice: Person) -> Visitor:
    """Alice, with two further addresses."""
    visitor.sign_in(alice)
    choose(visitor, display_name="Alice", identities=OTHERS, signature="Alice\r\nOslo")
    assert "Saved." in visitor.text
    return visitor


def chosen(visitor: Visitor) -> str:
    return visitor.form("/write").value("from")


def test_a_letter_goes_out_as_the_address_that_was_chosen_and_the_draft_keeps_it(
    writer: Visitor, alice: Person, submission: Submission
) -> None:
    writer.get("/write")
    assert [f'<option value="{each}"' in writer.html for each in (USUAL, WORK, CLUB)] == [True] * 3
    assert chosen(writer) == USUAL
    assert writer.form("/write").value("body") == SIGNED
    writer.send(writer.form("/write"), **{"from": WORK}, do="save", to="bob@example.org", subject="Hi", body="Hello")
    assert chosen(writer) == WORK
    [draft] = alice.messages("Drafts")
    assert parsed(draft.raw)["From"] == "Alice Work <alice@work.example>"
    writer.send(writer.form("/write"), do="send")
    [taken] = submission.accepted
    assert taken.sender == WORK, "the envelope too"
    assert parsed(taken.raw)["From"] == "Alice Work <alice@work.example>"
    assert parsed(alice.messages("Sent")[0].raw)["From"] == "Alice Work <alice@work.example>"


@pytest.mark.parametrize(
    ("to", "extra", "mine", "signed"),
    [
        ("alice@WORK.example", "", WORK, "\n\nAlice\nWork Ltd\n\nOn "),
        ("team@lists.example", "Delivered-To: club@example.net\r\n", CLUB, "\n\nAlice\nOslo\n\nOn "),
        ("team@lists.example", "Cc: <club@example.net>\r\n", CLUB, "\n\nAlice\nOslo\n\nOn "),
        ("team@lists.example", "", USUAL, "\n\nAlice\nOslo\n\nOn "),
    ],
)
def test_an_answer_comes_from_the_address_that_was_written_to(
    writer: Visitor, alice: Person, to: str, extra: str, mine: str, signed: str
) -> None:
    uid = alice.append(letter("Plan", sender="bob@example.org", to=to, extra=extra))
    at = f"/m/INBOX/{alice.uidvalidity()}.{uid}"
    writer.get(f"{at}/reply")
    assert chosen(writer) == mine
    assert writer.form("/write").value("body").startswith(signed)
    writer.get(f"{at}/forward")
    assert chosen(writer) == mine


def test_reply_to_all_leaves_out_every_address_of_ones_own(writer: Visitor, alice: Person) -> None:
    to, cc = "alice@example.org, Alice@Work.Example, x@example.net", "Cc: club@example.net, eve@example.net\r\n"
    uid = alice.append(letter("Plan", sender="bob@example.org", to=to, extra=cc))
    writer.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}/reply-all")
    form = writer.form("/write")
    assert (form.value("to"), form.value("cc")) == ("bob@example.org", "x@example.net, eve@example.net")


@pytest.mark.parametrize(
    "somebody", ["boss@example.org", "alice@work.example\r\nBcc: x@example.net", "<script>", "a" * 999]
)
def test_r10_nobody_writes_as_somebody_who_is_not_in_the_list(
    writer: Visitor, alice: Person, submission: Submission, somebody: str
) -> None:
    writer.get("/write")
    values = {"from": somebody, "do": "send", "to": "bob@example.org", "subject": "Hi", "body": "Hello"}
    form = writer.form("/write")
    form.fields = [(name, value) for name, value in form.fields if name != "from"]
    writer.send(form, **values)
    assert writer.status == 400
    assert not submission.accepted, "not as somebody, and not unseen as somebody else"
    assert "is none of your addresses. It goes out as alice@example.org" in writer.text
    assert chosen(writer) == USUAL
    assert parsed(alice.messages("Drafts")[0].raw)["From"] == "Alice <alice@example.org>"
    writer.send(writer.form("/write"), do="send")
    assert [taken.sender for taken in submission.accepted] == [USUAL]


@pytest.mark.parametrize("when", ["mail", "rcpt"])
def test_an_address_that_the_server_does_not_allow_is_named_and_the_letter_is_kept(
    visitor: Visitor, alice: Person, submission: Submission, when: str
) -> None:
    mine = "spoof@example.net" if when == "mail" else CLUB
    submission.only = frozenset({USUAL})
    visitor.sign_in(alice)
    choose(visitor, identities=mine)
    visitor.get("/write")
    visitor.send(visitor.form("/write"), **{"from": mine}, do="send", to="bob@example.org", subject="Hi", body="Words")
    assert visitor.status == 400
    assert f"does not let you write as {mine}." in visitor.text
    assert "not owned by user" in visitor.text, "the server's own words in the fold"
    assert (chosen(visitor), visitor.form("/write").value("body")) == (mine, "Words")
    assert len(alice.messages("Drafts")) == 1
    visitor.send(visitor.form("/write"), **{"from": USUAL}, do="send")
    assert [taken.sender for taken in submission.accepted] == [USUAL]
    assert not alice.messages("Drafts")


def test_lines_that_are_no_addresses_are_refused_in_words_and_nothing_is_lost(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    choose(visitor, identities="alice@work.example\r\nnobody")
    assert visitor.status == 400
    assert "Each line has to be one address" in visitor.text
    assert "nobody" in visitor.html
    visitor.get("/write")
    assert 'name="from"' not in visitor.html, "there is nothing to choose"
    assert all(name != "from" for form in forms_of(visitor.html) for name, _ in form.fields)


def test_without_script_the_signature_follows_when_the_letter_is_saved(writer: Visitor, alice: Person) -> None:
    writer.get("/write")
    form = writer.form("/write")
    writer.send(form, **{"from": WORK}, do="save", body="Hello\n" + form.value("body"))
    assert writer.form("/write").value("body").split() == ["Hello", "--", "Alice", "Work", "Ltd"]
    writer.send(writer.form("/write"), **{"from": USUAL}, do="save")
    body = writer.form("/write").value("body")
    assert body.split() == ["Hello", "--", "Alice", "Oslo"]
    writer.send(writer.form("/write"), **{"from": WORK}, do="save", body=body.replace("Oslo", "Bergen"))
    assert writer.form("/write").value("body").endswith("Alice\nBergen"), "what somebody changed is theirs"


def test_above_a_quote_it_follows_too_and_at_the_moment_of_sending_nothing_changes(
    writer: Visitor, alice: Person, submission: Submission
) -> None:
    uid = alice.append(letter("Plan", sender="bob@example.org", to=USUAL, text="What time?\r\n"))
    writer.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}/reply")
    writer.send(writer.form("/write"), **{"from": WORK}, do="save")
    assert "\n\nAlice\nWork Ltd\n\nOn " in writer.form("/write").value("body")
    writer.send(writer.form("/write"), **{"from": USUAL}, do="send")
    assert b"Work Ltd" in submission.accepted[0].raw, "what was seen is what is sent"
