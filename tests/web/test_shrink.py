"""Which pages are compressed (docs/decisions/0042)."""

from __future__ import annotations

import brotli
import pytest

from tests.servers.application import Visitor
from tests.servers.people import Person, letter

GOING = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
FETCHED = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
TAKES = {"Accept-Encoding": "gzip, deflate, br, zstd"}


def coding(visitor: Visitor, path: str, **told: str) -> str | None:
    """How this page came."""
    headers = TAKES | {name.replace("_", "-"): value for name, value in told.items()}
    answer = visitor.get(path, headers=headers, follow=False)
    assert answer.status_code == 200
    return answer.headers.get("Content-Encoding")


def test_r13_r14_nobody_but_the_reader_has_a_page_compressed(visitor: Visitor, alice: Person) -> None:
    """R13: no other site, and no mail. R14: and how long it is tells nothing exact."""
    uid = alice.append(letter("One"))
    visitor.sign_in(alice)
    inbox, opened = "/m/INBOX", f"/m/INBOX/{alice.uidvalidity()}.{uid}"
    going, fetched = ({name.replace("-", "_"): value for name, value in told.items()} for told in (GOING, FETCHED))
    for path in (inbox, opened):
        assert coding(visitor, path, **going) == "br"
        assert coding(visitor, path, **going | {"Sec_Fetch_Site": "none"}) == "br", "typed, or reloaded"
        for site in ("cross-site", "same-site", "odd"):
            assert coding(visitor, path, **going | {"Sec_Fetch_Site": site}) is None
        for dest in ("image", "iframe", "script", "empty", "object"):
            assert coding(visitor, path, **going | {"Sec_Fetch_Dest": dest}) is None
        assert coding(visitor, path) is None, "a browser that does not say where a request comes from"
    assert coding(visitor, f"{inbox}?refresh=1", **going) is None, "by the clock"
    for part in ("list", "folders"):
        assert coding(visitor, inbox, **fetched, X_Part=part) is None, "whenever mail comes"
    assert coding(visitor, opened, **fetched, X_Part="message") == "br"
    assert coding(visitor, opened, **fetched, X_Part="message", X_Background="1") is None
    # What repeats the words of its address is never compressed beside mail.
    for path in ("/settings", "/write?subject=One", "/folders", f"{opened}/source"):
        assert coding(visitor, path, **going) is None, path


def test_r14_no_length_comes_twice_for_long_and_the_words_are_the_same(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("One"))
    visitor.sign_in(alice)
    answers = [visitor.get("/m/INBOX", headers=TAKES | GOING) for _ in range(12)]
    assert len({len(answer.data) for answer in answers}) > 6
    for answer in answers:
        assert "One" in brotli.decompress(answer.data).decode()
        assert answer.headers["Cache-Control"] == "no-store, no-cache"
        assert int(answer.headers["Content-Length"]) == len(answer.data)


@pytest.mark.parametrize(("query", "packed"), [("", "br"), ("?next=/m/INBOX", None), ("?why=idle", None)])
def test_r13_the_sign_in_page_is_compressed_while_nobody_chose_a_word_of_it(
    visitor: Visitor, query: str, packed: str | None
) -> None:
    assert coding(visitor, f"/login{query}", Sec_Fetch_Site="cross-site") == packed
