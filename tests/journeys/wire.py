"""Firefox and WebKit as Debian builds them, by WebDriver (W3C): the same commands over two transports.

Firefox takes them over a socket of its own (Marionette, what geckodriver speaks to it), WebKitGTK over HTTP from
WebKitWebDriver. So nothing has to be installed but the browsers.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Protocol

from tests.journeys.hands import FIND, Gone

ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"
"""The key of an element in JSON (WebDriver 12)."""

ENTER: Final = "\ue007"
_AGAIN: Final = {
    "stale element reference", "no such element", "element not interactable", "element click intercepted",
    "no such window", "javascript error", "unknown error",
}  # fmt: skip
"""What an engine says while a page is left, or before it has been laid out."""


class Refused(Exception):
    """A command that an engine did not do."""


class Transport(Protocol):
    """How one command travels: by its name in Marionette, with its parameters."""

    version: str

    def call(self, command: str, given: dict[str, Any]) -> Any: ...


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _patiently(connect: Callable[[], Any], process: subprocess.Popen[bytes]) -> Any:
    end = time.monotonic() + 60
    while True:
        try:
            return connect()
        except OSError:
            assert process.poll() is None, f"{process.args!r} ended"
            assert time.monotonic() < end, f"{process.args!r} does not listen"
            time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# --- Firefox ----------------------------------------------------------------------------------------------------------


class Marionette:
    """`length:[0, id, name, parameters]`, answered by `length:[1, id, error, result]`."""

    def __init__(self, line: socket.socket) -> None:
        self._line, self._file, self._count = line, line.makefile("rb"), 0
        self._read()
        found = self.call("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {}}})
        self.version = f"Firefox {found['capabilities']['browserVersion']}"

    def _read(self) -> Any:
        length = b""
        while (one := self._file.read(1)) != b":":
            length += one
        return json.loads(self._file.read(int(length)))

    def call(self, command: str, given: dict[str, Any]) -> Any:
        self._count += 1
        octets = json.dumps([0, self._count, command, given]).encode()
        self._line.sendall(b"%d:%s" % (len(octets), octets))
        _, _, error, result = self._read()
        if error:
            raise (Gone if error["error"] in _AGAIN else Refused)(f"{command}: {error}")
        return result.get("value") if set(result) == {"value"} else result

    def close(self) -> None:
        self._file.close()


@contextmanager
def firefox(folder: Path) -> Iterator[Transport]:
    """folder: where its profile may lie."""
    port = _free_port()
    (folder / "user.js").write_text(f'user_pref("marionette.port", {port});\n')
    program = shutil.which("firefox-esr") or "firefox"
    command = [program, "--headless", "--marionette", "--no-remote", "--profile", str(folder)]
    size = {"MOZ_HEADLESS_WIDTH": "1440", "MOZ_HEADLESS_HEIGHT": "1000", "HOME": str(folder)}
    process = subprocess.Popen(
        command, env={**os.environ, **size}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        line = _patiently(lambda: socket.create_connection(("127.0.0.1", port)), process)
        with line:
            session = Marionette(line)
            yield session
            session.close()
    finally:
        _stop(process)


# --- WebKit -----------------------------------------------------------------------------------------------------------

_PATHS: Final = {
    "WebDriver:Navigate": "/url", "WebDriver:ExecuteScript": "/execute/sync",
    "WebDriver:ElementClick": "/element/{id}/click", "WebDriver:ElementClear": "/element/{id}/clear",
    "WebDriver:ElementSendKeys": "/element/{id}/value",
}  # fmt: skip


class Http:
    """POST /session/{id}/… with JSON."""

    def __init__(self, port: int, options: dict[str, Any]) -> None:
        self._port, self._session = port, ""
        found = self._post("/session", {"capabilities": {"alwaysMatch": options}})
        self._session = f"/session/{found['sessionId']}"
        self.version = f"WebKitGTK {found['capabilities']['browserVersion']}"
        self._post(f"{self._session}/window/rect", {"x": 0, "y": 0, "width": 1440, "height": 1000})

    def _post(self, path: str, given: dict[str, Any], method: str = "POST") -> Any:
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        line.request(method, path, json.dumps(given), {"Content-Type": "application/json"})
        answer = line.getresponse()
        value = json.loads(answer.read())["value"]
        line.close()
        if answer.status != 200:
            raise (Gone if value["error"] in _AGAIN else Refused)(f"{path}: {value}")
        return value

    def call(self, command: str, given: dict[str, Any]) -> Any:
        return self._post(self._session + _PATHS[command].format(id=given.get("id")), given)

    def close(self) -> None:
        self._post(self._session, {}, "DELETE")


@contextmanager
def webkit(folder: Path) -> Iterator[Transport]:
    """MiniBrowser under an X server of its own that nobody sees."""
    with _display() as display:
        port = _free_port()
        settings = {"DISPLAY": display, "HOME": str(folder), "GDK_BACKEND": "x11", "LC_ALL": "C.UTF-8"}
        process = subprocess.Popen(
            ["WebKitWebDriver", f"--port={port}"], env={**os.environ, **settings},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _patiently(lambda: socket.create_connection(("127.0.0.1", port)).close(), process)
            session = Http(port, {})
            yield session
            with suppress(OSError, Gone, Refused):
                session.close()
        finally:
            _stop(process)


@contextmanager
def _display() -> Iterator[str]:
    """Xvfb tells the number that it found free."""
    told, tell = os.pipe()
    command = ["Xvfb", "-displayfd", str(tell), "-screen", "0", "1440x1000x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=(tell,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(tell)
    try:
        with os.fdopen(told) as number:
            yield f":{number.readline().strip()}"
    finally:
        _stop(process)


# --- what hands do with it --------------------------------------------------------------------------------------------


_PLACE: Final = "(it) => { const box = it.getBoundingClientRect(); return [document.readyState, box.x, box.y]; }"


class Remote:
    """A Driver (hands.py) over one of the transports."""

    def __init__(self, transport: Transport) -> None:
        self._call = transport.call

    def go(self, url: str) -> None:
        self._call("WebDriver:Navigate", {"url": url})

    def ask(self, source: str, *given: Any) -> Any:
        script = f"return ({source})(...arguments)"
        return self._call("WebDriver:ExecuteScript", {"script": script, "args": list(given)})

    def find(self, kind: str, name: str) -> Any | None:
        return self.ask(FIND, kind, name)

    def click(self, it: Any) -> None:
        """When it stands still: a press beside it would be nobody's."""
        before = None
        while (now := self.ask(_PLACE, it)) != before:
            before = now
            time.sleep(0.1)
        self._call("WebDriver:ElementClick", {"id": it[ELEMENT]})

    def fill(self, it: Any, text: str) -> None:
        self._call("WebDriver:ElementClear", {"id": it[ELEMENT]})
        self._call("WebDriver:ElementSendKeys", {"id": it[ELEMENT], "text": text})

    def enter(self, it: Any) -> None:
        self._call("WebDriver:ElementSendKeys", {"id": it[ELEMENT], "text": ENTER})

    def choose(self, it: Any, option: str) -> None:
        found = self.ask("(it, label) => [...it.options].find((one) => one.label === label) || null", it, option)
        assert found, f"there is no {option!r}"
        self.click(found)

    def attach(self, it: Any, path: Path) -> None:
        self._call("WebDriver:ElementSendKeys", {"id": it[ELEMENT], "text": str(path)})
