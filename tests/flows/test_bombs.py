"""R15: messages made to keep a reader busy, each opened through the real page on a real Dovecot.

What is counted is processor time of this process, where the application and its visitor run: a busy machine is no
reason to fail. The goal is one second; four are allowed, for slow machines. What costs the square of its size takes
minutes here.
"""

from __future__ import annotations

import hashlib
import html
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mail import bombs
from tests.servers.application import Visitor, text_of
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person

pytestmark = pytest.mark.timeout(600)

MOST_SECONDS = 4.0

_TOO_LONG = "The header of this message is too long to be read whole"
_TOO_MANY = "This message names more than 1,000 people"
_TOO_DEEP = "This message has too many parts"
_TOO_LARGE = "A part of this message is too large or too complicated to show safely"
_ODD = "This message is not built as it should be"

SAYS = {
    "many_parts": _TOO_DEEP, "many_files": _TOO_DEEP, "deep_multiparts": _TOO_DEEP, "one_boundary_for_all": _TOO_DEEP,
    "deep_messages": _ODD, "nothing_but_delimiters": _ODD, "guessed_boundaries": _ODD,
    "boundary_of_a_megabyte": _TOO_LONG, "long_header": _TOO_LONG, "folded_header": _TOO_LONG,
    "many_fields": _TOO_LONG, "received": _TOO_LONG, "addresses": _TOO_MANY, "short_addresses": _TOO_MANY,
    "senders": _TOO_MANY, "encoded_words": _TOO_LONG, "references": _TOO_LONG,
    "long_html": _TOO_LARGE, "html_of_tags": _TOO_LARGE, "html_in_base64": _TOO_LARGE, "uuencoded": _TOO_LARGE,
}  # fmt: skip
"""What the reader is told where something is left out."""

WITH_WORDS = {
    "many_parts", "long_header", "folded_header", "many_fields", "received", "addresses", "short_addresses", "senders",
    "address_comments", "address_quotes", "address_groups", "name_in_pieces", "parameters", "encoded_words",
    "encoded_words_begun", "encoded_words_of_many_charsets", "references", "verdicts", "ways_to_leave", "short_lines",
    "quoted_deeply", "foreign_header",
}  # fmt: skip
"""Whose text is small and sound: it is there, whatever stands around it."""


def deliver(dovecot: Dovecot, person: Person, source: Iterator[bytes]) -> str:
    """As the local delivery agent does: no client would be allowed to append this. The digest of what lies there."""
    place = dovecot.maildir(person) / "new"
    file = place / f"{time.time_ns()}.localhost"
    digest, size = hashlib.sha256(), 0
    with file.with_suffix(".part").open("wb") as stream:
        for piece in source:
            stream.write(piece)
            digest.update(piece)
            size += len(piece)
    if os.getuid() == 0:
        os.chown(file.with_suffix(".part"), place.stat().st_uid, place.stat().st_gid)
    file.with_suffix(".part").rename(f"{file},S={size},W={size}")
    return digest.hexdigest()


def spent(visitor: Visitor, path: str) -> float:
    """Seconds of processor time for a page; it has to come."""
    begun = time.process_time()
    answer = visitor.get(path)
    taken = time.process_time() - begun
    assert answer.status_code == 200
    return taken


@pytest.mark.asvs("15.2.2")
def test_r15_every_bomb_opens_soon_says_what_is_left_out_and_downloads_whole(
    visitor: Visitor, dovecot: Dovecot, alice: Person
) -> None:
    with alice.imap() as client:
        client.select_folder("INBOX")
    visitor.sign_in(alice)
    validity, slow, silent = alice.uidvalidity(), {}, []
    for uid, (name, make) in enumerate(bombs.ALL.items(), 1):
        source = make()
        digest = deliver(dovecot, alice, iter([source]))
        here = f"/m/INBOX/{validity}.{uid}"
        took = {"page": spent(visitor, here)}
        page = visitor.html
        frame = re.search(r'<iframe[^>]* src="([^"]+)"', page)
        if frame:
            took["frame"] = spent(visitor, html.unescape(frame[1]))
        text = text_of(page)
        if SAYS.get(name, "") not in text or (name in WITH_WORDS and "These are the words of the letter." not in text):
            silent.append(name)
        assert 'id="subject"' in page, name
        assert f'href="{here}/eml"' in page, name
        took["source"] = spent(visitor, f"{here}/source")
        took["answer"] = spent(visitor, f"{here}/reply")
        whole = visitor.get(f"{here}/eml").get_data()
        assert hashlib.sha256(whole).hexdigest() == digest, f"{name}: the download is not what was sent"
        slow |= {f"{name} {what}": round(seconds, 1) for what, seconds in took.items() if seconds > MOST_SECONDS}
    slow |= {"list of all": seconds} if (seconds := spent(visitor, "/m/INBOX")) > MOST_SECONDS else {}
    assert len(visitor.html) < 500_000
    assert slow == {}
    assert silent == []


def _hundred_megabytes() -> Iterator[bytes]:
    yield bombs.letter(b"Content-Type: text/plain\r\n", bombs.WORDS)
    line = b"And so it goes on, and on, line after line, and nobody will ever read it to its end.\r\n" * 12_000
    for _ in range(100):
        yield line


def test_r15_a_text_of_100_mb_is_a_file(visitor: Visitor, dovecot: Dovecot, alice: Person) -> None:
    if shutil.disk_usage(Path(dovecot.folder)).free < 500_000_000:
        pytest.skip("not enough disk for a message of 100 MB")
    with alice.imap() as client:
        client.select_folder("INBOX")
    digest = deliver(dovecot, alice, _hundred_megabytes())
    visitor.sign_in(alice)
    here = f"/m/INBOX/{alice.uidvalidity()}.1"
    assert spent(visitor, here) < MOST_SECONDS
    assert _TOO_LARGE in visitor.text
    assert 'class="file"' in visitor.html
    assert spent(visitor, f"{here}/reply") < MOST_SECONDS
    found, size = hashlib.sha256(), 0
    answer = visitor.client.get(f"{here}/eml", base_url=visitor.base, buffered=False)
    for piece in answer.iter_encoded():
        found.update(piece)
        size += len(piece)
    assert size > 100_000_000
    assert found.hexdigest() == digest
