"""Mail servers that are not installed here: unpacked from Debian's packages below a folder of their own, and run there.

Nothing of it touches the machine: packages are downloaded and unpacked, never installed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "interop"
"""Packages stay here after a download, so that the next run does without the network."""


class Unavailable(Exception):
    """This server cannot be had on this machine; the words say why, for a person."""


def debian_packages(folder: Path, packages: Sequence[str], leave: str) -> Path:
    """Unpack these and what they need beyond what is installed, below folder. Returns the root to find /usr under.

    leave: a regular expression of names that are not needed, though the packages say so (another mail server).
    Raises Unavailable without apt-get or without the network.
    """
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise Unavailable("it comes from Debian packages, and there is no apt-get here")
    store = CACHE / "-".join(packages)
    store.mkdir(parents=True, exist_ok=True)
    with _alone(store):
        if not (store / "complete").exists():
            _download(store, packages, leave)
    root = folder / "root"
    for package in sorted(store.glob("*.deb")):
        _run(["dpkg-deb", "-x", str(package), str(root)], "the package does not unpack")
    if (root / "lib").is_dir() and not (root / "lib").is_symlink():
        # Some packages still say /lib for what is /usr/lib since the two were merged.
        shutil.copytree(root / "lib", root / "usr" / "lib", dirs_exist_ok=True, symlinks=True)
    return root


@contextlib.contextmanager
def _alone(store: Path) -> Iterator[None]:
    """Two runs at once share a download and do not disturb it."""
    with (store / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _download(store: Path, packages: Sequence[str], leave: str) -> None:
    """apt-get as it is set up here; with package lists of our own where this machine has none, or old ones."""
    with tempfile.TemporaryDirectory(prefix="apt-", dir="/tmp") as place:
        lists = Path(place) / "lists"
        (lists / "partial").mkdir(parents=True)
        for options in ([], [f"-oDir::State::Lists={lists}", f"-oDir::Cache={place}", "-oAPT::Sandbox::User=root"]):
            with contextlib.suppress(subprocess.SubprocessError):
                if options:
                    _apt(store, [*options, "-qq", "update"])
                wanted = _apt(store, [*options, "install", "-s", "--no-install-recommends", *packages])
                names = re.findall(r"^Inst (\S+)", wanted, re.MULTILINE)
                names = sorted({name for name in names if not re.match(leave, name)} | set(packages))
                # Root would hand the download to another account, which may not write here.
                _apt(store, [*options, "-oAPT::Sandbox::User=root", "-qq", "download", *names])
                (store / "complete").touch()
                return
    raise Unavailable(f"its packages cannot be downloaded (apt-get download {' '.join(packages)}); is there a network?")


def _apt(store: Path, words: Sequence[str]) -> str:
    words = ["apt-get", *words]
    nothing = subprocess.DEVNULL
    return subprocess.run(
        words, cwd=store, check=True, timeout=300, capture_output=True, text=True, stdin=nothing
    ).stdout


def _run(words: Sequence[str], otherwise: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise RuntimeError(f"{otherwise}: {' '.join(words)}: {done.stderr.strip()[-500:]}")


class Program:
    """One server process with all its children, and the port that says it is ready."""

    def __init__(self, name: str, port: int, log: Path) -> None:
        self.name, self.port, self.log = name, port, log
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self, words: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Run it and come back when the port answers. RuntimeError with the end of the log when it does not."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                env={**os.environ, **(environment or {})},
            )  # fmt: skip
        deadline = time.monotonic() + 30
        while not answers(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = self.log.read_text(errors="replace")[-2000:]
                self.end()
                raise RuntimeError(f"{self.name} did not start:\n{said}")
            time.sleep(0.05)

    def end(self) -> None:
        """Ask it, then end whatever is left of it. Its children may have left its group: they are named first."""
        if self._process is None:
            return
        family = _descendants(self._process.pid)
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        for pid in (*family, self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        self._process = None


def _descendants(pid: int) -> list[int]:
    """Children and theirs, as /proc tells."""
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, children.read_text().split()):
                found += [child, *_descendants(child)]
    return found


def answers(port: int) -> bool:
    """Whether somebody takes connections there."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def short_folder(name: str) -> Path:
    """Open to the account that mail servers run as, and short enough for Unix sockets (108 bytes)."""
    base = tempfile.gettempdir()
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=base if len(base) < 40 else "/tmp"))
    folder.chmod(0o755)
    return folder
