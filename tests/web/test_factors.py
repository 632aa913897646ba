"""Where second factors lie: what cannot be read is never taken for none, and the state may go while they stay."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from app import create_app
from tests.servers.application import Visitor
from tests.servers.people import Person
from tests.views.test_factor import KEY, MakeApp, Phone, door, factor_files, set_up, sign_ins, sign_out
from webmail import config
from webmail.config import Settings


@pytest.fixture
def offered(settings: Settings) -> Settings:
    return replace(settings, second_factor="offered", secret_key=KEY)


@pytest.fixture
def visitor(make_app: MakeApp, offered: Settings) -> Visitor:
    return Visitor(make_app(offered))


@pytest.mark.parametrize("damage", ["text", "octet", "shape"])
def test_a_second_factor_that_cannot_be_read_keeps_the_door_shut(
    visitor: Visitor, alice: Person, offered: Settings, damage: str
) -> None:
    visitor.sign_in(alice)
    phone = set_up(visitor, offered)
    sign_out(visitor)
    [path] = factor_files(offered)
    kept = json.loads(path.read_text())
    if damage == "text":
        path.write_text("{")
    elif damage == "octet":
        path.write_text(json.dumps(kept | {"sealed": "AAAA" + kept["sealed"][4:]}))
    else:
        path.write_text(json.dumps(kept | {"codes": None}))
    visitor.sign_in(alice)
    visitor.send(door(visitor), code=phone.code())
    assert visitor.status == 503
    assert "cannot be read" in visitor.text or "does not open" in visitor.text
    assert sign_ins(offered) == []


def test_another_server_key_does_not_open_the_doors_of_all(offered: Settings, make_app: MakeApp) -> None:
    make_app(offered)
    with pytest.raises(config.ConfigError, match="PENNYPOST_SECRET_KEY"):
        create_app(replace(offered, secret_key="another" * 8))


def test_it_needs_a_server_key_that_does_not_lie_in_the_state_directory() -> None:
    environ = {"PENNYPOST_IMAP_HOST": "mail.example.org", "PENNYPOST_SECOND_FACTOR": "offered"}
    with pytest.raises(config.ConfigError, match="PENNYPOST_SECRET_KEY"):
        config.load(environ)
    assert config.load(environ | {"PENNYPOST_SECRET_KEY": KEY}).second_factor == "offered"


def test_the_state_may_vanish_where_second_factors_lie_elsewhere(
    offered: Settings, make_app: MakeApp, alice: Person, tmp_path: Path
) -> None:
    apart = replace(offered, second_factor_dir=str(tmp_path / "apart"))
    visitor = Visitor(make_app(apart))
    visitor.sign_in(alice)
    visitor.get("/second-factor")
    visitor.send(visitor.form("/second-factor"), do="begin")
    visitor.send(visitor.form("/second-factor"), do="confirm", code=Phone(visitor.html).code())
    shutil.rmtree(apart.state_dir)
    os.mkdir(apart.state_dir)
    again = Visitor(make_app(apart))
    again.sign_in(alice)
    assert "Six digits from your phone" in again.text
