"""<style> blocks, read for style="" and for the frame's sheet: selectors of tags, classes and ids, beside or nested.

Rules under a width or dark paper keep their condition, see looks.py. Any other condition (:hover, @supports, print)
goes: a message must not look different tomorrow, or to the next reader (R27). @import, @font-face and url() load
nothing and are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import tinycss2  # type: ignore[import-untyped]
from tinycss2 import ast

from . import css, cut, media
from .blocked import Reason, Tally
from .media import Media
from .rules import MAX_SHEET
from .urls import web

MAX_RULES = 2000
MAX_STEPS = 300_000  # rules tried and ancestors looked at for one message


_NAME = r"-?[a-zA-Z_][\w-]*+"
_COMPOUND = rf"(?:(?:\*|{_NAME})(?:[.#]{_NAME}){{0,9}}+|(?:[.#]{_NAME}){{1,9}}+)"
_LIST = rf"[ \t\n]*+{_COMPOUND}(?:[ \t\n]++{_COMPOUND}){{0,9}}+[ \t\n]*+"
_SIMPLE = re.compile(rf"{_LIST}(?:,{_LIST})*+", re.ASCII)
_NAMES = re.compile(rf"([.#]?)({_NAME})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Element:
    """As much of an element as a selector can ask for. tag '' in a selector: any. link: it has a href."""

    tag: str
    classes: frozenset[str] = frozenset()
    ident: str = ""
    link: bool = False

    def fits(self, other: Element) -> bool:
        """self as a selector."""
        named = self.tag in ("", other.tag) and self.ident in ("", other.ident)
        return named and self.classes <= other.classes and self.link <= other.link


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """Equal to itself only.

    subject: the last compound. above: the ones before it, nearest first, each with whether it must be the parent.
    when: one of these has to hold.
    """

    subject: Element
    above: tuple[tuple[Element, bool], ...]
    rank: tuple[int, int, int, int]
    declarations: tuple[css.Declaration, ...]
    when: tuple[Media, ...] = media.ALWAYS


@dataclass(frozen=True, slots=True, eq=False)
class Fitting:
    """Rules whose subject an element is, weakest first, wherever it stands. weight: steps that they cost.

    moving: whether one looks at what is around it. changing: whether one has a condition. asked: whether a rule may
    look at this element from inside it.
    """

    rules: tuple[Rule, ...] = ()
    weight: int = 0
    moving: bool = False
    changing: bool = False
    asked: bool = False


@dataclass(slots=True, eq=False)
class Place:
    """Where an element stands: what is around it, as far as a rule may ask. outer: around this; inner: places in it;
    found: what holds here."""

    element: Element
    outer: Place | None = None
    inner: dict[Element, Place] = field(default_factory=dict)
    found: dict[Fitting, tuple[Rule, ...]] = field(default_factory=dict)


NONE: Final = Fitting()


@dataclass(slots=True)
class Sheet:
    """All rules of one message in the order of the cascade (CSS Cascade 6.1)."""

    rules: list[Rule] = field(default_factory=list)
    _above: list[Element] = field(init=False)
    _fitting: dict[Element, Fitting] = field(default_factory=dict)
    _steps: int = 0

    def __post_init__(self) -> None:
        compounds = [(Element("") if parent else wanted) for rule in self.rules for wanted, parent in rule.above]
        self._above = list(dict.fromkeys(compounds))

    def fitting(self, element: Element) -> Fitting:
        """The rules to be asked for element."""
        if not self.rules or self._steps > MAX_STEPS:
            return NONE
        found = self._fitting.get(element)
        if found is None:
            self._steps += (len(self.rules) + len(self._above)) // 8
            fits = [rule for rule in self.rules if rule.subject.fits(element)]
            found = _fitting(fits, any(wanted.fits(element) for wanted in self._above))
            self._fitting[element] = found
        self._steps += found.weight
        return found

    def inside(self, place: Place, element: Element) -> Place:
        """The place in an element that stands at place."""
        found = place.inner.get(element)
        if found is None:
            asked = any(wanted.fits(element) for wanted in self._above)
            found = place.inner[element] = Place(element, place) if asked else place
        return found

    def matching(self, fitting: Fitting, place: Place | None) -> tuple[Rule, ...]:
        """Those of fitting that hold there; None: with nothing around."""
        if not fitting.moving:
            return fitting.rules
        found = place.found.get(fitting) if place else None
        if found is None:
            self._steps += fitting.weight
            if self._steps > MAX_STEPS:
                return ()
            found = tuple([rule for rule in fitting.rules if not rule.above or self._within(rule, place)])
            if place:
                place.found[fitting] = found
        return found

    @property
    def spent(self) -> bool:
        """The rules have cost all they may; the rest of the message goes without them."""
        return self._steps > MAX_STEPS

    @property
    def dark(self) -> bool:
        """It has rules for dark paper."""
        return any(part.dark for rule in self.rules for part in rule.when)

    def _within(self, rule: Rule, at: Place | None) -> bool:
        for wanted, parent in rule.above:
            while at and not wanted.fits(at.element):
                self._steps += 1
                at = None if parent else at.outer
            if at is None:
                return False
            at = at.outer
        return True


def _fitting(rules: Sequence[Rule], asked: bool) -> Fitting:
    weight = sum([1 + len(rule.declarations) // 4 for rule in rules])
    moving = any(rule.above for rule in rules)
    return Fitting(tuple(rules), weight, moving, any(not rule.when[0].always for rule in rules), asked)


Selector = tuple[tuple[Element, bool], ...]
Found = tuple[tuple[Selector, ...], css.Style, tuple[Media, ...]]


def read(blocks: Iterable[str], tally: Tally) -> Sheet:
    """The usable rules of <style> contents. Never raises; what is over the budget is left out and told."""
    text = "\n".join(blocks)
    if len(text) > MAX_SHEET:
        tally.add(Reason.TOO_LARGE)
        return Sheet()
    if not text:
        return Sheet()
    try:
        return Sheet(sorted(_ranked(_cut(text, tally), tally), key=lambda rule: rule.rank))
    except RecursionError:
        tally.add(Reason.STYLESHEET)
        return Sheet()


def _ranked(found: Iterable[Found], tally: Tally) -> list[Rule]:
    rules: list[Rule] = []
    for selectors, style, when in found:
        if style.refused:
            tally.add(Reason.STYLE, count=style.refused)
        for url in style.urls:
            if target := web(url):
                tally.add(Reason.REMOTE_IMAGE, target.host)
        if not style.declarations:
            continue
        for compounds in selectors:
            subject, *above = compounds
            ids = sum([bool(part.ident) for part, _ in compounds])
            classes = sum([len(part.classes) + part.link for part, _ in compounds])
            tags = sum([bool(part.tag) for part, _ in compounds])
            rank = (ids, classes, tags, len(rules))
            rules.append(Rule(subject[0], tuple(above), rank, css.final(style.declarations), when))
            if len(rules) >= MAX_RULES:
                return rules
    return rules


def _cut(text: str, tally: Tally) -> Iterator[Found]:
    """Selectors, declarations and condition of each rule; at-rules that ask for something are told."""
    rules = cut.rules(text)
    if rules is None:
        yield from whole(text, tally)
        return
    for around, prelude, block, other in rules:
        when = _condition(around)
        if other and when:
            yield from whole(other, tally, when)
        elif when:
            yield _selectors_of(prelude), css.parse_block(block), when


def whole(text: str, tally: Tally, within: tuple[Media, ...] = media.ALWAYS) -> Iterator[Found]:
    """The same by tinycss2, which understands everything."""
    nodes = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    for node, when in _unwrapped(nodes, tally, within):
        style = css.judge(tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True))
        yield tuple(_selectors(node.prelude)), style, when


@lru_cache(maxsize=256)
def _condition(around: tuple[str, ...]) -> tuple[Media, ...]:
    when: tuple[Media, ...] = media.ALWAYS
    for prelude in around:
        when = media.read(tinycss2.parse_component_value_list(prelude, skip_comments=True), when)
    return when


def _selectors_of(prelude: str) -> tuple[Selector, ...]:
    return _selectors_remembered(prelude) if len(prelude) <= 1024 else _selectors_cut(prelude)


@lru_cache(maxsize=2048)
def _selectors_remembered(prelude: str) -> tuple[Selector, ...]:
    return _selectors_cut(prelude)


def _selectors_cut(prelude: str) -> tuple[Selector, ...]:
    if _SIMPLE.fullmatch(prelude):
        return tuple([_simple(part) for part in prelude.split(",")])
    return tuple(_selectors(tinycss2.parse_component_value_list(prelude, skip_comments=True)))


def _simple(selector: str) -> Selector:
    """Tags, classes and ids that stand inside each other."""
    compounds = [_simple_compound(part) for part in selector.split()]
    return tuple([(compound, False) for compound in reversed(compounds)])


def _simple_compound(text: str) -> Element:
    tag, classes, ident = "", [], ""
    for kind, name in _NAMES.findall(text):
        if kind == ".":
            classes.append(name)
        elif kind:
            ident = name
        else:
            tag = name.lower()
    return Element(tag, frozenset(classes), ident)


def _unwrapped(
    nodes: Iterable[ast.Node], tally: Tally, within: tuple[Media, ...] = media.ALWAYS, depth: int = 0
) -> Iterator[tuple[ast.QualifiedRule, tuple[Media, ...]]]:
    """Each rule with what has to hold for it."""
    for node in nodes:
        if isinstance(node, ast.QualifiedRule):
            yield node, within
        elif isinstance(node, ast.AtRule):
            if node.lower_at_keyword == "media" and node.content and depth < 3:
                if when := media.read(node.prelude, within):
                    inner = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
                    yield from _unwrapped(inner, tally, when, depth + 1)
            elif node.lower_at_keyword in ("import", "font-face"):
                tally.add(Reason.STYLESHEET, _host(node))


def _host(node: ast.AtRule) -> str:
    """The first host that an @import or @font-face would have asked."""
    for token in [*node.prelude, *(node.content or ())]:
        url = token.value if token.type in ("url", "string") else None
        if url and (found := web(url)):
            return found.host
    return ""


def _selectors(prelude: Sequence[ast.Node]) -> Iterator[Selector]:
    """Each understood selector of a list as compounds, subject first; the flag: is the parent of the one before."""
    current: list[ast.Node] = []
    for token in [*prelude, None]:
        if token is None or (token.type == "literal" and token.value == ","):
            if compounds := _selector(current):
                yield compounds
            current = []
        else:
            current.append(token)


def _selector(tokens: Sequence[ast.Node]) -> Selector | None:
    groups: list[list[ast.Node]] = [[]]
    child: list[bool] = []
    for token in tokens:
        combinator = token.type == "whitespace" or (token.type == "literal" and token.value == ">")
        if not combinator:
            groups[-1].append(token)
        elif groups[-1]:
            groups.append([])
            child.append(token.type == "literal")
        elif token.type == "literal" and child:
            child[-1] = True
    if not groups[-1]:
        groups.pop()
        child = child[: max(0, len(groups) - 1)]
    compounds = [_compound(group) for group in groups]
    if not compounds or len(compounds) > 10 or None in compounds:
        return None
    flags = [False, *reversed(child)]
    return tuple([(part, flag) for part, flag in zip(reversed(compounds), flags, strict=True) if part is not None])


def _compound(tokens: Sequence[ast.Node]) -> Element | None:
    tag, ident, classes, link = "", "", set(), False
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.type == "ident" and at == 0:
            tag = token.lower_value
        elif token.type == "hash":
            ident = token.value
        elif token.type == "literal" and token.value == "." and at + 1 < len(tokens) and tokens[at + 1].type == "ident":
            at += 1
            classes.add(tokens[at].value)
        elif token.type == "literal" and token.value == ":" and _is_link(tokens[at + 1 : at + 2]):
            at += 1
            link = True
        elif token.type == "[] block" and (named := _named(token.content)):
            classes |= named.classes
            ident = named.ident or ident
        elif not (token.type == "literal" and token.value == "*" and at == 0):
            return None
        at += 1
    return Element(tag, frozenset(classes), ident, link)


def _is_link(tokens: Sequence[ast.Node]) -> bool:
    """a:link is any link here: which ones have been followed is the reader's business."""
    return bool(tokens) and tokens[0].type == "ident" and tokens[0].lower_value in ("link", "any-link")


def _named(content: Iterable[ast.Node]) -> Element | None:
    """[class=x], [class~=x], [id=x]: the old way to write .x and #x past a mail program that did not know better."""
    tokens = [token for token in content if token.type not in ("whitespace", "comment")]
    if len(tokens) != 3 or tokens[0].type != "ident" or tokens[2].type not in ("ident", "string"):
        return None
    name, sign, value = tokens[0].lower_value, getattr(tokens[1], "value", ""), tokens[2].value
    if name == "class" and sign in ("=", "~="):
        return Element("", frozenset(value.split()[:20]))
    return Element("", frozenset(), value) if name == "id" and sign == "=" else None
