"""A machine that was alone becomes one of several: nobody gets in without the second factor that they had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.servers.valkey import Valkey
from webmail.config import ConfigError, Settings
from webmail.web.store import DirectoryStore

MakeApp = Callable[[Settings], Flask]
KEY = "ab" * 32
SECRET = "the same secret on all the machines"


@pytest.fixture
def alone(settings: Settings) -> Settings:
    return replace(settings, second_factor="offered", secret_key=SECRET)


def test_second_factors_and_passkeys_go_along(alone: Settings, make_app: MakeApp, valkey: Valkey) -> None:
    state = Path(alone.state_dir)
    make_app(alone)
    DirectoryStore(state / "second-factors").put(KEY, {"sealed": "x"})
    DirectoryStore(state / "passkeys").put(KEY, {"passkeys": []})
    app = make_app(replace(alone, shared=valkey.url))
    assert app.extensions["pennypost"].factors.has(KEY)
    with valkey.client as client:
        assert client.exists(f"pennypost:passkeys:{KEY}")
    assert not (state / "second-factors").exists()
    assert [path.name for path in state.glob("second-factors-carried-*/*") if KEY in path.name]
    # Once only: what was forgotten since is not brought back.
    app.extensions["pennypost"].factors.remove(KEY)
    again = make_app(replace(alone, shared=valkey.url))
    assert not again.extensions["pennypost"].factors.has(KEY)


def test_what_another_machine_has_is_not_written_over(alone: Settings, make_app: MakeApp, valkey: Valkey) -> None:
    with valkey.client as client:
        client.hset(f"pennypost:passkeys:{KEY}", mapping={"r": '{"passkeys": ["theirs"]}', "t": "1", "l": "0"})
    DirectoryStore(Path(alone.state_dir) / "passkeys").put(KEY, {"passkeys": ["ours"]})
    make_app(replace(alone, shared=valkey.url))
    with valkey.client as client:
        assert client.hget(f"pennypost:passkeys:{KEY}", "r") == '{"passkeys": ["theirs"]}'


@pytest.mark.parametrize("what", ["away", "unreadable"])
def test_r12_nothing_starts_while_they_cannot(alone: Settings, make_app: MakeApp, valkey: Valkey, what: str) -> None:
    place = Path(alone.state_dir) / "second-factors"
    DirectoryStore(place).put(KEY, {"sealed": "x"})
    if what == "unreadable":
        (place / f"{'cd' * 32}.json").write_text("{")
    shared = valkey.url if what == "unreadable" else "redis://127.0.0.1:1/0"
    with pytest.raises(ConfigError, match="could not be carried"):
        make_app(replace(alone, shared=shared))
    assert place.exists()
