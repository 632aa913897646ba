"""A private Dovecot on loopback: the reference server of the tests. No root, nothing outside its folder."""

from __future__ import annotations

import base64
import contextlib
import functools
import grp
import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from tests.servers.authority import Authority
from tests.servers.dovecot_conf import Facts, configuration, oauth2_2_3
from tests.servers.people import EVERYBODY, Identity, Person

ROLES = ("Drafts", "Sent", "Trash", "Junk", "Archive")


class Dovecot:
    """Start it, give people accounts on it, stop it.

    layout: "maildir++" (hierarchy separator ".") or "fs" ("/").
    prefix: "" or "INBOX." (written with "." in both layouts; "fs" turns it into "INBOX/").
    quota: bytes a person may store, or None for no limit.
    max_connections: of one person from one address, as mail_max_userip_connections.
    special_use: False hides the roles, so that folders are found by name only.
    auto: False lets folders with a role be there only when somebody made them, and stay away when deleted.
    acl: True lets grant() take rights away.
    notes: True keeps notes beside the mail (METADATA).
    sharing: True, with acl and layout "fs", shows people in "shared/" what others grant them (Dovecot 2.3).
    trusting: True believes what this machine tells of where a user is (ID x-originating-ip).
    names: of its certificate, in place of localhost.
    introspection: where it asks whose a token is (RFC 7662); it takes XOAUTH2 and OAUTHBEARER then.
    ports: for implicit TLS and STARTTLS; None takes two that are free.
    """

    host = "localhost"

    def __init__(
        self,
        authority: Authority,
        *,
        layout: str = "maildir++",
        prefix: str = "",
        quota: int | None = None,
        max_connections: int = 200,
        special_use: bool = True,
        auto: bool = True,
        acl: bool = False,
        notes: bool = False,
        sharing: bool = False,
        trusting: bool = False,
        names: tuple[str, ...] = (),
        introspection: str = "",
        people: Iterable[Identity] = EVERYBODY,
        ports: tuple[int, int] | None = None,
    ) -> None:
        self.authority = authority
        self.people = {identity.login: identity for identity in people}
        self.separator = "/" if layout == "fs" else "."
        self.prefix = prefix.replace(".", self.separator)
        self.port, self.starttls_port = ports or free_ports(2)
        self.folder = _short_folder()
        self.log = self.folder / "log"
        user, group = _who_runs_mail()
        self._owner = (pwd.getpwnam(user).pw_uid, grp.getgrnam(group).gr_gid)
        certificate = authority.naming(*names) if names else authority.good()
        self._facts = Facts(
            folder=self.folder,
            port=self.port,
            starttls_port=self.starttls_port,
            chain=certificate.chain,
            key=certificate.key,
            user=user,
            group=group,
            root=os.getuid() == 0,
            layout=layout,
            separator=self.separator,
            prefix=self.prefix,
            quota=quota,
            max_connections=max_connections,
            roles=ROLES,
            special_use=special_use,
            auto=auto,
            acl=acl,
            notes=notes,
            sharing=sharing,
            trusting=trusting,
            introspection=introspection,
        )
        self._config = self.folder / "dovecot.conf"
        self._process: subprocess.Popen[bytes] | None = None

    # --- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> Dovecot:
        """Run it and come back when both ports answer. RuntimeError with the end of the log when it does not start."""
        self._config.write_text(configuration(self._facts, version()))
        self._write_passwords()
        if self._facts.introspection:
            (self.folder / "oauth2").write_text(oauth2_2_3(self._facts))
            shutil.copyfile(self.authority.ca_file, self.folder / "authority")
        for login in self.people:
            self._new_home(login)
        if self._facts.sharing:
            (shares := self.folder / "shares").mkdir()
            self.own(shares)
        self._launch()
        return self

    def stop(self) -> None:
        """End it and remove its folder."""
        self._end()
        if not os.environ.get("KEEP_SERVERS"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def restart(self) -> None:
        """As an administrator does: every connection ends, the mail stays, the ports are the same."""
        self.halt()
        self.resume()

    def halt(self) -> None:
        """It is away until resume(): every connection ends, the ports refuse, the mail stays."""
        self._end()

    def resume(self) -> None:
        """It is back, on the same ports."""
        self._launch()

    def _launch(self) -> None:
        deadline = time.monotonic() + 20
        self._begin()
        for port in (self.port, self.starttls_port):
            while not _answers(port):
                if time.monotonic() > deadline:
                    said = self.log.read_text(errors="replace")[-3000:]
                    self.stop()
                    raise RuntimeError(f"Dovecot did not start:\n{said}")
                time.sleep(0.02)
                if self._process and self._process.poll() is not None:
                    # What was killed is not quite gone yet.
                    time.sleep(0.2)
                    self._begin()

    def _begin(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [_program("dovecot"), "-F", "-c", str(self._config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _end(self) -> None:
        """Everything at once: an orderly end takes Dovecot a second, and nothing here is worth keeping orderly."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        self._process = None
        # Its children hold the listening sockets too and die a moment later: who connects now would meet one of them.
        while any(_answers(port) for port in (self.port, self.starttls_port)):
            time.sleep(0.01)
        # A second start while these are there is refused.
        run = self.folder / "run"
        for left in (run / "master.pid", *(path for path in run.rglob("*") if path.is_socket())):
            left.unlink(missing_ok=True)

    # --- people -------------------------------------------------------------------------------------------------------

    def person(self, identity: Identity) -> Person:
        """Someone with an account here."""
        return Person(
            identity,
            self.host,
            self.port,
            self.authority.client_context(),
            prefix=self.prefix,
            separator=self.separator,
        )

    def wipe(self, who: str | Identity | Person) -> None:
        """Give them a mailbox as new: their sessions end, all their mail is gone, the UIDVALIDITY is another."""
        login = who if isinstance(who, str) else who.login
        self.kick(login)
        self._new_home(login)

    def set_password(self, login: str, password: str) -> None:
        """They change it elsewhere: sessions that are open stay open, the old password is refused from now on.

        Takes up to a second: Dovecot looks at the file at most once in each.
        """
        self.people[login] = Identity(login, password, self.people[login].name)
        before = (self.folder / "passwd").stat().st_mtime
        self._write_passwords()
        # It compares sizes and whole seconds.
        os.utime(self.folder / "passwd", (before + 2, before + 2))
        deadline = time.monotonic() + 10
        while "auth succeeded" not in self.doveadm("auth", "test", login, password, check=False):
            if time.monotonic() > deadline:
                raise RuntimeError("the new password is not known")
            time.sleep(0.1)

    def grant(self, who: str | Identity | Person, mailbox: str, rights: str) -> None:
        """All that they may do in that mailbox of theirs from now on (RFC 4314 letters: "lr" is looking only).

        mailbox: its name on disk in a Maildir++ layout, "" for INBOX. Their sessions end, so that none remembers more.
        """
        folder = self.maildir(who) / (f".{mailbox}" if mailbox else "")
        (folder / "dovecot-acl").write_text(f"owner {rights}\n")
        self.kick(who)

    def kick(self, who: str | Identity | Person) -> None:
        """End every connection of this person now."""
        login = who if isinstance(who, str) else who.login
        if self.sessions(login):
            self.doveadm("kick", login, check=False)
            deadline = time.monotonic() + 5
            while self.sessions(login) and time.monotonic() < deadline:
                time.sleep(0.02)

    def sessions(self, who: str | Identity | Person) -> int:
        """How many connections this person has open."""
        login = who if isinstance(who, str) else who.login
        lines = self.doveadm("-f", "tab", "who", "-1", login, check=False).splitlines()
        return sum(1 for line in lines if line.startswith(login + "\t"))

    def doveadm(self, *arguments: str, check: bool = True, seconds: float = 30) -> str:
        """What `doveadm ARGUMENTS` prints. RuntimeError when it fails and check is true."""
        done = subprocess.run(
            [_program("doveadm"), "-c", str(self._config), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        if check and done.returncode:
            raise RuntimeError(f"doveadm {' '.join(arguments)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def maildir(self, who: str | Identity | Person) -> Path:
        """Where their mail lies on disk."""
        login = who if isinstance(who, str) else who.login
        return self._homes()[login] / "Maildir"

    def own(self, path: Path) -> None:
        """Give a file or folder that was put into a maildir by hand to whoever keeps the mail."""
        if os.getuid() == 0:
            os.chown(path, *self._owner)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _homes(self) -> dict[str, Path]:
        return {login: (self.folder / "mail" / login).resolve() for login in self.people}

    def _new_home(self, login: str) -> None:
        """The home is a symbolic link, so that a session that still ends cannot write into the new mailbox."""
        link = self.folder / "mail" / login
        link.parent.mkdir(exist_ok=True)
        old = link.resolve() if link.is_symlink() else None
        new = Path(tempfile.mkdtemp(prefix=f"{login}.", dir=link.parent))
        self.own(new)
        fresh = new.with_name(new.name + ".link")
        fresh.symlink_to(new)
        fresh.replace(link)
        if old:
            shutil.rmtree(old, ignore_errors=True)

    def _write_passwords(self) -> None:
        """passwd-file lines; Base64 keeps colons and letters outside ASCII away from its syntax."""
        lines = []
        for identity in self.people.values():
            secret = base64.b64encode(identity.password.encode()).decode()
            lines.append(f"{identity.login}:{{PLAIN.b64}}{secret}::::::\n")
        path = self.folder / "passwd"
        path.write_text("".join(lines))
        path.chmod(0o644)


@functools.cache
def version() -> tuple[int, int]:
    """(2, 3) or (2, 4): their configuration files do not understand each other."""
    said = subprocess.run([_program("dovecot"), "--version"], capture_output=True, text=True, timeout=10).stdout
    found = re.match(r"(\d+)\.(\d+)", said)
    if not found:
        raise RuntimeError(f"cannot read the version of Dovecot: {said!r}")
    return int(found[1]), int(found[2])


def free_ports(count: int) -> list[int]:
    """Loopback TCP ports that nobody listens on at this moment. Below those that Linux lends to whoever dials: a server
    that is away for a moment finds its port again."""
    sockets: list[socket.socket] = []
    try:
        while len(sockets) < count:
            one = socket.socket()
            try:
                one.bind(("127.0.0.1", random.SystemRandom().randrange(11_000, 32_000)))
            except OSError:
                one.close()
            else:
                sockets.append(one)
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _program(name: str) -> str:
    """Debian keeps dovecot in /usr/sbin, which is not in everybody's PATH."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if not found:
        raise RuntimeError(f"{name} is not installed (package dovecot-imapd)")
    return found


def _who_runs_mail() -> tuple[str, str]:
    """Dovecot refuses to deliver mail to uid 0, so root lends the work to the account `mail`."""
    if os.getuid() == 0:
        return "mail", "mail"
    return pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name


def _short_folder() -> Path:
    """Below /tmp: pytest's own folders are closed to other accounts and too long for Unix sockets (108 bytes)."""
    base = tempfile.gettempdir()
    folder = Path(tempfile.mkdtemp(prefix="dovecot-", dir=base if len(base) < 40 else "/tmp"))
    folder.chmod(0o755)
    return folder


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
