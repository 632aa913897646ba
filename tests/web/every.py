"""Every address of the application, filled in for one message, and everything a person has on the mail server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask import Flask, url_for

from tests.servers.people import Person
from webmail.mail.ids import MailboxName
from webmail.web import converters
from webmail.web.converters import Pick

MODES = ("reply", "reply-all", "reply-list", "forward", "forward-eml", "edit", "template")

State = dict[str, list[tuple[int, frozenset[str], bytes]]]


OF_OTHER_LETTERS = {
    "message.body", "image.show", "inner.show", "inner.body", "part.files", "winmail.show", "winmail.body",
    "winmail.file", "draft.uploaded", "act.job", "factor.show", "words",
}  # fmt: skip
"""Pages of what a plain letter does not have: an HTML body, remote pictures, files, a message inside, winmail.dat, a
picture on its way, a job under way. And of what the settings of a site, or its languages,
leave out."""


@dataclass(frozen=True)
class Route:
    """One address. private: only for those who are signed in."""

    method: str
    endpoint: str
    path: str

    @property
    def private(self) -> bool:
        return self.endpoint not in {
            "static", "login.show", "login.enter", "login.bye", "login.everywhere", "login.sign_out", "login.back",
            "login.choose", "passkey.challenge", "passkey.unlock", "factor.enter", "theme", "words", "shell.manifest",
            "shell.worker", "shell.offline", "help.show", "keys.show",
        }  # fmt: skip


def routes(app: Flask, pick: Pick, mailbox: str = "INBOX") -> list[Route]:
    """The whole URL map. A rule with an argument that is new here fails, so that nobody forgets to add it."""
    given: dict[str, list[Any]] = {
        "mailbox": [MailboxName(mailbox)], "pick": [pick], "part_id": ["1"], "inner": ["1"], "mode": list(MODES),
        "number": [0], "key": ["0" * 64], "act": ["undo", "now", "again", "sent", "dismiss"], "token": ["0" * 32],
        "label": ["google"], "version_asked": ["0" * 16], "name": ["theme.css"], "tag": ["en-XA"],
    }  # fmt: skip
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint == "static":
                found.append(Route("GET", "static", app.jinja_env.globals["static_url"]("css/base.css")))  # type: ignore[operator]
                continue
            if rule.endpoint == "events.stream":
                # It has no end: tests/views/test_events.py reads it.
                continue
            wide = next((name for name in sorted(rule.arguments) if len(given[name]) > 1), None)
            for value in given[wide] if wide else [None]:
                values = {name: given[name][0] for name in rule.arguments} | ({wide: value} if wide else {})
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                    # Of several messages at once: those that are named.
                    named = {"uid": converters.pick_to_text(pick)} if rule.endpoint == "printout.several" else {}
                    found.append(Route(method, rule.endpoint, url_for(rule.endpoint, **values, **named)))
    assert len(found) > 15
    return found


def everything(person: Person) -> State:
    """All folders with all messages, their flags and octets."""
    found: State = {}
    with person.imap() as client:
        for _, _, name in client.list_folders():
            client.select_folder(name, readonly=True)
            answer = client.fetch(client.search("ALL"), ["FLAGS", "BODY.PEEK[]"])
            found[name] = [
                (uid, frozenset(flag.decode() for flag in data[b"FLAGS"]) - {"\\Recent"}, data[b"BODY[]"])
                for uid, data in sorted(answer.items())
            ]
    return found


def token_of(html: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', html)
    assert found
    return found[1]
