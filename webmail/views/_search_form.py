"""The fields of the search form, from a query and back: they write the same language that can be typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from webmail.mail.conditions import ALL, File, HasFile, Is, Label, Node, Size, When, Words, every
from webmail.mail.query import condition, parse, render
from webmail.web.words import _, pgettext

TEXTS: Final = ("from", "to", "subject", "body", "filename", "label")
DAYS: Final = ("after", "before")
# Translators: which messages are searched for: only those that are this.
_STATES: Final[Mapping[str, Callable[[], str]]] = {
    "unread": lambda: pgettext("messages", "Unread"), "read": lambda: pgettext("messages", "Read"),
    "starred": lambda: _("With a star"), "answered": lambda: pgettext("messages", "Answered"),
    "unanswered": lambda: _("Not answered"), "forwarded": lambda: pgettext("messages", "Forwarded"),
    "draft": lambda: pgettext("messages", "Drafts"),
}  # fmt: skip
_MEGA: Final = 1_000_000


def states() -> dict[str, str]:
    """Name of a state -> what it is called."""
    return {name: said() for name, said in _STATES.items()}


def fields(root: Node) -> dict[str, str]:
    """Name of a field -> what stands in it; "words" has what has no field of its own."""
    found: dict[str, str] = {}
    rest: list[Node] = []
    for piece in parse(render(root)).pieces:
        name, value = _field(piece)
        if name and name not in found:
            found[name] = value
        elif piece != ALL:
            rest.append(piece)
    found["words"] = render(every(rest))
    return found


def _field(piece: Node) -> tuple[str, str]:
    if isinstance(piece, Words) and piece.field in TEXTS:
        return piece.field, piece.text
    if isinstance(piece, File):
        return "filename", piece.name
    if isinstance(piece, Label):
        return "label", piece.name
    if isinstance(piece, HasFile):
        return "has", "attachment"
    if isinstance(piece, Is) and piece.state in _STATES:
        return "is", piece.state
    if isinstance(piece, When) and piece.how in DAYS and len(piece.day) == 10:
        return piece.how, piece.day
    if isinstance(piece, Size) and piece.larger and not piece.octets % _MEGA:
        return "larger", str(piece.octets // _MEGA)
    return "", ""


def composed(form: Mapping[str, str]) -> str:
    """The query that the form asks for."""
    found = [parse(form.get("words", "")).root]
    for name in (*TEXTS, "has", "is", *DAYS):
        node = condition(name, form.get(name, ""))
        if node is not None:
            found.append(node)
    larger = condition("larger", f"{form['larger'].strip()}M") if form.get("larger", "").strip() else None
    return render(every([*found, larger] if larger is not None else found))
