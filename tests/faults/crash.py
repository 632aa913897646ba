"""Pennypost in processes that are killed while they send: a nursery that has everything imported and forks a process
for each case, so that a case costs no start.

`python -m tests.faults.crash` reads cases as lines of JSON and answers with lines of JSON: {"pid": n}, then what the
case reported, then {"ended": status}.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from app import create_app
from tests.servers.application import Visitor, forms_of, settings_for
from tests.servers.compiled import COMPILED
from tests.servers.people import EVERYBODY, Identity
from webmail.actions import outbox as outbox_module
from webmail.config import Settings
from webmail.imap import append
from webmail.shared.node import Node

ROOT = Path(__file__).resolve().parents[2]
HANG = 1.5
"""Seconds that a case waits for APPEND; the real patience is two minutes and more."""


@dataclass(frozen=True)
class Report:
    """What a process told its user before it ended: "sent", "unknown", "failed", "held", "unsaved", or "" for nothing.

    killed: it did not end by itself. count: letters that the outbox still speaks of.
    """

    told: str = ""
    killed: bool = False
    count: int = 0
    page: str = ""


class Nursery:
    """The parent of all those processes. One case at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.crash"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = 0

    def run(self, **case: Any) -> Report:
        """One process from birth to end. RuntimeError when it failed in another way than by being killed."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(case) + "\n")
        stdin.flush()
        report: dict[str, Any] = {}
        while line := stdout.readline():
            told = json.loads(line)
            if "pid" in told:
                self.pid = told["pid"]
            elif "ended" in told:
                self.pid = 0
                killed = told["ended"] == -signal.SIGKILL
                if not killed and told["ended"] != 0:
                    break
                return Report(**report, killed=killed)
            else:
                report = told
        raise RuntimeError(f"the process of {case} failed")

    def kill(self) -> None:
        """End the case that runs, if one runs."""
        # Of 0 and less kill(2) makes whole groups of processes, ours among them.
        if self.pid > 1:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


# --- in the process that may be killed --------------------------------------------------------------------------------


def _case(case: dict[str, Any]) -> dict[str, Any]:
    append._patience = lambda octets: HANG  # type: ignore[assignment]
    settings = settings_for(
        case["imap_port"], case["smtp_port"], Path(case["ca_file"]), Path(case["state_dir"]),
        undo_seconds=case.get("undo", 30) if case.get("held") else 0, **case.get("settings", {}),
    )  # fmt: skip
    if settings.shared:
        # Nobody waits for half a minute in a test.
        Node.lease, Node.beat, outbox_module._GRACE = 1.0, 0.2, 0.3
    app = create_app(settings)
    app.testing, app.jinja_env.bytecode_cache = True, COMPILED
    outbox = app.extensions["pennypost-outbox"]
    # The switch of the tests: the one attribute through which the sender tells its steps.
    outbox.step = _killer(case.get("kill", ""))
    visitor = Visitor(app)
    visitor.sign_in(_person(case["person"]))
    report = _DEEDS[case["do"]](visitor, case)
    # A site goes on with what it began beside the requests; this process ends, so it waits for that.
    outbox._workers.shutdown(wait=True)
    return report


def _killer(where: str) -> Any:
    def step(name: str) -> None:
        if name == where:
            os.kill(os.getpid(), signal.SIGKILL)
        if f"stop {name}" == where:
            os.kill(os.getpid(), signal.SIGSTOP)

    return step


def _person(login: str) -> Identity:
    return next(identity for identity in EVERYBODY if identity.login == login)


def _send(visitor: Visitor, case: dict[str, Any]) -> dict[str, Any]:
    visitor.get(f"/m/Drafts/{case['pick']}/edit")
    forms = [form for form in forms_of(visitor.html) if form.action == "/write"]
    if not forms:
        return {"told": "gone", "page": visitor.text}
    visitor.send(forms[0], do=case.get("press", "send"))
    if case.get("held"):
        buttons = [
            action for form in forms_of(visitor.html) for _, _, action in form.buttons if action.endswith("/now")
        ]
        if buttons:
            form = next(form for form in forms_of(visitor.html) if form.action.startswith("/outbox/"))
            visitor.send(form, action=buttons[0])
            for _ in range(8):
                if "Sending now" not in visitor.text:
                    break
                visitor.send(form, action=buttons[0])
    return {"told": _told(visitor.text), "page": visitor.text}


def _look(visitor: Visitor, case: dict[str, Any]) -> dict[str, Any]:
    """Sign-in after the restart, and a look at the outbox; for so many seconds where something is about to go."""
    end = time.monotonic() + case.get("patience", 0)
    visitor.get("/outbox")
    while time.monotonic() < end and any(
        words in visitor.text for words in ("Sending in", "Sending now", "Being sent")
    ):
        time.sleep(0.2)
        visitor.get("/outbox")
    count = len([form for form in forms_of(visitor.html) if form.action.startswith("/outbox/")])
    return {"told": _told(visitor.text), "count": count, "page": visitor.text}


def _again(visitor: Visitor, case: dict[str, Any]) -> dict[str, Any]:
    """The button of a letter that may have been sent."""
    visitor.get("/outbox")
    form = visitor.form("/outbox/")
    [action] = [action for _, _, action in form.buttons if action.endswith("/again")]
    visitor.send(form, action=action)
    return {"told": _told(visitor.text), "page": visitor.text}


def _redirect(visitor: Visitor, case: dict[str, Any]) -> dict[str, Any]:
    """The page that asks, as it was before the crash: its name for the deed is the same."""
    visitor.get(f"/m/INBOX/{case['pick']}/redirect")
    visitor.send(visitor.form(visitor.path), to=case["to"], message_id=case["id"])
    return {"told": _told(visitor.text), "page": visitor.text}


def _receipt(visitor: Visitor, case: dict[str, Any]) -> dict[str, Any]:
    """The button, also on a page that is older than the answer."""
    visitor.get(f"/m/INBOX/{case['pick']}")
    form = visitor.form(f"/m/INBOX/{case['pick']}/receipt") if case.get("asks") else None
    if form is None:
        return {"told": "asked" if "asks for a receipt" in visitor.text else "", "page": visitor.text}
    visitor.send(form, do="send")
    return {"told": _told(visitor.text), "page": visitor.text}


_DEEDS: dict[str, Callable[[Visitor, dict[str, Any]], dict[str, Any]]] = {
    "send": _send, "look": _look, "again": _again, "redirect": _redirect, "receipt": _receipt,
}  # fmt: skip


def _told(text: str) -> str:
    for words, told in (
        ("may have been sent", "unknown"), ("Being sent", "sending"), ("Send without a copy", "unsaved"),
        ("Not sent yet", "held"), ("Not sent", "failed"), ("Sent.", "sent"), ("had been sent already", "sent"),
        ("Redirected.", "sent"), ("had been redirected already", "sent"), ("The receipt was sent", "sent"),
        ("cannot be", "failed"), ("too slow", "failed"), ("was lost", "failed"),
    ):  # fmt: skip
        if words in text:
            return told
    return ""


def _compile() -> None:
    with tempfile.TemporaryDirectory() as state:
        environment = create_app(Settings(imap_host="localhost", state_dir=state)).jinja_env
    environment.bytecode_cache = COMPILED
    for name in environment.list_templates(["html"]):
        environment.get_template(name)


def _serve() -> None:
    _compile()
    # What all cases share is not looked through again in each of them.
    gc.freeze()
    for line in sys.stdin:
        case = json.loads(line)
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            _born(case)
        print(json.dumps({"pid": pid}), flush=True)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"ended": os.waitstatus_to_exitcode(status)}), flush=True)


def _born(case: dict[str, Any]) -> None:
    """The child: it ends here, whatever happens, without what its parent would do at its end."""
    ended = 1
    try:
        # A case that hangs is a failure, not a reason to wait.
        threading.Timer(150, os._exit, (3,)).start()
        report = _case(case)
        os.write(1, (json.dumps(report) + "\n").encode())
        ended = 0
    except BaseException as error:
        os.write(2, f"{case}: {type(error).__name__} {error}\n".encode())
        raise
    finally:
        os._exit(ended)


if __name__ == "__main__":
    _serve()
