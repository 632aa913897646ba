"""The one door: hostile HTML in, SafeHtml and an account of what was kept back out.

A round is: cut into tokens, judge each, write anew, let the gate parse and rebuild. When the gate gives back what it
was given, a parse changes nothing any more, so a browser's parse will not either (R2). Orderly mail needs one round;
where tags cross, the gate moves them, and what it made is judged again as if it had just arrived.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from webmail.errors import TooLarge

from . import dark, gate, safe
from .blocked import Blocked, Reason, Tally
from .images import Images
from .rebuild import Rebuild
from .rules import MAX_BYTES, MAX_ENTITIES, MAX_ROUNDS, MAX_TAGS
from .safe import SafeHtml
from .tokens import Start, Token, tokens, without_controls

__all__ = ["Blocked", "Cleaned", "Reason", "SafeHtml", "clean"]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """html: a fragment for the message's own document. blocked: in the order of Reason, counts of this very pass.
    night: rules for dark paper, see dark.py."""

    html: SafeHtml
    blocked: tuple[Blocked, ...]
    night: str = ""


def clean(
    html: str, *, inline: Callable[[str], str | None], remote: Callable[[str], str] | None, own_host: str = ""
) -> Cleaned:
    """The harmless part of html, and what was left out of it.

    inline: Content-ID without <> -> path on our own host ("/m/..."), None when the message has no such part.
    remote: None until the reader agrees to load pictures; then address -> a path on our own host that answers with the
    picture, or the address itself. Pixels that only count readers stay out all the same.
    own_host: our host name; an absolute picture address there is refused.

    Raises TooLarge over the budget of R15 (2 MiB, 60 000 tags, 50 000 '&'; deeper than 250 is flattened instead): show
    the text part then, never less-checked HTML. Raises ValueError when inline() answers anything but a path.
    """
    octets = html.encode("utf-8", "replace")
    if len(octets) > MAX_BYTES:
        raise TooLarge
    rest = octets.decode("utf-8")
    first, known = Tally(), frozenset[str]()
    for number in range(MAX_ROUNDS):
        images = Images(inline, remote, Tally() if number else first, own_host.lower(), known)
        rebuild = Rebuild(images)
        written = rebuild.write(_counted(without_controls(rest)))
        if written.count("&") > MAX_ENTITIES:
            raise TooLarge
        rest = gate.through(written, rebuild.issued, images.issued)
        if rest == written and not rebuild.flattened:
            night = dark.sheet(value for name, value in rebuild.issued if name == "class")
            return Cleaned(safe.seal(rest), first.sum(), night)
        known = frozenset(images.issued)
    return Cleaned(safe.seal(gate.words_only(rest)), first.sum())


def _counted(html: str) -> list[Token]:
    found: list[Token] = []
    tags = 0
    for token in tokens(html):
        found.append(token)
        tags += isinstance(token, Start)
        if tags > MAX_TAGS or len(found) > 4 * MAX_TAGS:
            raise TooLarge
    return found
