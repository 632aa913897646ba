"""The fences of docs/house.md, executed: who may import whom, what is written nowhere, how large a file grows."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = sorted((ROOT / "webmail").rglob("*.py")) + sorted(ROOT.glob("app.py"))
PYTHON = CODE + sorted((ROOT / "tests").rglob("*.py")) + sorted((ROOT / "bench").rglob("*.py"))
PYTHON += sorted((ROOT / "demo").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = [path for path in sorted((ROOT / "static").rglob("*.js")) if "vendor" not in path.parts]
VIEWS = [path for path in sorted((ROOT / "webmail" / "views").glob("*.py")) if not path.stem.startswith("_")]

_KEPT = {"web.factors", "web.store", "web.vault"}
# What of ours each room may import: a room, or a single module of one. Its own room is always open, except to views.
MAY_IMPORT = {
    "app": {
        "views", "web", "config", "cache", "rate", "discover", "imap.pool", "imap.watch", "remote", "journal",
        "actions.outbox", "serve", "places", "failed", "meter", "__main__", "keeping", "draining", "lanes",
    },
    "__main__": {"check", "wake", "sessions", "reset", "places", "config", "failed"}, "serve": {"config", "draining"},
    "views": {
        "web", "reading", "actions", "mail", "sanitize", "errors", "languages", "places", "features",
        "imap.fetch", "imap.search", "imap.acquaintance", "imap.mailboxes", "imap.about", "imap.connection",
        "imap.conversation", "imap.correspondents", "imap.survey", "imap.find", "imap.sweep", "journal", "providers",
    },
    "reading": {"imap.fetch", "imap.connection", "mail", "sanitize", "errors", "languages"},
    "actions": {"imap", "smtp", "journal", "mail", "errors", "config", "languages"},
    "web": {"places", "meter", "endings", "lanes",
        "imap.pool", "imap.connection", "imap.fetch", "imap.watch", "imap.log", "imap.pages", "imap.notes",
        "remote", "discover", "oauth", "providers", "mail", "config", "looks", "cache", "rate", "errors", "languages",
    },
    "imap": {"mail", "errors", "config", "cache", "reach", "languages", "meter"},
    **dict.fromkeys(("smtp", "remote"), frozenset({"mail", "errors", "config", "reach"})),
    "discover": {"mail", "errors", "config"},
    "check": {"asking", "config", "failed"}, "asking": {"imap", "smtp", "features", "mail", "config", "errors"},
    "oauth": {"providers", "mail.sasl", "errors"}, "journal": {"errors", "meter"}, "reach": {"errors", "config"},
    "shared": {"journal", "rate", "cache", "endings", "errors", "meter"}, "mail": {"errors", "languages"},
    "keeping": {"config", "errors", "endings", "journal", "meter", "rate", "shared"} | _KEPT,
    "reset": {"failed", "config", "web.accounts", "errors", "keeping"} | _KEPT, "features": {"languages"},
    "wake": {"failed", "config", "actions", "imap.connection", "mail", "errors"}, "languages": {"places"},
    "sessions": {"failed", "config", "web.store", "errors", "keeping"}, "sanitize": {"errors", "languages"},
    "reference": {"config", "providers"}, "wordlist": {"languages", "web.catalogues", "web.marks"},
    "config": {"providers", "typed", "looks", "languages", "mailserver"}, "mailserver": {"typed", "providers"},
    **dict.fromkeys(("places", "failed", "looks", "errors", "providers"), frozenset()),
    **dict.fromkeys(("typed", "cache", "rate", "endings", "draining", "meter", "lanes"), frozenset()),
}  # fmt: skip

# Some libraries have one place each: whoever audits that place has audited the library's use.
ONLY_IN = {
    "imapclient": {"webmail/imap/client.py", "webmail/imap/decode.py"},
    "smtplib": {"webmail/smtp.py"},
    "http.client": {"webmail/remote.py", "webmail/oauth/https.py"},
    "dns": {"webmail/discover.py"},
    **dict.fromkeys(("authlib", "joserfc"), frozenset({"webmail/oauth/provider.py"})),
    **dict.fromkeys(("nh3", "bleach", "tinycss2"), frozenset({"webmail/sanitize/"})),
    "cryptography": {"webmail/web/"},
    "fido2": {"webmail/web/webauthn.py"},
    "segno": {"webmail/web/qr.py"}, "redis": {"webmail/shared/"}, "gunicorn": {"webmail/serve.py"},
    "prometheus_client": {"webmail/web/figures.py"}, "brotli": {"webmail/web/codings.py"},
    "babel": {"webmail/web/words.py", "webmail/web/cldr.py", "webmail/web/catalogues.py", "webmail/wordlist.py"},
}  # fmt: skip

FLASK = {"flask", "flask_login", "flask_wtf", "werkzeug", "jinja2", "markupsafe", "wtforms", "itsdangerous"}
WITHOUT_FLASK = set(MAY_IMPORT) - {"app", "serve", "views", "web"}

# Values in, values out: no socket, clock, environment, file or chance.
IMPURE = {
    "socket", "ssl", "select", "selectors", "asyncio", "http", "urllib.request", "ftplib", "imaplib", "smtplib",
    "time", "os", "pathlib", "shutil", "tempfile", "io.open", "subprocess", "multiprocessing",
    "concurrent", "random", "secrets", "uuid", "logging", "sqlite3",
}  # fmt: skip
CLOCK = {"now", "utcnow", "today", "localtime", "make_msgid"}

# R12 and R32: these turn data into code, or hand it to a shell.
NEVER_IMPORTED = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "jsonpickle", "yaml"}
NEVER_CALLED = {"eval", "exec", "compile", "__import__", "os.system", "os.popen"}


class Import(NamedTuple):
    """One name that a file imports; `hidden` inside a function counts as much as at the top."""

    path: Path
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line} imports {self.name}"


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


@functools.cache
def imports(path: Path) -> tuple[Import, ...]:
    """Every import anywhere in the file; `from a import b` counts as a.b where a/b.py is a module, else as a."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[Import]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(path, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            source = ".".join([*package, *filter(None, [node.module])])
            for alias in node.names:
                full = f"{source}.{alias.name}"
                yield Import(path, node.lineno, full if is_module(full) else source)


