"""What an operator copies from deploy/: whether the tools that read it take it, and whether it says what it should."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.cluster.balancers import haproxy_text
from tests.deploy.outside import ROOT, program
from tests.servers.authority import Authority
from webmail.config import load

DEPLOY = ROOT / "deploy"


def test_systemd_takes_the_units_and_finds_little_exposed(tmp_path: Path) -> None:
    analyze = program("systemd-analyze")
    for name in ("pennypost.service", "pennypost.socket"):
        text = (DEPLOY / name).read_text("utf-8")
        (tmp_path / name).write_text(text.replace("/opt/pennypost/bin/pennypost", "/bin/true"), "utf-8")
    done = subprocess.run(
        [analyze, "verify", *sorted(tmp_path.glob("pennypost.*"))], capture_output=True, text=True, check=False
    )
    assert [line for line in done.stderr.splitlines() if "pennypost" in line] == []
    done = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", "--threshold=20", tmp_path / "pennypost.service"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-300:]


def test_the_file_of_settings_is_one_and_suits_the_other_files() -> None:
    settings = load({}, DEPLOY / "pennypost.toml")
    unit, socket = ((DEPLOY / f"pennypost.{kind}").read_text("utf-8") for kind in ("service", "socket"))
    assert f"StateDirectory={Path(settings.state_dir).name}\n" in unit
    assert f"ListenStream={settings.listen}\n" in socket
    for proxy in ("nginx.conf", "Caddyfile"):
        text = (DEPLOY / proxy).read_text("utf-8")
        assert settings.trusted_hosts in text
        assert settings.listen in text
        [most] = re.findall(r"(?:client_max_body_size|max_size) (\d+)", text)
        assert int(most) > settings.upload_limit_mb * 8


def test_the_container_is_built_of_hashes_and_runs_as_nobody_in_particular() -> None:
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Containerfile").read_text("utf-8"), flags=re.M).replace("\\\n", " ")
    lines = [line.split(None, 1) for line in text.splitlines() if line.strip()]
    told = dict(lines)
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", told["USER"]), "a number, so that an engine can tell it is not root"
    assert [word for word, _ in lines].index("USER") < [word for word, _ in lines].index("ENTRYPOINT")
    assert told["ENTRYPOINT"].startswith("[")
    assert told["CMD"].startswith("[")
    assert "/healthz/ready" in told["HEALTHCHECK"]
    for word, rest in lines:
        assert word != "ADD"
        if word == "FROM":
            assert re.match(r"docker\.io/\S+:\d", rest), "a base image by its whole name and a version"
        for install in re.findall(r"pip install [^&]*", rest) if word == "RUN" else ():
            assert "--require-hashes" in install or "--no-index" in install
    secrets = {name for name in re.findall(r"PENNYPOST_\w+", told["ENV"]) if "KEY" in name or "TOKEN" in name}
    assert secrets == set(), "an image is shared"


def test_what_is_copied_into_the_container_is_no_more_than_what_is_in_the_tree() -> None:
    ignored = (ROOT / ".containerignore").read_text("utf-8").split()
    assert {".git", ".venv", ".cache", "state"} <= set(ignored)


def test_the_topology_of_containers_suits_the_balancer_and_the_settings() -> None:
    """As far as can be told without an engine."""
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    for image in re.findall(r"image: (\S+)", text):
        assert re.fullmatch(r"\S+\.\S+/\S+:\S*\d\S*|localhost/pennypost:dev", image), "its whole name and a version"
    given = dict(re.findall(r"(?m)^    (PENNYPOST_\w+): \"?(.*?)\"?$", text))
    given = {name: re.sub(r"\$\{\w+:[^}]*\}", "x" * 40, value) for name, value in given.items()}
    given["PENNYPOST_CA_FILE"] = ""
    assert load(given).shared
    balancer = (DEPLOY / "haproxy.cfg").read_text("utf-8")
    for machine in re.findall(r"server \w+ (\S+):8025", balancer):
        assert f"aliases: [{machine}]" in text
    assert "appendfsync\n      - always" in text


def test_haproxy_takes_its_file(authority: Authority, tmp_path: Path) -> None:
    """A name that is none, and a word that a newer one no longer knows."""
    text = haproxy_text(tmp_path, authority, (8025, 8026), 8443, 8080)
    (tmp_path / "haproxy.cfg").write_text(text, "utf-8")
    assert "example.org" not in re.sub(r"(?m)#.*$", "", text)
    done = subprocess.run(
        [program("haproxy"), "-c", "-dW", "-f", tmp_path / "haproxy.cfg"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
