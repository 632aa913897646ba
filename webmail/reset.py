"""Forgets what this site keeps for one account's sign-in: `pennypost reset alice@example.org`.

For an administrator whom somebody has asked in person: their phone is gone and the recovery codes too, or a device with
a passkey on it was stolen. It reads the settings of the site. The password of the mail account is not touched.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from webmail import config, errors, keeping
from webmail.failed import Failed
from webmail.web.accounts import account_key
from webmail.web.factors import AnotherKey, Factors, FactorsLost
from webmail.web.store import DirectoryStore
from webmail.web.vault import Vault


def main(arguments: Sequence[str]) -> int:
    """Returns 0 when it is done, 1 when there was nothing. Raises Failed, ConfigError."""
    parser = argparse.ArgumentParser("pennypost reset", description="Forget second factor and passkeys.")
    parser.add_argument("address", help="of the account")
    parser.add_argument("--keep-passkeys", action="store_true", help="forget the second factor only")
    chosen = parser.parse_args(arguments)
    try:
        settings = config.load()
        account = _account(settings, chosen.address.strip())
        factor, passkeys = _forget(settings, account, passkeys=not chosen.keep_passkeys)
    except errors.SharedAway:
        raise Failed(2, "PENNYPOST_SHARED: it does not answer, or not as it should") from None
    except (AnotherKey, FactorsLost, OSError) as error:
        raise Failed(2, f"the state directory cannot be used: {type(error).__name__}") from None
    print(f"Second factor: {'forgotten' if factor else 'none'}. Passkeys: {'forgotten' if passkeys else 'none'}.")
    return 0 if factor or passkeys else 1


def _account(settings: config.Settings, address: str) -> str:
    server = settings.server_for(address.rpartition("@")[2].lower())
    if server is None:
        raise config.ConfigError("the settings name no mail server for this address")
    return account_key(settings.kept_key(), server.login_of(address), server.imap.host)


def _forget(settings: config.Settings, account: str, *, passkeys: bool) -> tuple[bool, bool]:
    """Whether there was a second factor, and passkeys. What is not there is not made: it would be of another user."""
    if settings.shared:
        kept = keeping.kept(settings)
        factor = kept.factors is not None and kept.factors.remove(account)
        return factor, passkeys and kept.vault.forget(account)
    state = Path(settings.state_dir)
    apart, vault = Path(settings.second_factor_dir or state / "second-factors"), state / "passkeys"
    factor = (
        apart.is_dir()
        and bool(settings.secret_key)
        and Factors(DirectoryStore(apart), settings.secret_key).remove(account)
    )
    return factor, passkeys and vault.is_dir() and Vault(DirectoryStore(vault)).forget(account)
