"""Mail submission (RFC 6409) for the demo: the sign-in is checked, and mail goes to the demo's own accounts only."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import warnings
import weakref
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from demo.imap.signing import admit
from demo.imap.store import Account

_SIZE_LIMIT: Final = 32 * 1024 * 1024


class Desk:
    """aiosmtpd's handler: whom we take mail from, whom we take it for, and where it goes."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        self._accounts = {account.address: account for account in accounts}

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        if isinstance(given, LoginPassword):
            login, password = given.login.decode("utf-8", "replace"), given.password.decode("utf-8", "replace")
            if account := admit(list(self._accounts.values()), login, password):
                return AuthResult(success=True, auth_data=account)
        return AuthResult(success=False, handled=False)  # not handled: aiosmtpd answers 535 itself

    async def handle_MAIL(  # noqa: N802 - aiosmtpd finds its hooks by these names
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        account = session.auth_data
        if not isinstance(account, Account) or address.lower() != account.address:
            return f"553 5.7.1 <{_ascii(address)}> is not the address you signed in with"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.lower() not in self._accounts:
            here = " and ".join(self._accounts)
            return f"550 5.1.1 This demo sends no mail out of this computer; it delivers only to {here}"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        now = datetime.now().astimezone()
        trace = f"Return-Path: <{envelope.mail_from}>\r\n"
        trace += f"Received: by pennypost.example (demo);\r\n\t{format_datetime(now)}\r\n"
        content: Any = envelope.original_content  # octets: decode_data is off
        for recipient in dict.fromkeys(address.lower() for address in envelope.rcpt_tos):
            self._accounts[recipient].find("INBOX").append(trace.encode() + content, (), now)
        return "250 2.0.0 Delivered"


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode("ascii")


class SubmissionServer:
    """Started and stopped inside one event loop, the same as the IMAP server's: the store knows no locks."""

    def __init__(self, accounts: Sequence[Account], context: ssl.SSLContext) -> None:
        self._desk = Desk(accounts)
        self._context = context
        self._server: asyncio.Server | None = None
        self._protocols: weakref.WeakSet[SMTP] = weakref.WeakSet()
        self.port = 0

    def _protocol(self) -> SMTP:
        options: dict[str, Any] = {"hostname": "pennypost.example", "ident": "Pennypost demo", "enable_SMTPUTF8": True}
        # aiosmtpd does not see that the whole connection is TLS, so it must not insist on STARTTLS before AUTH.
        options |= {"auth_required": True, "auth_require_tls": False, "authenticator": self._desk.authenticate}
        protocol = SMTP(self._desk, data_size_limit=_SIZE_LIMIT, **options)
        self._protocols.add(protocol)
        return protocol

    async def start(self, port: int = 0) -> None:
        # aiosmtpd warns at every connection about what _protocol explains.
        warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS", UserWarning)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, "127.0.0.1", port, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for protocol in tuple(self._protocols):
            if isinstance(protocol.transport, asyncio.WriteTransport):
                # Python 3.11.2 raises for a connection whose TLS has ended by itself.
                with contextlib.suppress(AttributeError):
                    protocol.transport.abort()
