"""Reading a catalogue as a proofreader does: what a page would break on, or a reader stumble over."""

from __future__ import annotations

import re
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message

from webmail.web import errors

_PLACE = re.compile(r"%\((\w+)\)[sd]")
_TAG = re.compile(r"<[^>@]*>")  # an address in angle brackets is none
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e]")


def problems(catalog: Catalog, template: Catalog) -> list[str]:
    """What is wrong, one line each; that something is not translated yet is nothing wrong."""
    found = [
        f"not in the template: {message.id}" for message in catalog if message.id and not _there(message, template)
    ]
    found += [
        f"not in the catalogue: {message.id}" for message in template if message.id and not _there(message, catalog)
    ]
    for message in catalog:
        if message.id:
            found += [f"{why}: {message.id}" for why in _of(message, catalog.num_plurals)]
    return found + list(_halves(catalog))


def _there(message: Message, catalog: Catalog) -> bool:
    first = message.id if isinstance(message.id, str) else message.id[0]
    other = catalog.get(first, message.context)
    return other is not None and other.id == message.id


def _of(message: Message, plurals: int) -> Iterator[str]:
    if message.fuzzy:
        yield "doubted"
    ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
    said = message.string if isinstance(message.string, tuple | list) else (message.string,)
    if message.pluralizable and any(said) and (len(said) != plurals or not all(said)):
        yield f"not in all {plurals} plural forms"
    for text in filter(None, said):
        yield from _told(text, ids[-1], {"count"} if message.pluralizable else set())


def _told(text: str, english: str, may_lack: set[str]) -> Iterator[str]:
    """may_lack: places that a form for one number need not have."""
    here, there = set(_PLACE.findall(text)), set(_PLACE.findall(english))
    if here - there or there - here - may_lack:
        yield f"other places than {sorted(there)}"
    if there and "%" in _PLACE.sub("", text).replace("%%", ""):
        yield "a single %"
    if sorted(_TAG.findall(text)) != sorted(_TAG.findall(english)) or not _nested(_TAG.findall(text)):
        yield "other markup"
    plain, plain_english = _TAG.sub("", text), _TAG.sub("", english)
    if any(sign in plain and sign not in plain_english for sign in '<>"&'):
        yield "a sign that is markup"
    if _CONTROL.search(text):
        yield "a control character"
    if (text[:1].isspace(), text[-1:].isspace()) != (english[:1].isspace(), english[-1:].isspace()):
        yield "other space around it"


def _nested(tags: list[str]) -> bool:
    opened: list[str] = []
    for tag in tags:
        name = re.sub(r"[</>]", " ", tag).split()[0]
        if tag.startswith("</"):
            if not opened or opened.pop() != name:
                return False
        elif name not in ("br", "wbr"):
            opened.append(name)
    return not opened


def _halves(catalog: Catalog) -> Iterator[str]:
    """An error is told in three parts, or not yet at all: never one of them in another language than the rest."""
    for sentence in {*errors.TABLE.values(), *errors.OF_HTTP.values(), errors.BROKEN}:
        parts = [sentence.title, sentence.text, sentence.safe]
        said = [bool((found := catalog.get(part)) and found.string) for part in parts]
        if any(said) and not all(said):
            yield f"only half of an error: {sentence.title}"
