"""State that a later version wrote, read by this one after going back: it is kept, and nobody is locked out."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from webmail.journal import FileJournal, State, account_key, letter_key
from webmail.web import grants, totp
from webmail.web.factors import Factors
from webmail.web.store import DirectoryStore
from webmail.web.vault import Passkey, Vault

ACCOUNT = "a" * 64
KEY = "k" * 40


def test_a_second_factor_with_one_field_more_opens_and_keeps_it(tmp_path: Path) -> None:
    store, secret = DirectoryStore(tmp_path), totp.new_secret()
    factors, codes = Factors(store, KEY), totp.new_recovery_codes()
    assert factors.enrol(ACCOUNT, secret, codes, totp.code_at(secret, int(time.time()) // 30))
    store.change(ACCOUNT, {"newer": "kept"})
    assert factors.check(ACCOUNT, codes[0]) == "right"
    found = store.get(ACCOUNT)
    assert found
    assert found[0]["newer"] == "kept"
    assert factors.codes_left(ACCOUNT) == len(codes) - 1


def test_a_passkey_with_one_field_more_is_one_and_keeps_it(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    vault = Vault(store)
    assert vault.add(ACCOUNT, Passkey("first", "key", 0, "Phone", 1))
    found: Any = store.get(ACCOUNT)
    [kept] = found[0]["passkeys"]
    store.put(ACCOUNT, {"passkeys": [kept | {"newer": "kept"}], "newer": 1})  # type: ignore[dict-item]
    assert vault.add(ACCOUNT, Passkey("second", "key", 0, "Laptop", 2))
    assert [each.name for each in vault.of(ACCOUNT)] == ["Phone", "Laptop"]
    found = store.get(ACCOUNT)
    assert found[0]["newer"] == 1
    assert [each.get("newer") for each in found[0]["passkeys"]] == ["kept", None]


def test_a_grant_with_one_value_more_opens() -> None:
    provider: Any = None
    words = json.dumps(["a@example.org", "access", "refresh", 1, 2, "newer"])
    assert grants._grant(provider, words).name == "a@example.org"


def test_a_journal_entry_with_a_field_more_or_without_due_is_read_and_an_unknown_state_is_asked_about(
    tmp_path: Path,
) -> None:
    account = account_key("mail.example.org", "alice@example.org")
    letter = letter_key(account, "<1@example.org>")
    journal = FileJournal(tmp_path)
    journal.note(account, letter, State.HELD, after=(None,))
    [path] = tmp_path.glob("*/*.open")
    kept = json.loads(path.read_text())
    for change, state in (({"newer": 1}, State.HELD), ({"state": "newer"}, State.UNKNOWN)):
        path.write_text(json.dumps({name: value for name, value in kept.items() if name != "due"} | change))
        found = journal.get(account, letter)
        assert found
        assert found.state is state
    journal.close()
