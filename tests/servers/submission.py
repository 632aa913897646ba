"""A submission server (RFC 6409) that checks the login, keeps what it took, delivers locally and fails on request."""

from __future__ import annotations

import asyncio
import base64
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.authority import Authority
from tests.servers.people import EVERYBODY, Identity

Deliver = Callable[[str, bytes], None]


@dataclass(frozen=True)
class Accepted:
    """One message as it arrived: who signed in, the envelope, and the exact bytes between DATA and the final dot.

    wishes: of each RCPT (RFC 3461), "" for one without.
    """

    login: str
    sender: str
    recipients: tuple[str, ...]
    options: tuple[str, ...]
    raw: bytes
    wishes: tuple[str, ...] = ()


class Submission:
    """Implicit TLS on `port`, STARTTLS on `starttls_port`; AUTH PLAIN and LOGIN; nothing without a login.

    Recipients whose local part is one of these words, in any domain, meet a fault:
    reject 550 at RCPT; tempfail 451 at RCPT; notowned 553 at RCPT (how Postfix refuses a foreign From);
    datafail 554 after DATA; later 452 after DATA; slow is answered after `slow_seconds`;
    drop: the message is taken and the connection closed without an answer; vanish: closed and not taken.
    cut: closed in the middle of DATA, before the final dot.
    A sender whose local part is `spoof` gets 553 at MAIL.

    accepted: everything taken so far, oldest first. size_limit: in octets, announced as SIZE and enforced.
    hold: seconds that mail is held back, announced as FUTURERELEASE (RFC 4865); 0 announces nothing. utf8: SMTPUTF8.
    dsn: DSN (RFC 3461). only: addresses that may be a sender, others get 553 at each RCPT as from Postfix; None: all.
    bearers: whose a token is, None for nobody's; with it, XOAUTH2 and OAUTHBEARER are offered.
    challenged: how often a token was refused.
    interrupt: called with "data" when a message begins, "arrived" when it has, "taken" before the answer.
    deliver: called with a recipient and the bytes to put into that person's mailbox; None delivers nothing.
    ports: for implicit TLS and STARTTLS; 0 takes one that is free.
    """

    host = "localhost"

    def __init__(
        self,
        authority: Authority,
        *,
        people: Iterable[Identity] = EVERYBODY,
        names: tuple[str, ...] = (),
        deliver: Deliver | None = None,
        size_limit: int = 64 * 1024 * 1024,
        ports: tuple[int, int] = (0, 0),
    ) -> None:
        self.people = {identity.login: identity for identity in people}
        self.accepted: list[Accepted] = []
        self.refused_logins: list[str] = []
        self.size_limit = size_limit
        self.slow_seconds = 3.0
        self.hold = 0
        self.dsn = False
        self.only: frozenset[str] | None = None
        self.utf8 = True
        self.bearers: Callable[[str], str | None] | None = None
        self.challenged = 0
        self.interrupt: Callable[[str], None] = _nothing
        self.deliver = deliver
        self.port, self.starttls_port = ports
        self._context = (authority.naming(*names) if names else authority.good()).server_context()
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._thread = threading.Thread(target=self._run, name="submission", daemon=True)

    def start(self) -> Submission:
        """Listen on two free ports and come back when both take connections."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def stop(self) -> None:
        """End every connection and the thread."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def clear(self) -> None:
        """Forget what was taken, and every change of the settings, for the next test."""
        self.accepted.clear()
        self.refused_logins.clear()
        self.size_limit, self.slow_seconds = 64 * 1024 * 1024, 3.0
        self.hold, self.utf8, self.interrupt, self.dsn, self.only = 0, True, _nothing, False, None
        self.bearers, self.challenged = None, 0

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _listen(self) -> None:
        implicit = await self._loop.create_server(self._implicit, "127.0.0.1", self.port, ssl=self._context)
        starttls = await self._loop.create_server(self._starttls, "127.0.0.1", self.starttls_port)
        self._servers = [implicit, starttls]
        self.port, self.starttls_port = (server.sockets[0].getsockname()[1] for server in self._servers)

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await asyncio.sleep(0)

    def _implicit(self) -> SMTP:
        # aiosmtpd counts only STARTTLS as TLS and would offer no AUTH here.
        return _Server(self._desk(), auth_require_tls=False, **self._common())

    def _starttls(self) -> SMTP:
        return _Server(self._desk(), tls_context=self._context, require_starttls=True, **self._common())

    def _desk(self) -> _Desk:
        return _TokenDesk(self) if self.bearers else _Desk(self)

    def _common(self) -> dict[str, Any]:
        return {
            "hostname": "mail.example.org",
            "authenticator": self._check,
            "auth_required": True,
            "data_size_limit": self.size_limit,
            "enable_SMTPUTF8": self.utf8,
            "loop": self._loop,
        }

    def _check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        if isinstance(data, LoginPassword):
            login = data.login.decode("utf-8", "replace")
            person = self.people.get(login)
            if person and person.password.encode() == data.password:
                return AuthResult(success=True, auth_data=login)
            self.refused_logins.append(login)
        return AuthResult(success=False, handled=False)


