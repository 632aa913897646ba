"""One element's attributes, judged together: what may be written, and what it means for the text inside."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tinycss2.color3 import parse_color  # type: ignore[import-untyped]

from . import css, urls
from .blocked import Reason
from .images import Images
from .rules import ATTRIBUTES, BARE, COLOURED, EVERYWHERE, LOWERED, MAX_STYLES
from .sheet import Element, Rule, Sheet
from .sight import Sight

_BARE_HEX = re.compile(r"[0-9a-fA-F]{6}")
# Of <body> only what paints the sheet; its sizes are the frame's business.
_OF_PAGE = re.compile(r"background-color|color|line-height|text-align|direction|(?:font|word|padding|letter)(?:-.*)?")
_NOT_WRITTEN = frozenset({"visibility"})


@dataclass(frozen=True, slots=True)
class Judged:
    """written: attributes in canonical order and form. element: as <style> selectors see it."""

    written: dict[str, str]
    element: Element
    sight: Sight


class Attributes:
    """Judge for one message."""

    def __init__(self, sheet: Sheet, images: Images) -> None:
        self._sheet = sheet
        self._images = images
        self._tally = images.tally
        self._styled: dict[tuple[tuple[Rule, ...], str], dict[str, str]] = {}
        self._read = 0
        self.needs_ancestors = bool(sheet.rules)

    def element(self, name: str, found: Mapping[str, str], around: Sequence[Element], outside: Sight) -> Judged:
        """around: ancestors, outermost first. outside: sight where the element stands."""
        element = _element(name, found) if self.needs_ancestors else Element(name)
        style = self._style(element, found.get("style", ""), around)
        written: dict[str, str] = {}
        if name == "img":
            found = {"alt": "", **found}  # without alt, a browser draws the sign for a broken picture
        if name == "a":
            self._href(found.get("href", ""), written)
        self._plain(name, found, written)
        sight = outside.within(name, style, written)
        if sight is not outside and sight.night.marks:
            written["class"] = sight.night.marks
        if name == "img":
            self._source(found, style, sight, written)
        text = css.write({key: value for key, value in style.items() if key not in _NOT_WRITTEN})
        if text and not sight.hidden:
            written["style"] = text
        self._notice(found)
        return Judged(written, element, sight)

    def page(self, found: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """(attributes, style) of the <div> that stands for <html> and <body>."""
        style: dict[str, str] = {}
        for key, value in (("background-color", found.get("bgcolor", "")), ("color", found.get("text", ""))):
            if colour := _colour(value):
                style[key] = colour
        for tag in ("html", "body"):
            style |= self._style(_element(tag, found), found.get("style", "") if tag == "body" else "", ())
        style = {key: value for key, value in style.items() if _OF_PAGE.fullmatch(key)}
        written: dict[str, str] = {}
        self._plain("body", {key: found[key] for key in ("dir", "lang") if key in found}, written)
        if style:
            written["style"] = css.write(style)
        self._notice(found)
        return written, style

    def _style(self, element: Element, inline: str, around: Sequence[Element]) -> dict[str, str]:
        rules = self._sheet.matching(element, around)
        known = self._styled.get((rules, inline))
        if known is None:
            self._read += len(inline) + 40
        own = css.Style()
        if inline:
            own = css.parse(inline) if self._read <= MAX_STYLES else css.Style(too_large=True)
        if own.refused or own.too_large:
            self._tally.add(Reason.TOO_LARGE if own.too_large else Reason.STYLE, count=max(1, own.refused))
        for url in own.urls:
            self._images.elsewhere(url)
        if known is None:
            given = [part for rule in rules for part in rule.declarations]
            known = css.last_of(
                [
                    *(part for part in given if not part.important),
                    *(part for part in own.declarations if not part.important),
                    *(part for part in given if part.important),
                    *(part for part in own.declarations if part.important),
                ]
            )
            self._styled[rules, inline] = known
        return known

    def _plain(self, name: str, found: Mapping[str, str], written: dict[str, str]) -> None:
        patterns = ATTRIBUTES.get(name, {})
        coloured = COLOURED.get(name, frozenset())
        for key in sorted(found):
            value = found[key].strip()
            if key in coloured:
                if colour := _colour(value):
                    written[key] = colour
            elif pattern := patterns.get(key) or EVERYWHERE.get(key):
                value = key if key in BARE else value.lower() if key in LOWERED else value
                if pattern.fullmatch(value):
                    written[key] = value

    def _href(self, href: str, written: dict[str, str]) -> None:
        target = urls.link(href)
        if target is not None:
            written["href"] = target
        elif urls.is_script(href):
            self._tally.add(Reason.SCRIPT)
        elif href.strip() and not href.strip().startswith("#"):
            self._tally.add(Reason.LINK)

    def _source(
        self, found: Mapping[str, str], style: Mapping[str, str], sight: Sight, written: dict[str, str]
    ) -> None:
        sized = {**found, **{side: style[side] for side in ("width", "height") if side in style}}
        source = self._images.source(sized, hidden=sight.hidden)
        if source is not None:
            written["src"] = source

    def _notice(self, found: Mapping[str, str]) -> None:
        handlers = sum(key.startswith("on") for key in found)
        if handlers:
            self._tally.add(Reason.SCRIPT, count=handlers)
        if background := found.get("background"):
            self._images.elsewhere(background)


def _element(name: str, found: Mapping[str, str]) -> Element:
    return Element(name, frozenset(found.get("class", "").split()[:20]), found.get("id", ""))


def _colour(value: str) -> str | None:
    """A colour attribute. 'ffffff' without its sign is common; the rest of the legacy rules is not."""
    value = "#" + value if _BARE_HEX.fullmatch(value) else value
    colour = parse_color(value) if 0 < len(value) <= 40 else None
    return css.write_colour(colour) if colour is not None and not isinstance(colour, str) else None
