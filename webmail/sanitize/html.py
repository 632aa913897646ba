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
from .fold import Fold
from .images import Images
from .looks import Looks
from .rebuild import Rebuild
from .rules import MAX_BYTES, MAX_ENTITIES, MAX_ROUNDS
from .safe import SafeHtml
from .tokens import pieces, without_controls

__all__ = ["Blocked", "Cleaned", "Reason", "SafeHtml", "clean"]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """html: a fragment for the message's own document. blocked: in the order of Reason, counts of this very pass.
    night: rules for dark paper, ours (dark.py) or the letter's own (designed.py). looks: its rules for widths, see
    looks.py. Both belong into the frame's own sheet; without them the letter is as it was meant on wide white paper."""

    html: SafeHtml
    blocked: tuple[Blocked, ...]
    night: str = ""
    looks: str = ""


def clean(
    html: str, *, inline: Callable[[str], str | None], remote: Callable[[str], str] | None, own_host: str = "",
    fold: Fold | None = None,
) -> Cleaned:  # fmt: skip
    """The harmless part of html, and what was left out of it.

    inline: Content-ID without <> -> path on our own host ("/m/..."), None when the message has no such part.
    remote: None until the reader agrees to load pictures; then address -> a path on our own host that answers with the
    picture, or the address itself. Pixels that only count readers stay out all the same.
    own_host: our host name; an absolute picture address there is refused.
    fold: for reading, folds the quote that ends the letter, where the letter is orderly (fold.py).

    Raises TooLarge over the budget of R15 (2 MiB, 60 000 tags, 50 000 '&'; deeper than 250 is flattened instead): show
    the text part then, never less-checked HTML. Raises ValueError when inline() answers anything but a path.
    """
    octets = html.encode("utf-8", "replace")
    if len(octets) > MAX_BYTES:
        raise TooLarge
    first, known, looks = Tally(), frozenset[str](), Looks()
    for number in range(MAX_ROUNDS):
        images = Images(inline, remote, Tally() if number else first, own_host.lower(), known)
        looks = Looks(known=looks.issued)
        rebuild = Rebuild(images, looks, None if number else fold)
        written = rebuild.write(pieces(without_controls(octets)))
        if written.count("&") > MAX_ENTITIES:
            raise TooLarge
        if not rebuild.flattened and gate.at_rest(written, rebuild.tags):
            return _cleaned(written, first, rebuild, looks)
        if rebuild.folded:
            # Its tags cross, and a fold that crosses them might take more than the quote.
            return clean(html, inline=inline, remote=remote, own_host=own_host)
        rest = gate.through(written, rebuild.issued, images.issued)
        octets, known = rest.encode(), frozenset(images.issued)
    return Cleaned(safe.seal(gate.words_only(rest)), first.sum())


def _cleaned(html: str, told: Tally, rebuild: Rebuild, looks: Looks) -> Cleaned:
    night = looks.sheet(dark=True) if rebuild.designed else dark.sheet(rebuild.classes)
    return Cleaned(safe.seal(html), told.sum(), night, looks.sheet(dark=False))
