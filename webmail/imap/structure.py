"""BODYSTRUCTURE (RFC 9051 7.5.2), as IMAPClient nests it, to Parts with section numbers (RFC 9051 6.4.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from webmail.mail import params
from webmail.mail.charset import decode
from webmail.mail.ids import PartId
from webmail.mail.message import Part
from webmail.mail.names import clean_line, safe_filename
from webmail.mail.parts import DEEPEST, MOST_PARTS
from webmail.mail.words import decode_words

_MESSAGES: Final = ("message/rfc822", "message/global")


class Unusable(Exception):
    """This structure says nothing we can rely on: fetch the source and parse it here."""


def structure(told: Any) -> Part:
    """The tree of parts. told: nested tuples. Raises Unusable for nonsense and beyond the budgets of R15."""
    try:
        return _Builder().message(told, "", 0)
    except (TypeError, ValueError, LookupError, AttributeError, RecursionError):
        raise Unusable from None


def doubtful(root: Part) -> bool:
    """Whether a body is empty: what servers make of delimiters and header ends that they did not find."""
    bodies = (child for part in root.walk() if part.type.startswith("multipart/") for child in part.children)
    return any(not part.children and part.size == 0 for part in (root, *bodies))


_AROUND_A_PART: Final = 2048
"""Octets of delimiters and headers that stand beside a part and mean nothing: short letters are mostly these."""


def lacking(root: Part, octets: int) -> bool:
    """Whether most of the body is in none of its parts: the server found no delimiter, and what was sent is nowhere.

    octets: of the whole body.
    """
    parts = list(root.walk())
    missing = octets - sum(part.size for part in parts if not part.children)
    return missing > octets // 2 and missing > _AROUND_A_PART * len(parts)


class _Builder:
    def __init__(self) -> None:
        self.left = MOST_PARTS

    def message(self, told: Any, prefix: str, depth: int) -> Part:
        """The root part of a message; prefix: section of the message part it lies in, "" for the outermost."""
        dot = f"{prefix}." if prefix else ""
        if _is_multipart(told):
            return self.multipart(told, f"{dot}TEXT", prefix, depth)
        return self.leaf(told, f"{dot}1", depth)

    def part(self, told: Any, own: str, depth: int) -> Part:
        return self.multipart(told, own, own, depth) if _is_multipart(told) else self.leaf(told, own, depth)

    def multipart(self, told: Sequence[Any], own: str, prefix: str, depth: int) -> Part:
        self._spend(depth)
        children, rest = _split(told)
        dot = f"{prefix}." if prefix else ""
        disposition, _ = _disposition(rest, 2)
        return Part(
            id=PartId(own),
            type=f"multipart/{_token(rest[0])}" if rest else "multipart/mixed",
            params=_params(rest[1] if len(rest) > 1 else None),
            disposition=disposition,
            children=tuple(self.part(child, f"{dot}{n}", depth + 1) for n, child in enumerate(children, 1)),
        )

    def leaf(self, told: Sequence[Any], own: str, depth: int) -> Part:
        self._spend(depth)
        type = f"{_token(told[0])}/{_token(told[1])}"
        if type.startswith("/") or type.endswith("/"):
            raise Unusable
        type_params = _params(told[2])
        inner = told[8] if type in _MESSAGES and len(told) > 8 and isinstance(told[8], tuple | list) else None
        disposition, disposition_params = _disposition(told, _extension_at(type, inner is not None) + 1)
        name = params.filename(type_params, disposition_params)
        if name is None and inner is not None:
            subject = _text(told[7][1]) if isinstance(told[7], tuple | list) and len(told[7]) > 1 else ""
            name = f"{clean_line(decode_words(subject))}.eml" if subject else None
        return Part(
            id=PartId(own),
            type=type,
            params=type_params,
            encoding=_token(told[5]) or "7bit",
            size=told[6] if isinstance(told[6], int) else 0,
            disposition=disposition,
            filename=safe_filename(name, "attachment", type) if name else None,
            content_id=clean_line(_text(told[3])).strip("<> ") or None,
            children=(self.message(inner, own, depth + 1),) if inner is not None else (),
        )

    def _spend(self, depth: int) -> None:
        self.left -= 1
        if self.left < 0 or depth > DEEPEST:
            raise Unusable


def _is_multipart(told: Any) -> bool:
    """IMAPClient puts the children of a multipart into one list, but not inside a message/rfc822."""
    return bool(told) and isinstance(told[0], tuple | list)


def _split(told: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    if isinstance(told[0], list):
        return told[0], told[1:]
    count = next((index for index, item in enumerate(told) if not isinstance(item, tuple | list)), len(told))
    return told[:count], told[count:]


def _extension_at(type: str, with_message: bool) -> int:
    """Index of the MD5 field, where extension data begins (RFC 9051 9, body-type-*)."""
    if with_message:
        return 10
    return 8 if type.startswith("text/") else 7


def _disposition(told: Sequence[Any], index: int) -> tuple[str | None, Mapping[str, str]]:
    value = told[index] if len(told) > index else None
    if not isinstance(value, tuple | list) or not value or isinstance(value[0], tuple | list):
        return None, {}
    return _token(value[0]) or None, _params(value[1] if len(value) > 1 else None)


def _params(told: Any) -> dict[str, str]:
    if not isinstance(told, tuple | list):
        return {}
    words = [_text(item) for item in told]
    return params.collect(zip(words[::2], words[1::2], strict=False))


def _token(value: Any) -> str:
    return clean_line(_text(value)).lower()


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii") if value.isascii() else decode(value, None)
    return "" if value is None else str(value)
