"""Cookie <-> sign-in record <-> the user's IMAP connections. Every page but the public ones needs a sign-in."""

from __future__ import annotations

import hashlib
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeVar, cast

from flask import Flask, Response, g, has_request_context, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from webmail.config import MailServer, Settings
from webmail.errors import MailError, ServerTooSlow, ServerUnreachable, SharedAway, SignInRefused
from webmail.imap.connection import Connection, tls_context
from webmail.imap.pool import Account
from webmail.mail import published
from webmail.mail.sasl import Secret
from webmail.oauth.grant import Grant
from webmail.web import browsers, door, seal
from webmail.web.accounts import account_key
from webmail.web.services import services
from webmail.web.store import Record, owner

T = TypeVar("T")

PUBLIC: Final = frozenset({
    "login.show", "login.enter", "login.sign_out", "login.bye", "login.everywhere", "login.back", "login.choose",
    "static", "passkey.challenge", "passkey.unlock", "factor.enter", "theme", "words", "shell.manifest", "shell.worker",
    "shell.offline", "help.show", "keys.show",
})  # fmt: skip
_TOUCH_SECONDS: Final = 30

CLOSED_SECONDS: Final = 15
"""How long a shared computer stays signed in after its last page was closed: another may be on its way."""

_LAG_SECONDS: Final = {True: 20, False: 60}
"""How much later than the page the server ends what is quiet, by shared: pages tell at most so often that they are
used (static/js/idle.js)."""


class SessionEnded(MailError):
    """There is no sign-in, or it ended: idle, too old, ended elsewhere, or its record does not open.

    why: "password" when the mail server no longer takes it, "grant" when the provider lets us in no longer, else "".
    """

    def __init__(self, why: str = "") -> None:
        super().__init__()
        self.why = why


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in as its record tells it. address: who; record_key: name of the record; shared: shared computer.

    kept: its user chose to stay signed in, which never goes with shared. found: the server as its domain published it,
    "" where the administrator's map names it.
    """

    address: str
    server: MailServer
    record_key: str
    sealed: str
    shared: bool
    kept: bool = False
    found: str = ""

    @property
    def bound(self) -> str:
        """What the password is sealed together with: in a record that names another server, or another address, it
        does not open, so that nobody who can write records learns where else to have it sent."""
        return f"{self.record_key}\n{self.address}\n{self.found}"

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
        raise SharedAway if "store_away" in g else SessionEnded


def key_cookie(settings: Settings) -> str:
    """Name of the cookie that holds the browser's half of the password key (R13: __Host- wherever it can be)."""
    return "__Host-pennypost-key" if settings.secure_cookies else "pennypost-key"


def current() -> SignIn:
    """The sign-in of this request. Raises SessionEnded."""
    if not current_user.is_authenticated:
        raise SessionEnded
    return cast(User, current_user).sign_in


def account_name() -> str:
    """What the files of this site call who is signed in. Raises SessionEnded."""
    who = current()
    return account_key(services().server_key, who.login, who.server.imap.host)


def account() -> Account:
    """Login and password for the mail server, opened from record and cookie. Raises SessionEnded."""
    if "account" not in g:
        who = current()
        key = request.cookies.get(key_cookie(services().settings), "")
        try:
            if who.server.oauth is not None:
                secret: Secret = services().grants.opened(who.server.oauth, who.record_key, key)
            else:
                secret = seal.unseal(who.sealed, key, services().server_key, who.bound)
        except seal.SealBroken:
            _drop(who)
            raise SessionEnded from None
        g.account = Account(who.server.imap, who.login, secret, door.origin(who.server))
    return cast(Account, g.account)


def borrow(work: Callable[[Connection], T]) -> T:
    """Run work on the user's connection; once more when a kept one turns out dead before anything was changed.

    A page waits for a server that does not answer once, and not once for each thing that it would like to know.
    """
    if "in_vain" in g:
        raise g.in_vain
    try:
        return _guarded(lambda: services().pool.run(account(), work))
    except (ServerTooSlow, ServerUnreachable) as error:
        g.in_vain = error
        raise


def lender() -> Callable[[], AbstractContextManager[Connection]]:
    """Lends the user's connection, several times: for sending."""
    pool, who = services().pool, account()

    @contextmanager
    def lend() -> Iterator[Connection]:
        with _ending(), pool.lease(who) as conn:
            yield conn

    return lend


def reader() -> Callable[[Callable[[Connection], T]], T]:
    """borrow, also after this request, for an answer that is still being sent. Each call borrows anew: a browser that
    reads slowly keeps no connection from the reader's other pages."""
    pool, who = services().pool, account()
    return lambda work: _guarded(lambda: pool.run(who, work))


def staying(every: float = 0) -> Callable[[], bool]:
    """Whether this sign-in still lasts, also after this request: for an answer that takes long.

    every: seconds for which an answer is good, for one that is made of many small pieces.
    """
    store, key, settings = services().store, current().record_key, services().settings
    looked, still = 0.0, True

    def lasting() -> bool:
        nonlocal looked, still
        if not looked or time.monotonic() - looked >= every:
            found = store.get(key)
            looked, still = time.monotonic(), found is not None and not _over(*found, settings)
        return still

    return lasting


def smtp_context() -> ssl.SSLContext:
    """TLS for this user's submission server."""
    return tls_context(current().server.smtp.ca_file)


def _guarded(work: Callable[[], T]) -> T:
    with _ending():
        return work()


@contextmanager
def _ending() -> Iterator[None]:
    """A server that no longer takes the password ends the sign-in (changed elsewhere), and so does a grant that was
    taken back."""
    try:
        yield
    except SignInRefused:
        if not has_request_context():
            raise
        why = "grant" if current().server.oauth else "password"
        end()
        raise SessionEnded(why) from None


