"""<style> blocks, written into style="" before the gate: selectors of tags, classes and ids, side by side or nested.

Everything conditional goes (@media but for plain screen, :hover, attributes): a message must not look different
tomorrow, or to the next reader (R27). @import, @font-face and url() load nothing and are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import tinycss2  # type: ignore[import-untyped]
from tinycss2 import ast

from . import css
from .blocked import Reason, Tally
from .rules import MAX_SHEET
from .urls import web

MAX_RULES = 2000
MAX_STEPS = 300_000  # rules tried and ancestors looked at for one message


@dataclass(frozen=True, slots=True)
class Element:
    """As much of an element as a selector can ask for. tag '' in a selector: any."""

    tag: str
    classes: frozenset[str] = frozenset()
    ident: str = ""

    def fits(self, other: Element) -> bool:
        """self as a selector."""
        return self.tag in ("", other.tag) and self.ident in ("", other.ident) and self.classes <= other.classes


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """Equal to itself only.

    subject: the last compound. above: the ones before it, nearest first, each with whether it must be the parent.
    """

    subject: Element
    above: tuple[tuple[Element, bool], ...]
    rank: tuple[int, int, int, int]
    declarations: tuple[css.Declaration, ...]


@dataclass(slots=True)
class Sheet:
    """All rules of one message in the order of the cascade (CSS Cascade 6.1)."""

    rules: list[Rule] = field(default_factory=list)
    _fitting: dict[Element, list[Rule]] = field(default_factory=dict)
    _steps: int = 0

    def matching(self, element: Element, around: Sequence[Element]) -> tuple[Rule, ...]:
        """Rules for element, weakest first. around: its ancestors, outermost first."""
        if not self.rules or self.spent:
            return ()
        fitting = self._fitting.get(element)
        if fitting is None:
            self._steps += len(self.rules) // 8
            fitting = self._fitting[element] = [rule for rule in self.rules if rule.subject.fits(element)]
        self._steps += len(fitting)
        return tuple(rule for rule in fitting if not rule.above or self._within(rule, around))

    @property
    def spent(self) -> bool:
        """The rules have cost all they may; the rest of the message goes without them."""
        return self._steps > MAX_STEPS

    def _within(self, rule: Rule, around: Sequence[Element]) -> bool:
        at = len(around)
        for wanted, parent in rule.above:
            at -= 1
            while at >= 0 and not wanted.fits(around[at]):
                self._steps += 1
                at = -1 if parent else at - 1
            if at < 0:
                return False
        return True


def read(blocks: Iterable[str], tally: Tally) -> Sheet:
    """The usable rules of <style> contents. Never raises; what is over the budget is left out and told."""
    text = "\n".join(blocks)
    if len(text) > MAX_SHEET:
        tally.add(Reason.TOO_LARGE)
        return Sheet()
    try:
        rules = list(_rules(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True), tally))
    except RecursionError:
        tally.add(Reason.STYLESHEET)
        return Sheet()
    return Sheet(sorted(rules[:MAX_RULES], key=lambda rule: rule.rank))


def _rules(nodes: Iterable[ast.Node], tally: Tally) -> Iterator[Rule]:
    order = 0
    for node in _unwrapped(nodes, tally):
        style = css.judge(tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True))
        if style.refused:
            tally.add(Reason.STYLE, count=style.refused)
        for url in style.urls:
            if found := web(url):
                tally.add(Reason.REMOTE_IMAGE, found.host)
        if not style.declarations:
            continue
        for compounds in _selectors(node.prelude):
            order += 1
            subject, *above = compounds
            ids = sum(bool(part.ident) for part, _ in compounds)
            classes = sum(len(part.classes) for part, _ in compounds)
            tags = sum(bool(part.tag) for part, _ in compounds)
            yield Rule(subject[0], tuple(above), (ids, classes, tags, order), style.declarations)


def _unwrapped(nodes: Iterable[ast.Node], tally: Tally, depth: int = 0) -> Iterator[ast.QualifiedRule]:
    for node in nodes:
        if isinstance(node, ast.QualifiedRule):
            yield node
        elif isinstance(node, ast.AtRule):
            if node.lower_at_keyword == "media" and node.content and _always(node.prelude) and depth < 3:
                inner = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
                yield from _unwrapped(inner, tally, depth + 1)
            elif node.lower_at_keyword in ("import", "font-face"):
                tally.add(Reason.STYLESHEET, _host(node))


def _always(prelude: Sequence[ast.Node]) -> bool:
    words = [token.lower_value if token.type == "ident" else "?" for token in prelude if token.type != "whitespace"]
    return words in (["screen"], ["all"], [])


def _host(node: ast.AtRule) -> str:
    """The first host that an @import or @font-face would have asked."""
    for token in [*node.prelude, *(node.content or ())]:
        url = token.value if token.type in ("url", "string") else None
        if url and (found := web(url)):
            return found.host
    return ""


def _selectors(prelude: Sequence[ast.Node]) -> Iterator[list[tuple[Element, bool]]]:
    """Each understood selector of a list as compounds, subject first; the flag: is the parent of the one before."""
    current: list[ast.Node] = []
    for token in [*prelude, None]:
        if token is None or (token.type == "literal" and token.value == ","):
            if compounds := _selector(current):
                yield compounds
            current = []
        else:
            current.append(token)


def _selector(tokens: Sequence[ast.Node]) -> list[tuple[Element, bool]] | None:
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
    return [(part, flag) for part, flag in zip(reversed(compounds), flags, strict=True) if part is not None]


def _compound(tokens: Sequence[ast.Node]) -> Element | None:
    tag, ident, classes = "", "", set()
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
        elif not (token.type == "literal" and token.value == "*" and at == 0):
            return None
        at += 1
    return Element(tag, frozenset(classes), ident)
