"""Script modules joined into one script, in dependency order. Names stay; only whole lines are left out or replaced.

Each module becomes a function that runs once, and hands out what it exports through one table of the page, so that a
script which comes later finds what is there already. What is not understood is refused, when the server starts: a
module has to be written so that joining it changes nothing (docs/decisions/0043).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TABLE: Final = "$parts"
_HEAD: Final = f'const {_TABLE} = globalThis[Symbol.for("pennypost")] ??= Object.create(null);'

_IMPORT: Final = re.compile(
    r"import (?:(?P<default>\w+) from |\{ (?P<names>\w+(?: as \w+)?(?:, \w+(?: as \w+)?)*) \} from )?"
    r'"(?P<path>\./\w+\.js|\.\./vendor/[\w./-]+)";(?: // .*)?'
)
_EXPORT: Final = re.compile(r"export (?:(?:async )?function |const )(?P<name>\w+)\b(?! *,)")
_EXPORTS: Final = re.compile(r"export \{ (?P<names>\w+(?:, \w+)*) \};")
_LATER: Final = re.compile(r'\bimport\("\./(\w+)\.js"\)')
# Behind code that has no text, no pattern and no quotient in it.
_REMARK: Final = re.compile(r"""^([^/"'`]*[;,{)]) +// [^"'`]*$""")
_ENTRY: Final = re.compile(r"""["']js/(\w+)\.js["']""")
_STATEMENT: Final = re.compile(r"\s*(?:import\b(?!\()|export\b)")


class Unjoinable(Exception):
    """A module is written in a way that joining does not understand: its name, the line, and why."""


@dataclass(frozen=True, slots=True)
class Module:
    """imports: names in the order they are written. vendor: import lines of what others wrote, kept as they are.

    later: what is fetched when it is needed. exports: names. body: its lines, without those that import and export.
    """

    name: str
    imports: tuple[str, ...]
    vendor: tuple[str, ...]
    later: frozenset[str]
    exports: tuple[str, ...]
    body: tuple[str, ...]


def entries(templates: Path) -> frozenset[str]:
    """The modules that pages begin with."""
    return frozenset(name for path in templates.rglob("*.html") for name in _ENTRY.findall(path.read_text("utf-8")))


def lean(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are not comments, without white space around them, numbered from 1. Raises Unjoinable."""
    inside = False
    for number, whole in enumerate(text.splitlines(), 1):
        line = whole.strip()
        begins = not inside and line.startswith("/*")
        if inside or begins:
            inside = "*/" not in line
            if not inside and not line.endswith("*/"):
                raise Unjoinable(f"line {number}: something stands behind a comment")
        elif line and not line.startswith("//"):
            if line.count("`") % 2 or line.endswith("\\"):
                raise Unjoinable(f"line {number}: a text goes on in the next line")
            yield number, _REMARK.sub(r"\1", whole).rstrip()


def read(name: str, text: str) -> Module:
    """Parse one module. Raises Unjoinable."""
    imports: list[str] = []
    vendor: list[str] = []
    exports: list[str] = []
    body: list[str] = []
    try:
        for number, line in lean(text):
            if found := _IMPORT.fullmatch(line):
                _imported(found, imports, vendor, body)
            elif found := _EXPORTS.fullmatch(line):
                exports += found["names"].split(", ")
            elif found := _EXPORT.match(line):
                exports.append(found["name"])
                body.append(line.removeprefix("export "))
            elif complaint := _complaint(line):
                raise Unjoinable(f"line {number}: {complaint}")
            else:
                body.append(line.strip())
    except Unjoinable as error:
        raise Unjoinable(f"{name}.js: {error}") from None
    joined = "\n".join(body)
    later = frozenset(_LATER.findall(joined))
    # What is there already is not fetched again.
    body = _LATER.sub(rf'({_TABLE}.\1 ? Promise.resolve({_TABLE}.\1) : import("./\1.js"))', joined).split("\n")
    return Module(name, tuple(imports), tuple(vendor), later, tuple(exports), tuple(body))


def _imported(found: re.Match[str], imports: list[str], vendor: list[str], body: list[str]) -> None:
    if found["path"].startswith("../"):
        vendor.append(found[0].partition("; //")[0].removesuffix(";") + ";")
        return
    source = found["path"][2:-3]
    if found["default"]:
        raise Unjoinable(f"a default import of {source}.js")
    imports.append(source)
    if found["names"]:
        body.append(f"const {{ {found['names'].replace(' as ', ': ')} }} = {_TABLE}.{source};")


def _complaint(line: str) -> str:
    """Why a line cannot be joined, or ""."""
    if _STATEMENT.match(line):
        return f"not understood: {line.strip()}"
    if "import.meta" in line or len(re.findall(r"\bimport\(", line)) != len(_LATER.findall(line)):
        return 'only import("./name.js") is understood'
    if line[0] not in " }" and re.search(r"\bawait\b", line) and not re.search(r"\basync\b", line):
        return "the module waits for something"
    return f"the name {_TABLE} is taken" if _TABLE in line else ""


class Joined:
    """Every module of a folder. entries: those that pages begin with; a script that is fetched later comes after one.

    Raises Unjoinable: one is not there, has no such export, or goes in circles.
    """

    def __init__(self, sources: Mapping[str, str], entries: Iterable[str]) -> None:
        self._entries = tuple(entries)
        self._modules = {name: read(name, text) for name, text in sources.items()}
        for module in self._modules.values():
            self._check(module)
            self.closure(module.name)
        self.later = frozenset(name for module in self._modules.values() for name in module.later)

    def _check(self, module: Module) -> None:
        for name in (*module.imports, *module.later):
            if name not in self._modules:
                raise Unjoinable(f"{module.name}.js: there is no {name}.js")
        for names, source in re.findall(
            rf"^const \{{ (.+) \}} = {re.escape(_TABLE)}\.(\w+);$", "\n".join(module.body), re.M
        ):
            for name in (one.partition(":")[0] for one in names.split(", ")):
                if name not in self._modules[source].exports:
                    raise Unjoinable(f"{module.name}.js: {source}.js exports no {name}")

    def closure(self, name: str, above: tuple[str, ...] = ()) -> tuple[str, ...]:
        """What it needs and then itself, in the order in which a browser would run them."""
        if name in above:
            raise Unjoinable(f"{name}.js: needs itself by way of {', '.join(above[above.index(name) + 1 :])}")
        order: dict[str, None] = {}
        for needed in self._modules[name].imports:
            order.update(dict.fromkeys(self.closure(needed, (*above, name))))
        return (*order, name)

    def script(self, name: str) -> str:
        """One script with everything that this one needs. What is fetched later leaves out what has run by then."""
        run = self._run_before(name)
        modules = [self._modules[one] for one in self.closure(name) if one not in run]
        head = dict.fromkeys(line for module in modules for line in module.vendor)
        lines = [*head, _HEAD, *(line for module in modules for line in _function(module))]
        exports = self._modules[name].exports
        return "\n".join(
            [*lines, *([f"export const {{ {', '.join(exports)} }} = {_TABLE}.{name};"] if exports else [])]
        )

    def _run_before(self, name: str) -> frozenset[str]:
        """What every page that can come to fetch it has run already: nothing, for what a page begins with."""
        if name in self._entries:
            return frozenset()
        askers = {one.name for one in self._modules.values() if name in one.later}
        pages = [frozenset(self.closure(entry)) for entry in self._entries]
        return frozenset.intersection(*found) if (found := [page for page in pages if page & askers]) else frozenset()


def _function(module: Module) -> Iterator[str]:
    yield f"{_TABLE}.{module.name} ??= (() => {{"
    yield from module.body
    yield f"return {{ {', '.join(module.exports)} }};" if module.exports else "return {};"
    yield "})();"
