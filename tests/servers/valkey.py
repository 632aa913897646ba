"""A private Redis or Valkey on loopback, whichever is installed, set up as docs/scale.md says."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import redis

from tests.servers.dovecot import free_ports

PASSWORD = "geheim-und-lang"


def program() -> str:
    """Without one the test is skipped."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    found = shutil.which("valkey-server", path=path) or shutil.which("redis-server", path=path)
    return found or pytest.skip("no redis-server and no valkey-server (package redis-server)")


class Valkey:
    """Start it, let it die, start it again with what it has kept. options: lines of its configuration."""

    def __init__(self, **options: str) -> None:
        [self.port] = free_ports(1)
        self._folder = Path(tempfile.mkdtemp(prefix="pennypost-valkey-"))
        self._options = {
            "port": str(self.port), "bind": "127.0.0.1", "dir": str(self._folder), "requirepass": PASSWORD,
            "unixsocket": str(self._folder / "socket"), "appendonly": "yes", "appendfsync": "always", "save": '""',
            "maxmemory-policy": "noeviction",
        } | options  # fmt: skip
        self._program = program()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What PENNYPOST_SHARED is set to."""
        return f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"

    @property
    def client(self) -> redis.Redis:
        """To look at what is there."""
        return redis.Redis.from_url(self.url, decode_responses=True)

    def start(self) -> Valkey:
        """Run it, and come back when it answers."""
        lines = "".join(f"{name} {value}\n" for name, value in self._options.items())
        (self._folder / "conf").write_text(lines, "utf-8")
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, str(self._folder / "conf")], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 20
        with self.client as client:
            while True:
                try:
                    client.ping()
                    return self
                except redis.RedisError:
                    said = (self._folder / "log").read_text(errors="replace")
                    assert self._process.poll() is None, said
                    assert time.monotonic() < deadline, said
                    time.sleep(0.02)

    def kill(self) -> None:
        """As when its machine loses power, but for what the kernel had already."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def clear(self) -> None:
        """Nothing is there."""
        with self.client as client:
            client.flushall()

    def stop(self) -> None:
        """End it and remove its folder."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
        shutil.rmtree(self._folder, ignore_errors=True)
