"""Cookie <-> sign-in record <-> the user's IMAP connections. Every page but the public ones needs a sign-in."""

from __future__ import annotations

import hashlib
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol, TypeVar, cast

from flask import Flask, Response, g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from webmail.config import MailServer, Settings
from webmail.errors import MailError, ServerBusy, SignInRefused, UnknownDomain
from webmail.imap.connection import Connection, tls_context
from webmail.imap.pool import Account
from webmail.mail.address import valid
from webmail.mail.ids import MailboxName
from webmail.web import live, seal
from webmail.web.accounts import account_key
from webmail.web.services import services
from webmail.web.store import DirectoryStore, Record

T = TypeVar("T")

PUBLIC: Final = frozenset(
    {"login.show", "login.enter", "login.bye", "static", "passkey.challenge", "passkey.unlock", "factor.enter"}
)
_TOUCH_SECONDS: Final = 30


class SessionEnded(MailError):
    """There is no sign-in, or it ended: idle, too old, ended elsewhere, or its record does not open."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in as its record tells it. address: who; record_key: name of the record; shared: shared computer."""

    address: str
    server: MailServer
    record_key: str
    sealed: str
    shared: bool

    @property
    def login(self) -> str:
        """What the mail server calls this user."""
        return self.server.login_of(self.address)


class User(UserMixin):  # type: ignore[misc]
    """Flask-Login's view of a sign-in. id is the 256-bit session id that the cookie carries."""

    def __init__(self, session_id: str, sign_in: SignIn) -> None:
        self.id = session_id
        self.sign_in = sign_in
        self.address = sign_in.address
        self.shared = sign_in.shared


def install(app: Flask) -> LoginManager:
    """Flask-Login, and the rule that a page is private unless it is in PUBLIC."""
    manager = LoginManager()
    manager.session_protection = "basic"
    manager.user_loader(_load)
    manager.init_app(app)
    app.before_request(_require)
    return manager


def _require() -> None:
    if request.endpoint in PUBLIC or request.endpoint is None:
        return
    if not current_user.is_authenticated:
        raise SessionEnded


def key_cookie(settings: Settings) -> str:
    """Name of the cookie that holds the browser's half of the password key (R13: __Host- wherever it can be)."""
    return "__Host-pennypost-key" if settings.secure_cookies else "pennypost-key"


def current() -> SignIn:
    """The sign-in of this request. Raises SessionEnded."""
    if not current_user.is_authenticated:
        raise SessionEnded
    return cast(User, current_user).sign_in


def account() -> Account:
    """Login and password for the mail server, opened from record and cookie. Raises SessionEnded."""
    if "account" not in g:
        who = current()
        key = request.cookies.get(key_cookie(services().settings), "")
        try:
            password = seal.unseal(who.sealed, key, services().server_key, who.record_key)
        except seal.SealBroken:
            _drop(who)
            raise SessionEnded from None
        g.account = Account(who.server.imap, who.login, password)
    return cast(Account, g.account)


def borrow(work: Callable[[Connection], T]) -> T:
    """Run work on the user's connection; once more when a kept one turns out dead before anything was changed."""
    return _guarded(lambda: services().pool.run(account(), work))


def lender() -> Callable[[], AbstractContextManager[Connection]]:
    """Lends the user's connection, several times: for sending."""
    pool, who = services().pool, account()
    return lambda: pool.lease(who)


def reader() -> Callable[[Callable[[Connection], T]], T]:
    """borrow, also after this request, for an answer that is still being sent. Each call borrows anew: a browser that
    reads slowly keeps no connection from the reader's other pages."""
    pool, who = services().pool, account()
    return lambda work: pool.run(who, work)


def staying() -> Callable[[], bool]:
    """Whether this sign-in still lasts, also after this request: for an answer that takes long."""
    store, key, settings = services().store, current().record_key, services().settings
    return lambda: _lasts(store, key, settings)


class Greeting(Protocol):
    """What a stream begins with. position: where it stands; known: nothing was missed since the last stream."""

    def __call__(self, conn: Connection, position: str, *, known: bool) -> bytes: ...


def listening(mailbox: MailboxName, greet: Greeting, seconds: float) -> Iterator[bytes | None]:
    """Lines of an event stream: the greeting, then every event; None after so many seconds without one.

    It ends with the sign-in, which it does not keep alive, and with the server.
    """
    who, mine, given = current(), account(), request.headers.get("Last-Event-ID", "")
    pool, watcher, store, settings = services().pool, services().watcher, services().store, services().settings

    def lines() -> Iterator[bytes | None]:
        try:
            with watcher.listen(mine, mailbox) as page:
                log = page.log
                number = log.last
                epoch, _, last = given.partition("-")
                missed = int(last) if epoch == log.epoch and last.isdecimal() and log.knows(int(last)) else None
                greeting = partial(greet, position=f"{log.epoch}-{number}", known=not given or missed is not None)
                yield pool.run(mine, greeting)
                number = number if missed is None else missed
                while _lasts(store, who.record_key, settings) and not (watcher.closed or page.over):
                    events = log.after(number, seconds)
                    for number, event in events:
                        yield live.line(f"{log.epoch}-{number}", event)
                    if not events:
                        yield None
                why = "restart" if watcher.closed else "busy" if page.over else "signed-out"
                yield live.message("ended", {"why": why})
        except ServerBusy:
            yield live.START + live.message("ended", {"why": "busy"})
        except MailError:
            # The stream is lost; the browser asks again after a moment.
            return

    return lines()


