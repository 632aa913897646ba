"""Sign-in records on disk: private, whole or absent, and gone when deleted."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from webmail.web.store import DirectoryStore

KEY = "ab" * 32


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "sign-ins")


def test_a_record_comes_back_with_the_time_it_was_touched(store: DirectoryStore) -> None:
    store.put(KEY, {"address": "alice@example.org", "created": 1, "shared": False})
    found = store.get(KEY)
    assert found is not None
    assert found[0]["address"] == "alice@example.org"
    assert abs(found[1] - time.time()) < 5


def test_r12_directory_and_files_are_the_owners_alone(store: DirectoryStore, tmp_path: Path) -> None:
    store.put(KEY, {"a": 1})
    assert stat.S_IMODE((tmp_path / "sign-ins").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "sign-ins" / f"{KEY}.json").stat().st_mode) == 0o600


def test_a_directory_that_was_open_is_closed_again(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    DirectoryStore(tmp_path / "open")
    assert stat.S_IMODE((tmp_path / "open").stat().st_mode) == 0o700


def test_deleted_is_gone_and_deleting_twice_is_fine(store: DirectoryStore) -> None:
    store.put(KEY, {"a": 1})
    store.delete(KEY)
    store.delete(KEY)
    assert store.get(KEY) is None


def test_the_whole_directory_may_be_deleted_at_any_time(store: DirectoryStore, tmp_path: Path) -> None:
    store.put(KEY, {"a": 1})
    (tmp_path / "sign-ins" / f"{KEY}.json").unlink()
    (tmp_path / "sign-ins").rmdir()
    assert store.get(KEY) is None
    store.touch(KEY)
    store.put(KEY, {"a": 2})
    assert store.get(KEY) is not None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"null"])
def test_a_damaged_record_is_no_record(store: DirectoryStore, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sign-ins" / f"{KEY}.json").write_bytes(content)
    assert store.get(KEY) is None


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "AB" * 32, "a" * 63, "g" * 64])
@pytest.mark.asvs("5.3.2")
def test_r8_only_a_digest_is_a_file_name(store: DirectoryStore, key: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        store.put(key, {})


def test_what_was_not_touched_for_long_is_swept(store: DirectoryStore, tmp_path: Path) -> None:
    store.put(KEY, {"a": 1})
    os.utime(tmp_path / "sign-ins" / f"{KEY}.json", (1, 1))
    store.put("cd" * 32, {"a": 1})
    store.sweep(time.time() - 60)
    assert store.get(KEY) is None
    assert store.get("cd" * 32) is not None
