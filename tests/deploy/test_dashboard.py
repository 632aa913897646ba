"""deploy/grafana.json and the lines for Prometheus in docs/operating.md, asked of a Prometheus that scrapes a server.

Grafana itself is in no package that is to be had here; what it would ask is asked in its place.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import textwrap
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.outside import ROOT, program, running, served
from tests.deploy.test_restart import Reader
from tests.servers.dovecot import free_ports
from tests.servers.people import Person, letter
from webmail.config import Settings

TOKEN = "0123456789abcdef01234567"
BOARD = json.loads((ROOT / "deploy" / "grafana.json").read_text("utf-8"))
SELDOM = ("pennypost_limits_hit_total", 'outcome!="OK"')
"""Nothing of this kind happens in an ordinary minute."""


def expressions() -> list[str]:
    """What its panels ask, for the variables that a reader of it would choose, over minutes as short as this test."""
    asked = [target["expr"] for panel in BOARD["panels"] for target in panel.get("targets", ())]
    return [text.replace("$job", ".+").replace("[5m]", "[30s]") for text in asked]


@dataclass(frozen=True)
class Prometheus:
    """One that scrapes."""

    port: int

    def ask(self, path: str, **words: str) -> Any:
        asked = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(words)}"
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return json.load(answer)["data"]

    def values(self, expression: str) -> list[Any]:
        """Numbers: a percentile of what did not happen lately is none."""
        return [one for one in self.ask("query", query=expression)["result"] if one["value"][1] != "NaN"]


@pytest.fixture
def prometheus(settings: Settings, tmp_path: Path, alice: Person) -> Iterator[Prometheus]:
    """It has the lines of the docs, other ports and a shorter interval; somebody reads mail while it looks."""
    found, promtool = program("prometheus"), program("promtool")
    site, port = free_ports(2)
    page = (ROOT / "docs" / "operating.md").read_text("utf-8")
    [lines] = re.findall(r"(?m)^    scrape_configs:\n(?:^     .*\n)+", page)
    told = lines.replace("127.0.0.1:8025", f"127.0.0.1:{site}")
    told = told.replace("/etc/prometheus/pennypost-token", str(tmp_path / "token"))
    assert (str(site) in told, str(tmp_path) in told) == (True, True)
    (tmp_path / "token").write_text(TOKEN)
    place = tmp_path / "prometheus.yml"
    place.write_text(f"global: {{scrape_interval: 1s}}\n{textwrap.dedent(told)}")
    subprocess.run([promtool, "check", "config", place], check=True, capture_output=True)
    uid = alice.append(letter("Hello", text="<p>Hello</p>").replace(b"text/plain", b"text/html"))
    command = [found, f"--config.file={place}", f"--storage.tsdb.path={tmp_path}/kept"]
    command.append(f"--web.listen-address=127.0.0.1:{port}")
    quiet = {"METRICS_TOKEN": TOKEN, "SECURE_COOKIES": "0", "PROXY_HOPS": "0"}
    with (
        served(settings, tmp_path / "served.log", site, **quiet),
        running(command, tmp_path / "prometheus.log", port),
    ):
        asked = Prometheus(port)
        _up(asked, tmp_path / "prometheus.log")
        reader = Reader(site, alice)
        for _ in range(4):
            where = f"/m/INBOX/{alice.uidvalidity('INBOX')}.{uid}"
            assert [reader.ask(path)[0] for path in ("/m/INBOX", where, f"{where}/body")] == [200] * 3
            assert reader.send("bob@example.org", "Hello") == 303
            time.sleep(1.2)
        yield asked


def _up(asked: Prometheus, log: Path) -> None:
    """It has begun, and found us."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with contextlib.suppress(urllib.error.HTTPError):
            if [one for one in asked.values("up") if one["value"][1] == "1"]:
                return
        time.sleep(0.2)
    raise AssertionError((asked.ask("targets")["activeTargets"], log.read_text()[-2000:]))


@pytest.mark.slow
def test_each_panel_of_the_dashboard_has_something_to_show(prometheus: Prometheus) -> None:
    """A query that is none is refused with 400, which raises."""
    empty = [text for text in expressions() if not prometheus.values(text)]
    assert [text for text in empty if not any(name in text for name in SELDOM)] == []


@pytest.mark.slow
def test_the_list_of_jobs_is_filled(prometheus: Prometheus) -> None:
    """label_values(pennypost_info, job), as Grafana asks it."""
    [variable] = [one for one in BOARD["templating"]["list"] if one["type"] == "query"]
    found = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"]["query"])
    assert found
    assert prometheus.ask(f"label/{found[2]}/values", **{"match[]": found[1]}) == ["pennypost"]
