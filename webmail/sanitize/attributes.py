"""One element's attributes, judged together: what may be written, and what it means for the text inside.

A newsletter says the same few tags over and over. Each is read once (`Tag`), and judged once for each surroundings that
make a difference to it (`Judged`); nothing of it outlives the message.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from tinycss2.color3 import parse_color  # type: ignore[import-untyped]

from . import css, looks, sheet, urls
from .blocked import Reason, Tally
from .images import Images, elsewhere
from .looks import Looks
from .rules import ATTRIBUTES, BARE, COLOURED, EVERYWHERE, LOWERED, MAX_STYLES
from .sheet import Element, Fitting, Place, Rule, Sheet
from .sight import NONE, Sight, is_blank, is_hidden, is_telling
from .tokens import attributes
from .writing import tag as start_tag

_BARE_HEX = re.compile(r"[0-9a-fA-F]{6}")
# Of <body> only what paints the sheet; its sizes are the frame's business.
_OF_PAGE = re.compile(r"background-color|color|line-height|text-align|direction|(?:font|word|padding|letter)(?:-.*)?")
_PAGE_SAYS = frozenset({"dir", "lang"})
_WORDLESS = frozenset({"br", "hr", "img"})
_CLASSES = 20


@dataclass(slots=True, eq=False)
class Styled:
    """What style="" and the rules come to. text: as it is written. mark: its class under conditions. dark: colours on
    dark paper by the letter's own design."""

    values: dict[str, str]
    text: str
    mark: str
    dark: Mapping[str, str]


@dataclass(slots=True, eq=False)
class Tag:
    """A start tag that was read. own: its style=""; fitting: rules for it; styled: both, None when the rules depend on
    what is around it.

    plain: all attributes but class, src and style. host: where its link leads. told: counts for each time it stands.
    fixed: what it is in any surroundings; last, judged: in those that it was seen in.
    """

    name: str
    found: Mapping[str, str]
    element: Element
    own: css.Style = css.NOTHING
    fitting: Fitting = sheet.NONE
    styled: Styled | None = None
    plain: dict[str, str] = field(default_factory=dict)
    host: str = ""
    told: Tally | None = None
    fixed: Judged | None = None
    last: tuple[Styled, Sight, Judged] | None = None
    judged: dict[tuple[Styled, Sight], Judged] | None = None


@dataclass(slots=True, eq=False)
class Judged:
    """written: attributes in canonical order and form. text: the tag. sight: inside it, None where nothing changes."""

    written: dict[str, str]
    text: str
    sight: Sight | None
    hidden: bool


