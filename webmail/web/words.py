"""In which language a page speaks, and how it says a sentence. docs/languages.md has the rules.

The reader's own setting, else what was chosen on the sign-in page, else what the browser asks for, else the site's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from babel import Locale
from babel.support import Translations
from flask import Flask, current_app, g, has_request_context, request
from jinja2 import nodes
from jinja2.ext import InternationalizationExtension

from webmail.languages import ENGLISH, OFFERED, Language
from webmail.web import cldr, preferences
from webmail.web.catalogues import Catalogues
from webmail.web.services import services

COOKIE: Final = "language"
"""What was chosen on the sign-in page: a tag, and no secret."""
_NAME: Final = "pennypost-words"
_PLURAL: Final = "plural_passage"


def _(text: str, **values: object) -> str:
    """The sentence in the reader's language. values: of %(name)s in it; without any, a % is a %."""
    words = _words()
    said = words.gettext(text) if words else text
    return said % values if values else said


def ngettext(one: str, many: str, n: int, **values: object) -> str:
    """The same for a number of things: one of the language's plural forms. %(count)s is n as people write it."""
    words = _words()
    said = words.ngettext(one, many, n) if words else one if n == 1 else many
    return said % ({"count": number(n)} | values)


def pgettext(context: str, text: str, **values: object) -> str:
    """A word that means several things. context: which one, for translators: "a button", "a folder"."""
    words = _words()
    said = words.pgettext(context, text) if words else text
    return cast(str, said) % values if values else cast(str, said)


def number(value: int) -> str:
    """1,204"""
    return f"{value:,}" if (at := locale()) is None else cldr.number(value, at)


def listed(items: Sequence[str], *, among: bool = False) -> str:
    """Nora, Dora and Boris. among: one of them, Nora or Boris."""
    if (at := locale()) is not None:
        return cldr.listed(items, at, among=among)
    return f" {'or' if among else 'and'} ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def language() -> Language:
    """The language of this request; English where there is none."""
    if not has_request_context():
        return ENGLISH
    # Every sentence of a page asks.
    try:
        return cast(Language, g.language)
    except AttributeError:
        g.language = _chosen()
        return cast(Language, g.language)


def locale() -> Locale | None:
    """How its dates and numbers are written; None for English, which has rules of its own here."""
    spoken = language()
    return None if spoken is ENGLISH else cldr.locale_of(spoken.tag)


def catalogues() -> Catalogues:
    """The languages that can be had here."""
    return cast(Catalogues, current_app.extensions[_NAME])


def install(app: Flask) -> None:
    """Give templates the words, and every page its language."""
    app.extensions[_NAME] = Catalogues({one.tag: one for one in OFFERED})
    env = app.jinja_env
    env.add_extension(_Passages)
    env.policies["ext.i18n.trimmed"] = True
    # Not "newstyle": that would trust what a catalogue says as markup. So _() is text, escaped like any other, and only
    # {% trans %} around markup keeps it (whose catalogues are proofread, tests/words).
    env.install_gettext_callables(_, ngettext, newstyle=False, pgettext=pgettext)  # type: ignore[attr-defined]
    env.globals.update({"_": _, "number": number, _PLURAL: _plural})
    app.context_processor(_spoken)


class _Passages(InternationalizationExtension):
    """{% trans %} puts its values in by itself, as ngettext() of templates does: so a passage asks by another name."""

    def _make_node(self, *given: Any, **named: Any) -> nodes.Output:
        made = super()._make_node(*given, **named)
        for name in made.find_all(nodes.Name):
            if name.name == "ngettext":
                name.name = _PLURAL
        return made


def _plural(one: str, many: str, n: int) -> str:
    """For {% trans %}, which puts the values in by itself."""
    words = _words()
    return words.ngettext(one, many, n) if words else one if n == 1 else many


def _words() -> Translations | None:
    spoken = language()
    return None if spoken is ENGLISH else catalogues().words(spoken)


def _spoken() -> dict[str, Any]:
    spoken = language()
    return {"spoken": spoken.tag, "direction": "rtl" if spoken.rtl else ""}


def _chosen() -> Language:
    """Never one whose words cannot be had."""
    offered = catalogues()
    if len(offered.languages) == 1:
        return ENGLISH
    for tag in (preferences.known().language, request.cookies.get(COOKIE, "")):
        if (found := offered.language(tag)) and _ready(found):
            return found
    site = offered.language(services().settings.language) or ENGLISH
    tags = [site.tag, *(one.tag for one in offered.languages if one is not site)]
    asked = request.accept_languages.best_match(tags)
    found = offered.language(asked or site.tag)
    return found if found and _ready(found) else ENGLISH


def _ready(one: Language) -> bool:
    return one is ENGLISH or catalogues().words(one) is not None
