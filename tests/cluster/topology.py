"""Two machines of one site on this one: processes with state directories of their own, what they share, a mail server,
and the balancer of deploy/ in front. scripts/cluster starts the same."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from tests.cluster.balancers import haproxy
from tests.deploy.outside import NAME, ROOT
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot, free_ports
from tests.servers.people import Identity
from tests.servers.submission import Submission
from tests.servers.valkey import Valkey

SECRET = "the same secret on all the machines"
TOKEN = "0123456789abcdef01234567"


class Machine:
    """`pennypost serve` with these settings. Its folder outlives it, as a disk does."""

    def __init__(self, name: str, folder: Path, settings: dict[str, str]) -> None:
        [self.port] = free_ports(1)
        self.name, self.log = name, folder / f"{name}.log"
        own = {"LISTEN": f"127.0.0.1:{self.port}", "STATE_DIR": str(folder / name)}
        kept = {word: value for word, value in os.environ.items() if not word.startswith("PENNYPOST_")}
        self._environment = kept | {f"PENNYPOST_{word}": value for word, value in (settings | own).items()}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the one that started it, which leads their group."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> Machine:
        """Come back when it is ready."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "webmail", "serve"], cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + 60
        while not self.ready():
            assert self._process.poll() is None, self.log.read_text(errors="replace")[-3000:]
            assert time.monotonic() < end, self.log.read_text(errors="replace")[-3000:]
            time.sleep(0.1)
        return self

    def ready(self) -> bool:
        """What it tells balancers."""
        return self._asked("/healthz/ready") is not None

    def figure(self, name: str) -> float:
        """A number of its figures, 0 when it does not answer."""
        found = re.search(rf"^pennypost_{name} (\S+)$", self._asked("/metrics") or "", re.M)
        return float(found[1]) if found else 0.0

    def _asked(self, path: str) -> str | None:
        url = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read(), "utf-8")
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            pass
        return None

    def kill(self) -> None:
        """As when its power goes: both of its processes, at once."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """As a virtual machine that is moved, or whose host is busy: neither dead nor alive, until thaw()."""
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on as if nothing had been."""
        os.killpg(self.pid, signal.SIGCONT)

    def stop(self) -> None:
        """As an administrator does."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(60)

    def _end(self, how: signal.Signals) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            os.killpg(self._process.pid, how)
        self._process.wait(30)

    def gone(self) -> None:
        """At the end of everything."""
        if self._process is not None:
            self._end(signal.SIGKILL)


class Topology:
    """people: who have an account. settings: of all machines, as in the environment without PENNYPOST_."""

    def __init__(self, people: Iterable[Identity], **settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pennypost-cluster-"))
        self.people = tuple(people)
        (self.folder / "ca").mkdir()
        self.authority = Authority(self.folder / "ca")
        self.valkey = Valkey()
        self.dovecot = Dovecot(self.authority, people=self.people)
        self.submission = Submission(self.authority, people=self.people, deliver=self._deliver)
        self.secure = 0
        self._settings = settings
        self.machines: list[Machine] = []
        self._balancer: ExitStack | None = None

    @property
    def url(self) -> str:
        """Where the site is."""
        return f"https://{NAME}:{self.secure}"

    def start(self) -> Topology:
        """All of it, one after the other; comes back when the site answers."""
        self.valkey.start()
        self.dovecot.start()
        self.submission.start()
        site = {
            "IMAP_HOST": "localhost", "IMAP_PORT": str(self.dovecot.port), "SMTP_HOST": "localhost",
            "SMTP_PORT": str(self.submission.port), "CA_FILE": str(self.authority.ca_file), "PROXY_HOPS": "1",
            "TRUSTED_HOSTS": NAME, "SECRET_KEY": SECRET, "SHARED": self.valkey.url, "DRAIN_SECONDS": "3",
            "LIMIT_SEND": "0", "METRICS_TOKEN": TOKEN,
        } | self._settings  # fmt: skip
        self.machines = [Machine(name, self.folder, site) for name in ("one", "two")]
        for machine in self.machines:
            machine.start()
        self._balance()
        return self

    def _balance(self) -> None:
        ports = [machine.port for machine in self.machines]
        self._balancer = ExitStack()
        self.secure = self._balancer.enter_context(haproxy(self.folder, self.authority, ports))

    def stop(self) -> None:
        """End what was started, the last first."""
        if self._balancer is not None:
            self._balancer.close()
        for machine in self.machines:
            machine.gone()
        self.submission.stop()
        self.dovecot.stop()
        self.valkey.stop()
        if not os.environ.get("KEEP_SERVERS"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def _deliver(self, login: str, raw: bytes) -> None:
        self.dovecot.person(self.dovecot.people[login]).append(raw)
