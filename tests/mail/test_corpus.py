"""Every message of the open corpus, against the facts on which two foreign parsers agree.

A null fact is one they dispute: there we are free, but nothing may crash, hang or come out as an empty page.
"""

from __future__ import annotations

import inspect
import json
import mailbox
import os
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from webmail.mail import mime, names, parts
from webmail.mail.build import build
from webmail.mail.headers import Headers
from webmail.mail.ids import PartId
from webmail.mail.message import Part
from webmail.mail.reply import Audience, Original, forward, reply
from webmail.mail.text import blocks, snippet, snippet_from_source
from webmail.views import _origin

from .people import ALICE, NOON

ROOT: Final = Path(__file__).resolve().parents[2]
CORPUS: Final = Path(os.environ.get("PENNYPOST_CORPUS") or ROOT.parent / "shared" / "corpus")

pytestmark = pytest.mark.skipif(
    not (CORPUS / "manifest.json").is_file(), reason=f"no corpus at {CORPUS}; set PENNYPOST_CORPUS to its folder"
)

Fact = dict[str, Any]

_MIME4J: Final = "james-mime4j/core/src/test/resources/testmsgs/"

# A multipart in which the foreign parsers find no part (its delimiter is missing or misspelt). They show an empty page.
_RECOVERED: Final = (
    "cpython/msg_17.txt",
    "cpython/msg_25.txt",
    "cpython/msg_31.txt",
    "cpython/msg_41.txt",
    "deltachat-core/mailparse-0.16.0-panic.eml",
    "flanker/mailformed-headers.eml",
    f"{_MIME4J}ending-boundaries.msg",
    f"{_MIME4J}missing-boundary.msg",
    f"{_MIME4J}missing-inner-boundary.msg",
    f"{_MIME4J}missing-inner-start-boundary.msg",
    f"{_MIME4J}multipartnopart.msg",
)

EXCEPTIONS: Final[dict[tuple[str, str], str]] = {
    (name, fact): "a multipart without parts: we show what is in it"
    for name in _RECOVERED
    for fact in ("structure", "attachments", "bodies")
} | {
    ("mimekit/messages/feedback-report.txt", "from"): "a byte order mark before From: we read the field",
    ("ruby-mail/rfc2822/example13.eml", "from"): "RFC 5322 4.5 allows white space before the colon: we read the field",
    (
        "ruby-mail/error_emails/content_transfer_encoding_7-bit.eml",
        "text_head",
    ): "iso-8859-1 is read as windows-1252, as everybody does who wants to see the quotation marks",
}
"""(file, fact) -> why we read it differently on purpose."""


@cache
def manifest() -> dict[str, Fact]:
    if not (CORPUS / "manifest.json").is_file():
        return {}
    files: dict[str, Fact] = json.loads((CORPUS / "manifest.json").read_text("utf-8"))["files"]
    return files


def of_kind(kind: str) -> list[str]:
    return [name for name, row in manifest().items() if row["kind"] == kind]


def agreed(fact: str) -> list[str]:
    """Messages for which the manifest has this fact. One with a replacement character in it is a guess, not a fact."""
    rows = ((name, manifest()[name].get(fact)) for name in of_kind("eml"))
    return [name for name, value in rows if value is not None and "\ufffd" not in json.dumps(value, ensure_ascii=False)]


@cache
def message(name: str) -> tuple[bytes, Part]:
    return mime.parse((CORPUS / name).read_bytes())


def headers(name: str) -> Headers:
    return Headers.parse(message(name)[0])


def squash(text: str) -> str:
    """As the manifest folds text; bidi and other invisible marks are ours to drop on top."""
    kept = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs"))
    return names.clean_line(unicodedata.normalize("NFC", re.sub(r"\s+", " ", kept)))


def excepted(name: str, fact: str) -> bool:
    return (name, fact) in EXCEPTIONS


def outline(root: Part) -> list[Part]:
    """As the manifest counts: multiparts and leaves, not looking into messages."""
    found = [root]
    if root.type.startswith("multipart/"):
        for child in root.children:
            found += outline(child)
    return found


def leaves(root: Part) -> list[Part]:
    return [part for part in outline(root) if not part.type.startswith("multipart/")]


