"""The message written anew from its tokens, every tag, attribute and text judged on the way to the gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from webmail.errors import TooLarge

from . import sheet
from .attributes import Attributes, Judged, Tag
from .blocked import Reason
from .designed import Designed, Reading
from .fold import TAGS, Fold, Folding
from .images import Images
from .looks import Looks
from .nesting import Nesting
from .notices import left_out
from .rules import ELEMENTS, FORMATTING, MAX_BYTES, MAX_DEPTH, STAND_INS, TABLE_PARTS, VOID
from .sheet import Element, Place
from .sight import Sight, is_blank
from .tokens import Piece, attributes, decoded
from .urls import same_site, shown_host
from .writing import escaped, is_written, ordered

MAX_WRITTEN = 3 * MAX_BYTES
_ENDS: Final = {name: f"</{name}>" for name in ELEMENTS}


@dataclass(slots=True, eq=False)
class Open:
    """What is known inside an open element. One that changes nothing has that of the element around it."""

    place: Place
    sight: Sight


@dataclass(slots=True)
class Link:
    """An <a> whose text is being read. at: where its start tag stands in the output."""

    host: str
    at: int
    written: dict[str, str]
    text: list[str] = field(default_factory=list)


class Rebuild:
    """For one round. issued: all (attribute, value) pairs written. flattened: it nested deeper than the cap.

    designed: the letter's own rules for dark paper cover it. tags: how many were written, end tags among them. folded:
    the quote at its end is (fold.py).
    """

    def __init__(self, images: Images, looks: Looks, fold: Fold | None = None) -> None:
        self.flattened = self.designed = self.folded = False
        self._folding = Folding(fold)
        self.tags = 0
        self._tally = images.tally
        self._images = images
        self._looks = looks
        self._out: list[str] = []
        self._size = 0
        self._tags: dict[tuple[str, str], Tag | None] = {}
        self._nesting: Nesting[Open] = Nesting()
        self._shadow: Nesting[Open] | None = None  # the stack as it would be inside a hidden element
        self._root = 0  # where that element stands in it
        self._link: Link | None = None
        self._page = Open(Place(Element("body")), Sight())
        self._pre_at = -1
        self._reading: Reading | None = None

    @property
    def issued(self) -> set[tuple[str, str]]:
        return self._judge.issued

    @property
    def classes(self) -> set[str]:
        """All values of class="" among them."""
        return self._judge.classes

    def write(self, pieces: Sequence[Piece]) -> str:
        """HTML without ambiguity, for the gate. Raises TooLarge."""
        style = sheet.read([piece[3] for piece in pieces if piece[1] and piece[1].lower() == "style"], self._tally)
        self._judge = Attributes(style, self._images, self._looks)
        if style.dark or any(look.dark for look in self._looks.known.values()):
            self._reading = Reading()
        self._open_page(pieces)
        for text, raw, raw_source, data, slash, name, source in pieces:
            self._folding.settle(len(self._nesting.names), len(self._out))
            if text and self._shadow is None:
                self._text(text)
            if slash:
                self._end(name)
            elif name:
                self._start(name, source)
            elif raw:
                self._raw(raw.lower(), raw_source, data)
        self._folding.settle(len(self._nesting.names), len(self._out))
        self._folding.close(len(self._nesting.names), len(self._out))
        self._put_ends(self._nesting.names[::-1])
        self._close_link()
        self.flattened = self._nesting.flattened > 0
        if self.flattened or style.spent or self._looks.too_large:
            self._tally.add(Reason.TOO_LARGE)
        if self._page_written:
            self._put_ends(["div"])
        if self._folding.fold(self._out):
            self.folded = True
            self.tags += TAGS
        self.designed = self._reading is not None and self._reading.covers
        return "".join(self._out)

    def _open_page(self, pieces: Sequence[Piece]) -> None:
        """What <html> and <body> say about the whole sheet becomes a <div> around everything."""
        page: dict[str, str] = {}
        for piece in pieces:
            name = piece[5]
            if name and len(name) == 4 and not piece[4] and name.lower() in ("html", "body"):
                found = attributes(piece[6])
                page = {**found, **page} if name.lower() == "html" else {**page, **found}
        written, styled = self._judge.page(page)
        around = Sight(designed=Designed() if self._reading else None)
        sight = around.within("body", styled.values, written, styled.dark)
        self._page = Open(Place(self._judge.element("body", page)), sight)
        if marks := " ".join(filter(None, (sight.night.marks, styled.mark))):
            written["class"] = marks
        if styled.text:
            written["style"] = styled.text
        self._page_written = bool(written)
        if written:
            self._out.append(self._written("div", written))
            self.tags += 1

    def _start(self, typed: str, source: str) -> None:
        key = (typed, source)
        tag = self._tags.get(key)
        if tag is None:
            tag = self._read(typed, source)
            if tag is None:
                return
            self._tags[key] = tag
        name = tag.name
        if self._shadow is not None:
            self._start_hidden(tag)
            if self._shadow is not None:
                return
        nesting = self._nesting
        if not nesting.opens(name):
            self._put_closed()
            return
        closed = nesting.closed
        around = nesting.known[-1] if nesting.known else self._page
        parts: list[str] = []
        if name in TABLE_PARTS and (parts := nesting.missing(name)):
            for part in parts:
                around = Open(self._judge.inside(around.place, Element(part)), around.sight)
                nesting.push(part, around)
        judged = tag.fixed or self._judge.judge(tag, around.place, around.sight)
        if tag.told:
            self._tally.include(tag.told)
        if name == "a":
            self._close_link()
        if closed:
            if judged.hidden or closed == ["a"]:
                # The parser will not see what closed them, or would close it the same way.
                self._put_ends(closed)
            else:
                self._put_closed()
        if parts:
            self._out.extend([f"<{part}>" for part in parts])
            self.tags += len(parts)
        if judged.hidden:
            self._hide(name, around)
        else:
            self._open(tag, judged, around)

    def _read(self, typed: str, source: str) -> Tag | None:
        """None: an element that is left out."""
        name = typed.lower()
        if name not in ELEMENTS:
            name, given = STAND_INS.get(name, (name, {}))
            if name not in ELEMENTS:
                left_out(name, source, self._images)
                return None
            return self._judge.tag(name, source, given)
        return self._judge.tag(name, source, {})

    def _open(self, tag: Tag, judged: Judged, around: Open) -> None:
        name, outside = tag.name, around.sight
        if name not in VOID:
            if judged.sight or tag.fitting.asked:
                place = self._judge.inside(around.place, tag.element) if tag.fitting.asked else around.place
                around = Open(place, judged.sight or around.sight)
            self._nesting.push(name, around)
        if not (outside.tiny or outside.mended):  # what stands for the quote has to be seen
            self._folding.start(name, tag.found, len(self._nesting.names) - 1, len(self._out))
        if tag.host:
            self._link = Link(tag.host, len(self._out), judged.written)
        self._out.append(judged.text)
        self.tags += 1
        self._size += len(judged.text)
        if self._size > MAX_WRITTEN:
            raise TooLarge
        if name == "pre":
            self._pre_at = len(self._out)

    def _hide(self, name: str, around: Open) -> None:
        """Until it closes, leave out what comes; a copy of the stack says when that is."""
        if name not in VOID:
            self._tally.add(Reason.HIDDEN_TEXT)
            self._shadow, self._root = self._nesting.copy(), len(self._nesting.names)
            self._shadow.push(name, around)

    def _start_hidden(self, tag: Tag) -> None:
        shadow, name = self._shadow, tag.name
        assert shadow is not None
        opened = name in VOID or shadow.opens(name)
        if len(shadow.names) <= self._root:
            self._shadow = None
            return
        if name == "img":
            self._images.source(tag.found, hidden=True)
        elif opened and name not in VOID:
            shadow.push(name, shadow.known[-1])

    def _end(self, typed: str) -> None:
        name = typed.lower()
        if self._shadow is None and self._nesting.ends(name):
            if name == "a":
                self._close_link()
            self._out.append(_ENDS[name])
            self.tags += 1
            return
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
            self._out.append("<br>")
            self.tags += 1
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
            self._put_ends(closed or [name])
        elif name:
            self._put_ends([name])

    def _raw(self, name: str, source: str, data: str) -> None:
        if name == "xmp" and self._shadow is None:
            self._text(escaped(data))
        left_out(name, source, self._images)

    def _text(self, typed: str) -> None:
        if self._pre_at == len(self._out):
            typed = escaped(decoded(typed).lstrip("\n"))  # parsers drop one each time: no rest would be reached
            if not typed:
                return
        self._out.append(typed if is_written(typed) else escaped(decoded(typed)))
        if self._link is not None and len(self._link.text) < 50:
            self._link.text.append(decoded(typed)[:500])
        if self._folding.active and not is_blank(text := decoded(typed)):
            self._folding.text(text)
        sight = (self._nesting.known[-1] if self._nesting.known else self._page).sight
        if (sight.tiny or sight.mended or self._reading) and not is_blank(text := decoded(typed)):
            self._seen(text, sight)

    def _seen(self, text: str, sight: Sight) -> None:
        """A text that may not be as it should; it has just been written."""
        if sight.tiny:
            self._tally.add(Reason.HIDDEN_TEXT)
            self._out.pop()
            return
        ink, designed = sight.ink, sight.designed
        if sight.mended and self._nesting.depth < MAX_DEPTH:
            self._tally.add(Reason.HIDDEN_TEXT)
            mended = sight.within("span", {"color": sight.mended}, {})
            ink, designed = mended.ink, mended.designed
            marks = {"class": mended.night.marks} if mended.night.marks else {}
            written = self._written("span", {**marks, "style": f"color:{sight.mended}"})
            self._out[-1] = f"{written}{self._out[-1]}</span>"
            self.tags += 2
        if self._reading is not None and designed is not None:
            self._reading.text(ink, sight.ground, designed, len(text))

    def _close_link(self) -> None:
        """The text of a link may not name another place than the one it leads to (R6)."""
        link, self._link = self._link, None
        if link is None:
            return
        claimed = shown_host("".join(link.text))
        if claimed and not same_site(claimed, link.host):
            self._tally.add(Reason.MISLEADING_LINK, link.host)
            told = {**link.written, "title": link.host}
            self._out[link.at] = self._written("a", ordered(told))

    def _written(self, name: str, written: dict[str, str]) -> str:
        return self._judge.write(name, written)

    def _put_ends(self, names: Sequence[str]) -> None:
        for name in names:
            if name:
                self._out.append(_ENDS[name])
                self.tags += 1
