"""A letter as form fields: what is read, what is carried, and that nothing typed turns into something else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from werkzeug.datastructures import MultiDict

from webmail import errors
from webmail.mail.address import Address
from webmail.mail.build import build
from webmail.mail.ids import MailboxName, MessageRef, PartId, Uid, UidValidity
from webmail.mail.outgoing import ORIGIN, submitted
from webmail.web.letter import (
    Letter,
    field_errors,
    from_fields,
    from_form,
    new_message_id,
    origin_of,
    to_draft,
    without,
)

ME = "alice@example.org"
DRAFT = MessageRef(MailboxName("Drafts"), UidValidity(7), Uid(3))
FIRST = MessageRef(MailboxName("In/b.x &AOQ-"), UidValidity(8), Uid(4))
WHOLE = Letter(
    to="Bob <bob@example.org>", cc="c@example.net", bcc="d@example.net", subject="Two words", body="a\n\n  b\n",
    message_id="<x@example.org>", mode="reply-all", draft=DRAFT, origin=FIRST, in_reply_to="<one@example.org>",
    references=("<zero@example.org>", "<one@example.org>"), keep=("d2", "o1.3"),
)  # fmt: skip


def fields(letter: Letter) -> dict[str, str]:
    typed = {name: getattr(letter, name) for name in ("to", "cc", "bcc", "subject", "body")}
    return typed | letter.hidden()


def draft_of(letter: Letter, *, strict: bool = False) -> list[str]:
    made = to_draft(replace(letter, message_id="<x@y>"), Address("", ME), [], strict=strict)
    return [person.address for person in made.to]


def test_a_letter_survives_its_form() -> None:
    form = MultiDict([*fields(WHOLE).items(), ("keep", "d2"), ("keep", "o1.3")])
    assert from_form(form, ME) == WHOLE


def test_a_letter_survives_a_sign_in_with_its_thread_and_its_files() -> None:
    assert from_fields(fields(WHOLE) | {"keep": "d2 o1.3"}, ME) == WHOLE


@pytest.mark.parametrize(
    ("name", "value", "left"),
    [
        ("message_id", "x", None),
        ("message_id", "<a b@c>", None),
        ("message_id", "<a>\r\nBcc: x", None),
        ("message_id", "<" + "a" * 300 + ">", None),
        ("mode", "explode", "new"),
        ("draft", "Drafts/7", None),
        ("draft", "Drafts/7.0", None),
        ("draft", "a\r\nb/7.1", None),
        ("draft", "/7.1", None),
        ("origin", "7.1", None),
        ("in_reply_to", "<abc>\r\nX: y", "<abc>"),
        ("in_reply_to", "words", ""),
        ("references", "<a@b> junk <c@d> <e f>", ("<a@b>", "<c@d>")),
        ("references", " ".join(["<a@b>"] * 5000), ("<a@b>",) * 100),
        ("keep", "x1", ()),
        ("keep", "d0", ()),
        ("keep", "wINBOX/7.1 w wINBOX wa%0D%0Ab/7.1 w%00/7.1", ("wINBOX/7.1",)),
        ("keep", "d1.1\r\n", ("d1.1",)),
    ],
)
def test_r9_hidden_fields_that_are_not_what_we_wrote_are_nothing(name: str, value: str, left: object) -> None:
    read = getattr(from_form(MultiDict({name: value}), ME), name)
    if name == "message_id":
        assert read.endswith("@example.org>")
        assert len(read) == 1 + 32 + 1 + len("example.org") + 1
    else:
        assert read == left


@pytest.mark.parametrize(
    "address", [ME, "a@bücher.example", "a@" + "x" * 300, "a@[::1]", "nothing", "a@ß\u200d", "a@.."]
)
def test_every_letter_has_a_message_id_of_its_own(address: str) -> None:
    made = {new_message_id(address) for _ in range(50)}
    assert len(made) == 50
    assert all(one.isascii() and one[0] == "<" and one[-1] == ">" for one in made)


def test_kept_files_are_found_in_the_draft_or_in_the_original() -> None:
    assert WHOLE.kept() == [(DRAFT, PartId("2"), "d2"), (FIRST, PartId("1.3"), "o1.3")]
    assert replace(WHOLE, draft=None).kept() == [(FIRST, PartId("1.3"), "o1.3")]
    assert without(WHOLE, "d2").keep == ("o1.3",)
    assert without(WHOLE, "nothing") == WHOLE


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("x, max@example.org", ["max@example.org"]),
        ("o, bob@example.org; m", ["bob@example.org"]),
        ("bob@example.org, @, example.org", ["bob@example.org"]),
        ('"Doe, John" <john@example.org>, nobody', ["john@example.org"]),
        ("one@example.org two@example.org, three", ["one@example.org", "two@example.org"]),
        ("Team: a@b.example, b@b.example;, junk", ["a@b.example", "b@b.example"]),
        ("nothing at all", []),
        ("", []),
    ],
)
def test_a_draft_keeps_the_good_addresses_exactly_and_leaves_the_others_out(typed: str, kept: list[str]) -> None:
    """A refused piece must never be cut out of another address: "x" out of max@example.org is somebody else."""
    assert draft_of(Letter(to=typed)) == kept


def test_a_draft_with_too_many_addresses_keeps_the_first_thousand() -> None:
    many = ", ".join(f"p{n}@example.net" for n in range(1500))
    assert len(draft_of(Letter(to=many))) == 1000


def test_sending_is_strict() -> None:
    with pytest.raises(errors.BadAddress):
        draft_of(Letter(to="x, max@example.org"), strict=True)


def test_fields_that_cannot_be_right_are_named_with_what_was_typed() -> None:
    wrong = field_errors(Letter(to="a@b.example", cc="nobody", bcc="<x>"))
    assert set(wrong) == {"cc", "bcc"}
    assert "nobody" in wrong["cc"]
    assert len(field_errors(Letter(to=", ".join(["wrong"] * 900)))["to"]) < 300


def test_what_a_letter_answers_is_noted_in_the_draft_and_never_sent() -> None:
    for strict in (False, True):
        draft = to_draft(WHOLE, Address("", ME), [], strict=strict)
        [(name, value)] = draft.extra
        assert name == ORIGIN
        assert origin_of(value) == ("reply-all", FIRST)
        assert ORIGIN.encode() not in submitted(build(draft, keep_bcc=True))


@pytest.mark.parametrize(
    "value", ["", "reply", "reply x", "explode INBOX/1.2", "reply INBOX/1.2 x", "reply a\r\nb/1.2"]
)
def test_an_origin_that_we_did_not_write_is_none(value: str) -> None:
    """Anybody can send a message with our header."""
    assert origin_of(value) == ("new", None)