class Attributes:
    """Judge for one message."""

    def __init__(self, rules: Sheet, images: Images, marks: Looks) -> None:
        self._written: list[Mapping[str, str]] = []
        self._sheet = rules
        self._images = images
        self._tally = images.tally
        self._looks = marks
        self._styled: dict[tuple[tuple[Rule, ...], str, bool, str], Styled] = {}
        self._inlines: dict[str, css.Style] = {}
        self._marks: dict[Hashable, str] = {}
        self._elements: dict[tuple[str, str | None, str | None, bool], Element] = {}
        self._told = Tally()
        self._read = 0

    def tag(self, name: str, source: str, given: Mapping[str, str]) -> Tag:
        """Read a tag. given: what it has besides, unless it says otherwise."""
        found: Mapping[str, str] = attributes(source) if source else given
        if given and source:
            found = {**given, **found}
        told = self._told
        tag = Tag(name, found, self.element(name, found) if self._sheet.rules else _bare(name))
        if name == "a":
            self._href(tag, told)
        _plain(name, found, tag.plain, told)
        if style := found.get("style"):
            tag.own = self._inline(style, told)
        tag.fitting = self._sheet.fitting(tag.element)
        if told.counts:
            tag.told, self._told = told, Tally()
        if not tag.fitting.moving:
            styled = tag.styled = self._style(tag, tag.fitting.rules)
            if name not in ("a", "img") and not styled.dark and not is_telling(styled.values, tag.plain):
                tag.fixed = self._write(tag, styled, None)
        return tag

    def judge(self, tag: Tag, place: Place, outside: Sight) -> Judged:
        """place, outside: where the element stands."""
        styled = tag.styled or self._style(tag, self._sheet.matching(tag.fitting, place))
        last = tag.last
        if last is not None:
            if last[0] is styled and last[1] is outside:
                return last[2]
            tag.judged = tag.judged or {}
            tag.judged[last[:2]] = last[2]
            if (judged := tag.judged.get((styled, outside))) is not None:
                return judged
        inside = outside.within(tag.name, styled.values, tag.plain, styled.dark)
        judged = self._write(tag, styled, None if inside is outside else inside)
        if tag.name != "img":
            tag.last = (styled, outside, judged)
        return judged

    def page(self, found: Mapping[str, str]) -> tuple[dict[str, str], Styled]:
        """(attributes but class and style, style) of the <div> that stands for <html> and <body>."""
        style, written = dict[str, str](), dict[str, str]()
        for key, value in (("background-color", found.get("bgcolor", "")), ("color", found.get("text", ""))):
            if colour := _colour(value):
                style[key] = colour
        marked: tuple[looks.Block, ...] = ()
        for name in ("html", "body"):
            inline = self._inline(found.get("style", "") if name == "body" else "", self._tally)
            rules = self._sheet.matching(self._sheet.fitting(self.element(name, found)), None)
            style |= _cascade(rules, inline)
            marked += looks.blocks(rules, inline, style, bare=False)
        style = {key: value for key, value in style.items() if _OF_PAGE.fullmatch(key)}
        _plain(
            "body",
            {key: value for key, value in found.items() if key in _PAGE_SAYS or key not in EVERYWHERE},
            written,
            self._tally,
        )
        return written, self._as_styled(style, self._looks.mark(_of_page(marked)))

    @property
    def issued(self) -> set[tuple[str, str]]:
        """All (attribute, value) pairs that were written."""
        return {pair for written in self._written for pair in written.items()}

    @property
    def classes(self) -> set[str]:
        return {written["class"] for written in self._written if "class" in written}

    def inside(self, place: Place, element: Element) -> Place:
        """The place in an element that stands at place."""
        return self._sheet.inside(place, element)

    def write(self, name: str, written: Mapping[str, str]) -> str:
        """A start tag, whose attributes may stand from now on."""
        if written:
            self._written.append(written)
        return start_tag(name, written)

    def _write(self, tag: Tag, styled: Styled, sight: Sight | None) -> Judged:
        """sight: inside, None where it is the one outside."""
        written = tag.plain.copy()
        if sight is not None and sight.night.marks:
            written["class"] = f"{sight.night.marks} {styled.mark}" if styled.mark else sight.night.marks
        elif styled.mark:
            written["class"] = styled.mark
        hidden = sight is not None and sight.hidden
        if tag.name == "img":
            values = styled.values
            sides: dict[str, str] = {side: values[side] for side in ("width", "height") if side in values}
            source = self._images.source({**tag.found, **sides} if sides else tag.found, hidden=hidden)
            if source is not None:
                written["src"] = source
        if styled.text and not hidden:
            written["style"] = styled.text
        return Judged(written, self.write(tag.name, written), sight, hidden)

    def _style(self, tag: Tag, rules: tuple[Rule, ...]) -> Styled:
        inline = tag.found.get("style", "")
        bare = tag.name in _WORDLESS and (tag.name != "img" or is_blank(tag.found.get("alt", "")))
        again = self._looks.again(tag.found.get("class", "")) if self._looks.known else ""
        key = (rules, inline, bare, again)
        styled = self._styled.get(key)
        if styled is None:
            style, mark = _cascade(rules, tag.own), again
            if tag.fitting.changing and not is_hidden(style):
                mark = self._mark(rules, tag.own, style, bare)
            styled = self._styled[key] = self._as_styled(style, mark)
        return styled

    def element(self, name: str, found: Mapping[str, str]) -> Element:
        classes, ident = found.get("class"), found.get("id")
        link = name == "a" and "href" in found
        if classes is None and ident is None and not link:
            return _bare(name)
        element = self._elements.get((name, classes, ident, link))
        if element is None:
            element = Element(name, frozenset((classes or "").split()[:_CLASSES]), ident or "", link)
            self._elements[name, classes, ident, link] = element
        return element

    def _mark(self, rules: tuple[Rule, ...], own: css.Style, style: Mapping[str, str], bare: bool) -> str:
        """One for all styles that leave the conditions the same say."""
        key = (rules, own.names, style.get("overflow"), bare)
        if (mark := self._marks.get(key)) is None:
            mark = self._marks[key] = self._looks.mark(looks.blocks(rules, own, style, bare=bare))
        return mark

    def _inline(self, inline: str, told: Tally) -> css.Style:
        """style="", judged once for a message, and told to whoever counts."""
        if not inline:
            return css.NOTHING
        own = self._inlines.get(inline)
        if own is None:
            self._read += len(inline) + 40
            own = css.parse(inline) if self._read <= MAX_STYLES else css.Style(too_large=True)
            self._inlines[inline] = own
        if own.refused or own.too_large:
            told.add(Reason.TOO_LARGE if own.too_large else Reason.STYLE, count=max(1, own.refused))
        for url in own.urls:
            elsewhere(url, told)
        return own

    def _as_styled(self, style: dict[str, str], mark: str) -> Styled:
        shown = {key: style[key] for key in style if key != "visibility"} if "visibility" in style else style
        text = css.write(shown)
        dark = self._looks.issued[mark].dark if mark else NONE
        return Styled(style, text, mark, dark)

    def _href(self, tag: Tag, told: Tally) -> None:
        href = tag.found.get("href", "")
        if not href:
            return
        target, tag.host = urls.target(href)
        if target is not None:
            tag.plain["href"] = target
        elif urls.is_script(href):
            told.add(Reason.SCRIPT)
        elif href.strip() and not href.strip().startswith("#"):
            told.add(Reason.LINK)


