"""What settings are kept as: registers, each with a value and the moment it was written, so that notes merge.

Of two notes the later value of each key counts, whatever else the notes hold. A member of a list is a key of its own
("image_senders/ana@example.org"), so that two devices which add to one list lose nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

LONGEST: Final = 32 << 10
"""Octets of a note."""

LONGEST_KEY: Final = 300
LONGEST_TEXT: Final = 4000
"""Characters."""

_MOST: Final = 2000
_NAME: Final = "pennypost-settings"
_VERSION: Final = 1
_KEY: Final = re.compile(rf"[a-z][a-z0-9_]{{0,59}}(?:/[^\x00-\x1f\x7f\ud800-\udfff]{{1,{LONGEST_KEY}}})?")
_LARGEST: Final = 2**53

Scalar = bool | int | str


class Register(NamedTuple):
    """value: None when it was taken back. at: milliseconds since the epoch."""

    value: Scalar | None
    at: int


Note = Mapping[str, Register]


def parse(octets: bytes, now: int) -> Note | None:
    """A note as it was kept, or None for anything else. Another program may have written it: what is not a register is
    left out, keys that are not known here stay. now: no moment counts as later, else a wrong clock would win for ever.
    """
    if len(octets) > LONGEST:
        return None
    try:
        told: Any = json.loads(octets.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or not isinstance(told.get(_NAME), int) or not isinstance(told.get("values"), dict):
        return None
    read = ((key, _register(each, now)) for key, each in list(told["values"].items())[:_MOST] if _KEY.fullmatch(key))
    return {key: register for key, register in read if register is not None}


def _register(told: Any, now: int) -> Register | None:
    if not isinstance(told, list) or len(told) != 2:
        return None
    value, at = told
    if isinstance(at, bool) or not isinstance(at, int) or not 0 <= at < _LARGEST:
        return None
    if isinstance(value, str):
        sound = len(value) <= LONGEST_TEXT and not re.search("[\0\ud800-\udfff]", value)
    elif isinstance(value, int):
        sound = abs(value) < _LARGEST
    else:
        sound = value is None
    return Register(value, min(at, now)) if sound else None


def merged(notes: Iterable[Note]) -> Note:
    """All of them as one, in whatever order they come. Of two values of one moment the same one wins everywhere."""
    found: dict[str, Register] = {}
    for note in notes:
        for key, register in note.items():
            if key not in found or _order(register) > _order(found[key]):
                found[key] = register
    return found


def _order(register: Register) -> tuple[int, str]:
    return register.at, json.dumps(register.value)


def changed(note: Note, changes: Mapping[str, Scalar | None], now: int) -> Note:
    """The note with these values; what is equal already keeps its moment. A change is later than what it replaces,
    whatever this clock says."""
    found = dict(note)
    for key, value in changes.items():
        old = found.get(key)
        if old is None and value is None:
            continue
        if old is None or old.value != value or type(old.value) is not type(value):
            found[key] = Register(value, max(now, old.at + 1 if old else 0))
    return found


def dump(note: Note, known: Collection[str]) -> bytes:
    """The note as octets, at most LONGEST. Where there is too much, what was taken back goes first, then members of
    lists, then what is not known here; of each the oldest. known: keys that stay."""
    lines = {key: f"{_text(key)}: {_text(list(register))}" for key, register in note.items()}
    room = LONGEST - 64
    size = sum(len(line.encode()) + 2 for line in lines.values())
    for key in sorted(note, key=lambda key: (_rank(key, note[key], known), note[key].at)):
        if size <= room:
            break
        size -= len(lines.pop(key).encode()) + 2
    body = ",\n".join(lines[key] for key in sorted(lines))
    return f'{{"{_NAME}": {_VERSION}, "values": {{\n{body}\n}}}}\n'.encode()


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _rank(key: str, register: Register, known: Collection[str]) -> int:
    if register.value is None:
        return 0
    return 1 if "/" in key else 3 if key in known else 2
