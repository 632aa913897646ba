"""The packages: the same octets for everybody who builds the same commit, with all that the site needs inside."""

from __future__ import annotations

import hashlib
import re
import runpy
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path
from typing import cast

import pytest

ROOT = Path(__file__).resolve().parent.parent
BESIDE = ("templates/", "static/", "translations/")


def committed() -> list[str]:
    if not (ROOT / ".git").exists():
        pytest.skip("no repository here")
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-tree", "-r", "--name-only", "HEAD"], check=True, capture_output=True
    )
    return listed.stdout.decode().splitlines()


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[Path]]:
    """Two builds of the commit."""
    committed()
    built = cast(Callable[[str, Path], list[Path]], runpy.run_path(str(ROOT / "scripts" / "release"))["built"])
    return built("HEAD", tmp_path_factory.mktemp("first")), built("HEAD", tmp_path_factory.mktemp("second"))


def test_what_an_administrator_installs_lies_together_with_the_hash_of_each_file(tmp_path: Path) -> None:
    """As docs/operating.md goes on with it."""
    committed()
    wheel = runpy.run_path(str(ROOT / "scripts" / "release"))["release"](tmp_path)
    listed = dict(line.split("  ")[::-1] for line in (tmp_path / "SHA256SUMS").read_text("ascii").splitlines())
    there = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    assert set(listed) == there
    needed = {"requirements.txt", "requirements-demo.txt", "deploy/pennypost.toml", "deploy/pennypost.service"}
    assert {wheel.name, "deploy/pennypost.socket"} | needed <= there
    for name in there:
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == listed[name]


def test_two_builds_of_one_commit_are_the_same_octets(packages: tuple[list[Path], list[Path]]) -> None:
    first, second = packages
    assert [path.suffix for path in first] == [".whl", ".gz"]
    assert [(path.name, path.read_bytes()) for path in first] == [(path.name, path.read_bytes()) for path in second]


def test_the_wheel_has_the_code_and_what_lies_beside_it(packages: tuple[list[Path], list[Path]]) -> None:
    with zipfile.ZipFile(packages[0][0]) as wheel:
        inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    wanted = {name for name in committed() if name == "app.py" or re.match(r"(webmail|demo)/.*\.py$", name)}
    wanted |= {f"webmail/{name}" for name in committed() if name.startswith(BESIDE)}
    assert inside == wanted


def test_the_wheel_says_how_it_is_started_and_what_it_needs(packages: tuple[list[Path], list[Path]]) -> None:
    with zipfile.ZipFile(packages[0][0]) as wheel:
        [info] = {name.split("/")[0] for name in wheel.namelist() if ".dist-info/" in name}
        assert b"pennypost = webmail.__main__:main" in wheel.read(f"{info}/entry_points.txt")
        told = message_from_bytes(wheel.read(f"{info}/METADATA"))
    needs = {re.split(r"[^\w-]", need)[0] for need in told.get_all("Requires-Dist", [])}
    asked = "\n".join((ROOT / name).read_text("utf-8") for name in ("requirements.in", "requirements-demo.in"))
    assert needs == set(re.findall(r"^[a-z][\w-]*", asked, re.M))


def test_the_sdist_is_all_that_is_committed_but_pictures(packages: tuple[list[Path], list[Path]]) -> None:
    with tarfile.open(packages[0][1]) as sdist:
        inside = {member.name.partition("/")[2] for member in sdist.getmembers() if member.isfile()}
    left_out = ("docs/screenshots/", ".ci/")
    assert inside - {"PKG-INFO"} == {name for name in committed() if not name.startswith(left_out)}
