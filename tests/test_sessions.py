"""The command that ends sign-ins, run as an administrator runs it beside a running site."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from tests.servers.application import Visitor
from tests.servers.people import Person
from webmail.config import Settings

ROOT = Path(__file__).parent.parent


def command(settings: Settings, *arguments: str, **more: str) -> tuple[int, str]:
    site = {"PENNYPOST_IMAP_HOST": "localhost", "PENNYPOST_STATE_DIR": settings.state_dir}
    done = subprocess.run(
        [sys.executable, "-m", "webmail", "sessions", *arguments], text=True, capture_output=True, cwd=ROOT,
        env={"PATH": os.environ["PATH"], **site, **more}, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.mark.asvs("7.4.5")
def test_an_administrator_ends_one_persons_sign_ins_or_all(
    app: Flask, settings: Settings, alice: Person, bob: Person, charlie: Person
) -> None:
    visitors = [Visitor(app) for _ in range(4)]
    for visitor, person in zip(visitors, (alice, alice, bob, charlie), strict=True):
        visitor.sign_in(person)
    assert command(settings, "end", alice.address.upper()) == (0, "2 sign-ins were ended.\n")
    assert [each.client.get("/m/INBOX").status_code for each in visitors] == [303, 303, 200, 200]
    assert command(settings, "end", "nobody@example.org") == (0, "0 sign-ins were ended.\n")
    assert command(settings, "end", "--all") == (0, "2 sign-ins were ended.\n")
    assert [each.client.get("/m/INBOX").status_code for each in visitors] == [303] * 4


def test_it_says_in_a_line_why_it_could_not(settings: Settings, tmp_path: Path) -> None:
    code, said = command(settings, "end", "--all", PENNYPOST_STATE_DIR=str(tmp_path / "elsewhere"))
    assert (code, said.count("\n")) == (1, 1)
    assert "elsewhere" in said
    code, said = command(settings, "end", "--all", PENNYPOST_IMAP_HOST="")
    assert code == 2
    assert command(settings, "end")[0] == 2