def begin(address: str, secret: str | Grant, *, shared: bool, keep: bool = False) -> str:
    """Check the password or grant with the mail server and start a sign-in; returns the cookie's half of the key.

    keep: for keep_days, also after the browser was closed; never on a shared computer. A new session id every time
    (ASVS 7.2.4). Raises TooManyTries, UnknownDomain and all that Pool.sign_in raises.
    """
    checked, server, found = door.tried(address, secret)
    session_id, cookie_key = seal.new_token(), seal.new_token()
    key = _record_key(session_id)
    settings, server_key = services().settings, services().server_key
    kept = keep and not shared and settings.keep_days > 0
    who = SignIn(address, server, key, "", shared, kept, found)
    if isinstance(secret, Grant):
        sealed = services().grants.adopt(secret, key, cookie_key)
    else:
        sealed = seal.seal(secret, cookie_key, server_key, who.bound)
    name = seal.seal(f"{address}\n{found}", cookie_key, server_key, _name_of(key))
    record: Record = {
        "of": owner(address, server_key), "address": name, "created": int(time.time()), "shared": shared, "kept": kept,
        "sealed": sealed, "browser": browsers.family(request.headers.get("User-Agent", "")),
    }  # fmt: skip
    quiet = min(settings.session_idle_minutes, settings.shared_idle_minutes) * 60
    services().store.sweep(time.time() - quiet, partial(_over, settings=settings))
    services().store.put(key, record)
    # Not before: while records cannot be written, who is signed in stays so.
    end()
    session.permanent = kept
    login_user(User(session_id, replace(who, sealed=sealed)))
    # The rest of this request cannot read the cookie that its own answer is going to set.
    g.account = checked
    return cookie_key


def parting() -> Callable[[], None] | None:
    """What is left to do at sign-out when nothing of this reader is under way any more: a grant is given back."""
    with suppress(SessionEnded):
        secret = account().password
        if isinstance(secret, Grant):
            return secret.revoke
    return None


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
    forget(who.record_key)
    logout_user()


def forget(key: str) -> None:
    """End the sign-in of this record, whoever holds its cookies."""
    services().grants.forget(key)
    services().store.delete(key)
    services().endings.tell(key)
    services().drawn.forget(key)
    services().preferences.forget(key)


def set_key_cookie(response: Response, value: str) -> None:
    """Give the browser its half of the key, while it runs or the sign-in is kept; an empty value takes it away."""
    settings = services().settings
    name, age = key_cookie(settings), settings.keep_days * 86400 if session.permanent else None
    if value:
        response.set_cookie(name, value, age, secure=settings.secure_cookies, httponly=True, samesite="Lax", path="/")
    else:
        response.delete_cookie(name, secure=settings.secure_cookies, httponly=True, samesite="Lax", path="/")


def _record_key(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()


def _load(session_id: str) -> User | None:
    """Flask-Login's loader: the record behind a session id, unless it is too old or was quiet too long."""
    key = _record_key(session_id)
    try:
        found = services().store.get(key)
    except SharedAway:
        # Who it is cannot be told now. That is no end of a sign-in, and public pages are there for everybody.
        g.store_away = True
        return None
    if found is None:
        return None
    record, touched = found
    who = _sign_in(record, key)
    if who is None or _over(record, touched, services().settings):
        forget(key)
        return None
    # Written at most twice a minute: a page and its frame and files are one act of using. Minutes of a shared computer
    # are counted more exactly.
    exact = who.shared or request.endpoint == "sessions.here"
    if (exact or time.time() - touched > _TOUCH_SECONDS) and not _by_itself():
        services().store.touch(key)
    return User(session_id, who)


def _by_itself() -> bool:
    """An open page that keeps itself up to date is nobody using it: it must not keep a forgotten sign-in alive."""
    return request.endpoint in ("events.stream", "sessions.left") or "X-Background" in request.headers


def _sign_in(record: Record, key: str) -> SignIn | None:
    name, sealed = record.get("address"), record.get("sealed")
    if not isinstance(name, str) or not isinstance(sealed, str):
        return None
    cookie_key = request.cookies.get(key_cookie(services().settings), "")
    try:
        name = seal.unseal(name, cookie_key, services().server_key, _name_of(key))
    except seal.SealBroken:
        return None
    address, _, found = name.partition("\n")
    server = services().settings.server_for(address.rpartition("@")[2].lower()) or _found(found)
    if server is None:
        return None
    return SignIn(address, server, key, sealed, bool(record.get("shared")), bool(record.get("kept")), found)


def _found(text: str) -> MailServer | None:
    """The server of a record, as long as the administrator lets domains name theirs. It is believed no further than
    SignIn.bound goes."""
    finder, told = services().finder, published.from_text(text) if text else None
    return finder.server(told) if finder and told else None


def _name_of(key: str) -> str:
    """What the sealed address of a record is bound to: it cannot take the place of the password, nor the other way."""
    return f"{key} address"


def lasts(record: Record, touched: float) -> bool:
    """Whether the sign-in of this record has not run out."""
    return not _over(record, touched, services().settings)


def _over(record: Record, touched: float, settings: Settings) -> bool:
    now, created, left = time.time(), record.get("created"), record.get("left")
    if not isinstance(created, int):
        return True
    if record.get("kept") is True:
        return now - created > settings.keep_days * 86400
    shared = bool(record.get("shared"))
    idle = (settings.shared_idle_minutes if shared else settings.session_idle_minutes) * 60 + _LAG_SECONDS[shared]
    closed = shared and isinstance(left, int) and 0 < left < now - CLOSED_SECONDS
    return now - touched > idle or now - created > settings.session_max_hours * 3600 or closed
