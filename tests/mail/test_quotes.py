"""Quotes fold, whoever wrote the program: exactly what was quoted, and never what somebody says."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mail.quote_samples import OWN, PLAIN, samples
from tests.mail.test_corpus import CORPUS
from webmail.mail import mime, parts
from webmail.mail.text import Block, blocks

SAMPLES = dict(samples())


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def said(found: Iterable[Block], *, folded: bool) -> str:
    """The text of what is folded, or of what is in sight."""
    out: list[str] = []
    for block in found:
        if folded or not block.folded:
            out += [block.text, said(block.children, folded=folded)]
    return "\n".join(out)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_was_quoted_folds_and_nothing_else(name: str) -> None:
    found = blocks(SAMPLES[name])
    own = OWN + ("\nAlice" if name == "signed" else "")
    assert words(said(found, folded=False)) == words(own)
    assert words(said(found, folded=True)) == words(SAMPLES[name])


@pytest.mark.parametrize("name", PLAIN)
def test_what_somebody_says_or_passes_on_does_not_fold(name: str) -> None:
    assert words(said(blocks(PLAIN[name]), folded=False)) == words(PLAIN[name])


@pytest.mark.parametrize("name", SAMPLES)
def test_a_first_message_that_is_all_header_block_or_quote_stays_open(name: str) -> None:
    alone = SAMPLES[name].removeprefix(OWN).lstrip("\n").replace("-- \nAlice", "")
    assert words(said(blocks(alone), folded=False)) == words(alone)


def test_the_header_of_a_returned_message_is_no_quote() -> None:
    text = "It could not be delivered.\n\nFrom: a@x.test\nDate: Mon, 1 Jun 2026 10:00\nTo: b@x.test\nSubject: Hi\n"
    assert any(block.folded for block in blocks(text))
    assert not any(block.folded for block in blocks(text + "Message-ID: <1@x.test>\n"))


@given(st.lists(st.sampled_from(["On 1 Jun 2026, Bob <b@x.test>", " wrote:", "\n", "From: ", "Sent: ", "x", ">"])))
def test_pieces_of_introductions_lose_no_word(pieces: list[str]) -> None:
    text = "".join(pieces)
    kept = said(blocks(text), folded=True)
    assert kept.count("x") == text.count("x")


@pytest.mark.parametrize(
    "line", ["On 1 Jun 2026, Bob\n", "From: a\n", "<a@b.c> 2026", "a@" * 400, "-" * 400, "\n(a@b.c\n"]
)
def test_r15_many_half_introductions_cost_little(line: str) -> None:
    began = time.process_time()
    blocks(line * 4000)
    assert time.process_time() - began < 4


# Answers that other programs wrote: what of each stays in sight.
REPLIES = {
    "android": "Hello", "aol": "Hello", "apple_mail": "Hello", "apple_mail_2": "Hello", "comcast": "Hello",
    "gmail": "Hello", "hotmail": "Hello", "iphone": "Hello\nSent from my iPhone", "outlook": "Hello",
    "sparrow": "Hello\nxxx\nSent with Sparrow (http://www.sparrowmailapp.com/?sig)", "yahoo": "Hello",
    "thunderbird": "On 04/02/2012 06:26 PM, Megan One wrote:\nHi\nHello",
}  # fmt: skip


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus at {CORPUS}; set PENNYPOST_CORPUS to its folder")
@pytest.mark.parametrize("name", REPLIES)
def test_answers_of_other_programs_fold_exactly(name: str) -> None:
    _, root = mime.parse((CORPUS / "talon" / "standard_replies" / f"{name}.eml").read_bytes())
    text = parts.choose(root).text
    assert text is not None
    assert words(said(blocks(parts.text_of(text, b"")), folded=False)) == words(REPLIES[name])
