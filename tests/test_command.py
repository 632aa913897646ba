"""`pennypost`: which commands there are, and how one that cannot be done says so."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from webmail import __main__ as command
from webmail import places

ROOT = Path(__file__).resolve().parent.parent


def test_it_says_what_it_can_do_and_which_version_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([]) == 0
    said = capsys.readouterr().out
    assert all(f"  {name} " in said for name in command.COMMANDS)
    assert command.main(["--version"]) == 0
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert capsys.readouterr().out.startswith(f"pennypost {version}, Python 3.")


def test_what_is_no_command_is_said_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["servce"]) == 2
    assert capsys.readouterr().err == "pennypost: there is no command servce; pennypost --help names them\n"


@pytest.mark.parametrize("name", sorted(set(command.COMMANDS) - {"version"}))
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main([name, "--help"])
    assert ended.value.code == 0
    assert f"usage: pennypost {name}" in capsys.readouterr().out


def test_the_files_are_where_the_tree_or_the_package_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert places.folder("templates") == ROOT / "templates"
    (tmp_path / "webmail" / "static").mkdir(parents=True)
    monkeypatch.setattr(places, "_PACKAGE", tmp_path / "webmail")
    assert places.folder("static") == tmp_path / "webmail" / "static"
    assert places.folder("templates") == tmp_path / "templates"
