"""Further addresses that a reader writes as: the lines of one setting, read with care."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import dedent
from typing import Final

from webmail import errors
from webmail.mail import address
from webmail.mail.address import Address

MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Identity:
    """One address to write as. signature: below letters from it; None for the usual one."""

    who: Address
    signature: str | None = None


def read(text: str) -> tuple[Identity, ...]:
    """One address a line; lines that begin with a space are the signature of the address above them.

    Raises BadAddress: refused holds the lines that are neither, or nothing where there are more than 20.
    """
    found: list[Identity] = []
    refused: list[str] = []
    for line, below in _blocks(text.split("\n")):
        try:
            [who] = address.parse_typed(line)
        except (ValueError, errors.BadAddress):
            refused.append(line.strip())
        else:
            found.append(Identity(who, dedent("\n".join(below)).strip("\n") or None))
    if refused or len(found) > MOST:
        raise errors.BadAddress(tuple(refused))
    return tuple(found)


def unique(people: Iterable[Identity]) -> tuple[Identity, ...]:
    """Each address once, the first of the same counts."""
    found: dict[str, Identity] = {}
    for one in people:
        found.setdefault(address.wire(one.who.address).lower(), one)
    return tuple(found.values())


def named(people: Iterable[Identity], spec: str) -> Identity | None:
    """The one with this address, however it is written; None when it is nobody's here."""
    wanted = address.wire(spec).lower()
    return next((one for one in people if address.wire(one.who.address).lower() == wanted), None)


def _blocks(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Each address line with what is indented below it. What is indented below nothing stands for itself."""
    head: str | None = None
    below: list[str] = []
    for line in lines:
        if head is not None and (not line.strip() or line[0].isspace()):
            below.append(line)
        elif line.strip():
            if head is not None:
                yield head, below
            head, below = line, []
    if head is not None:
        yield head, below
