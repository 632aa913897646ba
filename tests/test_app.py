"""The production server as an administrator starts it, and the demo as a newcomer does."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot, free_ports
from tests.servers.submission import Submission

ROOT = Path(__file__).resolve().parent.parent


def environment(**settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PENNYPOST_")}
    return kept | {f"PENNYPOST_{name}": value for name, value in settings.items()}


@contextmanager
def started(command: list[str], env: dict[str, str], ready: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process once its output says that it is ready, with that output; ended at the end whatever happens."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    said = ""
    try:
        while ready not in said:
            line = process.stdout.readline()
            assert line, f"it ended with: {said}"
            said += line
        yield process, said
    finally:
        if process.poll() is None:
            process.kill()
        process.stdout.close()
        process.wait()


def answers(url: str) -> tuple[int, str]:
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"nobody answers at {url}")


def test_one_command_serves_and_a_signal_stops_it(
    dovecot: Dovecot, submission: Submission, authority: Authority, tmp_path: Path
) -> None:
    [port] = free_ports(1)
    env = environment(
        IMAP_HOST="localhost", IMAP_PORT=str(dovecot.port), SMTP_PORT=str(submission.port),
        CA_FILE=str(authority.ca_file), LISTEN=f"127.0.0.1:{port}", STATE_DIR=str(tmp_path / "state"),
        SECURE_COOKIES="0", BRAND="Our mail",
    )  # fmt: skip
    with started([sys.executable, "app.py"], env, "listens on") as (process, _):
        status, text = answers(f"http://127.0.0.1:{port}/")
        assert status == 200
        assert "Our mail" in text
        assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "state" / "secret-key").stat().st_mode & 0o777 == 0o600
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize(
    ("settings", "says"),
    [({}, "PENNYPOST_IMAP_HOST"), ({"IMAP_HOST": "x", "IMAP_PORT": "ten"}, "PENNYPOST_IMAP_PORT"),
     ({"IMAP_HOST": "x", "STATE_DIR": "/dev/null/x"}, "PENNYPOST_STATE_DIR")],
)  # fmt: skip
def test_a_wrong_setting_stops_the_start_with_one_clear_line(
    settings: dict[str, str], says: str, tmp_path: Path
) -> None:
    env = environment(**({"STATE_DIR": str(tmp_path)} | settings))
    ended = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 2
    assert says in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_the_demo_starts_shows_where_to_look_and_leaves_nothing_behind(tmp_path: Path) -> None:
    [port] = free_ports(1)
    env = environment() | {"TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "webmail", "demo", "--port", str(port)]
    with started(command, env, "Ctrl-C") as (process, said):
        address = re.search(r"http://\S+", said)
        assert address
        assert len(re.findall(r"(\w+@pennypost\.example)\s+password\s+(\S+)", said)) == 2
        assert "Sign in" in answers(address[0])[1]
        family = psutil.Process(process.pid).children(recursive=True)
        assert family
        process.send_signal(signal.SIGINT)
        assert process.wait(20) in (0, 130)
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []
    assert list(tmp_path.iterdir()) == []
