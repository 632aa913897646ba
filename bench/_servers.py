"""The servers to measure: a Dovecot set up for many people, and the production server of the webmail beside it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bench._mail import Make, fill, kept, plain
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot, free_ports, version
from tests.servers.people import Identity

ROOT = Path(__file__).resolve().parent.parent
_TICK = os.sysconf("SC_CLK_TCK")


class MailServer(Dovecot):
    """The Dovecot of the tests with room for hundreds of sessions, and with a store that does not slow down by size.

    store: "maildir" as in the tests, or "mdbox". commands: folder that gets what clients send, or None. indexed: it
    searches texts by an index (Debian's dovecot-fts-xapian, which has to be there).
    """

    def __init__(
        self,
        authority: Authority,
        people: Iterable[Identity],
        store: str = "maildir",
        commands: Path | None = None,
        indexed: bool = False,
    ) -> None:
        super().__init__(authority, people=people)
        self._store, self._commands, self._indexed = store, commands, indexed
        self._shelf: dict[str, Path] = {}

    def shelve(self, login: str, count: int, name: str = "") -> None:
        """Before start(): this person's mail is kept between runs, `count` letters of it. name: of another kind."""
        # The number at its end grows when letters change.
        self._shelf[login] = kept() / f"{self._store}-{version()[0]}.{version()[1]}-{count}{name}-2"

    def ready(self, login: str, count: int, make: Make = plain) -> None:
        """After start(): fill a shelved mailbox that is not complete yet."""
        done = self._shelf[login] / "complete"
        if not done.exists():
            print(f"filling a mailbox with {count:,} letters, once", file=sys.stderr, flush=True)
            fill(self.person(self.people[login]), count, make=make)
            done.touch()
        if self._indexed:
            self.doveadm("index", "-u", login, "INBOX", seconds=3600)

    def processor(self) -> float:
        """Processor seconds of Dovecot until now: all of its session, and its children that ended."""
        return sum(_seconds(stat, ended=True) for stat in _stats() if int(stat[2]) == self._pid())

    def _pid(self) -> int:
        assert self._process
        return self._process.pid

    def _launch(self) -> None:
        told = self._config.read_text()
        if "# many people" not in told:
            self._config.write_text(told + self._more())
        super()._launch()

    def _more(self) -> str:
        lines = ["# many people", "default_client_limit = 4096", "default_process_limit = 2048"]
        # A process for every TLS session, as the default is, costs memory here and says nothing about the webmail.
        lines.append("service imap-login {\n  service_count = 0\n  process_min_avail = 2\n  process_limit = 2\n}")
        lines.append("service imap {\n  process_limit = 2048\n}")
        lines.append("service anvil {\n  client_limit = 8192\n}\nservice auth {\n  client_limit = 8192\n}")
        if self._store == "mdbox":
            old = ["mail_location = mdbox:~/mdbox"]
            lines += old if version() < (2, 4) else ["mail_driver = mdbox", "mail_path = ~/mdbox"]
        if self._indexed:
            lines.append("mail_plugins = fts fts_xapian")
            lines.append("plugin {\n  fts = xapian\n  fts_xapian = partial=3 full=20\n  fts_enforced = yes\n}")
            lines.append("service indexer-worker {\n  vsz_limit = 0\n}")
        if self._commands:
            lines.append(f"protocol imap {{\n  rawlog_dir = {self._commands}\n}}")
        return "\n".join(lines) + "\n"

    def _new_home(self, login: str) -> None:
        shelf = self._shelf.get(login)
        if not shelf:
            return super()._new_home(login)
        if not (shelf / "complete").exists():
            shutil.rmtree(shelf, ignore_errors=True)
            shelf.mkdir(parents=True)
            if os.getuid() == 0:
                os.chown(shelf, *self._owner)
        link = self.folder / "mail" / login
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(shelf)


class WebServer:
    """`python app.py` in a process of its own with settings of its own: what an administrator starts."""

    def __init__(self, mail: MailServer, **settings: Any) -> None:
        self.port, unused = free_ports(2)
        self._folder = Path(tempfile.mkdtemp(prefix="pennypost-"))
        given = {
            "imap_host": "localhost", "imap_port": mail.port, "smtp_host": "localhost", "smtp_port": unused,
            "ca_file": mail.authority.ca_file, "state_dir": self._folder / "state", "secure_cookies": "no",
            "listen": f"127.0.0.1:{self.port}", "limit_send": 0, "limit_search": 0, "limit_upload_mb": 0,
        }  # fmt: skip
        own = {f"PENNYPOST_{name.upper()}": str(value) for name, value in (given | settings).items()}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PENNYPOST_")}
        self._log = (self._folder / "log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py")],
            env=inherited | own,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._wait()

    def worker(self) -> int:
        """The process that serves: the one child of the process that was started."""
        mine = [int(stat[0]) for stat in _stats() if int(stat[1]) == self._process.pid]
        return mine[0]

    def processor(self) -> float:
        """Processor seconds of the web tier until now."""
        return sum(_seconds(stat) for stat in _stats() if int(stat[2]) == self._process.pid)

    def memory(self) -> dict[str, int]:
        """Bytes. pss: of all its processes, what they share counted once. own: of that, without pages of files, which
        are shared with every other Python on the machine. rss: of the one that serves."""
        mine = [stat[0] for stat in _stats() if int(stat[2]) == self._process.pid]
        return {
            "pss": sum(_rollup(pid, "Pss") for pid in mine),
            "own": sum(_rollup(pid, "Pss_Anon") for pid in mine),
            "rss": _rollup(str(self.worker()), "Rss"),
        }

    def open(self) -> dict[str, int]:
        """How many threads and open files the serving process has."""
        place = Path(f"/proc/{self.worker()}")
        return {"threads": len(list((place / "task").iterdir())), "files": len(list((place / "fd").iterdir()))}

    def log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")

    def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(25)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(5)
        self._log.close()
        said = self.log()
        if "Traceback" in said:
            print(f"the web server said:\n{said[-3000:]}", file=sys.stderr)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait(self) -> None:
        from tests.servers.dovecot import _answers

        deadline = time.monotonic() + 30
        while not _answers(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the web server did not start:\n{self.log()[-3000:]}")
            time.sleep(0.05)


@contextlib.contextmanager
def servers(
    people: Iterable[Identity],
    *,
    store: str = "maildir",
    shelved: dict[str, int] | None = None,
    commands: Path | None = None,
    make: Make = plain,
    indexed: bool = False,
    **settings: Any,
) -> Iterator[tuple[MailServer, WebServer]]:
    """Both, for the time of one benchmark. shelved: login -> letters, for mailboxes that are kept between runs.
    make: what they are filled with. indexed: as MailServer says it."""
    with tempfile.TemporaryDirectory(prefix="pennypost-ca-") as folder:
        mail = MailServer(Authority(Path(folder)), people, store, commands, indexed)
        for login, count in (shelved or {}).items():
            # Two people cannot have one shelf.
            mail.shelve(login, count, "" if make is plain else f"-{make.__name__}-{login}")
        mail.start()
        try:
            for login, count in (shelved or {}).items():
                mail.ready(login, count, make)
            web = WebServer(mail, **settings)
            try:
                yield mail, web
            finally:
                web.stop()
        finally:
            mail.stop()


def _stats() -> Iterator[list[str]]:
    """pid, ppid, pgrp and then all fields of /proc/PID/stat behind the name, of every process."""
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            rest = place.read_text().rpartition(")")[2].split()
            yield [place.parent.name, rest[1], rest[2], *rest]


def _rollup(pid: str, word: str) -> int:
    found = re.search(rf"^{word}: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    assert found
    return int(found[1]) * 1024


def _seconds(stat: list[str], ended: bool = False) -> float:
    """utime and stime, and those of children that were waited for: fields 14 to 17 of proc_pid_stat(5)."""
    times = stat[3 + 11 : 3 + (15 if ended else 13)]
    return sum(map(int, times)) / _TICK
