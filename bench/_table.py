"""The table that the benchmarks print, a line each: name, value, goal, met or short. --json FILE keeps the same."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


def options(words: str) -> argparse.ArgumentParser:
    """The options that every benchmark takes. words: its docstring."""
    parser = argparse.ArgumentParser(description=words, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="add the lines to the table in FILE")
    return parser


@dataclass
class Table:
    """Lines go out as they are measured; those of the same name in the file are replaced, the others stay."""

    file: Path | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, value: float, goal: float | None = None, *, at_least: bool = False) -> None:
        """goal: None for a figure that explains another one. at_least: the goal is a floor, not a ceiling.

        The unit is the last word of the name: ms, kb, x (times the floor), commands, per_s.
        """
        met = None if goal is None else value >= goal if at_least else value <= goal
        word = {None: "-", True: "met", False: "short"}[met]
        print(f"{name} {value:.4g} {'-' if goal is None else f'{goal:g}'} {word}", flush=True)
        unit = name.rpartition("_")[2]
        self.rows.append({"name": name, "value": round(value, 4), "goal": goal, "unit": unit, "met": met})
        if self.file:
            self._save(self.file)

    def _save(self, file: Path) -> None:
        names = {row["name"] for row in self.rows}
        kept = json.loads(file.read_text("utf-8")) if file.exists() and file.stat().st_size else []
        told = [row for row in kept if row["name"] not in names] + self.rows
        file.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def percentile(values: list[float], part: float) -> float:
    """The value below which that part (0 to 1) of the values lies; the nearest one that was measured."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(part * len(ranked)))]