def _cascade(rules: Sequence[Rule], own: css.Style) -> dict[str, str]:
    """Property to value of what holds under no condition."""
    given = [part for rule in rules if rule.when[0].always for part in rule.declarations]
    if not own.important and not any(part.important for part in given):
        return css.last_of([*given, *own.declarations] if given else own.declarations)
    return css.last_of(
        [
            *(part for part in given if not part.important),
            *(part for part in own.declarations if not part.important),
            *(part for part in given if part.important),
            *(part for part in own.declarations if part.important),
        ]
    )


def _of_page(blocks: Sequence[looks.Block]) -> tuple[looks.Block, ...]:
    kept = [(media, tuple(part for part in given if _OF_PAGE.fullmatch(part[0]))) for media, given in blocks]
    return tuple([(media, given) for media, given in kept if given])


def _plain(name: str, found: Mapping[str, str], written: dict[str, str], told: Tally) -> None:
    """Write the attributes that need no judge of their own, in order, and tell of handlers and backgrounds."""
    kinds, keys = _KINDS.get(name, _EVERYWHERE), []
    for key, given in found.items():
        if key in kinds:
            keys.append(key)
        elif key[:2] == "on":
            told.add(Reason.SCRIPT)
        elif key == "background" and given:
            elsewhere(given, told)
    keys.sort()
    for key in keys:
        given = found[key]
        value = _short_value(name, key, given) if len(given) <= 20 else _value(name, key, given)
        if value is not None:
            written[key] = value
    if name == "img" and "alt" not in written:
        # Without alt, a browser draws the sign for a broken picture. It comes first, but for "align".
        rest = {key: written.pop(key) for key in list(written) if key > "alt"}
        written |= {"alt": "", **rest} if "alt" not in found else rest


def _value(name: str, key: str, given: str) -> str | None:
    """The canonical value of a listed attribute of element name, or None."""
    pattern, value = _KINDS.get(name, _EVERYWHERE)[key], given.strip()
    if pattern is None:
        return _colour(value)
    value = key if key in BARE else value.lower() if key in LOWERED else value
    return value if pattern.fullmatch(value) else None


_short_value = lru_cache(maxsize=4096)(_value)
# For each element: attribute to its pattern, None for a colour.
_EVERYWHERE: dict[str, re.Pattern[str] | None] = {**EVERYWHERE}
_KINDS: dict[str, dict[str, re.Pattern[str] | None]] = {
    name: {**EVERYWHERE, **ATTRIBUTES.get(name, {}), **dict.fromkeys(COLOURED.get(name, ()))}
    for name in {*ATTRIBUTES, *COLOURED}
}


@lru_cache(maxsize=256)
def _bare(name: str) -> Element:
    return Element(name)


@lru_cache(maxsize=1024)
def _colour(value: str) -> str | None:
    """A colour attribute. 'ffffff' without its sign is common; the rest of the legacy rules is not."""
    value = "#" + value if _BARE_HEX.fullmatch(value) else value
    colour = parse_color(value) if 0 < len(value) <= 40 else None
    return css.write_colour(colour) if colour is not None and not isinstance(colour, str) else None
