"""Hoodiecrow 2.1 (npm), a server in memory with as few extensions as one likes: what is left when nothing is offered.

style "minimal": IMAP4rev1 and no word more (no UIDPLUS, NAMESPACE, LITERAL+ or IDLE). style "gmail": folders with roles
below `[Gmail]`, which cannot be opened itself. One server for each person, because each has but one set of folders.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imapclient import IMAPClient

from tests.servers.authority import Authority
from tests.servers.dovecot import free_ports
from tests.servers.foreign import CACHE, Program, Unavailable, short_folder
from tests.servers.people import EVERYBODY, Identity, Person

LOCKED = Path(__file__).with_name("hoodiecrow_npm")

START = """
const fs = require('fs'), path = require('path');
const {modules, chain, key, style, people} = JSON.parse(fs.readFileSync(process.argv[2]));
const hoodiecrow = require(path.join(modules, 'hoodiecrow-imap'));
const tree = {'All Mail': '\\\\All', Drafts: '\\\\Drafts', 'Sent Mail': '\\\\Sent', Spam: '\\\\Junk',
  Starred: '\\\\Flagged', Trash: '\\\\Trash'};
const storage = () => {
  const folders = {};
  for (const name in tree) folders[name] = {'special-use': tree[name]};
  return {INBOX: {}, '': {separator: '/', folders:
    style === 'gmail' ? {'[Gmail]': {flags: ['\\\\Noselect'], folders}} : {}}};
};
const plugins = style === 'gmail' ? ['ID', 'ENABLE', 'IDLE', 'LITERALPLUS', 'NAMESPACE', 'SASL-IR', 'AUTH-PLAIN',
  'SPECIAL-USE', 'CREATE-SPECIAL-USE', 'UNSELECT', 'UIDPLUS', 'MOVE'] : [];
process.on('uncaughtException', error => console.error(error.stack));
for (const {login, password, port} of people) {
  const server = hoodiecrow({plugins, secureConnection: true, storage: storage(),
    credentials: {key: fs.readFileSync(key), cert: fs.readFileSync(chain)}});
  for (const other in server.users) delete server.users[other];
  server.users[login] = {password};
  // It writes every answer in pieces, and each would wait 40 ms for the other side.
  server.server.on('connection', socket => socket.setNoDelay(true));
  server.listen(port, '127.0.0.1');
}
"""


@dataclass(frozen=True)
class Caller(Person):
    """Somebody there, who signs in with LOGIN: the minimal style has no other way."""

    @contextmanager
    def imap(self) -> Iterator[IMAPClient]:
        client = IMAPClient(self.host, self.port, ssl_context=self.context, timeout=20)
        try:
            client.login(self.login, self.password)
            yield client
        finally:
            client.shutdown()


class Hoodiecrow:
    """Start it, stop it. Passwords must be ASCII: this server reads nothing else."""

    host = "localhost"

    def __init__(self, authority: Authority, *, style: str = "minimal", people: Iterable[Identity] = EVERYBODY) -> None:
        self.authority, self.style = authority, style
        self.people = list(people)
        self.ports = dict(zip((one.login for one in self.people), free_ports(len(self.people)), strict=True))
        self.port = self.ports[self.people[-1].login]
        self.folder = short_folder("hoodiecrow")
        self._program = Program("Hoodiecrow", self.port, self.folder / "log")

    def start(self) -> Hoodiecrow:
        """Install it below .cache, run it, and come back when it answers. Raises Unavailable or RuntimeError."""
        good = self.authority.good()
        people = [{"login": one.login, "password": one.password, "port": self.ports[one.login]} for one in self.people]
        facts = {
            "modules": str(_modules()), "chain": str(good.chain), "key": str(good.key), "style": self.style,
            "people": people,
        }  # fmt: skip
        (self.folder / "facts.json").write_text(json.dumps(facts))
        (self.folder / "start.js").write_text(START)
        self._program.launch(["node", str(self.folder / "start.js"), str(self.folder / "facts.json")])
        return self

    def stop(self) -> None:
        """End it and remove its folder."""
        self._program.end()
        if not os.environ.get("KEEP_SERVERS"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def person(self, identity: Identity) -> Person:
        """Someone with a server of their own."""
        context = self.authority.client_context()
        return Caller(identity, self.host, self.ports[identity.login], context, separator="/")


def _modules() -> Path:
    """The exact versions of package-lock.json, installed once; nothing of them runs while they are installed."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise Unavailable("it needs Node.js and npm")
    place = CACHE / "hoodiecrow"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "complete").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(LOCKED / name, place)
            done = subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=place, capture_output=True, text=True,
                stdin=subprocess.DEVNULL, timeout=300,
            )  # fmt: skip
            if done.returncode:
                raise Unavailable(f"npm cannot install it; is there a network? {done.stderr.strip()[-200:]}")
            (place / "complete").touch()
    return place / "node_modules"
