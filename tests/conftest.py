"""What every test can ask for: mail servers, people with accounts on them, a browser.

Servers start once a run, when the first test asks. People are new for every test: their mailboxes are emptied.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app import create_app
from tests.servers.answers import Answer
from tests.servers.application import Live, Visitor, settings_for
from tests.servers.authority import Authority
from tests.servers.compiled import COMPILED, keep_rules
from tests.servers.dovecot import Dovecot
from tests.servers.names import IMAP, SMTP, Names
from tests.servers.people import ALICE, BOB, CHARLIE, Person
from tests.servers.provider import Provider
from tests.servers.proxy import Proxy
from tests.servers.scripted import Scripted
from tests.servers.submission import Submission
from tests.servers.valkey import Valkey
from tests.servers.witness import Witness
from tests.servers.zone import Zone
from webmail import reach
from webmail.config import Settings
from webmail.shared.link import Link

HERE = Path(__file__).parent

# A busy machine is no reason to fail. In CI the same examples every time: a red run then has its cause in the change.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")

keep_rules()

PATIENCE = 60_000
"""Milliseconds a browser may take on a machine with much else to do; what works is seen at once."""
expect.set_options(timeout=PATIENCE / 2)

FIRST = ("faults/test_crash", "flows/test_corpus", "flows/test_bombs", "access/test_axe", "journeys/", "flows/test_n",
         "flows/test_keys", "flows/", "access/", "faults/")  # fmt: skip
"""Files and directories whose tests take longest, one begun after the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """So that no process works alone at the end of a run, where processes take file after file."""

    def rank(item: pytest.Item) -> int:
        return next((n for n, name in enumerate(FIRST) if item.nodeid.startswith(f"tests/{name}")), len(FIRST))

    items.sort(key=rank)


# --- mail servers -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Signs the certificates of all test servers; `authority.ca_file` makes a client trust them."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def dovecot(authority: Authority) -> Iterator[Dovecot]:
    """The reference IMAP server, separator ".", no prefix, no quota."""
    server = Dovecot(authority)
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[Valkey]:
    """The Redis or Valkey of the whole run; tests ask for `valkey`."""
    server = Valkey()
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def valkey(valkey_server: Valkey) -> Valkey:
    """What several machines share, empty for every test."""
    valkey_server.clear()
    return valkey_server


@pytest.fixture
def link_to() -> Iterator[Callable[[str], Link]]:
    """A way to what machines share, as each process has one: link_to(valkey.url)."""
    made: list[Link] = []

    def link(url: str) -> Link:
        made.append(Link(url))
        return made[-1]

    yield link
    for each in made:
        each.close()


@pytest.fixture
def another_dovecot(authority: Authority) -> Iterator[Callable[..., Dovecot]]:
    """Starts further Dovecots for this test: another_dovecot(layout="fs", prefix="INBOX.", quota=50_000)."""
    started: list[Dovecot] = []

    def start(**options: Any) -> Dovecot:
        started.append(Dovecot(authority, **options))
        return started[-1].start()

    try:
        yield start
    finally:
        for server in started:
            server.stop()


@pytest.fixture
def provider(authority: Authority) -> Iterator[Provider]:
    """Signs people in by OAuth."""
    server = Provider(authority).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def submission_server(authority: Authority, dovecot: Dovecot) -> Iterator[Submission]:
    """The submission server of the whole run; tests ask for `submission`."""

    def deliver(login: str, raw: bytes) -> None:
        dovecot.person(dovecot.people[login]).append(raw)

    server = Submission(authority, deliver=deliver)
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def submission(submission_server: Submission) -> Iterator[Submission]:
    """Takes mail from the people, keeps it in `accepted`, delivers to alice, bob and charlie. Empty for every test."""
    submission_server.clear()
    yield submission_server
    submission_server.clear()


@pytest.fixture
def scripted(authority: Authority) -> Iterator[Callable[..., Scripted]]:
    """Starts an IMAP server that says what it is told: scripted({"UID FETCH": Stall()}, greeting=..., tls=...)."""
    started: list[Scripted] = []

    def start(answers: Mapping[str, Answer] | None = None, **options: Any) -> Scripted:
        context = options.pop("context", None) or authority.good().server_context()
        started.append(Scripted(context, answers, **options).start())
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def proxy() -> Iterator[Callable[[int], Proxy]]:
    """Puts a proxy that can fail in front of a port: proxy(dovecot.port).cut(after=2000)."""
    started: list[Proxy] = []

    def start(port: int) -> Proxy:
        started.append(Proxy(port).start())
        return started[-1]

    yield start
    for each in started:
        each.stop()


