"""What is worth a question before a letter goes out, and what is not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.mail.address import Address
from webmail.mail.doubts import MANY, Doubt, Found, attachment_word, found

from .people import ALICE, BOB


@pytest.mark.parametrize(
    "text",
    [
        "See the attached plan.", "I am attaching it", "Two attachments.", "Im Anhang der Plan", "Anbei die Rechnung",
        "Die Rechnung ist angehängt.", "In der Anlage finden Sie", "beigefügt", "Vous trouverez ci-joint le plan",
        "En pièce jointe", "Voir en PJ.", "Le adjunto el plan", "Adjuntamos", "W załączniku", "Załączam plan",
        "Надсилаю у вкладенні", "долучено файл", "прикріплений файл", "資料を添付します", "الملف مرفق", "في المرفقات",
        "الملف المرفق", "הקובץ מצורף", "מצורפת החשבונית", "צירפתי קובץ", "Segue em anexo", "anexei o plano",
    ],
)  # fmt: skip
def test_words_that_speak_of_a_file(text: str) -> None:
    assert attachment_word(text)


@pytest.mark.parametrize(
    "text",
    [
        "Hello", "The Anhanger", "unattached", "Anlagenbau", "joinery", "adjective", "ok\n> see the attached plan",
        "ok\n-- \nAll attachments are scanned", "ok\n\n---------- Forwarded message ----------\nattached",
        "", "Das Plansoll", "manexo",
    ],
)  # fmt: skip
def test_words_that_do_not(text: str) -> None:
    assert attachment_word(text) == ""


def ask(count: int = 1, subject: str = "x", text: str = "attached", files: int = 0, **more: object) -> list[str]:
    people = [Address("", f"p{n}@x.test") for n in range(count)]
    given = {"to": people, "cc": [], "bcc": [], "subject": subject, "text": text, "files": files} | more
    return [one.doubt.value for one in found(**given)]  # type: ignore[arg-type]


def test_each_doubt_is_raised_alone_and_together() -> None:
    assert ask() == ["file"]
    assert ask(files=1) == []
    assert ask(subject=" ", files=1) == ["subject"]
    assert ask(MANY, files=1) == []
    assert ask(MANY + 1, files=1) == ["many"]
    assert ask(MANY + 1, subject="", strangers=[BOB]) == ["many", "stranger", "file", "subject"]


def test_nobody_is_asked_twice_or_against_their_will_or_about_a_letter_to_nobody() -> None:
    assert ask(asked=["file"]) == []
    assert ask(off=["file"]) == []
    assert ask(0) == []
    assert {doubt.value for doubt in Doubt} == {"many", "stranger", "subject", "file"}


def test_only_those_who_are_seen_count_and_each_once() -> None:
    people = [Address("", f"p{n}@x.test") for n in range(MANY)]
    same = [Address("", "P1@X.TEST"), *people]
    assert found(to=people, cc=same, bcc=[ALICE, BOB], subject="x", text="", files=0) == ()
    assert found(to=people, cc=[ALICE], bcc=[], subject="x", text="", files=0) == (Found(Doubt.MANY, "21"),)


@given(st.text(max_size=300))
def test_any_text_can_be_asked_about(text: str) -> None:
    attachment_word(text)


def test_r15_a_long_text_takes_no_time() -> None:
    begun = time.process_time()
    for piece in ("a", "hänge ", "en ", "in  der ", "ה", "الم", "> attached\n", "\n"):
        attachment_word(piece * 200_000)
    assert time.process_time() - begun < 3