def _lasts(store: DirectoryStore, key: str, settings: Settings) -> bool:
    found = store.get(key)
    return found is not None and not _over(*found, settings)


def smtp_context() -> ssl.SSLContext:
    """TLS for this user's submission server."""
    return tls_context(current().server.smtp.ca_file)


def _guarded(work: Callable[[], T]) -> T:
    """A server that no longer takes the password ends the sign-in (changed elsewhere)."""
    try:
        return work()
    except SignInRefused:
        end()
        raise SessionEnded from None


def server_of(address: str) -> MailServer:
    """The mail server for an address as typed, which becomes the From of every letter. Raises UnknownDomain."""
    server = services().settings.server_for(address.rpartition("@")[2].lower()) if valid(address) else None
    if server is None:
        raise UnknownDomain
    return server


def account_name(address: str) -> str:
    """What the files of this site call who has this address. Raises UnknownDomain."""
    server = server_of(address)
    return account_key(services().server_key, server.login_of(address), server.imap.host)


def check(address: str, password: str) -> None:
    """Ask the mail server whether it takes this password; nobody is signed in by that. Raises as begin does."""
    server = server_of(address)
    services().pool.sign_in(Account(server.imap, server.login_of(address), password))


def begin(address: str, password: str, *, shared: bool) -> str:
    """Check the password with the mail server and start a sign-in; returns the cookie's half of the key.

    A new session id every time (ASVS 7.2.4). Raises UnknownDomain and all that Pool.sign_in raises.
    """
    server = server_of(address)
    checked = Account(server.imap, server.login_of(address), password)
    services().pool.sign_in(checked)
    end()
    session_id, cookie_key = seal.new_token(), seal.new_token()
    key = _record_key(session_id)
    sealed = seal.seal(password, cookie_key, services().server_key, key)
    record: Record = {"address": address, "created": int(time.time()), "shared": shared, "sealed": sealed}
    services().store.sweep(time.time() - services().settings.session_idle_minutes * 60)
    services().store.put(key, record)
    session.clear()
    login_user(User(session_id, SignIn(address, server, key, sealed, shared)))
    # The rest of this request cannot read the cookie that its own answer is going to set.
    g.account = checked
    return cookie_key


def end() -> None:
    """End the sign-in of this request, if any: record deleted, IMAP closed, cookie emptied."""
    if current_user.is_authenticated:
        who = current()
        mine = None
        with suppress(SessionEnded):
            mine = account()
            services().pool.forget(mine)
        _drop(who)
        if mine is not None:
            services().watcher.nudge(mine)
    session.clear()
    g.pop("account", None)


def _drop(who: SignIn) -> None:
    """Record, bodies and sign-in gone; the mail server is told by the caller."""
    _forget(who.record_key)
    logout_user()


def _forget(key: str) -> None:
    services().store.delete(key)
    services().drawn.forget(key)
    services().preferences.forget(key)


def set_key_cookie(response: Response, value: str) -> None:
    """Give the browser its half of the key, for as long as the browser runs; an empty value takes it away."""
    settings = services().settings
    name = key_cookie(settings)
    if value:
        response.set_cookie(name, value, secure=settings.secure_cookies, httponly=True, samesite="Lax", path="/")
    else:
        response.delete_cookie(name, secure=settings.secure_cookies, httponly=True, samesite="Lax", path="/")


def _record_key(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()


def _load(session_id: str) -> User | None:
    """Flask-Login's loader: the record behind a session id, unless it is too old or was quiet too long."""
    key = _record_key(session_id)
    found = services().store.get(key)
    if found is None:
        return None
    record, touched = found
    who = _sign_in(record, key)
    if who is None or _over(record, touched, services().settings):
        _forget(key)
        return None
    # Written at most twice a minute: a page and its frame and files are one act of using.
    if time.time() - touched > _TOUCH_SECONDS and not _by_itself():
        services().store.touch(key)
    return User(session_id, who)


def _by_itself() -> bool:
    """An open page that keeps itself up to date is nobody using it: it must not keep a forgotten sign-in alive."""
    return request.endpoint == "events.stream" or "X-Background" in request.headers


def _sign_in(record: Record, key: str) -> SignIn | None:
    address, sealed = record.get("address"), record.get("sealed")
    if not isinstance(address, str) or not isinstance(sealed, str):
        return None
    server = services().settings.server_for(address.rpartition("@")[2].lower())
    return SignIn(address, server, key, sealed, bool(record.get("shared"))) if server else None


def _over(record: Record, touched: float, settings: Settings) -> bool:
    now, created = time.time(), record.get("created")
    idle = settings.shared_idle_minutes if record.get("shared") else settings.session_idle_minutes
    return (
        not isinstance(created, int) or now - touched > idle * 60 or now - created > settings.session_max_hours * 3600
    )