class _Server(SMTP):
    """What aiosmtpd does not know: a connection that ends within DATA, FUTURERELEASE, and tokens."""

    async def smtp_DATA(self, arg: str) -> None:
        owner = self.event_handler.owner
        owner.interrupt("data")
        if self.envelope and "cut" in {_local(address) for address in self.envelope.rcpt_tos}:
            await _hang_up(self)
            return
        await super().smtp_DATA(arg)

    async def smtp_MAIL(self, arg: str) -> None:
        """aiosmtpd refuses parameters that it does not know before a handler sees them."""
        owner = self.event_handler.owner
        known = [r"HOLD(?:UNTIL|FOR)=\S+"] * bool(owner.hold) + [r"RET=(?:FULL|HDRS)"] * owner.dsn
        self.held = [found for each in known for found in re.findall(f" ({each})", arg or "")]
        self.wishes: list[str] = []
        for found in self.held:
            arg = arg.replace(f" {found}", "")
        await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:
        wish = re.search(r" NOTIFY=[A-Z,]+", arg or "") if self.event_handler.owner.dsn else None
        self.wish = wish[0].strip() if wish else ""
        await super().smtp_RCPT(arg.replace(wish[0], "") if wish else arg)


class _Tokens:
    """AUTH XOAUTH2 and OAUTHBEARER: a token that is not good is challenged, and refused when that is answered."""

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        return await self._shown(server, args, r"user=([^\x01]+)\x01auth=Bearer ([^\x01]+)\x01\x01", b"")

    async def auth_OAUTHBEARER(self, server: SMTP, args: list[str]) -> AuthResult:
        form = r"n,a=([^,\x01]+),\x01host=[^\x01]+\x01port=\d+\x01auth=Bearer ([^\x01]+)\x01\x01"
        return await self._shown(server, args, form, b"\x01")

    async def _shown(self, server: SMTP, args: list[str], form: str, surrender: bytes) -> AuthResult:
        owner: Submission = server.event_handler.owner
        found = re.fullmatch(form, base64.b64decode(args[1], validate=True).decode())
        login = found[1].replace("=2C", ",").replace("=3D", "=") if found else ""
        if found and owner.bearers and owner.bearers(found[2]) == login:
            return AuthResult(success=True, auth_data=login)
        owner.challenged += 1
        answer = await server.challenge_auth(b'{"status":"401","schemes":"bearer"}')
        owner.refused_logins.append(login if answer == surrender else f"{login} said {answer!r}")
        return AuthResult(success=False, handled=False)


class _Desk:
    """The decisions of one connection, under the names that aiosmtpd looks for."""

    at_rcpt = {
        "reject": "550 5.1.1 User unknown",
        "tempfail": "451 4.7.1 Greylisted, try again later",
        "notowned": "553 5.7.1 Sender address rejected: not owned by user",
    }
    after_data = {"datafail": "554 5.7.1 Message refused as spam", "later": "452 4.3.1 Out of space, try again later"}

    def __init__(self, owner: Submission) -> None:
        self.owner = owner

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        if self.owner.hold:
            until = datetime.now(UTC) + timedelta(seconds=self.owner.hold)
            responses.insert(-1, f"250-FUTURERELEASE {self.owner.hold} {until:%Y-%m-%dT%H:%M:%SZ}")
        if self.owner.dsn:
            responses.insert(-1, "250-DSN")
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if _local(address) == "spoof":
            return "553 5.7.1 Sender address rejected: not owned by user"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        envelope.mail_options.extend(getattr(server, "held", ()))
        return "250 2.1.0 Ok"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.at_rcpt.get(_local(address)):
            return answer
        if self.owner.only is not None and envelope.mail_from not in self.owner.only:
            return f"553 5.7.1 <{envelope.mail_from}>: Sender address rejected: not owned by user"
        envelope.rcpt_tos.append(address)
        server.wishes.append(server.wish)  # type: ignore[attr-defined]
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.owner.interrupt("arrived")
        words = {_local(address) for address in envelope.rcpt_tos}
        for word, answer in self.after_data.items():
            if word in words:
                return answer
        if "vanish" in words:
            return await _hang_up(server)
        taken = _taken(session, envelope, tuple(getattr(server, "wishes", ())))
        self.owner.accepted.append(taken)
        await self._deliver(taken)
        self.owner.interrupt("taken")
        if "drop" in words:
            return await _hang_up(server)
        if "slow" in words:
            await asyncio.sleep(self.owner.slow_seconds)
        return f"250 2.0.0 Ok: queued as {len(self.owner.accepted)}"

    async def _deliver(self, taken: Accepted) -> None:
        if self.owner.deliver is None:
            return
        loop = asyncio.get_running_loop()
        trace = f"Return-Path: <{taken.sender}>\r\nReceived: from localhost by mail.example.org\r\n".encode()
        for recipient in taken.recipients:
            if recipient.lower() in self.owner.people:
                await loop.run_in_executor(None, self.owner.deliver, recipient.lower(), trace + taken.raw)


class _TokenDesk(_Tokens, _Desk):
    """What aiosmtpd offers is what its handler has methods for."""


def _taken(session: Session, envelope: Envelope, wishes: tuple[str, ...]) -> Accepted:
    raw = envelope.original_content or b""
    sender, options = envelope.mail_from or "", tuple(str(option) for option in envelope.mail_options)
    return Accepted(str(session.auth_data), sender, tuple(envelope.rcpt_tos), options, raw, wishes)


def _nothing(when: str) -> None:
    """Nobody interrupts."""


def _local(address: str) -> str:
    return address.rpartition("@")[0].lower()


async def _hang_up(server: SMTP) -> str:
    """Close at once; aiosmtpd still wants an answer, which then reaches nobody."""
    assert server.transport is not None
    server.transport.abort()
    return "421 4.3.0 Gone"
