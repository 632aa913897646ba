"""Formatted letters: cleaned before anything else reads them, built as every mail program expects, taken up again."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from tests.servers.application import Visitor
from tests.servers.people import Person
from tests.servers.submission import Submission
from tests.views.saves import Tab
from tests.views.test_compose import DATA, files, parsed
from tests.views.test_foreign_drafts import thunderbird
from tests.views.test_message import PNG
from tests.views.test_saving import lesser

__all__ = ["lesser"]

HOSTILE = (
    '<script>alert(1)</script><p onclick="x()" class="MsoNormal look-1">Dear <b>Bob</b>,</p>'
    '<p style="background:url(https://t.example/x);color:#a00" dir="rtl">read <a href="javascript:x()">this</a> and '
    '<a href="https://example.org/a?b=1&amp;c=2">that</a>.</p><img src="https://t.example/p.png" onerror="x()">'
    '<svg><script>x()</script></svg><iframe src="https://t.example/"></iframe><blockquote>old words</blockquote>'
    '<form action="https://t.example/"><input name="password"></form><style>p{position:fixed}</style><ul><li>one</ul>'
)


def html_of(raw: bytes) -> str:
    part = parsed(raw).get_body(("html",))
    assert part is not None
    return str(part.get_content())


def text_of(raw: bytes) -> str:
    part = parsed(raw).get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def shape(message: EmailMessage) -> str:
    kind = message.get_content_type().replace("text/", "").replace("multipart/", "")
    inside = ", ".join(shape(part) for part in message.iter_parts()) if message.is_multipart() else ""  # type: ignore[arg-type]
    return f"{kind}({inside})" if inside else kind


def bodystructure(person: Person, mailbox: str) -> str:
    """As Dovecot reads the only message there."""
    with person.imap() as client:
        client.select_folder(mailbox, readonly=True)
        [uid] = client.search("ALL")
        return _kinds(client.fetch([uid], ["BODYSTRUCTURE"])[uid][b"BODYSTRUCTURE"])


def _kinds(node: tuple) -> str:  # type: ignore[type-arg]
    if isinstance(node[0], list):
        return f"{node[1].decode().lower()}({', '.join(_kinds(each) for each in node[0])})"
    kind, subtype = node[0].decode().lower(), node[1].decode().lower()
    return subtype if kind == "text" else f"{kind}/{subtype}"


@pytest.mark.asvs("1.3.1")
def test_r27_what_the_editor_posts_is_cleaned_and_the_text_is_made_of_that(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="send", to="bob@example.org", subject="Looks", html=HOSTILE, format="html",
        body="the client's own word")  # fmt: skip
    [taken] = submission.accepted
    assert shape(parsed(taken.raw)) == "alternative(plain, html)"
    assert bodystructure(alice, "Sent") == "alternative(plain, html)"
    html, text = html_of(taken.raw), text_of(taken.raw)
    for bad in ("script", "onclick", "onerror", "t.example", "iframe", "form", "password", "position", "class=", "svg"):
        assert bad not in html, bad
    for good in ("<b>Bob</b>", 'dir="rtl"', 'dir="auto"', "color:#aa0000", 'href="https://example.org/a?b=1&amp;c=2"',
                 '<blockquote type="cite">', "<li>one</li>"):  # fmt: skip
        assert good in html, good
    assert "client's own" not in text
    assert text.startswith("Dear Bob,\n\nread this and that <https://example.org/a?b=1&c=2>.")
    assert "> old words" in text
    assert "  - one" in text
    assert b"X-Pennypost" not in taken.raw
    assert all(len(line) <= 998 for line in taken.raw.split(b"\r\n"))


def test_a_plain_letter_stays_plain_whatever_its_html_field_holds(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    for number, more in enumerate(({}, {"html": "<b>x</b>"}, {"html": "<b>x</b>", "format": "kept"},
                                   {"html": "<script>x</script><div><br></div>", "format": "html"})):  # fmt: skip
        visitor.get("/write")
        visitor.send(visitor.form("/write"), do="send", to="bob@example.org", subject="Plain", body="My words", **more)
        message = parsed(submission.accepted[number].raw)
        assert message.get_content_type() == "text/plain"
        assert message.get_content().strip() == "My words"


def test_a_formatted_draft_with_a_picture_comes_back_and_its_picture_travels_once(
    visitor: Visitor, alice: Person, submission: Submission, lesser: str
) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    assert tab.attach("a%20pic.png", PNG, "image/png") == 200
    [value] = tab.fields.pop("keep")
    token = value.removeprefix("u")
    waiting = visitor.client.get(f"/write/file/{token}")
    assert (waiting.data, waiting.content_type) == (PNG, "image/png")
    assert "sandbox" in waiting.headers["Content-Security-Policy"]
    cid = f"{token}@picture.invalid"
    html = f'<div>one <i>two</i></div><div><img src="cid:{cid}" alt="A pic" width="40"></div>'
    assert tab.attach("plan.pdf", DATA) == 200
    for words in ("first", "second", "third"):
        assert tab.save(html=f"{html}<p>{words}</p>", format="html", subject="Drawn", to="bob@example.org") == 200
        [draft] = alice.messages("Drafts")
        assert (
            shape(parsed(draft.raw)) == "mixed(alternative(plain, related(html, image/png)), application/octet-stream)"
        )
        kinds = "mixed(alternative(plain, related(html, image/png)), application/octet-stream)"
        assert bodystructure(alice, "Drafts") == kinds
        assert files(parsed(draft.raw)) == {"a pic.png": PNG, "plan.pdf": DATA}
        assert f'src="cid:{cid}"' in html_of(draft.raw)
        assert f"\r\nContent-ID: <{cid}>\r\n".encode() in draft.raw
    assert visitor.client.get(f"/write/file/{token}").status_code == 404
    assert alice.messages("Trash") == []
    # Taken up again, without script: what is sent is what was seen.
    visitor.get(tab.url)
    assert "This letter is formatted" in visitor.text
    form = visitor.form("/write")
    assert form.value("format") == "kept"
    assert "<i>two</i>" in form.value("html")
    assert form.value("body").startswith("one two")
    assert 'data-cid="' + cid in visitor.html
    sent = form.filled()
    visitor.send(form, do="send")
    [taken] = submission.accepted
    assert shape(parsed(taken.raw)) == "mixed(alternative(plain, related(html, image/png)), application/octet-stream)"
    assert files(parsed(taken.raw)) == {"a pic.png": PNG, "plan.pdf": DATA}
    assert html_of(taken.raw) == html_of(draft.raw)
    assert alice.messages("Drafts") == []
    assert sent["format"] == ["kept"]


def test_words_that_change_without_script_make_a_plain_letter_and_lose_nothing(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    tab.attach("pic.png", PNG, "image/png")
    token = tab.fields.pop("keep")[0].removeprefix("u")
    assert tab.save(html=f'<p>one <b>two</b></p><img src="cid:{token}@picture.invalid" alt="">', format="html") == 200
    again = Tab(visitor, tab.url)
    assert again.save(subject="Only the subject") == 200
    [draft] = alice.messages("Drafts")
    assert "<b>two</b>" in html_of(draft.raw)
    assert again.save(body="one three") == 200
    [draft] = alice.messages("Drafts")
    assert parsed(draft.raw).get_body(("html",)) is None
    assert text_of(draft.raw).strip() == "one three"
    assert files(parsed(draft.raw)) == {"pic.png": PNG}
    [kept] = alice.messages("Trash")
    assert "<b>two</b>" in html_of(kept.raw)


def test_a_draft_of_another_program_is_taken_up_in_the_editor_and_its_own_is_in_trash(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    uid = alice.append(thunderbird(), "Drafts", ["\\Draft"])
    visitor.sign_in(alice)
    tab = Tab(visitor, f"/m/Drafts/{alice.uidvalidity('Drafts')}.{uid}/edit")
    assert tab.fields["format"] == [""]
    start = visitor.client.get(visitor.path, headers={"X-Part": "formatting"}).get_json()
    assert "<b>Bob</b>" in start["html"]
    assert 'src="cid:pic@1"' in start["html"]
    assert visitor.client.get(start["pictures"]["pic@1"]).data == PNG
    for words in ("more", "most"):
        assert tab.save(html=start["html"] + f"<p>{words}</p>", format="html") == 200
    [draft] = alice.messages("Drafts")
    assert "<b>Bob</b>" in html_of(draft.raw)
    assert "<p>most</p>" in html_of(draft.raw)
    assert files(parsed(draft.raw)) == {"pic.png": PNG, "plan.pdf": DATA}
    assert parsed(draft.raw)["X-Identity-Key"] == "id1"
    assert len(alice.messages("Trash")) == 1
    visitor.get(tab.url)
    visitor.send(visitor.form("/write"), do="send")
    assert shape(parsed(submission.accepted[0].raw)).startswith("mixed(alternative(plain, related(html, image/png))")


def looks() -> bytes:
    """A received message with a picture, a foreign one, and a handler."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "bob@example.org", "alice@example.org", "Looks"
    message["Message-ID"] = "<looks@example.org>"
    message.set_content("Dear Alice\n")
    message.add_alternative(
        '<p onclick="x()">Dear <b>Alice</b><img src="cid:p@1"><img src="https://t.example/"></p>', "html"
    )
    message.get_payload()[1].add_related(PNG, "image", "png", cid="<p@1>", filename="p.png", disposition="inline")  # type: ignore[index, union-attr]
    message.make_mixed()
    message.add_attachment(DATA, "application", "pdf", filename="plan.pdf")
    return message.as_bytes()


