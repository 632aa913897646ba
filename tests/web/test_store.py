"""Sign-in records on disk: private, whole or absent, and gone when deleted."""

from __future__ import annotations

import os
import stat
import threading
import time
from pathlib import Path

import pytest

from webmail.shared.store import SharedStore
from webmail.web.store import DirectoryStore, RecordStore

KEY = "ab" * 32


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "sign-ins")


@pytest.fixture(params=["directory", "shared"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> RecordStore:
    """Both keep the same promises."""
    if request.param == "directory":
        return DirectoryStore(tmp_path / "sign-ins")
    return SharedStore(
        request.getfixturevalue("link_to")(request.getfixturevalue("valkey").url),
        "sign-ins",
        lambda _: 3600,
        weighed=True,
    )


def test_a_record_comes_back_with_the_time_it_was_touched(any_store: RecordStore) -> None:
    any_store.put(KEY, {"address": "alice@example.org", "created": 1, "shared": False})
    found = any_store.get(KEY)
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


def test_deleted_is_gone_and_deleting_twice_is_fine(any_store: RecordStore) -> None:
    any_store.put(KEY, {"a": 1})
    any_store.delete(KEY)
    any_store.delete(KEY)
    assert any_store.get(KEY) is None


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


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "AB" * 32, "a" * 63, "g" * 64, "*"])
@pytest.mark.asvs("5.3.2")
def test_r8_only_a_digest_is_a_file_name(any_store: RecordStore, key: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        any_store.put(key, {})


def test_what_was_not_touched_for_long_is_swept(store: DirectoryStore, tmp_path: Path) -> None:
    store.put(KEY, {"a": 1})
    os.utime(tmp_path / "sign-ins" / f"{KEY}.json", (1, 1))
    store.put("cd" * 32, {"a": 1})
    store.sweep(time.time() - 60)
    assert store.get(KEY) is None
    assert store.get("cd" * 32) is not None


def test_a_change_keeps_what_it_does_not_name_and_makes_nothing_that_was_gone(any_store: RecordStore) -> None:
    any_store.put(KEY, {"a": 1, "b": "x"})
    before = any_store.get(KEY)
    any_store.change(KEY, {"b": "y", "c": True})
    after = any_store.get(KEY)
    assert before is not None
    assert after == ({"a": 1, "b": "y", "c": True}, before[1])
    any_store.delete(KEY)
    any_store.change(KEY, {"b": "z"})
    any_store.touch(KEY)
    assert any_store.get(KEY) is None
    assert not any_store.has(KEY)


def test_touched_is_later_than_before(any_store: RecordStore) -> None:
    any_store.put(KEY, {"a": 1})
    before = any_store.get(KEY)
    time.sleep(0.02)
    any_store.touch(KEY)
    after = any_store.get(KEY)
    assert before is not None
    assert after is not None
    assert after[1] > before[1]


def test_of_many_that_swap_the_same_record_one_does(any_store: RecordStore) -> None:
    assert not any_store.swap(KEY, {"n": 0}, {"n": 1})
    assert any_store.swap(KEY, None, {"n": 0, "list": []})  # type: ignore[dict-item]
    assert not any_store.swap(KEY, None, {"n": 1})
    done: list[int] = []

    def count() -> None:
        for _ in range(10):
            while True:
                found = any_store.get(KEY)
                assert found is not None
                if any_store.swap(KEY, found[0], {**found[0], "n": int(found[0]["n"]) + 1}):
                    done.append(1)
                    break

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    found = any_store.get(KEY)
    assert found is not None
    assert found[0]["n"] == len(done) == 40
    assert any_store.swap(KEY, found[0], None)
    assert any_store.get(KEY) is None


def test_one_accounts_are_found_and_all_are(any_store: RecordStore) -> None:
    keys = [f"{number:064x}" for number in range(4)]
    for number, key in enumerate(keys):
        any_store.put(key, {"of": "alice" if number % 2 else "bob", "n": number})
    assert sorted(key for key, _, _ in any_store.of("alice")) == keys[1::2]
    assert sorted(key for key, _, _ in any_store.all()) == keys
    any_store.delete(keys[1])
    assert [record["n"] for _, record, _ in any_store.of("alice")] == [3]
    assert list(any_store.of("nobody")) == []


def test_of_other_accounts_a_file_is_read_once(store: DirectoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [f"{number:064x}" for number in range(6)]
    for number, key in enumerate(keys[:5]):
        store.put(key, {"of": "alice" if number == 1 else "bob", "n": number})
    (store._directory / f"{keys[2]}.json").write_text("{")
    assert [record["n"] for _, record, _ in store.of("alice")] == [1]
    read: list[str] = []
    get = DirectoryStore.get
    monkeypatch.setattr(DirectoryStore, "get", lambda self, key: (read.append(key), get(self, key))[1])
    # Another process wrote one, and finished another.
    DirectoryStore(store._directory).put(keys[5], {"of": "alice", "n": 5})
    DirectoryStore(store._directory).put(keys[2], {"of": "alice", "n": 2})
    store.delete(keys[1])
    assert sorted(record["n"] for _, record, _ in store.of("alice")) == [2, 5]
    assert sorted(read) == [keys[2], keys[2], keys[5], keys[5]]
    read.clear()
    assert sorted(record["n"] for _, record, _ in store.of("alice")) == [2, 5]
    assert sorted(read) == [keys[2], keys[5]]


def test_what_is_there_is_weighed(any_store: RecordStore) -> None:
    for number in range(3):
        any_store.put(f"{number:064x}", {"sealed": "x" * 1000})
    number, octets = any_store.weight()
    assert number == 3
    assert 3000 < octets < 3200
    any_store.delete(f"{0:064x}")
    assert any_store.weight()[0] == 2
