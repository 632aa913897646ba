"""Attachments as one archive: whole, well named, and never whole in memory."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from webmail.web.archive import zipped

WHEN = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


def opened(files: list[tuple[str, list[bytes]]], when: datetime = WHEN) -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(zipped(files, when))))
    assert archive.testzip() is None
    return {info.filename: archive.read(info) for info in archive.infolist()}


def test_every_file_is_there_under_its_name() -> None:
    files = [("ärger 日本.txt", [b"a", b"b"]), ("empty", []), ("b.bin", [bytes(range(256))] * 9)]
    assert opened(files) == {"ärger 日本.txt": b"ab", "empty": b"", "b.bin": bytes(range(256)) * 9}


def test_a_name_that_came_before_gets_a_number() -> None:
    files = [(name, [b"x"]) for name in ("a.pdf", "A.pdf", "a.pdf", "noext", "noext", ".rc", ".rc")]
    assert list(opened(files)) == ["a.pdf", "A (2).pdf", "a (3).pdf", "noext", "noext (2)", ".rc", ".rc (2)"]


@pytest.mark.parametrize("year", [1, 1970, 9999])
def test_a_year_that_zip_cannot_tell_is_no_error(year: int) -> None:
    assert opened([("a", [b"x"])], WHEN.replace(year=year)) == {"a": b"x"}


def test_an_error_ends_the_stream_before_it_looks_whole() -> None:
    def failing() -> Iterator[bytes]:
        yield b"first"
        raise OSError("gone")

    stream = zipped([("a", failing())], WHEN)
    taken = [next(stream)]
    with pytest.raises(OSError, match="gone"):
        next(stream)
    assert not zipfile.is_zipfile(io.BytesIO(b"".join(taken)))


def test_r15_memory_stays_flat_whatever_the_size() -> None:
    piece = bytes(256 << 10)
    tracemalloc.start()
    try:
        total = sum(len(part) for part in zipped([("large", (piece for _ in range(400)))], WHEN))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total > 100 << 20
    assert peak < 4 << 20
