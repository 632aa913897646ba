"""Before anybody is signed in: which server an address has, and whether it takes a password or a grant."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from webmail.config import MailServer
from webmail.errors import ServerTooSlow, SignInRefused, UnknownDomain
from webmail.imap.pool import Account
from webmail.mail import published
from webmail.mail.address import valid
from webmail.oauth.grant import Grant
from webmail.providers import OAuthClient
from webmail.web import limits
from webmail.web.accounts import account_key
from webmail.web.services import services


def server_of(address: str) -> tuple[MailServer, str]:
    """The mail server for an address as typed, which becomes the From of every letter, and SignIn.found.

    Raises UnknownDomain, DomainUnanswered.
    """
    finder = services().finder
    if valid(address):
        if server := _mapped(address):
            return server, ""
        if finder is not None and (found := finder.find(_domain(address))):
            return finder.server(found), published.to_text(found)
    raise UnknownDomain


def provider_of(address: str) -> OAuthClient | None:
    """Who lets the user with that address in, where that is not a password. Asks nobody: only the map names one."""
    server = _mapped(address) if valid(address) else None
    return server.oauth if server else None


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _mapped(address: str) -> MailServer | None:
    """As the administrator's map has it."""
    return services().settings.server_for(_domain(address))


def _turn(address: str) -> AbstractContextManager[None]:
    """Servers of the map are waited for without end of turns; those that strangers name are not."""
    finder = services().finder
    return finder.turn() if finder is not None and _mapped(address) is None else nullcontext()


def origin(server: MailServer) -> str:
    """The network address of who asks, for a server that believes us; else ""."""
    return limits.origin() if server.trusts_us else ""


def tried(address: str, secret: str | Grant) -> tuple[Account, MailServer, str]:
    """Ask the mail server whether it takes this; nobody is signed in by that. Gives the server, and SignIn.found.

    Raises TooManyTries, UnknownDomain, ServerTooSlow and all that Pool.sign_in raises.
    """
    trial = limits.knock()
    with _turn(address):
        server, found = server_of(address)
        if isinstance(secret, str) != (server.oauth is None):
            raise SignInRefused
        account = Account(server.imap, server.login_of(address), secret, origin(server))
        with services().lanes.within(server.imap, server.imap) as place:
            if not place:
                trial.give_back()
                raise ServerTooSlow
            with trial.trying(server.imap.host, account.login):
                services().pool.sign_in(account)
    return account, server, found


def account_name(address: str) -> str:
    """What the files of this site call who has this address. Raises TooManyTries, UnknownDomain, DomainUnanswered.

    A domain that has to be looked up is a try, until it is found.
    """
    trial = limits.knock()
    with _turn(address):
        server, _ = server_of(address)
    trial.give_back()
    return account_key(services().server_key, server.login_of(address), server.imap.host)
