"""The command that gathers the sentences of the pages: `python -m webmail.wordlist`, which scripts/words runs.

Writes translations/messages.pot, brings every catalogue up to it and says how much each has left to do. With tags of
languages it begins their catalogues. Nothing is guessed: what is new is empty, and what changed is new.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po

from webmail.languages import ENGLISH, LANGUAGES, TEMPLATE
from webmail.web.catalogues import read, untranslated
from webmail.web.marks import NotWrittenOut, marks

ROOT: Final = Path(__file__).resolve().parents[1]
KEYWORDS: Final[Mapping[str, Any]] = {
    "_": None, "gettext": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2),
}  # fmt: skip
SAYERS: Final = frozenset({"Sentence"})
"""What is written in these classes is marked by that."""

_COMMENT: Final = "Translators:"
_OPTIONS: Final = {"trimmed": "true", "silent": "false"}


def template() -> Catalog:
    """Every sentence that is marked, by file. Raises NotWrittenOut."""
    made = Catalog(fuzzy=False, header_comment="# The sentences of Pennypost, gathered by scripts/words.")
    for path in sorted((ROOT / "templates").rglob("*.html")):
        with path.open("rb") as stream:
            _add(made, path, extract("jinja2", stream, KEYWORDS, (_COMMENT,), _OPTIONS, strip_comment_tags=True))
    for path in sorted((ROOT / "webmail").rglob("*.py")):
        with path.open("rb") as stream:
            _add(made, path, extract(sentences, stream, KEYWORDS, (_COMMENT,), {}, strip_comment_tags=True))
    for path in sorted((ROOT / "static" / "js").glob("*.js")):
        _add(made, path, scripted(path.read_text("utf-8")))
    return made


def written(catalog: Catalog) -> bytes:
    """As its file has it: without line numbers and dates, so that only what is said makes a difference."""
    stream = io.BytesIO()
    write_po(stream, catalog, width=120, sort_by_file=True, include_lineno=False, omit_header=False)
    lines = stream.getvalue().decode().splitlines(keepends=True)
    dull = ('"POT-Creation', '"PO-Revision', '"Generated-By', '"Last-T', '"Language-T', '"Project-Id', '"Report-Msgid')
    return "".join(line for line in lines if not line.startswith(dull)).encode()


def _add(made: Catalog, path: Path, found: Iterable[Any]) -> None:
    where = path.relative_to(ROOT).as_posix()
    try:
        for line, said, comments, context in found:
            made.add(said, None, [(where, line)], auto_comments=comments, context=context)
    except NotWrittenOut as error:
        raise NotWrittenOut(f"{where}:{error}") from None


def scripted(source: str) -> Iterator[Any]:
    """What is marked in a script, as Babel wants it."""
    for line, _, texts, comments in marks(source):
        yield line, texts if len(texts) > 1 else texts[0], comments, None


def sentences(stream: Any, keywords: Any, tags: Any, options: Any) -> Iterator[Any]:
    """What is marked in a module, as Babel wants it: line, function, text or texts, comments above it.

    A text may be parted, and hold constants of the module, but no values.
    """
    source = stream.read().decode()
    tree, comments = ast.parse(source), dict(_comments(source))
    known = dict(_constants(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        above = [comments[node.lineno - 1]] if node.lineno - 1 in comments else []
        if node.func.id in SAYERS:
            for part in node.args:
                if (text := folded(part, known)) is not None:
                    yield node.lineno, "_", text, above
        elif node.func.id in keywords:
            texts = tuple(folded(part, known) for part in node.args[: _wanted(node.func.id)])
            if _is_said_elsewhere(node):
                continue
            if not texts or None in texts:
                raise NotWrittenOut(f"{node.lineno} {ast.unparse(node)[:80]}")
            yield node.lineno, node.func.id, tuple(text or "" for text in texts), above


def _wanted(name: str) -> int:
    return 2 if name in ("ngettext", "pgettext") else 1


def _is_said_elsewhere(node: ast.Call) -> bool:
    """_(title), _(TABLE[key]), _(self.title): marked where it was written, by N_."""
    assert isinstance(node.func, ast.Name)
    return node.func.id == "_" and isinstance(node.args[0], ast.Name | ast.Attribute | ast.Subscript)


def folded(node: ast.expr, known: Mapping[str, str]) -> str | None:
    """The text that an expression always is; None for one that is not always the same, or is no text."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.FormattedValue):
        return folded(node.value, known)
    if isinstance(node, ast.JoinedStr):
        parts = [folded(part, known) for part in node.values]
        return None if None in parts else "".join(part or "" for part in parts)
    return None


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        target = node.target if isinstance(node, ast.AnnAssign) else None
        value = node.value if isinstance(node, ast.AnnAssign) else None
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield target.id, value.value


def _comments(source: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(source.splitlines(), 1):
        if line.strip().startswith(f"# {_COMMENT}"):
            yield number, line.strip().removeprefix("# ")


def _begin(tag: str) -> None:
    language = LANGUAGES[tag]
    language.file.parent.mkdir(parents=True, exist_ok=True)
    if not language.file.exists():
        language.file.write_bytes(
            written(Catalog(locale=language.folder, fuzzy=False, header_comment=f"# {language.name}"))
        )


def main(begun: Iterable[str]) -> int:
    """Gather, update, and tell."""
    if unknown := set(begun) - set(LANGUAGES) | {ENGLISH.tag} & set(begun):
        print(f"no language of the table: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    made = template()
    TEMPLATE.parent.mkdir(exist_ok=True)
    TEMPLATE.write_bytes(written(made))
    print(f"{len(made)} sentences")
    for tag in begun:
        _begin(tag)
    for language in LANGUAGES.values():
        if language.file.is_file():
            catalog = read(language.file)
            catalog.update(made, no_fuzzy_matching=True)
            catalog.obsolete.clear()
            language.file.write_bytes(written(catalog))
            print(f"{language.tag}: {len(untranslated(catalog))} left to do")
        elif language is not ENGLISH:
            print(f"{language.tag}: not begun")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