def test_r27_what_is_passed_on_has_the_cleaned_looks_with_its_pictures_and_files(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    uid = alice.append(looks())
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}/forward")
    form = visitor.form("/write")
    assert f'data-start="{visitor.path}"' in visitor.html
    start = visitor.client.get(visitor.path, headers={"X-Part": "formatting"}).get_json()
    assert "<div>Subject: Looks</div>" in start["html"]
    assert '<div><p>Dear <b>Alice</b><img alt="" src="cid:p@1">' in start["html"]
    assert "blockquote" not in start["html"]
    assert "onclick" not in start["html"]
    assert "t.example" not in start["html"]
    assert visitor.client.get(start["pictures"]["p@1"]).data == PNG
    visitor.send(form, do="send", to="dana@example.net", html="<p>Look</p>" + start["html"], format="html")
    [taken] = submission.accepted
    assert shape(parsed(taken.raw)) == "mixed(alternative(plain, related(html, image/png)), application/pdf)"
    assert files(parsed(taken.raw)) == {"p.png": PNG, "plan.pdf": DATA}
    assert text_of(taken.raw).count("Forwarded message") == 1
    assert "$Forwarded" in alice.flags(uid)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}/forward-eml")
    assert 'data-start=""' in visitor.html, "the message is a file, and the letter begins empty"


