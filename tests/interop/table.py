"""What went well where: the table that scripts/interop prints and docs/servers.md keeps."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

CHAPTERS = ("reading", "changing", "writing", "live")
"""The files of the flows, in the order of the table."""
Flow = tuple[str, str]
"""Chapter and sentence."""

BEGIN, END = "<!-- measured by scripts/interop: begin -->", "<!-- measured by scripts/interop: end -->"


@dataclass
class Table:
    """cells: flow -> server -> "ok", "not offered", "not tried" or "fails". reasons: why not, a line each."""

    titles: dict[str, str]
    cells: dict[Flow, dict[str, str]] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    capabilities: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def note(self, flow: Flow, server: str, word: str, why: str = "") -> None:
        """One outcome; what failed once stays failed (a flow can pass and fail at its end)."""
        row = self.cells.setdefault(flow, {})
        if row.get(server) != "fails":
            row[server] = word
        if word == "not tried":
            self._reason(f"{self.titles[server]}: not tried: {why}")
        elif word != "ok":
            self._reason(f"{self.titles[server]}, {flow[1]}: {word}: {why}")

    def _reason(self, line: str) -> None:
        if line not in self.reasons:
            self.reasons.append(line)

    @property
    def servers(self) -> list[str]:
        """Those that anything is known of, in the usual order."""
        seen = {server for row in self.cells.values() for server in row}
        return [server for server in self.titles if server in seen]

    @property
    def missing(self) -> list[str]:
        """Servers that could not be tried."""
        return [server for server in self.servers if any(r.get(server) == "not tried" for r in self.cells.values())]

    def lines(self) -> list[str]:
        """The whole as Markdown that is also read well on a terminal."""
        head = ["flow", *(self.titles[server] for server in self.servers)]
        flows = sorted(self.cells, key=lambda flow: CHAPTERS.index(flow[0]))
        rows = [[flow[1], *(self.cells[flow].get(server, "") for server in self.servers)] for flow in flows]
        said = [f"- {reason}" for reason in self.reasons]
        return [*_columns(head, rows), *([""] if said else []), *said, "", *_words(self._offered())]

    def _offered(self) -> dict[str, tuple[str, ...]]:
        known = [server for server in self.servers if server in self.capabilities]
        return {self.titles[server]: self.capabilities[server] for server in known}

    def write(self, path: Path) -> None:
        """Put it between the two marks in that file. ValueError when the marks are not there."""
        text = path.read_text("utf-8")
        before, _, rest = text.partition(BEGIN)
        _, found, after = rest.partition(END)
        if not found:
            raise ValueError(f"{path} has no place for the table")
        measured = "\n".join(self.lines())
        path.write_text(f"{before}{BEGIN}\n\n{measured}\n\n{END}{after}", "utf-8")


def _columns(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    rows = list(rows)
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]

    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"

    return [line(head), line(["-" * width for width in widths]), *map(line, rows)]


def _words(offered: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Capability lists after login; servers that offer the same share one."""
    sharing: dict[tuple[str, ...], list[str]] = {}
    for title, words in offered.items():
        sharing.setdefault(words, []).append(title)
    lines = []
    for words, titles in sharing.items():
        lines += textwrap.wrap(f"- {', '.join(titles)}: {' '.join(words)}", 118, subsequent_indent="  ",
                               break_on_hyphens=False, break_long_words=False)  # fmt: skip
    return ["Capabilities after signing in:", "", *lines]
