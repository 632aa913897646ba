"""What a person sees on our pages, as values: the rows of a list, the counts beside it, an opened message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "use"}


@dataclass
class Node:
    """An element of a page."""

    tag: str
    attributes: dict[str, str]
    inside: list[Node | str] = field(default_factory=list)

    def all(self, tag: str, **wanted: str) -> Iterator[Node]:
        """Elements inside with these attributes; cls: one of the classes."""
        for child in self.inside:
            if isinstance(child, Node):
                if child.tag == tag and child.fits(wanted):
                    yield child
                yield from child.all(tag, **wanted)

    def one(self, tag: str, **wanted: str) -> Node | None:
        """The first of them."""
        return next(self.all(tag, **wanted), None)

    def fits(self, wanted: dict[str, str]) -> bool:
        """Whether it has them."""
        classes = self.attributes.get("class", "").split()
        return all(
            value in classes if name == "cls" else self.attributes.get(name) == value for name, value in wanted.items()
        )

    @property
    def text(self) -> str:
        """Its text, white space folded."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        for child in self.inside:
            if isinstance(child, str):
                yield child
            else:
                yield from child._texts()


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].inside.append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].inside.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self._open) - 1, 0, -1):
            if self._open[at].tag == tag:
                del self._open[at:]
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].inside.append(data)


def tree(html: str) -> Node:
    """The page as elements."""
    parser = _Tree()
    parser.feed(html)
    return parser.root


@dataclass(frozen=True)
class Row:
    """One line of a list. pick: "uidvalidity.uid". url: where a click leads."""

    pick: str
    url: str
    subject: str
    unread: bool
    starred: bool

    @property
    def uid(self) -> int:
        return int(self.pick.partition(".")[2])

    @property
    def uidvalidity(self) -> int:
        return int(self.pick.partition(".")[0])


@dataclass(frozen=True)
class Sight:
    """A list page, or the list beside a message.

    summary: "3 unread of 120". position: "1–50 of 120", "" on an empty page. counts: folder as in its URL -> the number
    beside its name, 0 without one. targets: folders that something can be moved to. opened: subject and text of the
    message in the reading pane, or None.
    """

    title: str
    summary: str
    position: str
    rows: tuple[Row, ...]
    older: str | None
    newer: str | None
    counts: dict[str, int]
    targets: tuple[str, ...]
    opened: tuple[str, str] | None


def folder_of(url: str) -> str:
    """The folder that a URL names, as the forms write it."""
    return unquote(urlsplit(url).path.split("/")[2])


def look(html: str) -> Sight:
    """What this page shows."""
    page = tree(html)
    nav, pane = page.one("nav", id="folders"), page.one("section", id="list")
    pager = pane.one("nav", cls="pager") if pane else None
    return Sight(
        title=_text(page.one("title")),
        summary=_text(pane.one("span", cls="sum") if pane else None),
        position=_text(pager.one("span", cls="num") if pager else None),
        rows=tuple(_row(row) for row in (pane.all("li", cls="row") if pane else ())),
        older=_link(pager, "next"),
        newer=_link(pager, "prev"),
        counts={folder_of(a.attributes["href"]): _count(a) for a in _folders(nav)},
        targets=_targets(pane),
        opened=_opened(page),
    )


def _folders(nav: Node | None) -> list[Node]:
    """The links to folders; the pages below them (Snoozed, Folders ...) look the same."""
    return [a for a in (nav.all("a", cls="f") if nav else ()) if a.attributes["href"].startswith("/m/")]


def _row(row: Node) -> Row:
    box, link, star = row.one("input", name="uid"), row.one("a", cls="open"), row.one("button", cls="star")
    assert box
    assert link
    assert star
    return Row(
        pick=box.attributes["value"],
        url=link.attributes["href"],
        subject=_text(link.one("span", cls="subj")),
        unread="unread" in row.attributes["class"].split(),
        starred=star.attributes["aria-pressed"] == "true",
    )


def _targets(pane: Node | None) -> tuple[str, ...]:
    select = pane.one("select", name="dest") if pane else None
    return tuple(o.attributes["value"] for o in select.all("option") if o.attributes["value"]) if select else ()


def _opened(page: Node) -> tuple[str, str] | None:
    heading = page.one("h1", id="subject")
    if heading is None:
        return None
    # The star behind it is an element of its own.
    subject = "".join(piece for piece in heading.inside if isinstance(piece, str))
    return " ".join(subject.split()), " ".join(letter.text for letter in page.all("div", cls="letter"))


def _count(link: Node) -> int:
    number = re.match(r"[\d,]+", _text(link.one("span", cls="num")))
    return int(number[0].replace(",", "")) if number else 0


def _link(pager: Node | None, rel: str) -> str | None:
    link = pager.one("a", rel=rel) if pager else None
    return link.attributes["href"] if link else None


def _text(node: Node | None) -> str:
    return node.text if node else ""
