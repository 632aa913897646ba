"""What an account is called in the files: one name for one person, and no address in it."""

from __future__ import annotations

from webmail.web.accounts import account_key

KEY = "server key"


def test_one_person_has_one_name_however_it_is_typed() -> None:
    name = account_key(KEY, "alice@example.org", "mail.example.org")
    for spelling in ("Alice@Example.ORG", " alice@example.org ", "\uff41lice@example.org"):
        assert account_key(KEY, spelling, "mail.example.org") == name
    assert account_key(KEY, "alice@example.org", "moved.example.org") == name
    assert len(name) == 64


def test_others_have_others() -> None:
    names = {
        account_key(KEY, "alice@example.org", "mail.example.org"),
        account_key(KEY, "alice@example.net", "mail.example.org"),
        account_key(KEY, "alice", "mail.example.org"),
        account_key(KEY, "alice", "mail.example.net"),
        account_key("another", "alice", "mail.example.net"),
    }
    assert len(names) == 5