@pytest.fixture
def witness(authority: Authority, tmp_path: Path) -> Callable[[Person], Witness]:
    """A second device of this person: witness(alice).sync()."""
    return lambda person: Witness(person, authority.ca_file, tmp_path / f"device-{person.login}")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Where names lead in this test; those of the servers that example.org publishes lead here."""
    made = Names()
    for host in (IMAP, SMTP):
        made.lead(host, "127.0.0.1")
    monkeypatch.setattr(reach, "lookup", made)
    return made


@pytest.fixture
def zone() -> Iterator[Zone]:
    """A DNS server of its own for this test: zone.add("example.org", "MX", "10 mx.example.org.")."""
    made = Zone().start()
    yield made
    made.stop()


# --- people -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def alice(dovecot: Dovecot) -> Person:
    """Alice, with an empty mailbox."""
    dovecot.wipe(ALICE)
    return dovecot.person(ALICE)


@pytest.fixture
def bob(dovecot: Dovecot) -> Person:
    """Bob, with an empty mailbox and an awkward password."""
    dovecot.wipe(BOB)
    return dovecot.person(BOB)


@pytest.fixture
def charlie(dovecot: Dovecot) -> Person:
    """Charlie, with an empty mailbox. What belongs to others must be refused to charlie."""
    dovecot.wipe(CHARLIE)
    return dovecot.person(CHARLIE)


# --- messages ---------------------------------------------------------------------------------------------------------


def corpus_files() -> list[Path]:
    """Every message kept in tests/eml and tests/corpus, sorted: for @pytest.mark.parametrize."""
    folders = (HERE / "eml", HERE / "corpus")
    kinds = {".eml", ".msg", ".txt", ".mbox", ""}
    found = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in found if path.suffix.lower() in kinds and path.stem.upper() not in {"LICENSE", "README"}]


@pytest.fixture(scope="session")
def corpus() -> list[Path]:
    """The messages of tests/eml and tests/corpus; a test that asks is skipped where there are none."""
    return corpus_files() or pytest.skip("no messages in tests/eml or tests/corpus")


# --- browser ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The Chromium of the system: nothing is downloaded, and it talks to nobody but the pages under test.

    Its headless shell first: the same engine without a window around it, whose own pages cost half the processor.
    """
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip("no Chromium (package chromium)")
    quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return {**browser_type_launch_args, "executable_path": found, "args": ["--no-sandbox", "--disable-gpu", *quiet]}


@pytest.fixture
def scripts() -> bool:
    """Whether the browser runs scripts; a module of tests may say otherwise."""
    return True


@pytest.fixture
def worker() -> bool:
    """Whether the browser runs the service worker, which stands between pages and what a test does to their network."""
    return False


@pytest.fixture
def tolerated() -> tuple[str, ...]:
    """How what the console may say begins: answers that are no success are what many tests are about."""
    return ("Failed to load resource",)


@pytest.fixture
def context(browser: Browser, scripts: bool, worker: bool, tolerated: tuple[str, ...]) -> Iterator[BrowserContext]:
    """A wide window by day of somebody who has never been here.

    At its end it must have asked nobody else, and met nothing that a policy forbids or a script fell over.
    """
    made = browser.new_context(
        java_script_enabled=scripts, viewport={"width": 1440, "height": 900}, color_scheme="light",
        service_workers="allow" if worker else "block",
    )  # fmt: skip
    made.set_default_timeout(PATIENCE)
    foreign: list[str] = []
    complaints: list[str] = []
    ours = ("http://127.0.0.1:", "http://localhost:", "data:", "blob:")
    made.on("request", lambda asked: None if asked.url.startswith(ours) else foreign.append(asked.url))
    made.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    made.on("weberror", lambda error: complaints.append(str(error.error)))
    yield made
    made.close()
    assert foreign == []
    assert [text for text in complaints if not text.startswith(tolerated)] == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page in that window."""
    return context.new_page()


# --- the application --------------------------------------------------------------------------------------------------


@pytest.fixture
def settings(dovecot: Dovecot, submission: Submission, authority: Authority, tmp_path: Path) -> Settings:
    """Settings that point at the servers of the people; a test that wants others replaces() some."""
    return settings_for(dovecot.port, submission.port, authority.ca_file, tmp_path / "state")


@pytest.fixture
def make_app() -> Iterator[Callable[[Settings], Flask]]:
    """Makes the application with these settings; its IMAP connections are closed at the end of the test."""
    made: list[Flask] = []

    def make(chosen: Settings) -> Flask:
        made.append(create_app(chosen))
        made[-1].jinja_env.bytecode_cache = COMPILED
        return made[-1]

    yield make
    for app in made:
        app.extensions["pennypost-jobs"].close()
        app.extensions["pennypost-outbox"].close(0)
        app.extensions["pennypost"].watcher.close()
        app.extensions["pennypost"].pool.close()
        app.extensions["pennypost-kept"].close()


@pytest.fixture
def app(settings: Settings, make_app: Callable[[Settings], Flask]) -> Flask:
    """The application in front of the people's servers."""
    return make_app(settings)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody with a browser that runs no script, not signed in."""
    return Visitor(app)


@pytest.fixture
def live(app: Flask) -> Iterator[Live]:
    """The application on a port of its own, for a real browser."""
    server = Live(app).start()
    yield server
    server.stop()
