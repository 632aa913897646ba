"""Commands of every state, and signing in (RFC 3501 6.1, 6.2; SASL PLAIN, RFC 4616; initial response, RFC 4959)."""

from __future__ import annotations

import asyncio
import base64
import binascii
from typing import Final

from demo.imap.grammar import Arguments
from demo.imap.session import CAPABILITY, SIGNED_IN, Session
from demo.imap.store import Account
from demo.imap.wire import Malformed, Refused, read_line

_WRONG_PASSWORD_DELAY: Final = 0.5  # seconds; a guess should cost something, a typing error little


def admit(accounts: tuple[Account, ...] | list[Account], login: str, password: str) -> Account | None:
    """The account of this login ("ana@pennypost.example", or its local part), or None."""
    for account in accounts:
        if login.lower() in (account.address, account.address.partition("@")[0]) and account.admits(password):
            return account
    return None


async def capability(session: Session, args: Arguments, uid: bool) -> str:
    args.end()
    session.say(f"* CAPABILITY {SIGNED_IN if session.account else CAPABILITY}".encode())
    return "Capability completed."


async def noop(session: Session, args: Arguments, uid: bool) -> str:
    args.end()
    return "NOOP completed."


async def logout(session: Session, args: Arguments, uid: bool) -> str:
    args.end()
    session.leave_mailbox()
    session.leaving = True
    session.say(b"* BYE Logging out")
    return "Logout completed."


async def identify(session: Session, args: Arguments, uid: bool) -> str:
    session.say(b'* ID ("name" "Pennypost demo")')
    return "ID completed."


async def login(session: Session, args: Arguments, uid: bool) -> str:
    name = args.astring()
    args.space()
    password = args.astring()
    args.end()
    return await _sign_in(session, name, password)


async def authenticate(session: Session, args: Arguments, uid: bool) -> str:
    if args.word() != "PLAIN":
        raise Refused("Unsupported authentication mechanism.")
    if args.skip(b" "):
        encoded = args.data[args.at :]
    else:
        session.say(b"+ ")
        await session.writer.drain()
        encoded = (await read_line(session.reader)).strip()
    if encoded == b"*":
        raise Malformed("Authentication aborted by client.")
    try:
        _, name, password = base64.b64decode(encoded, validate=True).split(b"\0")
    except (binascii.Error, ValueError):
        raise Malformed("Invalid base64 data in PLAIN response.") from None
    return await _sign_in(session, name, password)


async def _sign_in(session: Session, name: bytes, password: bytes) -> str:
    if session.account:
        raise Malformed("Already signed in")
    account = admit(list(session.accounts), name.decode("utf-8", "replace"), password.decode("utf-8", "replace"))
    if account is None:
        await asyncio.sleep(_WRONG_PASSWORD_DELAY)
        raise Refused("[AUTHENTICATIONFAILED] Authentication failed.")
    session.account = account
    return f"[CAPABILITY {SIGNED_IN}] Logged in"
