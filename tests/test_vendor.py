"""What other people wrote and browsers run: unchanged, named, with its licence."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

from tests.test_house import ROOT, everywhere

HOME = Path(__file__).resolve().parent.parent / "static" / "vendor"
TOLD = json.loads((HOME / "vendor.json").read_text("utf-8"))


def test_r31_vendored_files_are_the_published_ones_and_no_others_are_there() -> None:
    told = {name: hash_ for package in TOLD.values() for name, hash_ in package["files"].items()}
    there = {path.relative_to(HOME).as_posix(): path for path in HOME.rglob("*") if path.is_file()}
    del there["vendor.json"]
    found = {
        name: "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()
        for name, path in there.items()
    }
    assert found == told


def test_every_vendored_library_says_what_it_is_and_under_which_licence() -> None:
    assert {*TOLD} == {path.name for path in HOME.iterdir() if path.is_dir()}
    for name, package in TOLD.items():
        assert package["version"]
        assert package["license"]
        assert package["integrity"].startswith("sha512-")
        assert f"{name}/LICENSE" in package["files"]


def test_r14_vendored_scripts_fetch_nothing_and_make_no_code_of_text() -> None:
    for path in (*HOME.rglob("*.js"), *HOME.rglob("*.mjs")):
        text = path.read_text("utf-8")
        for word in ("eval(", "new Function", "XMLHttpRequest", "fetch(", "WebSocket", "importScripts", "sendBeacon"):
            assert word not in text, f"{path.name}: {word}"


def test_pinned_needs_have_hashes_and_name_no_index() -> None:
    """R31: what is installed is what was tried."""
    for path in sorted(ROOT.glob("requirements*.txt")):
        lines = path.read_text("utf-8").splitlines()
        pinned = [line for line in lines if re.match(r"[a-z0-9]", line, re.I)]
        assert pinned, path
        assert [line for line in pinned if not re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+.* \\$", line)] == []
        assert everywhere([path], r"--index|--extra|--find-links|https?:|file:|/opt/") == []