@pytest.mark.parametrize("gone", [True, False])
def test_r27_an_answer_quotes_the_cleaned_message_with_its_pictures(
    visitor: Visitor, alice: Person, submission: Submission, gone: bool
) -> None:
    uid = alice.append(looks())
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}/reply")
    form = visitor.form("/write")
    start = visitor.client.get(visitor.path, headers={"X-Part": "formatting"}).get_json()
    assert '<blockquote type="cite"><p>Dear <b>Alice</b><img alt="" src="cid:p@1">' in start["html"]
    assert "onclick" not in start["html"]
    assert "t.example" not in start["html"]
    assert visitor.client.get(start["pictures"]["p@1"]).data == PNG
    if gone:
        with alice.imap() as client:
            client.select_folder("INBOX")
            client.delete_messages([uid])
            client.expunge()
    visitor.send(form, do="send", html="<p>Yes</p>" + start["html"], format="html")
    if gone:
        assert submission.accepted == [], "a picture that its writer saw does not stay behind unsaid"
        assert "A file of it is no longer where it was" in visitor.text
        visitor.send(visitor.form("/write"), do="send")
    [taken] = submission.accepted
    assert "Dear <b>Alice</b>" in html_of(taken.raw)
    assert files(parsed(taken.raw)) == ({} if gone else {"p.png": PNG})
    assert "> Dear Alice" in text_of(taken.raw)


def test_formatting_without_end_is_refused_in_words_and_nothing_is_lost(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    endless = "<b>x</b>" * 70_000
    tab = Tab(visitor)
    assert tab.save(html=endless, format="html") == 413
    assert "too much formatting" in tab.text
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="send", to="bob@example.org", html=endless, format="html")
    assert "too much formatting" in visitor.text
    assert visitor.form("/write").value("html").count("<b>") == 70_000
    assert alice.messages("Drafts") == []


def test_r14_the_letter_page_alone_may_have_looks_of_its_own(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    answer = visitor.client.get("/write")
    policy = answer.headers["Content-Security-Policy"]
    assert "style-src 'self'; style-src-attr 'unsafe-inline'" in policy
    assert "script-src 'self';" in policy
    assert "img-src 'self' blob:;" in policy
    assert "trusted-types pennypost dompurify" in policy
    assert "unsafe" not in visitor.client.get("/m/INBOX").headers["Content-Security-Policy"]


def test_text_becomes_html_and_html_the_text_that_would_be_sent(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    token = visitor.form("/write").value("csrf_token")

    def converted(**fields: str) -> str:
        answer = visitor.client.post("/write/formatting", data={"csrf_token": token, **fields})
        assert (answer.status_code, answer.content_type) == (200, "text/plain; charset=utf-8")
        return answer.get_data(as_text=True)

    assert converted(body="a <b>\r\n> q") == "<div>a &lt;b&gt;</div><blockquote><div>q</div></blockquote>"
    assert converted(html="<p>a <b>b</b></p><script>x</script><blockquote>q</blockquote>") == "a b\n\n> q"
    endless = visitor.client.post("/write/formatting", data={"csrf_token": token, "html": "<b>x</b>" * 70_000})
    assert endless.status_code == 413


def test_a_picture_on_its_way_is_its_owners_alone(visitor: Visitor, alice: Person, charlie: Person) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    tab.attach("p.png", PNG, "image/png")
    token = tab.fields.pop("keep")[0].removeprefix("u")
    other = Visitor(visitor.app)
    other.sign_in(charlie)
    assert other.client.get(f"/write/file/{token}").status_code == 404
    theirs = Tab(other)
    assert theirs.save(html=f'<p>x</p><img src="cid:{token}@picture.invalid" alt="">', format="html") == 200
    [draft] = charlie.messages("Drafts")
    assert files(parsed(draft.raw)) == {}
    assert visitor.client.get(f"/write/file/{token}").data == PNG
