"""The languages of the pages: one table. And N_, which marks words where they are written but not yet said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from webmail import places

FOLDER: Final = places.folder("translations")
TEMPLATE: Final = FOLDER / "messages.pot"


@dataclass(frozen=True, slots=True)
class Language:
    """tag: RFC 5646. name: as its speakers call it. rtl: written from right to left.

    offered: readers can have it. Its catalogue then is complete: tests say so, and web/catalogues.py takes no other.
    """

    tag: str
    name: str
    rtl: bool = False
    offered: bool = False

    @property
    def folder(self) -> str:
        """What its directory is called, and Babel calls it: pt_BR."""
        return self.tag.replace("-", "_")

    @property
    def file(self) -> Path:
        """Its catalogue."""
        return FOLDER / self.folder / "LC_MESSAGES" / "messages.po"


ENGLISH: Final = Language("en", "English", offered=True)
"""The language that sentences are written in; it has no catalogue."""

LANGUAGES: Final = {
    language.tag: language
    for language in (
        ENGLISH,
        Language("de", "Deutsch", offered=True),
        Language("es", "Español", offered=True),
        Language("fr", "Français", offered=True),
        Language("pl", "Polski", offered=True),
        Language("pt-BR", "Português (Brasil)", offered=True),
        Language("uk", "Українська", offered=True),
        Language("he", "עברית", rtl=True),
        Language("ar", "العربية", rtl=True),
        Language("ja", "日本語"),
    )
}
OFFERED: Final = tuple(language for language in LANGUAGES.values() if language.offered)


def N_(text: str) -> str:  # noqa: N802 (its name wherever there is gettext)
    """The text itself. Marks it for the catalogues; whoever shows it says it in the reader's language."""
    return text
