"""Mailbox names and roles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.errors import UnsafeText
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox, Role, assign_roles, decode_name, encode_name


def box(name: str, *attributes: str, delimiter: str | None = ".") -> Mailbox:
    return Mailbox(MailboxName(name), delimiter, frozenset(attributes))


def roles(*mailboxes: Mailbox) -> dict[str, Role | None]:
    return {mailbox.name: mailbox.role for mailbox in assign_roles(mailboxes)}


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("INBOX", "INBOX"),
        ("Entw&APw-rfe", "Entwürfe"),
        ("~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"),  # RFC 3501 5.1.3
        ("Tom &- Jerry", "Tom & Jerry"),
        ("&2D3eAA-", "😀"),
    ],
)
def test_modified_utf7_both_ways(raw: str, text: str) -> None:
    assert decode_name(MailboxName(raw)) == text
    assert encode_name(text) == raw


@pytest.mark.parametrize(
    "raw", ["&", "a&b", "&Jjo!-", "&AGE-", "&2D0-", "&U,BTFw-&ZeVnLIqe-", "\xff\xfe", "&&-", "&A-"]
)
def test_a_name_that_breaks_the_encoding_is_shown_as_it_is(raw: str) -> None:
    assert decode_name(MailboxName(raw)) == raw


def test_a_server_that_sends_utf8_unasked_is_understood() -> None:
    assert decode_name(MailboxName("Entwürfe".encode().decode("latin-1"))) == "Entwürfe"


@pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\0b", "\ud800"])
def test_unsafe_names_are_not_encoded(text: str) -> None:
    """R9."""
    with pytest.raises(UnsafeText):
        encode_name(text)


@given(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=60))
def test_every_name_survives_the_wire(text: str) -> None:
    raw = encode_name(text)
    assert raw.isascii()
    assert raw.isprintable()
    assert decode_name(raw) == text


@given(st.text(st.characters(max_codepoint=255), min_size=1, max_size=40))
def test_no_raw_name_raises(raw: str) -> None:
    decode_name(MailboxName(raw)).encode()
    assert box(raw).title


def test_path_and_title_are_decoded_component_by_component() -> None:
    mailbox = box("INBOX.B&APw-cher.2026")
    assert (mailbox.path, mailbox.title) == (("INBOX", "Bücher", "2026"), "2026")
    assert box("a.b", delimiter=None).path == ("a.b",)
    assert box("a..b.").path == ("a", "b")
    assert box("...").path == ("...",)


def test_a_name_for_display_holds_no_bidi_marks() -> None:
    assert box(encode_name("safe\u202egnp.exe"), delimiter="/").title == "safegnp.exe"


def test_attributes_win_over_names_whatever_their_case() -> None:
    found = assign_roles([box("Sent"), box("Outgoing", "\\sent"), box("Spam", "\\junk")])
    assert [mailbox.role for mailbox in found] == [None, Role.SENT, Role.JUNK]


def test_the_first_of_two_wins() -> None:
    assert roles(box("A", "\\trash"), box("B", "\\trash")) == {"A": Role.TRASH, "B": None}
    assert roles(box("Sent Items"), box("Sent")) == {"Sent Items": None, "Sent": Role.SENT}


@pytest.mark.parametrize("name", ["INBOX", "Inbox", "inbox"])
def test_inbox_in_any_case(name: str) -> None:
    assert roles(box(name))[name] is Role.INBOX


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("INBOX.Sent", Role.SENT),
        ("Sent Items", Role.SENT),
        ("Gesendete Elemente", Role.SENT),
        ("Éléments envoyés", Role.SENT),
        ("Отправленные", Role.SENT),
        ("Entwürfe", Role.DRAFTS),
        ("Brouillons", Role.DRAFTS),
        ("Papierkorb", Role.TRASH),
        ("Deleted Messages", Role.TRASH),
        ("Corbeille", Role.TRASH),
        ("Spam", Role.JUNK),
        ("Junk E-mail", Role.JUNK),
        ("Archiv", Role.ARCHIVE),
        ("[Gmail].Bin", Role.TRASH),
    ],
)
def test_well_known_names(name: str, role: Role) -> None:
    raw = encode_name(name)
    assert roles(box("INBOX"), box(raw))[raw] is role


def test_a_folder_of_somebody_else_and_a_deep_one_have_no_role() -> None:
    assert roles(box("shared.bob.Sent"), box("Work.Drafts")) == {"shared.bob.Sent": None, "Work.Drafts": None}


def test_what_cannot_be_opened_has_no_role() -> None:
    assert roles(box("Trash", "\\noselect"), box("Bin")) == {"Trash": None, "Bin": Role.TRASH}


def test_no_role_is_given_twice() -> None:
    boxes = [box("INBOX"), box("Sent", "\\sent", "\\archive"), box("Archive"), box("Sent Items"), box("inbox")]
    given_roles = [mailbox.role for mailbox in assign_roles(boxes) if mailbox.role]
    assert len(given_roles) == len(set(given_roles))
    assert len(assign_roles(boxes)) == len(boxes)