def is_body(part: Part) -> bool:
    return part.type in ("text/plain", "text/html") and part.disposition != "attachment" and not part.filename


def each(cases: Sequence[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """One test for all these messages: to count thousands of tests costs more than to run them. It names all that fail.

    The last arguments of the test are a case; those before are fixtures.
    """
    count = len(cases[0]) if cases and isinstance(cases[0], tuple) else 1

    def made(test: Callable[..., None]) -> Callable[..., None]:
        def whole(**fixtures: Any) -> None:
            wrong = []
            for case in cases:
                try:
                    test(*fixtures.values(), *(case if isinstance(case, tuple) else (case,)))
                except Exception as error:
                    wrong.append(f"{case}: {type(error).__name__} {error}")
            assert not wrong, "\n".join(wrong)

        whole.__name__, whole.__doc__ = test.__name__, test.__doc__
        found = inspect.signature(test)
        whole.__signature__ = found.replace(parameters=list(found.parameters.values())[:-count])  # type: ignore[attr-defined]
        return pytest.mark.timeout(600)(whole)

    return made


# --- the facts --------------------------------------------------------------------------------------------------------


@each(agreed("subject"))
def test_subject(name: str) -> None:
    assert squash(headers(name).subject) == squash(manifest()[name]["subject"])


@each([(name, field) for field in ("from", "to", "cc") for name in agreed(field)])
def test_addresses(name: str, field: str) -> None:
    if excepted(name, field):
        return
    raw = next((pair for pair in headers(name).fields if pair[0].lower() == field), None)
    first = Headers((raw,)) if raw else Headers()  # the manifest reads the first of several From fields, we read all
    found = [(squash(a.name), a.address) for a in first.addresses(field)]
    assert found == [(squash(a["name"]), a["address"]) for a in manifest()[name][field]]


@each(agreed("date"))
def test_date(name: str) -> None:
    found = headers(name).date
    assert found is not None
    assert int(found.timestamp()) == manifest()[name]["date"]


@each(agreed("message_id"))
def test_message_id(name: str) -> None:
    assert headers(name).message_id == manifest()[name]["message_id"]


@each(agreed("absent"))
def test_no_header_is_overlooked(name: str) -> None:
    known = ("Subject", "From", "To", "Date", "Message-ID")
    missing = {field for field in known if headers(name).get(field) is None}
    assert missing <= set(manifest()[name]["absent"])


@each(agreed("top_type"))
def test_top_type(name: str) -> None:
    assert message(name)[1].type == manifest()[name]["top_type"]


@each(agreed("parts"))
def test_structure(name: str) -> None:
    if not excepted(name, "structure"):
        assert len(outline(message(name)[1])) == manifest()[name]["parts"]


@each(agreed("attachments"))
def test_attachments_and_which_bodies_there_are(name: str) -> None:
    if excepted(name, "attachments"):
        return
    root, row = message(name)[1], manifest()[name]
    found = [part for part in leaves(root) if not is_body(part)]
    assert len(found) == len(row["attachments"])
    for part, fact in zip(found, row["attachments"], strict=True):
        _compare(root, part, fact)
    bodies = [part.type for part in leaves(root) if is_body(part)]
    assert ("text/plain" in bodies, "text/html" in bodies) == (row["has_text"], row["has_html"])


def _compare(root: Part, part: Part, fact: Fact) -> None:
    assert part.type == fact["type"]
    assert (part.content_id is not None) == fact["cid"]
    if fact["path"]:
        assert parts.find(root, PartId(fact["path"])) is part
    if fact["name"] is not None:
        assert squash(part.filename or "") == squash(names.safe_filename(fact["name"], "-"))
    if fact["disposition"] is not None:
        assert part.disposition == fact["disposition"]
    if fact["bytes"] is not None:
        assert len(parts.decode_content(part, b"")) == pytest.approx(fact["bytes"], abs=2)


@each(agreed("charset"))
def test_charset_label_of_the_first_body(name: str) -> None:
    first = next((part for part in leaves(message(name)[1]) if is_body(part)), None)
    if not excepted(name, "bodies") and first is not None:
        assert (first.charset or "(none)").lower() == manifest()[name]["charset"]


@each(agreed("text_head"))
def test_first_words_of_the_text(name: str) -> None:
    if excepted(name, "text_head"):
        return
    wanted = squash(manifest()[name]["text_head"])
    body = next(part for part in leaves(message(name)[1]) if is_body(part) and part.type == "text/plain")
    assert squash(parts.text_of(body, b""))[: len(wanted)] == wanted


@each(agreed("html_bytes"))
def test_size_of_the_html(name: str) -> None:
    body = next(part for part in leaves(message(name)[1]) if is_body(part) and part.type == "text/html")
    assert len(parts.decode_content(body, b"")) == pytest.approx(manifest()[name]["html_bytes"], abs=2)


# --- what must hold for every message, agreed upon or not -------------------------------------------------------------


@each(of_kind("eml"))
def test_every_leaf_is_shown_or_listed_exactly_once(name: str) -> None:
    root = message(name)[1]
    shown = parts.settle(parts.choose(root), None)
    bodies = [part for part in (shown.text, shown.html, *shown.more) if part is not None]
    seen = [part.id for part in (*bodies, *shown.attachments)]
    twice = {part.id for part in bodies if part in shown.attachments}
    assert sorted(seen) == sorted([*(part.id for part in leaves(root)), *twice])
    assert all(not is_body(part) for part in bodies if part.id in twice)


@each(of_kind("eml"))
def test_there_is_something_to_see(name: str) -> None:
    root = message(name)[1]
    shown = parts.settle(parts.choose(root), None)
    text = "".join(parts.text_of(part, b"") for part in (shown.text, shown.html, *shown.more) if part is not None)
    assert text.strip() or shown.attachments or not any((part.content or b"").strip() for part in leaves(root))


@each(of_kind("eml"))
def test_everything_else_copes(name: str) -> None:
    """Blocks, snippets, replies and forwards of every message, within a second and a half; all of it is UTF-8."""
    begun = time.process_time()
    header, root = mime.parse((CORPUS / name).read_bytes())
    facts, shown = Headers.parse(header), parts.choose(root)
    text = parts.text_of(shown.text, b"") if shown.text else ""
    flowed = shown.text is not None and shown.text.params.get("format", "").lower() == "flowed"
    found = blocks(text, flowed=flowed, delsp=False)
    said = [str(facts.items()), snippet(text), snippet_from_source(header, text.encode()[:2048]), str(found)]
    original = Original(facts, text)
    wrote, told = _origin.wrote(facts, NOON), _origin.facts(facts, NOON)
    for draft in (
        reply(original, ALICE, audience=Audience.ALL, wrote=wrote, message_id="<1@test>", date=NOON),
        forward(original, ALICE, facts=told, message_id="<2@test>", date=NOON),
    ):
        build(draft)
    assert len(said[1]) <= 200
    assert len(said[2]) <= 200
    "".join(said).encode()
    assert time.process_time() - begun < 1.5


@each(of_kind("eml"))
def test_our_own_structure_is_never_suspicious_to_us(name: str) -> None:
    header, root = message(name)
    types = Headers.parse(header).all("content-type")
    if len(types) <= 1 and root.children and "boundary" in root.params:
        assert not mime.suspicious(header, root)


def _mbox_messages() -> Iterator[tuple[str, bytes]]:
    for name in of_kind("mbox"):
        box = mailbox.mbox(CORPUS / name, create=False)
        try:
            for key in box.keys():  # noqa: SIM118  (iterating a mailbox gives messages, not keys)
                yield name, box.get_bytes(key)
        finally:
            box.close()


def test_mailbox_files_hold_readable_messages() -> None:
    count = 0
    for _, source in _mbox_messages():
        header, root = mime.parse(source)
        shown = parts.choose(root)
        assert shown.text or shown.html or shown.attachments or not source[len(header) :].strip()
        Headers.parse(header).items()
        count += 1
    assert count == sum(manifest()[name]["messages"] for name in of_kind("mbox"))


def test_exceptions_name_messages_that_exist() -> None:
    assert {name for name, _ in EXCEPTIONS} <= set(of_kind("eml"))
    assert len({name for name, _ in EXCEPTIONS}) <= 14
