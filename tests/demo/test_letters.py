"""The sample mail: there is enough of it, of every kind, never from tomorrow, and it names no host of this world."""

from __future__ import annotations

import datetime
import email
import email.policy
import re

import pytest

from demo.accounts import PEOPLE, empty_accounts, make_accounts, raw_name
from demo.imap.store import Account, StoredMessage

NOON = datetime.datetime(2026, 7, 8, 12, 0).astimezone()
JUST_AFTER_MIDNIGHT = datetime.datetime(2026, 7, 8, 0, 2).astimezone()


def all_messages(accounts: list[Account]) -> list[StoredMessage]:
    return [message for account in accounts for mailbox in account.mailboxes.values() for message in mailbox.messages]


@pytest.mark.parametrize("now", [NOON, JUST_AFTER_MIDNIGHT], ids=["noon", "just after midnight"])
def test_no_letter_is_from_tomorrow_and_uids_rise_with_the_dates(now: datetime.datetime) -> None:
    for account in make_accounts(now):
        for mailbox in account.mailboxes.values():
            dates = [message.arrived for message in mailbox.messages]
            assert dates == sorted(dates)
            assert all(date <= now for date in dates)
    today = [m for m in make_accounts(now)[0].mailboxes["INBOX"].messages if m.arrived.date() == now.date()]
    assert len(today) >= 8


def test_anas_inbox_fills_more_than_a_page_and_every_heading() -> None:
    inbox = make_accounts(NOON)[0].mailboxes["INBOX"].messages
    ages = {(NOON.date() - message.arrived.date()).days for message in inbox}
    assert len(inbox) > 60
    assert {0, 1, 2, 6, 8} <= ages
    assert max(ages) > 365
    flags = {flag for message in inbox for flag in message.flags}
    assert {"\\Seen", "\\Flagged", "\\Answered", "$Forwarded"} <= flags
    assert 5 < sum("\\Seen" not in message.flags for message in inbox) < 30


def test_there_is_a_letter_of_every_kind() -> None:
    types: set[str] = set()
    for message in all_messages(make_accounts(NOON)):
        parsed = email.message_from_bytes(message.source, policy=email.policy.default)
        types |= {part.get_content_type() for part in parsed.walk()}
    assert types >= {
        "text/plain", "text/html", "text/calendar", "application/pdf", "image/png", "image/svg+xml", "audio/x-wav",
        "message/rfc822", "message/delivery-status", "multipart/related", "multipart/report",
        "application/vnd.oasis.opendocument.spreadsheet",
    }  # fmt: skip


def test_answers_name_letters_that_exist() -> None:
    sources = [message.source for message in all_messages(make_accounts(NOON))]
    known = {match for source in sources for match in re.findall(rb"^Message-ID:\s*(<\S+>)", source, re.M | re.I)}
    for source in sources:
        parsed = email.message_from_bytes(source)
        for wanted in str(parsed.get("References", "")).split():
            assert wanted.encode() in known


def test_every_host_is_one_that_cannot_exist() -> None:
    for message in all_messages(make_accounts(NOON)):
        text = message.source.replace(b"=\r\n", b"")
        hosts = re.findall(rb"https?://(?:[^/\s\"'>]*@)?([a-z0-9.-]+)", text)
        hosts += re.findall(rb"^(?:From|To|Cc|Reply-To): .*@([a-z0-9.-]+)>", text, re.M)
        for host in hosts:
            assert host.endswith((b".example", b".invalid", b"www.w3.org", b".exmaple")), host


def test_a_new_account_has_roles_and_no_mail() -> None:
    accounts = empty_accounts()
    assert [account.address for account in accounts] == [address for address, _ in PEOPLE]
    assert all_messages(accounts) == []
    assert accounts[0].mailboxes["Sent"].role == "\\Sent"


@pytest.mark.parametrize(
    ("name", "raw"), [("Ärger/日本", "&AMQ-rger/&ZeVnLA-"), ("a & b", "a &- b"), ("INBOX", "INBOX")]
)
def test_names_are_kept_in_modified_utf7(name: str, raw: str) -> None:
    assert raw_name(name) == raw
