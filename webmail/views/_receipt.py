"""What of a letter was kept out and what was let in, in words: the bar above it and the receipt below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from webmail.sanitize.html import Blocked, Cleaned, Reason

_REMOTE: Final = (Reason.REMOTE_IMAGE, Reason.TRACKING_PIXEL)
_KEPT_OUT: Final = {
    Reason.REMOTE_IMAGE: ("an image from elsewhere", "images from elsewhere"),
    Reason.TRACKING_PIXEL: ("an invisible image that tells who reads", "invisible images that tell who reads"),
    Reason.MISSING_IMAGE: ("an image that is not in the message", "images that are not in the message"),
    Reason.BAD_IMAGE: ("an image of an unsafe kind or place", "images of an unsafe kind or place"),
    Reason.SCRIPT: ("a program", "programs"),
    Reason.FORM: ("a form field or button", "form fields and buttons"),
    Reason.EMBEDDED: ("something embedded", "things embedded"),
    Reason.PAGE_COMMAND: ("an order to the browser", "orders to the browser"),
    Reason.STYLE: ("a style that could reach outside", "styles that could reach outside"),
    Reason.STYLESHEET: ("a style sheet from elsewhere", "style sheets from elsewhere"),
    Reason.LINK: ("a link that leads nowhere safe", "links that lead nowhere safe"),
    Reason.MISLEADING_LINK: ("a link that names another site", "links that name another site"),
    Reason.HIDDEN_TEXT: ("a hidden piece of text", "hidden pieces of text"),
    Reason.TOO_LARGE: ("something too large", "things too large"),
}  # fmt: skip


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
        return Images(f"Remote images are shown, as always from {sender}.", None, standing=True)
    if shown:
        return Images("Remote images are shown.", None)
    blocked = [b for b in cleaned.blocked if b.reason in _REMOTE]
    count = sum(b.count for b in blocked)
    if not count:
        return None
    trackers = sum(b.count for b in blocked if b.reason is Reason.TRACKING_PIXEL)
    many = "1 remote image is" if count == 1 else f"{count} remote images are"
    text = f"{many} hidden, so the sender cannot see that you opened this."
    if trackers:
        text += " 1 of them looks like a tracker." if trackers == 1 else f" {trackers} of them look like trackers."
    always = sender if sender and can_keep and count > trackers else None
    return Images(text + _from(sorted({host for b in blocked for host in b.hosts})), url, always or "")


def receipt(cleaned: Cleaned | None, remotes: Sequence[str] | None, proxied: bool) -> Receipt | None:
    """remotes: hosts of the pictures that are loaded, None when the reader did not agree. proxied: by this site."""
    if cleaned is None or not (cleaned.blocked or remotes):
        return None
    # Styles are dropped by the dozen, and mean nothing to most people.
    count = sum(each.count for each in cleaned.blocked if each.reason is not Reason.STYLE)
    title = "Nothing was kept out" if not count else f"{count} thing{'s were' if count > 1 else ' was'} kept out"
    return Receipt(title, tuple(_line(each) for each in cleaned.blocked), _loaded(remotes, proxied))


def _line(each: Blocked) -> str:
    one, many = _KEPT_OUT[each.reason]
    words = one if each.count == 1 else f"{each.count} {many}"
    return words[0].upper() + words[1:] + "." + _from(each.hosts)


def _loaded(hosts: Sequence[str] | None, proxied: bool) -> str:
    if hosts is None:
        return "Nothing was loaded from elsewhere. Nobody was told that you opened this."
    if not hosts:
        return "There was nothing to load from elsewhere."
    count = "1 image was" if len(hosts) == 1 else f"{len(hosts)} images were"
    places = _from(sorted(set(hosts)))
    if proxied:
        return (
            f"{count} fetched by this site in your place.{places} Their hosts can see that and when the message was "
            "opened, but not by which computer, from where, or with what else you read."
        )
    return f"{count} fetched by your browser.{places} Their hosts can see your address, and when you opened this."


def _from(hosts: Sequence[str]) -> str:
    if not hosts:
        return ""
    return f" From {', '.join(hosts[:3])}" + (f" and {len(hosts) - 3} more." if len(hosts) > 3 else ".")
