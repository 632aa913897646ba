"""What scripts say in other languages: made from the catalogue, kept for ever, and nothing of anybody in it."""

from __future__ import annotations

import json
import re

import pytest
from babel.messages.catalog import Catalog
from flask import Flask

from tests.servers.application import Visitor
from tests.servers.people import Person
from tests.words import pseudo
from tests.words.pseudo import LONG, MIRRORED
from webmail.languages import ENGLISH, LANGUAGES, Language
from webmail.web import cldr, marks, speech
from webmail.web.catalogues import compiled

OTHERS = [language for language in LANGUAGES.values() if language is not ENGLISH]


def table_of(script: str) -> dict[str, str | dict[str, str]]:
    """What it hands to words.js."""
    found = re.fullmatch(r'globalThis\[Symbol\.for\("pennypost words"\)\]=(\{.*\});\n', script)
    assert found
    return dict(json.loads(found[1]))


def test_english_costs_no_request(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    assert "/words/" not in visitor.html
    assert visitor.get(f"/words/{'0' * 16}/en.js").status_code == 404
    assert visitor.get(f"/words/{'0' * 16}/nothing.js").status_code == 404


def test_another_language_is_one_file_that_is_kept_for_ever(app: Flask, alice: Person) -> None:
    pseudo.install(app, LONG)
    visitor = Visitor(app)
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = LONG.tag
    visitor.get("/login")
    [url] = re.findall(r'<script async src="(/words/[0-9a-f]{16}/en-XA\.js)"></script>', visitor.html)
    visitor.sign_in(alice)
    assert f'<script async src="{url}">' in visitor.html, "the same for everybody"
    answer = Visitor(app).get(url, headers={"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    assert "Accept-Encoding" in answer.vary
    assert "Accept-Language" not in answer.vary
    assert len(answer.data) < 6000
    again = visitor.get(url, headers={"If-None-Match": answer.headers["ETag"], "Accept-Encoding": "br"})
    assert again.status_code == 304
    table = table_of(visitor.get(url).get_data(as_text=True))
    assert table["Back online."] == pseudo.said("Back online.")
    assert table["%(count)s new message"] == {
        "one": pseudo.said("%(count)s new message"), "other": pseudo.said("%(count)s new messages"),
    }  # fmt: skip
    assert len(table) == len({mark.texts[0] for mark in speech.said()}) > 100
    old = visitor.get(re.sub(r"/words/\w+", "/words/" + "0" * 16, url))
    assert old.headers["Cache-Control"] == "no-cache", "a tab from before a deploy has today's"
    assert table_of(old.get_data(as_text=True)) == table


def test_the_page_without_a_connection_keeps_its_words(app: Flask) -> None:
    pseudo.install(app, MIRRORED)
    visitor = Visitor(app)
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = MIRRORED.tag
    assert re.search(r'"/words/[0-9a-f]{16}/ar-XB\.js"', visitor.get("/sw.js").get_data(as_text=True))


@pytest.mark.parametrize("language", OTHERS, ids=lambda one: one.tag)
def test_a_browser_counts_as_the_catalogue_does(language: Language) -> None:
    """Catalogues number their forms, browsers name them (Intl.PluralRules): one name never stands for two numbers."""
    catalog = Catalog(locale=language.folder, fuzzy=False)
    forms = tuple(f"form {number}" for number in range(catalog.num_plurals))
    catalog.add(("%(count)s new message", "%(count)s new messages"), forms)
    known, locale = compiled(catalog), cldr.locale_of(language.tag)
    told = speech.table(language, known)["%(count)s new message"]
    assert isinstance(told, dict)
    for n in (*range(1200), 1_000_000, 2_000_000, 1_000_001):
        assert told[locale.plural_form(n)] == known.ngettext("%(count)s new message", "%(count)s new messages", n), n


def test_a_text_that_is_put_together_cannot_be_marked() -> None:
    for line in ("_(`Dear ${name}`)", "_(name)", "ngettext(`${n} a`, 'as', n)", 'ngettext("a", many, n)'):
        with pytest.raises(marks.NotWrittenOut):
            list(marks.marks(f"say({line});"))
    source = '// _("no")\n// Translators: a button\nsay(_("A \\"B\\""), (_, it) => it);\nngettext("1", "2", n)'
    assert [(one.line, one.texts, one.comments) for one in marks.marks(source)] == [
        (3, ('A "B"',), ["Translators: a button"]), (4, ("1", "2"), []),
    ]  # fmt: skip
