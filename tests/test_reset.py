"""The command for who has lost phone, codes or device."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from tests.servers.application import Visitor
from tests.servers.authenticator import Device
from tests.servers.people import Person
from tests.views.test_factor import KEY, MakeApp, factor_files, forget_steps, set_up
from tests.views.test_passkey import add, kept, touch
from webmail.config import Settings

ROOT = Path(__file__).parent.parent


def reset(settings: Settings, *arguments: str, **more: str) -> tuple[int, str]:
    site = {
        "PENNYPOST_IMAP_HOST": "localhost", "PENNYPOST_STATE_DIR": settings.state_dir, "PENNYPOST_SECRET_KEY": KEY,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "webmail", "reset", *arguments], text=True, capture_output=True, cwd=ROOT,
        env={"PATH": os.environ["PATH"], **site, **more}, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_an_administrator_lets_somebody_begin_anew_and_nobody_else(
    settings: Settings, make_app: MakeApp, alice: Person, charlie: Person
) -> None:
    offered = replace(settings, second_factor="offered", secret_key=KEY)
    app = make_app(offered)
    device = Device()
    for person in (charlie, alice):
        visitor = Visitor(app)
        visitor.sign_in(person)
        phone = set_up(visitor, offered)
    add(visitor, alice, device, code=phone.code())
    forget_steps(offered)
    assert reset(offered, "nobody@example.org") == (1, "Second factor: none. Passkeys: none.\n")
    assert reset(offered, "Alice@Example.org", "--keep-passkeys") == (0, "Second factor: forgotten. Passkeys: none.\n")
    assert touch(Visitor(app), device)[0] == 200
    assert reset(offered, alice.address) == (0, "Second factor: none. Passkeys: forgotten.\n")
    assert touch(Visitor(app), device)[0] == 401
    assert kept(offered) == []
    assert len(factor_files(offered)) == 1
    other = Visitor(app)
    other.sign_in(alice)
    assert other.path == "/m/INBOX", "without a restart"
    code, said = reset(offered, charlie.address, PENNYPOST_SECRET_KEY="another" * 8)
    assert (code, charlie.address in said) == (2, False)
    assert len(factor_files(offered)) == 1


def test_it_makes_nothing_where_nothing_is(settings: Settings, tmp_path: Path) -> None:
    empty = replace(settings, state_dir=str(tmp_path / "none"))
    assert reset(empty, "alice@example.org")[0] == 1
    assert reset(empty, "alice@example.org", PENNYPOST_SECRET_KEY="")[0] == 2
    assert not Path(empty.state_dir).exists()
