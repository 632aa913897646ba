"""The gate for paths: every raw folder name has one URL, and nothing else gets through (R9, R34)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.mail.ids import MailboxName, MessageRef, Uid, UidValidity
from webmail.web import converters

NAMES = st.text(st.characters(min_codepoint=1, max_codepoint=255, exclude_characters="\r\n"), min_size=1, max_size=80)


@given(NAMES)
def test_every_raw_name_survives_the_url(name: str) -> None:
    text = converters.mailbox_to_url(MailboxName(name))
    assert "/" not in text
    assert "." not in text
    assert converters.mailbox_from_url(text) == name


@pytest.mark.parametrize("text", ["", "a~0D~0Ab", "a~00", "a/b", "~4", "~zz", "a%2Fb", "~41", "é", "x" * 4000, "~7e"])
def test_r9_what_we_did_not_write_is_no_folder(text: str) -> None:
    with pytest.raises(ValueError, match="folder"):
        converters.mailbox_from_url(text)


@given(NAMES, st.integers(1, 2**32 - 1), st.integers(1, 2**32 - 1))
def test_a_reference_survives_a_form(name: str, validity: int, uid: int) -> None:
    ref = MessageRef(MailboxName(name), UidValidity(validity), Uid(uid))
    assert converters.ref_from_text(converters.ref_to_text(ref)) == ref


@pytest.mark.parametrize("text", ["", "1", "1.", "0.1", "1.0", "01.1", "1.4294967296", "1.1\n", "-1.1", "1.1.1", "१.1"])
def test_r9_a_pick_is_two_numbers_and_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match="message"):
        converters.pick_from_text(text)
