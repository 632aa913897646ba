"""The list of everything that is built in."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.asvs("15.1.2")
def test_r31_the_sbom_names_every_pin_and_every_vendored_script_with_its_hash() -> None:
    made = runpy.run_path(str(ROOT / "scripts" / "audit"))["sbom"]()
    found = {one["purl"]: one for one in made["components"]}
    files = (ROOT / "requirements.txt", ROOT / "requirements-demo.txt")
    pins = [pin for file in files for pin in re.findall(r"^([a-z0-9.-]+)==([^\s;]+)", file.read_text("utf-8"), re.M)]
    vendored = json.loads((ROOT / "static/vendor/vendor.json").read_text("utf-8"))
    assert len(pins) > 15
    for name, version in pins:
        [about] = found[f"pkg:pypi/{name}@{version}"]["externalReferences"]
        assert about["hashes"]
    for name, told in vendored.items():
        assert found[f"pkg:npm/{name}@{told['version']}"]["externalReferences"][0]["comment"] == told["integrity"]
    assert len(found) == len(pins) + len(vendored)


def test_r31_pinned_needs_have_hashes_and_name_no_index() -> None:
    """R31: what is installed is what was tried."""
    for path in sorted(ROOT.glob("requirements*.txt")):
        lines = path.read_text("utf-8").splitlines()
        pinned = [line for line in lines if re.match(r"[a-z0-9]", line, re.I)]
        assert pinned, path
        assert [line for line in pinned if not re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+.* \\$", line)] == []
        assert not re.search(r"--index|--extra|--find-links|https?:|file:|/opt/", "\n".join(lines))
