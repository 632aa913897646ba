"""The demo's server and Dovecot are asked the same about the same mail, and must say the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from imapclient import IMAPClient

from demo.accounts import make_accounts
from tests.demo.conftest import Connect
from tests.servers.people import Person

WHOLE = ["RFC822.SIZE", "ENVELOPE", "BODYSTRUCTURE", "BODY.PEEK[]", "BODY.PEEK[HEADER]", "BODY.PEEK[TEXT]<0.2048>"]
WHOLE.append("BODY.PEEK[HEADER.FIELDS (SUBJECT FROM TO CC DATE REFERENCES)]")


def plain(value: Any) -> Any:
    """Without case, and without the order of parameters."""
    if isinstance(value, bytes):
        return value.lower()
    if isinstance(value, (list, tuple)):
        inner = tuple(plain(one) for one in value)
        return tuple(sorted(inner)) if inner and all(isinstance(one, bytes) for one in inner) else inner
    return value


def leaves(structure: Any, prefix: str = "") -> Iterator[str]:
    if structure.is_multipart:
        for place, child in enumerate(structure[0], 1):
            yield from leaves(child, f"{prefix}{place}.")
    else:
        yield prefix.removesuffix(".") or "1"


def test_all_sample_mail_is_described_as_dovecot_describes_it(alice: Person, newcomer: Connect) -> None:
    sources = [
        message.source for account in make_accounts() for box in account.mailboxes.values() for message in box.messages
    ]
    with IMAPClient(alice.host, alice.port, ssl_context=alice.context, timeout=20) as theirs:
        theirs.login(alice.login, alice.password)
        ours = newcomer()
        for client in (theirs, ours):
            for source in sources:
                client.append("INBOX", source)
            client.select_folder("INBOX")
        for uid in range(1, len(sources) + 1):
            expected, told = theirs.fetch([uid], WHOLE)[uid], ours.fetch([uid], WHOLE)[uid]
            sections = [f"BODY.PEEK[{part}]" for part in leaves(expected[b"BODYSTRUCTURE"])]
            expected |= theirs.fetch([uid], sections)[uid]
            told |= ours.fetch([uid], sections)[uid]
            for item in expected:
                if item == b"ENVELOPE" and b"MISSING_DOMAIN" in str(expected[item]).encode():
                    continue  # Dovecot's own word for an address without a domain
                assert plain(told[item]) == plain(expected[item]), (uid, item, sources[uid - 1][:300])


def test_the_same_words_find_the_same_mail(alice: Person, newcomer: Connect) -> None:
    sources = [message.source for message in make_accounts()[0].mailboxes["INBOX"].messages]
    questions: list[list[Any]] = [
        ["TEXT", "gate"], ["SUBJECT", "Re:"], ["FROM", "pavel novák"], ["BODY", "größere"], ["TEXT", "kůň"],
        ["HEADER", "Message-ID", "lind.example"], ["OR", "TO", "ben", "CC", "ben"], ["LARGER", 5000],
        ["NOT", "TEXT", "a"],
    ]  # fmt: skip
    with IMAPClient(alice.host, alice.port, ssl_context=alice.context, timeout=20) as theirs:
        theirs.login(alice.login, alice.password)
        ours = newcomer()
        for client in (theirs, ours):
            for source in sources:
                client.append("INBOX", source)
            client.select_folder("INBOX")
        for question in questions:
            assert ours.search(question, charset="UTF-8") == theirs.search(question, charset="UTF-8"), question
