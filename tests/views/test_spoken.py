"""The pages of writing and of settings in another language: nothing on them is left in English."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask

from tests.servers.application import Visitor, forms_of
from tests.servers.people import Person, letter
from tests.words import pseudo
from tests.words.pseudo import LONG
from tests.words.unmarked import in_template
from webmail.languages import LANGUAGES
from webmail.mail import preferences

_ENGLISH = re.compile(r"[aeiouAEIOU]")
_NAMES = "|".join(re.escape(one.name) for one in LANGUAGES.values())
_DATA = re.compile(rf"[\w.]+@[\w.]+|Europe/Berlin|{_NAMES}|Garden|plan\.txt|nonsense|[AP]M|byte")


def english(visitor: Visitor) -> list[str]:
    """What of the page no catalogue said: its vowels have no accents. What is no word of ours is left out."""
    main = visitor.html.partition("<main")[2].partition("</main>")[0]
    main = re.sub(r"(?s)<textarea[^>]*>.*?</textarea>", "", main)
    words = in_template(f"<main{main}")
    assert len(words) > 20
    return [text for text in words if _ENGLISH.search(_DATA.sub("", text))]


@pytest.fixture
def reader(app: Flask, visitor: Visitor, alice: Person) -> Visitor:
    """Alice, in another language."""
    pseudo.install(app, LONG)
    visitor.sign_in(alice)
    visitor.client.set_cookie("language", LONG.tag)
    visitor.client.set_cookie("tz", "Europe%2FBerlin")
    return visitor


def test_no_setting_is_left_in_english(reader: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webmail.views.settings.SHOWN", tuple(preferences.OPTIONS.values()))
    reader.get("/settings")
    assert english(reader) == []
    form = next(one for one in forms_of(reader.html) if any(name == "signature" for name, _ in one.fields))
    reader.send(form, signature="x" * 3000, identities="nobody")
    assert reader.status == 400
    assert pseudo.said("This is too long: at most %(count)s characters.") % {"count": 2000} in reader.text
    assert english(reader) == []


def test_no_word_about_a_letter_is_left_in_english(reader: Visitor, alice: Person) -> None:
    uid = alice.append(letter("Garden"))
    reader.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}/reply-all")
    assert english(reader) == []
    reader.send(reader.form("/write"), do="attach", att=(io.BytesIO(b"x"), "plan.txt"))
    assert pseudo.said("Saved in Drafts %(time)s").partition("%")[0] in reader.text
    assert english(reader) == []
    reader.send(reader.form("/write"), do="send", to="nonsense")
    assert pseudo.said("Not sent.") in reader.text
    assert english(reader) == []
    reader.send(reader.form("/write"), do="send", to="bob@example.org", subject="", body="see the attached file")
    assert pseudo.said("It has no subject.") in reader.text
    assert english(reader) == []
