"""What several machines cost what they share: octets in Redis or Valkey, questions and octets for each page, and how
fast it writes a step of the journal down.

Octets are what MEMORY USAGE says of the keys of one, names and index with it. Questions are counted by the server while
somebody reads, and while a page is open and at rest. Processor time is that of the web tier, with files and with what
is shared, for a list and ten letters of it. Steps: sixteen threads note states, one after the other, as the server is
to be set up (appendfsync always) and as it comes (everysec). The disk is that of TMPDIR.
"""

from __future__ import annotations

import secrets
import sys
import threading
from time import perf_counter, sleep

from bench._mail import fill, people
from bench._reader import Reader, rows_of
from bench._servers import servers
from bench._stream import Stream
from bench._table import Table, options
from tests.servers.valkey import Valkey
from webmail.journal import State, account_key, letter_key
from webmail.rate import Rate
from webmail.shared.counter import SharedCounter
from webmail.shared.journal import SharedJournal
from webmail.shared.link import Link
from webmail.shared.node import Node

PAGES, REST, SECONDS, WRITERS = 40, 20.0, 3.0, 16


def main() -> int:
    table = Table(options(__doc__).parse_args().json)
    valkey = Valkey().start()
    try:
        pages(table, "files")
        pages(table, "shared", shared=valkey.url, secret_key="x" * 40)
        reading(table, valkey)
        entries(table, valkey)
        steps(table, valkey, "always")
        steps(table, valkey, "everysec")
    finally:
        valkey.stop()
    return 0


def pages(table: Table, name: str, **settings: str) -> None:
    """Processor time of the web tier for a list and ten letters of it, and what goes to the browser."""
    who = people(1)
    with servers(who, **settings) as (mail, web):
        person = mail.person(who[0])
        fill(person, 200)
        reader = Reader(web.port, person)
        links = [link for _, link, _ in rows_of(reader.browser.get(reader.path).body)][:10]
        for count in (2, PAGES):
            before, octets = web.processor(), 0
            for _ in range(count):
                octets += len(reader.browser.get(reader.path).octets)
                octets += sum(len(reader.browser.get(link, X_Part="message").octets) for link in links)
        number = PAGES * (1 + len(links))
        table.add(f"{name}_page_processor_ms", (web.processor() - before) / number * 1000)
        table.add(f"{name}_page_to_reader_kb", octets / number / 1024)


def reading(table: Table, valkey: Valkey) -> None:
    """One person signs in, reads, and leaves a page open."""
    valkey.clear()
    who = people(1)
    with servers(who, shared=valkey.url, secret_key="x" * 40) as (mail, web):
        person = mail.person(who[0])
        fill(person, 200)
        reader = Reader(web.port, person)
        with valkey.client as client:
            keys = [key for key in client.scan_iter() if "sign-ins" in key]
            table.add("shared_sign_in_octets", sum(client.memory_usage(key, samples=0) or 0 for key in keys))
            before = client.info("stats")
            for _ in range(PAGES):
                reader.browser.get("/m/INBOX")
            after = client.info("stats")
            asked = after["total_commands_processed"] - before["total_commands_processed"]
            table.add("shared_page_questions_commands", asked / PAGES)
            octets = sum(
                after[f"total_net_{way}_bytes"] - before[f"total_net_{way}_bytes"] for way in ("input", "output")
            )
            table.add("shared_page_kb", octets / PAGES / 1024)
            stream = Stream(reader.browser)
            before = client.info("stats")
            sleep(REST)
            after = client.info("stats")
            stream.close()
            asked = after["total_commands_processed"] - before["total_commands_processed"]
            table.add("shared_open_page_questions_per_s", asked / REST)


def entries(table: Table, valkey: Valkey) -> None:
    """A thousand letters of a hundred accounts, and limits of a thousand."""
    valkey.clear()
    link = Link(valkey.url)
    node = Node(link)
    journal, counter = SharedJournal(link, node), SharedCounter(link)
    accounts = [account_key("mail.example.org", f"{number}@example.org") for number in range(100)]
    with valkey.client as client:
        for account in accounts:
            for number in range(10):
                letter = letter_key(account, f"<{number}@example.org>")
                journal.note(account, letter, State.HELD, after=(None,))
                journal.note(account, letter, State.DONE, after=(State.HELD,))
            counter.take(account, Rate(500, 3600))
        for name in ("sent", "rate"):
            keys = list(client.scan_iter(f"pennypost:{name}:*"))
            used = sum(client.memory_usage(key, samples=0) or 0 for key in keys)
            table.add(f"shared_{name}_octets", used / len(keys))
    node.close()
    link.close()


def steps(table: Table, valkey: Valkey, fsync: str) -> None:
    """How many steps a second, and how long one takes."""
    valkey.clear()
    with valkey.client as client:
        client.config_set("appendfsync", fsync)
    link = Link(valkey.url)
    node = Node(link)
    journal = SharedJournal(link, node)
    account, took, end = account_key("mail.example.org", "alice@example.org"), [], perf_counter() + SECONDS

    def write() -> None:
        while (began := perf_counter()) < end:
            journal.note(account, letter_key(account, secrets.token_hex(8)), State.DONE, after=(None,))
            took.append(perf_counter() - began)

    threads = [threading.Thread(target=write) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    table.add(f"shared_steps_{fsync}_per_s", len(took) / SECONDS)
    table.add(f"shared_step_{fsync}_p50_ms", sorted(took)[len(took) // 2] * 1000)
    node.close()
    link.close()


if __name__ == "__main__":
    sys.exit(main())
