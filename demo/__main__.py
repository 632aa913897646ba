"""`pennypost demo`: the mail server with sample mail, Pennypost on it, and an end that leaves nothing behind."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from demo.accounts import PEOPLE
from demo.reader import ADDRESS, Reader, free_port
from demo.server import DemoServer

_PORT: Final = 8025
_START_LIMIT: Final = 60.0  # seconds

_WELCOME: Final = """
  Pennypost is running. Open this address in a browser:

      {url}

  and sign in with one of these:

{people}

  They can write to each other. No mail leaves this computer, and all of
  it is thrown away at the end. Press Ctrl-C to stop.
"""


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0 when asked to stop, 1 when something did not start or died."""
    parser = argparse.ArgumentParser(prog="pennypost demo", description="Try Pennypost with a mail server of its own.")
    # A container says where it is reached; the rest of the settings is not for the demo.
    host, port = _listen(os.environ.get("PENNYPOST_LISTEN", ""))
    parser.add_argument(
        "--port", type=int, default=port, help=f"where to listen (normally {port}; 0 takes any free port)"
    )
    preferred: int = parser.parse_args(arguments).port
    stop = threading.Event()
    _on_signals(stop.set)
    os.umask(0o077)
    folder = Path(tempfile.mkdtemp(prefix="pennypost-demo-"))
    try:
        with DemoServer() as server:
            reader = Reader(server, folder / "state", free_port(preferred, host), host)
            if reader.port != preferred and preferred:
                say(f"Port {preferred} is taken; using {reader.port} instead.")
            try:
                return _run(reader, stop)
            finally:
                reader.stop()
    except OSError as error:
        print(f"The demo could not start: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def say(text: str) -> None:
    """A line for the person at the terminal. Nobody may be there any more: that is no reason to stop halfway."""
    try:
        print(text, flush=True)
    except OSError:
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - kept until the end


def _run(reader: Reader, stop: threading.Event) -> int:
    reader.start()
    deadline = time.monotonic() + _START_LIMIT
    while not stop.is_set() and reader.ended() is None and not reader.answers():
        if time.monotonic() > deadline:
            say("Pennypost did not answer within a minute; giving up.")
            return 1
        stop.wait(0.1)
    if reader.ended() is None and not stop.is_set():
        people = "\n".join(f"      {address}   password  {password}" for address, password in PEOPLE)
        say(_WELCOME.format(url=reader.url, people=people))
    while not stop.wait(0.3):
        if reader.ended() is not None:
            say(f"Pennypost has ended by itself (status {reader.ended()}); what it said is above. The demo stops.")
            return 1
    say("\n  Stopped. Everything of the demo is gone.")
    return 0


def _listen(text: str) -> tuple[str, int]:
    """PENNYPOST_LISTEN, or this computer alone."""
    host, _, port = text.rpartition(":")
    return (host, int(port)) if host and port.isdecimal() else (ADDRESS, _PORT)


def _on_signals(stop: Callable[[], None]) -> None:
    def handle(number: int, frame: FrameType | None) -> None:
        stop()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handle)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