def is_module(name: str) -> bool:
    place = ROOT.joinpath(*name.split("."))
    return place.with_suffix(".py").is_file() or place.is_dir()


def module_of(path: Path) -> str:
    """webmail/imap/pool.py -> imap.pool, app.py -> app."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__").removeprefix("webmail.")


def room_of(path: Path) -> str:
    return module_of(path).split(".")[0]


def ours(path: Path) -> Iterator[tuple[Import, str]]:
    """What of ours the file imports, with `webmail.` taken off."""
    for each in imports(path):
        if each.name.startswith("webmail.") or each.name == "webmail":
            yield each, each.name.removeprefix("webmail").removeprefix(".")


def within(name: str, allowed: set[str]) -> bool:
    """imap.fetch is within {"imap"} and within {"imap.fetch"}."""
    return any(name == each or name.startswith(each + ".") for each in allowed)


def told(path: Path, pattern: str) -> list[str]:
    """Where a text matches, as "file:line text"."""
    lines = enumerate(path.read_text("utf-8").splitlines(), 1)
    return [f"{path.relative_to(ROOT)}:{at} {line.strip()}" for at, line in lines if re.search(pattern, line, re.I)]


def everywhere(paths: list[Path], pattern: str) -> list[str]:
    return [found for path in paths for found in told(path, pattern)]


# --- who may import whom ----------------------------------------------------------------------------------------------


def test_the_fences_are_looking_at_something() -> None:
    assert {room_of(path) for path in CODE} >= {"mail", "sanitize", "imap", "errors", "config"}
    assert any(name == "mail.ids" for path in CODE for _, name in ours(path))


def test_every_room_has_a_fence() -> None:
    assert {room_of(path) for path in CODE if path.name != "__init__.py"} <= set(MAY_IMPORT)


def test_rooms_import_downwards_only() -> None:
    wrong = []
    for path in CODE:
        room = room_of(path)
        # What two views share is no view, and its name begins with "_".
        own = {room} if room != "views" else {f"views.{each.stem}" for each in path.parent.glob("_[!_]*.py")}
        allowed = MAY_IMPORT.get(room, set()) | own
        wrong += [str(each) for each, name in ours(path) if name and not within(name, allowed)]
    assert wrong == []


def test_imports_never_go_in_circles() -> None:
    """Imports hidden in functions count: a circle that only shows at the second call is still a circle."""
    modules = {module_of(path) for path in CODE}
    graph = {module_of(path): {name for _, name in ours(path) if name in modules} for path in CODE}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail[trail.index(name) :], name))
        if name not in done:
            for needed in sorted(graph[name]):
                visit(needed, (*trail, name))
            done.add(name)

    for name in sorted(graph):
        visit(name, ())


@pytest.mark.parametrize("library", sorted(ONLY_IN))
def test_a_library_is_used_in_its_one_place(library: str) -> None:
    """R9 for IMAPClient, R10 for smtplib, R29 for the cleaners."""
    wrong = [
        str(each)
        for path in CODE
        for each in imports(path)
        if within(each.name, {library}) and not path.relative_to(ROOT).as_posix().startswith(tuple(ONLY_IN[library]))
    ]
    assert wrong == []


def imported(names: set[str], rooms: set[str]) -> list[str]:
    """Where these are imported in these rooms."""
    paths = (path for path in CODE if room_of(path) in rooms)
    return [str(each) for path in paths for each in imports(path) if within(each.name, names)]


def test_flask_stays_at_the_edge() -> None:
    assert imported(FLASK, WITHOUT_FLASK) == []


def test_mail_and_sanitize_are_pure() -> None:
    """Same octets in, same values out: so they can be tested with bytes alone and never reach for the network (R23)."""
    wrong = []
    for path in CODE:
        if room_of(path) not in {"mail", "sanitize"}:
            continue
        wrong += [str(each) for each in imports(path) if within(each.name, IMPURE)]
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and _called(node).rpartition(".")[2] in CLOCK:
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} reads the clock: {_called(node)}")
            if isinstance(node, ast.Call) and _called(node) == "open":
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} opens a file")
    assert wrong == []


def test_r23_outgoing_connections_are_made_by_imap_smtp_remote_and_oauth_only() -> None:
    """R23: nothing else on the server may reach out."""
    reaching = {
        "socket", "http.client", "urllib.request", "requests", "httpx", "ftplib", "imaplib", "asyncio", "aiohttp",
    }  # fmt: skip
    wrong = imported(reaching, set(MAY_IMPORT) - {"imap", "smtp", "remote", "reach"})
    assert [one for one in wrong if "oauth/https.py" not in str(one)] == []


def test_a_room_opens_with_its_rule_and_imports_nothing() -> None:
    for path in sorted((ROOT / "webmail").rglob("__init__.py")):
        assert ast.get_docstring(tree(path)), path
        assert len(tree(path).body) == 1, f"{path}: more than its docstring"


def _called(node: ast.Call) -> str:
    """a.b.c of a call, "" when it is not that simple."""
    parts, at = [], node.func
    while isinstance(at, ast.Attribute):
        parts.append(at.attr)
        at = at.value
    return ".".join(reversed([*parts, at.id])) if isinstance(at, ast.Name) else ".".join(reversed(parts))


# --- what is written nowhere ------------------------------------------------------------------------------------------


@pytest.mark.asvs("1.5.2")
def test_r12_r32_data_never_becomes_code() -> None:
    """R12: no pickle anywhere, also not in tests that a later change could copy from. R32: no eval, no shell."""
    wrong = []
    for path in PYTHON:
        wrong += [str(each) for each in imports(path) if within(each.name, NEVER_IMPORTED)]
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call):
                continue
            shell = any(word.arg == "shell" and not _is_false(word.value) for word in node.keywords)
            if shell or _called(node) in NEVER_CALLED:
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)[:80]}")
    assert wrong == []


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


PATTERNS = re.compile(r"re\.(?:compile|\w*match|search|sub|split|find\w+)")
OF_OUR_LISTS = {"rules.py", "tokens.py"}
"""In sanitize/: patterns made of lists of words that stand beside them."""


@pytest.mark.asvs("1.2.9")
def test_no_pattern_is_made_of_text_that_came_from_somewhere() -> None:
    """A pattern is written down in the code, whole; what is put into one is a constant."""
    wrong = []
    for path in CODE:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and PATTERNS.fullmatch(_called(node)):
                used = {one.id for one in ast.walk(node.args[0]) if isinstance(one, ast.Name)}
                if any(not name.isupper() for name in used - {"re"}) and path.name not in OF_OUR_LISTS:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)[:80]}")
    assert wrong == []


def test_r29_nobody_declares_text_to_be_safe() -> None:
    """R29: one type is trusted, and only the sanitizer makes it."""
    assert everywhere([path for path in CODE if room_of(path) != "sanitize"], r"\bMarkup\(|__html__") == []
    assert everywhere(TEMPLATES, r"\|\s*safe\b|\bMarkup\b|autoescape\s+false|\|\s*forceescape") == []


def test_r3_r29_safe_html_is_made_by_the_sanitizer_only() -> None:
    """R29."""
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in CODE
        if room_of(path) != "sanitize"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and _called(node).rpartition(".")[2] == "SafeHtml"
    ]
    assert wrong == []


@pytest.mark.asvs("1.2.3")
def test_r14_templates_hold_no_script_and_no_style() -> None:
    """R14: the policy forbids them, so whatever is written inline is dead on arrival.

    The frame around a message is the exception: messages bring inline style, so its own policy lets style through.
    """
    pages = [path for path in TEMPLATES if path.relative_to(ROOT).as_posix() != "templates/message/frame.html"]
    assert everywhere(TEMPLATES, r"<script(?![^>]*\bsrc=)") == []
    assert everywhere(pages, r"<style\b") == []
    assert everywhere(TEMPLATES, r"<[^>]*\sstyle\s*=") == []
    assert everywhere(TEMPLATES, r"^\s*style\s*=") == []
    assert everywhere(TEMPLATES, r"\son[a-z]+\s*=\s*[\"'{]") == []
    assert everywhere(TEMPLATES, r"javascript:") == []


def test_templates_fetch_nothing_from_elsewhere() -> None:
    """R5 and R14: not a font, not a script, not a picture."""
    fetched = r"<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)\s*=\s*[\"'](?:https?:)?//"
    assert everywhere(TEMPLATES, fetched) == []


def test_scripts_never_turn_text_into_markup_or_code() -> None:
    """R29, R14."""
    markup = (
        r"\binnerHTML\b|\bouterHTML\b|\binsertAdjacentHTML\b|\bdocument\.write|createContextualFragment|setHTMLUnsafe"
    )
    assert everywhere(SCRIPTS, markup) == []
    assert everywhere(SCRIPTS, r"\beval\(|\bnew Function\b|setTimeout\(\s*[\"'`]|setInterval\(\s*[\"'`]") == []
    assert everywhere(SCRIPTS, r"setAttribute\(\s*[\"'](?:style|on)") == []


@pytest.mark.asvs("14.3.3")
def test_r14_scripts_keep_no_mail_in_the_browser() -> None:
    """R14: no mail in localStorage, IndexedDB or a service worker. The worker keeps the page for those without a
    connection and no other: tests/flows/test_shell.py looks into it."""
    assert everywhere(SCRIPTS, r"indexedDB") == []
    others = [path for path in SCRIPTS if path.name not in ("shell.js", "worker.js", "notify.js")]
    assert everywhere(others, r"serviceWorker|caches\.") == []


@pytest.mark.asvs("3.5.5")
def test_scripts_listen_to_no_other_window() -> None:
    """Messages come over a channel of our own origin only, so nothing has to be told from whom they are."""
    assert everywhere(SCRIPTS, r"addEventListener\(\s*[\"']message[\"']|(?<!channel\.)\bonmessage\b") == []
    assert everywhere(SCRIPTS, r"\b(?:window|parent|opener|contentWindow|top)\.postMessage") == []


def test_stylesheets_fetch_nothing_from_elsewhere() -> None:
    """R5."""
    sheets = [path for path in sorted((ROOT / "static").rglob("*.css")) if "vendor" not in path.parts]
    assert everywhere(sheets, r"@import|url\(\s*[\"']?(?:https?:)?//") == []


# --- where things are -------------------------------------------------------------------------------------------------


def templates_of(path: Path) -> set[str]:
    """The templates that a view names."""
    texts = (node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str) and re.fullmatch(r"[\w/-]+\.html", text)}


@pytest.mark.parametrize("view", VIEWS, ids=lambda path: path.stem)
def test_a_view_its_templates_and_its_test_have_one_name(view: Path) -> None:
    for template in templates_of(view):
        assert template.startswith(view.stem + "/"), f"{view.name} prints {template}: another room's page"
        assert (ROOT / "templates" / template).is_file(), f"{view.name} prints {template}, which is not there"
    assert (ROOT / "tests" / "views" / f"test_{view.stem}.py").is_file(), f"nothing tests {view.name}"


def test_rooms_and_files_are_named_by_what_they_are() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "service", "common", "misc"}
    assert [path for path in CODE if set(re.split(r"[_.]", path.stem)) & vague] == []


@pytest.mark.parametrize("path", PYTHON + SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 400


def test_every_template_is_read_in_one_sitting() -> None:
    assert [path.name for path in TEMPLATES if len(path.read_text("utf-8").splitlines()) > 400] == []
