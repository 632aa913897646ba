"""What scripts say in other languages than English: one small file for each, beside the scripts and kept as long.

It holds no data of anybody, and is fetched beside the page's own script, which does not wait for it.
"""

from __future__ import annotations

import functools
import hashlib
import json
import threading
from dataclasses import dataclass
from typing import Final

from flask import Flask, Response, abort, request

from webmail.languages import ENGLISH, Language
from webmail.web import assets, cldr, words
from webmail.web.catalogues import Translations
from webmail.web.marks import Mark, marks

_SAMPLES: Final = (*range(201), 1000, 10_000, 100_000, 1_000_000)
"""Numbers among which every plural form of every language has one."""


@dataclass(frozen=True, slots=True)
class Speech:
    """body: a script. version: names its content."""

    body: bytes
    version: str


class Speeches:
    """What was made, by language. Safe between threads."""

    def __init__(self) -> None:
        self._made: Final[dict[str, Speech]] = {}
        self._lock = threading.Lock()

    def of(self, language: Language) -> Speech | None:
        """None for English, and for a language that cannot be had."""
        if (made := self._made.get(language.tag)) is None:
            known = words.catalogues().words(language)
            if known is None:
                return None
            with self._lock:
                made = self._made.setdefault(language.tag, _speech(language, known))
        return made


@functools.cache
def said() -> tuple[Mark, ...]:
    """The sentences of all scripts. Raises NotWrittenOut."""
    return tuple(
        mark for path in sorted((assets.FOLDER / "js").glob("*.js")) for mark in marks(path.read_text("utf-8"))
    )


def table(language: Language, known: Translations) -> dict[str, str | dict[str, str]]:
    """Its sentences by the English ones. Of a number of things: by the plural categories, which browsers know, too."""
    locale, found = cldr.locale_of(language.tag), dict[str, str | dict[str, str]]()
    samples = {locale.plural_form(n): n for n in reversed(_SAMPLES)}
    for mark in said():
        one, *many = mark.texts
        if many:
            found[one] = {form: known.ngettext(one, many[0], n) for form, n in samples.items()}
        else:
            found[one] = known.gettext(one)
    return found


def _speech(language: Language, known: Translations) -> Speech:
    told = json.dumps(table(language, known), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    body = f'globalThis[Symbol.for("pennypost words")]={told};\n'.encode()
    return Speech(body, hashlib.sha256(body).hexdigest()[:16])


def install(app: Flask) -> None:
    """/words/<hash>/<tag>.js, and for templates: words_url(), "" in English."""
    speeches = Speeches()

    def speech(version_asked: str, tag: str) -> Response:
        language = words.catalogues().language(tag)
        made = speeches.of(language) if language else None
        if made is None:
            abort(404)
        return assets.script(made.body, kept=version_asked == made.version)

    def words_url() -> str:
        language = words.language()
        made = None if language is ENGLISH else speeches.of(language)
        return f"{request.script_root}/words/{made.version}/{language.tag}.js" if made else ""

    app.add_url_rule("/words/<string(length=16):version_asked>/<tag>.js", "words", speech)
    app.add_template_global(words_url, "words_url")
