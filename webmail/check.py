"""Asks a mail server what will work here, and says it in words: `pennypost check mail.example.org --user alice@...`.

For an administrator, before the first reader and whenever something is odd. The same code connects that connects for
readers. Nothing is changed on the server; a letter is neither written nor sent. The password comes from the terminal or
is the first line of the standard input, never an argument that other users could see.
"""

from __future__ import annotations

import argparse
import getpass
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Final, Literal

from webmail import asking, config
from webmail.failed import Failed

Kind = Literal["ok", "note", "FAILS"]

_WIDTH: Final = 100
_OPTIONS: Final = ("imap_port", "imap_tls", "smtp_host", "smtp_port", "smtp_tls", "ca_file", "login")
"""Settings that an argument can stand for, by the same names and with the same rules."""


@dataclass(slots=True)
class Report:
    """What was found, printed as it is found: asking a slow server takes a while."""

    counted: dict[Kind, int] = field(default_factory=lambda: {"ok": 0, "note": 0, "FAILS": 0})

    def heading(self, words: str) -> None:
        """What the next lines are about."""
        print(f"\n{words}", flush=True)

    def say(self, kind: Kind, words: str) -> None:
        """One finding. ok: it works. note: it works, but less than it could. FAILS: people will miss it."""
        self.counted[kind] += 1
        first, later = f"  {kind:5}  ", " " * 9
        print(textwrap.fill(words, _WIDTH, initial_indent=first, subsequent_indent=later), flush=True)


def main(arguments: Sequence[str]) -> int:
    """Returns 0 when people can work with this server, 1 when they cannot. Raises Failed, ConfigError."""
    chosen = _parser().parse_args(arguments)
    settings = config.load(_environ(chosen)) if chosen.host else config.load()
    servers = _servers(settings, chosen.user)
    password = _password(chosen.user) if chosen.user else None
    report = Report()
    for server in servers:
        found = asking.Server(settings, server, report)
        found.greetings()
        if chosen.user and password is not None:
            found.signed_in(server.login_of(chosen.user), password)
    return _ended(report, signed_in=password is not None)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "pennypost check", description="Ask a mail server what will work here. Without HOST: those of the settings."
    )
    parser.add_argument("host", nargs="?", help="name of the IMAP server, as its certificate has it")
    parser.add_argument("--user", help="sign in as this address, too; the password is asked for, or read from a pipe")
    for name in _OPTIONS:
        option = next(each for each in fields(config.Settings) if each.name == name)
        parser.add_argument(f"--{name.replace('_', '-')}", help=option.metadata["help"].replace("%", "%%"))
    return parser


def _environ(chosen: argparse.Namespace) -> Mapping[str, str]:
    """The settings of a site that would use this server, everything else as it is by default."""
    given = {name: getattr(chosen, name) for name in _OPTIONS} | {"imap_host": chosen.host}
    return {config.PREFIX + name.upper(): value for name, value in given.items() if value is not None}


def _servers(settings: config.Settings, user: str | None) -> list[config.MailServer]:
    """The one of this user, else all that the settings name."""
    if user:
        server = settings.server_for(user.rpartition("@")[2].lower())
        if server is None:
            raise Failed(2, "the settings name no mail server for this address")
        if server.oauth:
            raise Failed(2, "people sign in at a provider there, which only a browser can; leave --user away")
        return [server]
    everybodys = [settings.server_for("")] if settings.imap_host else []
    named = dict.fromkeys([*settings.domains.values(), *(one for one in everybodys if one)])
    if not named:
        raise Failed(2, "the settings name no mail server: say which one, as pennypost check mail.example.org")
    return list(named)


def _password(user: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"Password of {user}: ")
    return sys.stdin.readline().rstrip("\r\n")


def _ended(report: Report, *, signed_in: bool) -> int:
    bad, notes = report.counted["FAILS"], report.counted["note"]
    if bad:
        print(f"\nNot yet: {bad} {'thing' if bad == 1 else 'things'} to mend first (FAILS above).")
        return 1
    less = f", {notes} of them with less than could be" if notes else ""
    print(f"\nThis will work: {report.counted['ok'] + notes} things were looked at{less}.")
    if not signed_in:
        print("Nobody signed in. With --user ADDRESS this looks at folders, room and sending, too.")
    return 0
