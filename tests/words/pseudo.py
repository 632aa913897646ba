"""Languages that nobody speaks: every sentence in brackets and longer, so that what is unmarked shows, and what is
too narrow breaks. Made in memory from what is marked; no reader can choose them."""

from __future__ import annotations

import functools
import re

from babel.messages.catalog import Catalog
from babel.support import Translations
from flask import Flask

from webmail import wordlist
from webmail.languages import Language
from webmail.web import words
from webmail.web.catalogues import compiled

LONG = Language("en-XA", "Pseudo", offered=True)
MIRRORED = Language("ar-XB", "Pseudo (right to left)", rtl=True, offered=True)

_KEPT = re.compile(r"(%\(\w+\)[sd]|%%|<[^>]*>)")
_ACCENTS = str.maketrans("aeiouAEIOU", "áéíóúÁÉÍÓÚ")


def said(text: str) -> str:
    """[Sígn ín ~~~]: placeholders and markup as they were."""
    parts = _KEPT.split(text)
    changed = "".join(part if at % 2 else part.translate(_ACCENTS) for at, part in enumerate(parts))
    return f"[{changed} {'~' * max(2, len(text) * 2 // 5)}]"


@functools.cache
def spoken(language: Language) -> Translations:
    """Its words: of each plural form another."""
    made = Catalog(locale=language.tag.partition("-")[0], fuzzy=False)
    for message in wordlist.template():
        if isinstance(message.id, tuple):
            forms = tuple(said(message.id[0 if at == 0 else 1]) for at in range(made.num_plurals))
            made.add(message.id, forms, context=message.context)
        elif message.id:
            made.add(message.id, said(message.id), context=message.context)
    return compiled(made)


def install(app: Flask, *languages: Language) -> None:
    """Have them in this application."""
    with app.app_context():
        for language in languages:
            words.catalogues().add(language, spoken(language))
