"""The table of preferences: what can be chosen, and what a note can do to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from webmail.mail import preferences
from webmail.mail.ids import MailboxName
from webmail.mail.note import Register
from webmail.mail.preferences import OPTIONS, Preferences, member, read, typed

ROOT = Path(__file__).resolve().parents[2]


def test_the_reference_page_is_made_from_the_table() -> None:
    assert (ROOT / "docs/preferences.md").read_text("utf-8") == preferences.reference()


def test_nothing_kept_is_the_defaults() -> None:
    assert read({}) == Preferences()
    assert Preferences().together(MailboxName("INBOX"))


def test_every_choice_of_every_option_can_be_made_and_is_read_again() -> None:
    for option in OPTIONS.values():
        for value in option.choices:
            assert typed(option, str(value)) == value
            assert getattr(read({option.name: Register(value, 1)}), option.name) == value
    assert read({"conversations": Register(False, 1)}).conversations is False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "black"), ("theme", 1), ("theme", True), ("theme", None), ("text_size", 15), ("text_size", "16"),
        ("text_size", True), ("undo_send", 3600), ("undo_send", False), ("conversations", 0),
        ("display_name", "a\r\nBcc: x"), ("display_name", "a\u202eb"), ("display_name", "x" * 101),
        ("signature", "x" * 2001), ("signature", 7), ("image_senders", True), ("image_senders/a@x.org", "yes"),
        ("image_senders/a@x.org", 1), ("theme/a", True), ("nothing", "x"),
    ],
)  # fmt: skip
def test_r12_what_cannot_be_is_the_default(name: str, value: object) -> None:
    assert read({name: Register(value, 1)}) == Preferences()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("display_name", "  Ana\r\nBcc: x  ", "Ana Bcc: x"), ("signature", "\n\nAna  \nParis\n\n", "Ana\nParis"),
        ("conversations", "1", True), ("conversations", "on", False), ("text_size", "24", 24),
    ],
)  # fmt: skip
def test_a_field_becomes_a_value(name: str, text: str, value: object) -> None:
    assert typed(OPTIONS[name], text) == value


@pytest.mark.parametrize(("name", "text"), [("theme", "x"), ("text_size", "99"), ("undo_send", ""),
                                            ("display_name", "x" * 101), ("signature", "x" * 2001)])  # fmt: skip
def test_a_field_that_cannot_be_a_value_is_refused(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"choice|long"):
        typed(OPTIONS[name], text)


def test_a_folder_can_differ_from_the_rule_in_both_directions() -> None:
    inbox, lists = MailboxName("INBOX"), MailboxName("Lists")
    flat = read({"conversation_in/Lists": Register(False, 1)})
    assert (flat.together(inbox), flat.together(lists)) == (True, False)
    off = read({"conversations": Register(False, 1), "conversation_in/Lists": Register(True, 1)})
    assert (off.together(inbox), off.together(lists)) == (False, True)


@pytest.mark.parametrize("value", ["", "a\nb", "a\u202eb", "x" * 301])
def test_what_cannot_be_a_member_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="member"):
        member("image_senders", value)
