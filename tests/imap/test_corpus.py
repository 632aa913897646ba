"""Every message of the open corpus through a real server: what is shown is what two foreign parsers saw."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tests.mail import test_corpus as facts
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE
from webmail.config import Endpoint
from webmail.imap import append, fetch
from webmail.imap.connection import Connection, dial, tls_context
from webmail.imap.fetch import Page
from webmail.mail import mime, names, parts
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef, PartId
from webmail.mail.message import Message, Part

pytestmark = facts.pytestmark

INBOX = MailboxName("INBOX")
LIMIT = 32 << 20


@dataclass
class Store:
    """The corpus on a server. refs: by file name."""

    conn: Connection
    refs: dict[str, MessageRef]
    sent: dict[str, bytes]

    def message(self, name: str) -> Message:
        return fetch.message(self.conn, self.refs[name])

    def octets(self, name: str, part: Part) -> bytes:
        return parts.decode_content(part, fetch.part(self.conn, self.refs[name], part, LIMIT))


@pytest.fixture(scope="module")
def store(authority: Authority) -> Iterator[Store]:
    server = Dovecot(authority, people=[ALICE]).start()
    try:
        endpoint = Endpoint(server.host, server.port, "implicit", authority.ca_file)
        conn = dial(
            endpoint,
            ALICE.login,
            ALICE.password,
            context=tls_context(authority.ca_file),
            connect_timeout=10,
            read_timeout=30,
        )
        found = Store(conn, {}, {})
        for name in facts.of_kind("eml"):
            # NUL has no place in a literal (RFC 9051 4.3); APPEND refuses it, and every server drops it.
            raw = re.sub(rb"\A>?From [^\n]*\n", b"", (facts.CORPUS / name).read_bytes()).replace(b"\0", b"")
            found.sent[name] = re.sub(rb"\r?\n", b"\r\n", raw)
            ref = append.append(conn, INBOX, found.sent[name], (), datetime(2026, 1, 1, tzinfo=UTC))
            assert ref is not None
            found.refs[name] = ref
        yield found
        conn.close()
    finally:
        server.stop()


@facts.each(facts.agreed("attachments"))
def test_attachments_and_bodies_are_those_of_the_message(store: Store, name: str) -> None:
    if facts.excepted(name, "attachments"):
        return
    root, row = store.message(name).root, facts.manifest()[name]
    found = [part for part in facts.leaves(root) if not facts.is_body(part)]
    assert [part.type for part in found] == [fact["type"] for fact in row["attachments"]]
    for part, fact in zip(found, row["attachments"], strict=True):
        assert (part.content_id is not None) == fact["cid"]
        if fact["path"]:
            assert parts.find(root, PartId(fact["path"])) is part
        if fact["name"] is not None:
            assert facts.squash(part.filename or "") == facts.squash(names.safe_filename(fact["name"], "-"))
        if fact["disposition"] is not None:
            assert part.disposition == fact["disposition"]
        if fact["bytes"] is not None:
            # CRLF for LF makes text parts longer than in the file, by one octet a line.
            octets = store.octets(name, part)
            assert len(octets.replace(b"\r\n", b"\n")) - 2 <= fact["bytes"] <= len(octets) + 2
    bodies = [part.type for part in facts.leaves(root) if facts.is_body(part)]
    assert ("text/plain" in bodies, "text/html" in bodies) == (row["has_text"], row["has_html"])


@facts.each(facts.agreed("text_head"))
def test_the_text_begins_as_it_should(store: Store, name: str) -> None:
    if facts.excepted(name, "text_head"):
        return
    wanted = facts.squash(facts.manifest()[name]["text_head"])
    leaves = facts.leaves(store.message(name).root)
    body = next(part for part in leaves if facts.is_body(part) and part.type == "text/plain")
    text = parts.text_of(body, fetch.part(store.conn, store.refs[name], body, LIMIT))
    assert facts.squash(text)[: len(wanted)] == wanted


@facts.each(facts.of_kind("eml"))
def test_every_message_opens_and_shows_something(store: Store, name: str) -> None:
    message = store.message(name)
    shown = parts.choose(message.root)
    texts = [part for part in (shown.text, shown.html, *shown.more) if part is not None]
    said = "".join(parts.text_of(part, fetch.part(store.conn, message.ref, part, LIMIT)) for part in texts)
    ours = mime.parse(store.sent[name])[1]
    assert said.strip() or shown.attachments or not any((part.content or b"").strip() for part in ours.walk())
    if Headers.parse(store.sent[name]).fields:
        assert Headers.parse(message.header).fields


@facts.each(facts.of_kind("eml"))
def test_the_source_comes_back_to_the_octet(store: Store, name: str) -> None:
    assert b"".join(fetch.source_chunks(store.conn, store.refs[name])) == store.sent[name]


def test_every_message_has_its_row(store: Store) -> None:
    seen: dict[int, str] = {}
    page: Page = fetch.page(store.conn, INBOX)
    while True:
        seen |= {row.ref.uid: row.subject for row in page.rows}
        if page.older is None:
            break
        page = fetch.page(store.conn, INBOX, before=page.older)
    assert set(seen) == {ref.uid for ref in store.refs.values()}
    wrong = []
    for name in facts.agreed("subject"):
        # One subject has 80 000 letters.
        told, fact = seen[store.refs[name].uid], facts.manifest()[name]["subject"]
        if facts.squash(told)[:5000] != facts.squash(fact)[:5000]:
            wrong.append((name, told, fact))
    assert wrong == []


def test_most_structures_of_a_good_server_are_believed(store: Store) -> None:
    """R16 must not mean that everything is fetched whole."""
    repaired = [name for name in store.refs if store.message(name).repaired]
    assert len(repaired) <= len(store.refs) * 0.15, repaired


def test_r16_structures_that_are_believed_are_nearly_always_what_we_would_find(store: Store) -> None:
    """The rest: message/global that Dovecot does not look into, messages inside base64, strange boundaries."""
    other = []
    for name in store.refs:
        message, ours = store.message(name), mime.parse(store.sent[name])[1]
        if not message.repaired and [p.type for p in facts.leaves(message.root)] != [
            p.type for p in facts.leaves(ours)
        ]:
            other.append(name)
    assert len(other) <= 5, other
