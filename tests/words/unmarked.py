"""A small reader of templates and modules that finds words which nobody can translate, because they are not marked."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, nodes

ATTRIBUTES = {"aria-label", "aria-description", "aria-roledescription", "title", "placeholder", "alt", "label"}
MARKS = {"_", "gettext", "ngettext", "pgettext", "N_"}
_LETTERS = re.compile(r"[^\W\d_]{2}")
_WORDS = re.compile(r"^ ?[A-Z][a-z]+(?:$|[ ,.:;!?’])|[^\W\d_]{2},? [^\W\d_]{2,}[,.]? [^\W\d_]{2}")
"""What looks like words: a capital, or three of them in a row. Two small ones may be classes of CSS."""

_ENV = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
_UNSAID = {"script", "style", "kbd"}
_OF_CLASSES = {"view", "dot"}
"""Blocks of base.html that are filled with no words."""


class _Page(HTMLParser):
    """What of a page a person reads or hears."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSAID:
            self._within.append(tag)
        self.found += [value for name, value in attrs if name in ATTRIBUTES and value and _LETTERS.search(value)]

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if not self._within and _LETTERS.search(data):
            self.found.append(" ".join(data.split()))


def in_template(source: str) -> list[str]:
    """Words between tags, in what is read out of them, and in expressions that are no mark."""
    page = _Page()
    page.feed("".join(_text(source)))
    page.close()
    return page.found + list(_in_expressions(_ENV.parse(source)))


def _text(source: str) -> Iterator[str]:
    """The template without its expressions, blocks and marked passages."""
    marked, block = False, [""]
    for _, kind, value in _ENV.lex(source):
        if kind == "block_begin":
            block = []
        elif kind == "name":
            block.append(value)
        elif kind == "block_end":
            opens = block[0] == "trans" or (block[0] == "block" and block[1] in _OF_CLASSES)
            marked = (marked or opens) and block[0] not in ("endtrans", "endblock")
        elif kind == "variable_end":
            yield "0"
        elif kind == "data" and not marked:
            yield value


def _in_expressions(node: nodes.Node) -> Iterator[str]:
    """Texts that look like words; names of classes and attributes do not."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in MARKS:
        return
    if isinstance(node, nodes.Keyword) and node.key == "class":
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and _WORDS.search(node.value):
        yield node.value
    for child in node.iter_child_nodes():
        yield from _in_expressions(child)


def in_module(path: Path, sayers: frozenset[str]) -> list[str]:
    """Texts of a module that look like words and are in no mark, no docstring and no call that speaks to nobody."""
    tree = ast.parse(path.read_text("utf-8"))
    marks = MARKS | sayers
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) in marks)
    used = {name.id for call in calls for name in ast.walk(call) if isinstance(name, ast.Name)}
    return [text for part in tree.body if not _names(part) & (used | _ENGLISH) for text in _unmarked(part, marks)]


_ENGLISH = {"_MONTHS", "MONTHS", "_DAYS", "DAYS", "_INTRO", "_OUTRO"}
"""Written by hand, for English alone (web/filters.py, and what stands around a table in docs/)."""
_TO_NOBODY = {"error", "warning", "info", "getLogger", "TypeVar", "ValueError", "compile", "NewType"}


def _unmarked(node: ast.AST, marks: set[str] | frozenset[str]) -> Iterator[str]:
    if isinstance(node, ast.Call) and _name(node.func) in marks | _TO_NOBODY:
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, ast.Subscript):
        yield from _unmarked(node.value, marks)
        return  # a name of a header or a field
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _WORDS.search(node.value):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from _unmarked(child, marks)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _names(node: ast.stmt) -> set[str]:
    """What it assigns to."""
    targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
    return {target.id for target in targets if isinstance(target, ast.Name)}
