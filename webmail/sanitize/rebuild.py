"""The message written anew from its tokens, every tag, attribute and text judged on the way to the gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from webmail.errors import TooLarge

from . import sheet
from .attributes import Attributes, Judged
from .blocked import Reason
from .gate import REL
from .images import Images
from .nesting import Nesting
from .notices import left_out
from .rules import ELEMENTS, FORMATTING, MAX_BYTES, MAX_DEPTH, STAND_INS, VOID
from .sheet import Element
from .sight import Sight, is_blank
from .tokens import End, Raw, Start, Text, Token, attributes
from .urls import same_site, shown_host, web

MAX_WRITTEN = 3 * MAX_BYTES
LINK = f' target="_blank" rel="{REL}"'


@dataclass(frozen=True, slots=True)
class Open:
    element: Element
    sight: Sight


@dataclass(slots=True)
class Link:
    """An <a> whose text is being read. at: where its start tag stands in the output."""

    host: str
    at: int
    written: dict[str, str]
    text: list[str] = field(default_factory=list)


class Rebuild:
    """For one round. issued: all (attribute, value) pairs written. flattened: it nested deeper than the cap."""

    def __init__(self, images: Images) -> None:
        self.issued: set[tuple[str, str]] = set()
        self.flattened = False
        self._tally = images.tally
        self._images = images
        self._out: list[str] = []
        self._size = 0
        self._nesting: Nesting[Open] = Nesting()
        self._shadow: Nesting[Open] | None = None  # the stack as it would be inside a hidden element
        self._root = 0  # where that element stands in it
        self._link: Link | None = None
        self._page = Open(Element("body"), Sight())
        self._after_pre = False

    def write(self, tokens: Sequence[Token]) -> str:
        """HTML without ambiguity, for the gate. Raises TooLarge."""
        style = sheet.read(
            (token.data for token in tokens if isinstance(token, Raw) and token.name == "style"), self._tally
        )
        self._judge = Attributes(style, self._images)
        self._open_page(tokens)
        for token in tokens:
            if isinstance(token, Text):
                self._text(token.data)
            elif isinstance(token, Start):
                self._start(token)
            elif isinstance(token, End):
                self._end(token.name)
            else:
                self._raw(token)
        self._put("".join([f"</{name}>" for name in reversed(self._nesting.names)]))
        self._close_link()
        self.flattened = self._nesting.flattened > 0
        if self.flattened or style.spent:
            self._tally.add(Reason.TOO_LARGE)
        if self._page_written:
            self._put("</div>")
        return "".join(self._out)

    def _open_page(self, tokens: Sequence[Token]) -> None:
        """What <html> and <body> say about the whole sheet becomes a <div> around everything."""
        page: dict[str, str] = {}
        for token in tokens:
            if isinstance(token, Start) and token.name in ("html", "body"):
                page = (
                    {**attributes(token.source), **page}
                    if token.name == "html"
                    else {**page, **attributes(token.source)}
                )
        written, style = self._judge.page(page)
        self._page = Open(Element("body"), Sight().within("body", style, written))
        if marks := self._page.sight.night.marks:
            style_text = written.pop("style")  # it comes last, as everywhere
            written |= {"class": marks, "style": style_text}
        self._page_written = bool(written)
        if written:
            self._put(self._tag("div", written))

    def _start(self, token: Start) -> None:
        name, given = STAND_INS.get(token.name, (token.name, {}))
        if name not in ELEMENTS:
            left_out(name, token.source, self._images)
            return
        if self._shadow is not None:
            self._start_hidden(name, token.source)
            if self._shadow is not None:
                return
        if not self._nesting.opens(name):
            self._put_closed()
            return
        closed = self._nesting.closed
        parts = self._nesting.missing(name)
        around = self._nesting.known[-1] if self._nesting.known else self._page
        for part in parts:
            self._nesting.push(part, Open(Element(part), around.sight))
        judged = self._judge.element(name, given | attributes(token.source), self._around(), around.sight)
        if name == "a":
            self._close_link()
        if judged.sight.hidden or closed == ["a"]:
            # The parser will not see what closed them, or would close it the same way.
            self._put("".join([f"</{each}>" for each in closed]))
        else:
            self._put_closed()
        self._put("".join([f"<{part}>" for part in parts]))
        if judged.sight.hidden:
            self._hide(name, Open(judged.element, judged.sight))
        else:
            self._open(name, judged)

    def _open(self, name: str, judged: Judged) -> None:
        if name not in VOID:
            self._nesting.push(name, Open(judged.element, judged.sight))
        if name == "a" and (target := web(judged.written.get("href", ""))):
            self._link = Link(target.host, len(self._out), judged.written)
        self._put(self._tag(name, judged.written))
        self._after_pre = name == "pre"

    def _hide(self, name: str, hidden: Open) -> None:
        """Until it closes, leave out what comes; a copy of the stack says when that is."""
        if name not in VOID:
            self._tally.add(Reason.HIDDEN_TEXT)
            self._shadow, self._root = self._nesting.copy(), len(self._nesting.names)
            self._shadow.push(name, hidden)

    def _start_hidden(self, name: str, source: str) -> None:
        shadow = self._shadow
        assert shadow is not None
        opened = name in VOID or shadow.opens(name)
        if len(shadow.names) <= self._root:
            self._shadow = None
            return
        if name == "img":
            self._images.source(attributes(source), hidden=True)
        elif opened and name not in VOID:
            shadow.push(name, shadow.known[-1])

    def _end(self, name: str) -> None:
        name = STAND_INS.get(name, (name, {}))[0]
        shadow = self._shadow
        if shadow is not None:
            own = shadow.names[self._root]
            shadow.closes(name)
            if len(shadow.names) > self._root:
                return
            self._shadow = None
            if len(shadow.names) == self._root and name == own:
                return
        if name == "br":
            self._put("<br>")
        elif name in ELEMENTS and name not in VOID and self._nesting.closes(name):
            if name == "a":
                self._close_link()
            self._put_closed(name)

    def _put_closed(self, name: str = "") -> None:
        """End tags for what has just been closed, name the one that was written.

        Formatting is left to the parser: what stands open in it goes on after the block that it was opened in.
        """
        closed = self._nesting.closed
        if FORMATTING.isdisjoint(closed[:-1] if closed[-1:] == [name] else closed):
            self._put("".join([f"</{each}>" for each in closed or [name] if each]))
        elif name:
            self._put(f"</{name}>")

    def _raw(self, token: Raw) -> None:
        if token.name == "xmp":
            self._text(token.data)
        left_out(token.name, token.source, self._images)

    def _text(self, text: str) -> None:
        if self._shadow is not None or not text:
            return
        if self._after_pre:
            text = text.lstrip("\n")  # the parser drops one at every parse: no rest would ever be reached
        sight = (self._nesting.known[-1] if self._nesting.known else self._page).sight
        if self._link is not None and len(self._link.text) < 50:
            self._link.text.append(text[:500])
        written = _escaped(text)
        if is_blank(text):
            self._put(written)
        elif sight.tiny:
            self._tally.add(Reason.HIDDEN_TEXT)
        elif self._nesting.depth < MAX_DEPTH and (ink := sight.readable_ink):
            self._tally.add(Reason.HIDDEN_TEXT)
            night = sight.within("span", {"color": ink}, {}).night
            marks = {"class": night.marks} if night.marks else {}
            self._put(self._tag("span", {**marks, "style": f"color:{ink}"}) + written + "</span>")
        else:
            self._put(written)

    def _close_link(self) -> None:
        """The text of a link may not name another place than the one it leads to (R6)."""
        link, self._link = self._link, None
        if link is None:
            return
        claimed = shown_host("".join(link.text))
        if claimed and not same_site(claimed, link.host):
            self._tally.add(Reason.MISLEADING_LINK, link.host)
            told = {**link.written, "title": link.host}
            self._out[link.at] = self._tag("a", {key: told[key] for key in sorted(told, key=_place)})

    def _around(self) -> list[Element]:
        if not self._judge.needs_ancestors:
            return []
        return [self._page.element, *(known.element for known in self._nesting.known)]

    def _tag(self, name: str, written: dict[str, str]) -> str:
        self.issued.update(written.items())
        text = "".join([f' {key}="{_quoted(value)}"' for key, value in written.items()])
        return f"<{name}{text}{LINK if name == 'a' else ''}>"

    def _put(self, html: str) -> None:
        if html:
            self._after_pre = False
            self._out.append(html)
            self._size += len(html)
            if self._size > MAX_WRITTEN:
                raise TooLarge


def _escaped(text: str) -> str:
    """As html5ever writes it, so that orderly mail comes back from the gate byte for byte."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\xa0", "&nbsp;")


def _quoted(value: str) -> str:
    return _escaped(value).replace('"', "&quot;")


def _place(key: str) -> tuple[bool, bool, str]:
    """The order of attributes: href, then by name, style last."""
    return key == "style", key != "href", key
