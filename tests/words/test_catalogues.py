"""The catalogues: the template is what is marked, what is offered is whole, and nothing in one can break a page."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tests.words.proof import problems
from webmail import wordlist
from webmail.languages import ENGLISH, LANGUAGES, OFFERED, TEMPLATE, Language
from webmail.mail import quotes
from webmail.web import cldr, errors
from webmail.web.catalogues import Catalogues, Incomplete, compiled, read, untranslated, whole

MADE = wordlist.template()
BEGUN = [language for language in LANGUAGES.values() if language.file.is_file()]


def test_the_template_holds_every_marked_sentence() -> None:
    assert TEMPLATE.read_bytes() == wordlist.written(MADE), "run scripts/words"
    assert len(MADE) > 200


def test_errors_are_in_it_with_all_their_three_parts() -> None:
    for sentence in (*errors.TABLE.values(), *errors.OF_HTTP.values(), errors.BROKEN):
        for part in (sentence.title, sentence.text, sentence.safe):
            assert part
            assert MADE.get(part) is not None, part


@pytest.mark.parametrize("language", BEGUN, ids=lambda one: one.tag)
def test_a_catalogue_holds_nothing_that_breaks_a_page(language: Language) -> None:
    assert problems(read(language.file), MADE) == []


@pytest.mark.parametrize("language", BEGUN, ids=lambda one: one.tag)
@pytest.mark.parametrize("english", ["On %(day)s at %(time)s, %(who)s wrote:", "%(who)s wrote:"])
@pytest.mark.parametrize("who", ["Bob Sharer <bob@example.org>", "bob@example.org"])
def test_the_line_above_a_quote_is_known_for_one_when_it_comes_back(language: Language, english: str, who: str) -> None:
    """Else the quotes in answers to what was written here would not fold (mail/quotes.py)."""
    message, at = read(language.file).get(english), cldr.locale_of(language.tag)
    assert MADE.get(english) is not None
    if message is None or not message.string:
        return
    day = cldr.day(datetime(2026, 6, 1, 8), at, year=True, named=True)
    line = str(message.string) % {"day": day, "time": cldr.time(datetime(2026, 6, 1, 8), at), "who": who}
    assert quotes.attribution([line]) == 1, line


def test_what_is_offered_is_complete() -> None:
    left = {one.tag: len(untranslated(read(one.file))) for one in OFFERED if one is not ENGLISH}
    assert {tag: count for tag, count in left.items() if count} == {}


def made(**said: str | tuple[str, ...]) -> Catalog:
    """A catalogue in Polish of these sentences."""
    catalog = Catalog(locale="pl", fuzzy=False)
    for name, string in said.items():
        catalog.add(ENGLISH_OF[name], string)
    return catalog


ENGLISH_OF: dict[str, str | tuple[str, str]] = {
    "plain": "Sign in", "named": "Dear %(name)s", "marked": "<b>Safe.</b> It comes back.",
    "counted": ("%(count)s letter", "%(count)s letters"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"plain": "Zaloguj"}, ""),
        ({"plain": ""}, ""),
        ({"plain": "<i>Zaloguj</i>"}, "other markup"),
        ({"plain": 'Za"loguj'}, "a sign that is markup"),
        ({"plain": "Zaloguj "}, "other space"),
        ({"plain": "Zalo\u202eguj"}, "a control character"),
        ({"named": "Drogi %(name)s"}, ""),
        ({"named": "Drogi %(nazwa)s"}, "other places"),
        ({"named": "Drogi"}, "other places"),
        ({"named": "100% %(name)s"}, "a single %"),
        ({"marked": "To wraca. <b>Spokojnie.</b>"}, ""),
        ({"marked": "<b>Spokojnie. To wraca."}, "other markup"),
        ({"marked": "</b>Spokojnie.<b> To wraca."}, "other markup"),
        ({"marked": '<b onclick="x">Spokojnie.</b>'}, "other markup"),
        ({"counted": ("jeden list", "%(count)s listy", "%(count)s listów")}, ""),
        ({"counted": ("%(count)s list", "%(count)s listy")}, "plural forms"),
        ({"counted": ("%(count)s list", "", "%(count)s listów")}, "plural forms"),
    ],
)
def test_a_proofreader_sees_what_would_break(said: dict[str, str | tuple[str, ...]], wrong: str) -> None:
    template = Catalog(fuzzy=False)
    for name in said:
        template.add(ENGLISH_OF[name], None)
    found = problems(made(**said), template)
    assert [wrong in line for line in found] == ([True] if wrong else []), found


def test_a_proofreader_sees_half_an_error_and_what_nobody_says_any_more() -> None:
    catalog, template = Catalog(locale="pl", fuzzy=False), Catalog(fuzzy=False)
    catalog.add(errors.BROKEN.title, "Zepsute")
    catalog.add("Old words", "Stare")
    template.add(errors.BROKEN.title, None)
    template.add("New words", None)
    assert {line.partition(":")[0] for line in problems(catalog, template)} == {
        "only half of an error", "not in the template", "not in the catalogue",
    }  # fmt: skip


@pytest.mark.parametrize("bad", ["", "doubted", "a form less"])
def test_a_catalogue_with_something_left_to_do_is_shown_to_nobody(tmp_path: Path, bad: str) -> None:
    catalog = made(plain="Zaloguj", counted=("%(count)s list", "%(count)s listy", "%(count)s listów"))
    if bad == "":
        catalog.add("Another", "")
    elif bad == "doubted":
        catalog.add("Another", "Inny", flags=("fuzzy",))
    else:
        catalog.add(("one", "many"), ("jeden", "kilka"))
    with pytest.raises(Incomplete):
        whole(catalog)
    nobody = Language("vo", "Volapük")
    known = Catalogues({"en": ENGLISH, "vo": nobody})
    assert known.words(nobody) is None, "there is none"
    assert known.language("vo") is None, "and it is not asked for again"


def test_a_catalogue_says_every_number_in_its_form() -> None:
    words = compiled(made(plain="Zaloguj", counted=("%(count)s list", "%(count)s listy", "%(count)s listów")))
    assert words.gettext("Sign in") == "Zaloguj"
    said = [words.ngettext("%(count)s letter", "%(count)s letters", n) for n in (1, 2, 5, 22)]
    assert said == ["%(count)s list", "%(count)s listy", "%(count)s listów", "%(count)s listy"]


def test_a_text_that_is_put_together_cannot_be_marked(tmp_path: Path) -> None:
    """Babel would pass over it in silence."""
    module = tmp_path / "view.py"
    for line in ('_(f"Dear {name}")', '_("a" + b)', "N_(name)", 'ngettext(f"{n} a", "as", n)'):
        module.write_text(line)
        with module.open("rb") as stream, pytest.raises(wordlist.NotWrittenOut):
            list(wordlist.sentences(stream, wordlist.KEYWORDS, (), {}))
    module.write_text(
        'S: Final = "Safe."\nSentence(1, "A", f"{S} B", S)\n_(title)\n_(T[k])\n# Translators: a button\n_("C")'
    )
    with module.open("rb") as stream:
        found = [(text, notes) for _, _, text, notes in wordlist.sentences(stream, wordlist.KEYWORDS, (), {})]
    assert found == [("A", []), ("Safe. B", []), ("Safe.", []), (("C",), ["Translators: a button"])]
