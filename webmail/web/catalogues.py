"""What was translated: a catalogue is read, compiled in memory and kept when its language is first asked for."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import Translations as Translations

from webmail.languages import ENGLISH, Language

log = logging.getLogger("pennypost")


class Incomplete(ValueError):
    """A catalogue with something left to do, which nobody is shown."""


class Catalogues:
    """The languages that readers can have, each with its words; None stands for English, which needs none.

    Safe between threads. One that cannot be read is left out from then on, and its readers have English.
    """

    def __init__(self, offered: Mapping[str, Language]) -> None:
        self._languages: Final = dict(offered)
        self._read: Final[dict[str, Translations | None]] = {ENGLISH.tag: None}
        self._lock = threading.Lock()

    @property
    def languages(self) -> tuple[Language, ...]:
        """In the order of the table."""
        return tuple(self._languages.values())

    def language(self, tag: str) -> Language | None:
        """The language with this tag, where readers can have it."""
        return self._languages.get(tag)

    def add(self, language: Language, words: Translations) -> None:
        """Have one more, whose words are here already: for tests and the demo, which need one that has everything."""
        with self._lock:
            self._read[language.tag] = words
            self._languages[language.tag] = language

    def words(self, language: Language) -> Translations | None:
        """Its words; None for English and for one that cannot be had."""
        if language.tag in self._read:
            return self._read[language.tag]
        with self._lock:
            if language.tag not in self._read:
                self._read[language.tag] = self._load(language)
            return self._read[language.tag]

    def _load(self, language: Language) -> Translations | None:
        try:
            return compiled(whole(read(language.file)))
        except (OSError, ValueError, PoFileError) as error:
            log.error("language %s cannot be had: %s", language.tag, type(error).__name__)
            self._languages.pop(language.tag, None)
            return None


def read(file: Path) -> Catalog:
    """A catalogue as its translator left it. Raises OSError, PoFileError, ValueError."""
    with file.open("rb") as stream:
        return read_po(stream, locale=file.parents[1].name if file.suffix == ".po" else None, abort_invalid=True)


def untranslated(catalog: Catalog) -> list[str]:
    """The sentences, in English, that are left to do: without words, without one of their plural forms, or doubted."""
    left = []
    for message in catalog:
        said = message.string if isinstance(message.string, tuple | list) else (message.string,)
        whole = message.fuzzy or not all(said) or (message.pluralizable and len(said) < catalog.num_plurals)
        if message.id and whole:
            left.append(message.id if isinstance(message.id, str) else message.id[0])
    return left


def whole(catalog: Catalog) -> Catalog:
    """The catalogue, if nothing is left to do. Raises Incomplete."""
    if left := untranslated(catalog):
        raise Incomplete(f"{len(left)} sentences are left to do")
    return catalog


def compiled(catalog: Catalog) -> Translations:
    """As it is asked: what a .mo file would be, without the file."""
    octets = io.BytesIO()
    write_mo(octets, catalog)
    octets.seek(0)
    return Translations(octets)
