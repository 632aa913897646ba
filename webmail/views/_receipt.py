"""What of a letter was kept out and what was let in, in words: the bar above it and the receipt below it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from webmail.sanitize.html import Blocked, Cleaned, Reason
from webmail.web.words import _, ngettext

_REMOTE: Final = (Reason.REMOTE_IMAGE, Reason.TRACKING_PIXEL)
_KEPT_OUT: Final[Mapping[Reason, Callable[[int], str]]] = {
    # Translators: these say what was kept out of a message.
    Reason.REMOTE_IMAGE: lambda n: ngettext("An image from elsewhere.", "%(count)s images from elsewhere.", n),
    Reason.TRACKING_PIXEL: lambda n: ngettext(
        "An invisible image that tells who reads.", "%(count)s invisible images that tell who reads.", n),
    Reason.MISSING_IMAGE: lambda n: ngettext(
        "An image that is not in the message.", "%(count)s images that are not in the message.", n),
    Reason.BAD_IMAGE: lambda n: ngettext(
        "An image of an unsafe kind or place.", "%(count)s images of an unsafe kind or place.", n),
    Reason.SCRIPT: lambda n: ngettext("A program.", "%(count)s programs.", n),
    Reason.FORM: lambda n: ngettext("A form field or button.", "%(count)s form fields and buttons.", n),
    Reason.EMBEDDED: lambda n: ngettext("Something embedded.", "%(count)s things embedded.", n),
    Reason.PAGE_COMMAND: lambda n: ngettext("An order to the browser.", "%(count)s orders to the browser.", n),
    Reason.STYLE: lambda n: ngettext(
        "A style that could reach outside.", "%(count)s styles that could reach outside.", n),
    Reason.STYLESHEET: lambda n: ngettext("A style sheet from elsewhere.", "%(count)s style sheets from elsewhere.", n),
    Reason.LINK: lambda n: ngettext("A link that leads nowhere safe.", "%(count)s links that lead nowhere safe.", n),
    Reason.MISLEADING_LINK: lambda n: ngettext(
        "A link that names another site.", "%(count)s links that name another site.", n),
    Reason.HIDDEN_TEXT: lambda n: ngettext("A hidden piece of text.", "%(count)s hidden pieces of text.", n),
    Reason.TOO_LARGE: lambda n: ngettext("Something too large.", "%(count)s things too large.", n),
}  # fmt: skip
"""One sentence for so many of them."""


@dataclass(frozen=True, slots=True)
class Images:
    """The bar about remote images. text: how many and why. show_url: POST shows them; None when they are shown.

    always: the sender for whom they can be shown from now on, or "". standing: they are shown because of that.
    """

    text: str
    show_url: str | None
    always: str = ""
    standing: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """title: one line. lines: what was kept out, with from whom. loaded: what was fetched and by which way."""

    title: str
    lines: tuple[str, ...]
    loaded: str


def images(
    cleaned: Cleaned | None, shown: bool, url: str, *, sender: str | None, standing: bool, can_keep: bool
) -> Images | None:
    """How many, from whom, and why; nothing to say when the message wants no remote image.

    sender: whom consent can be about; standing: it was given before; can_keep: it may be given here.
    """
    if cleaned is None:
        return None
    if shown and standing and sender:
        return Images(_("Remote images are shown, as always from %(sender)s.", sender=sender), None, standing=True)
    if shown:
        return Images(_("Remote images are shown."), None)
    blocked = [b for b in cleaned.blocked if b.reason in _REMOTE]
    count = sum(b.count for b in blocked)
    if not count:
        return None
    trackers = sum(b.count for b in blocked if b.reason is Reason.TRACKING_PIXEL)
    always = sender if sender and can_keep and count > trackers else None
    text = " ".join((_hidden(count, trackers), *_from(sorted({host for b in blocked for host in b.hosts}))))
    return Images(text, url, always or "")


def _hidden(count: int, trackers: int) -> str:
    text = ngettext(
        "%(count)s remote image is hidden, so the sender cannot see that you opened this.",
        "%(count)s remote images are hidden, so the sender cannot see that you opened this.",
        count,
    )
    if not trackers:
        return text
    # Translators: follows that so many remote images are hidden.
    some = ngettext("%(count)s of them looks like a tracker.", "%(count)s of them look like trackers.", trackers)
    return f"{text} {some}"


def receipt(cleaned: Cleaned | None, remotes: Sequence[str] | None, proxied: bool) -> Receipt | None:
    """remotes: hosts of the pictures that are loaded, None when the reader did not agree. proxied: by this site."""
    if cleaned is None or not (cleaned.blocked or remotes):
        return None
    # Styles are dropped by the dozen, and mean nothing to most people.
    count = sum(each.count for each in cleaned.blocked if each.reason is not Reason.STYLE)
    kept_out = ngettext("%(count)s thing was kept out", "%(count)s things were kept out", count)
    title = kept_out if count else _("Nothing was kept out")
    return Receipt(title, tuple(_line(each) for each in cleaned.blocked), _loaded(remotes, proxied))


def _line(each: Blocked) -> str:
    return " ".join((_KEPT_OUT[each.reason](each.count), *_from(each.hosts)))


def _loaded(hosts: Sequence[str] | None, proxied: bool) -> str:
    if hosts is None:
        return _("Nothing was loaded from elsewhere. Nobody was told that you opened this.")
    if not hosts:
        return _("There was nothing to load from elsewhere.")
    if proxied:
        loaded = ngettext(
            "%(count)s image was fetched by this site in your place.",
            "%(count)s images were fetched by this site in your place.",
            len(hosts),
        )
        # Translators: hosts: the sites that the images came from.
        seen = _(
            "Their hosts can see that and when the message was opened, but not by which computer, from where, or with "
            "what else you read."
        )
    else:
        loaded = ngettext(
            "%(count)s image was fetched by your browser.", "%(count)s images were fetched by your browser.", len(hosts)
        )
        seen = _("Their hosts can see your address, and when you opened this.")
    return " ".join((loaded, *_from(sorted(set(hosts))), seen))


def _from(hosts: Sequence[str]) -> tuple[str, ...]:
    """The sentence that names them, or none."""
    named, more = ", ".join(hosts[:3]), len(hosts) - 3
    if more > 0:
        return (
            ngettext("From %(hosts)s and %(count)s more.", "From %(hosts)s and %(count)s more.", more, hosts=named),
        )
    # Translators: hosts: sites that a message takes images from. It follows a sentence about them.
    return (_("From %(hosts)s.", hosts=named),) if hosts else ()
