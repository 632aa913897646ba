"""The manifest, the service worker's file, and the page without a connection."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable
from dataclasses import replace

from flask import Flask

from tests.servers.application import Visitor
from tests.servers.people import Person
from webmail.config import Settings


def shell_of(visitor: Visitor) -> dict[str, object]:
    """What the worker keeps."""
    code = visitor.get("/sw.js").get_data(as_text=True)
    told = re.match(r"const SHELL = (\{.*\});\n", code)
    assert told
    return dict(json.loads(told[1]))


def test_the_manifest_names_icons_that_are_there_and_a_share_target(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    assert '<link rel="manifest" href="/manifest.webmanifest">' in visitor.html
    answer = Visitor(visitor.app).get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    assert "Set-Cookie" not in answer.headers
    told = json.loads(answer.data)
    assert (told["display"], told["scope"], told["start_url"]) == ("standalone", "/", "/")
    assert {icon.get("purpose", "any") for icon in told["icons"]} == {"any", "maskable"}
    for icon in [*told["icons"], {"src": re.findall(r'apple-touch-icon" href="([^"]+)"', visitor.html)[0]}]:
        octets = visitor.client.get(icon["src"], buffered=True).data
        assert octets.startswith(b"\x89PNG")
        assert len(octets) < 4000
        width, height = struct.unpack(">II", octets[16:24])
        assert icon.get("sizes", "180x180") == f"{width}x{height}"
    target = told["share_target"]
    assert (target["action"], target["method"]) == ("/share", "POST")
    assert visitor.get("/write").status_code == visitor.get(told["shortcuts"][0]["url"]).status_code == 200


def test_r14_a_shared_computer_is_offered_no_app(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice, shared="1")
    assert "manifest" not in visitor.html
    assert "data-notify" not in visitor.html


def test_the_worker_keeps_the_offline_page_and_what_it_is_made_of(visitor: Visitor, alice: Person) -> None:
    before = shell_of(visitor)
    visitor.sign_in(alice)
    assert shell_of(visitor) == before, "the same for everybody"
    assert b"alice" not in visitor.get("/offline").data
    files = before["files"]
    assert isinstance(files, list)
    assert files[0] == "/offline"
    assert len(files) > 3
    for url in files:
        assert re.match(r"/(offline$|static/|theme/)", url)
        assert visitor.client.get(url, buffered=True).status_code == 200, url


def test_another_version_of_the_site_is_another_worker(
    visitor: Visitor, settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    other = Visitor(make_app(replace(settings, brand="Other mail")))
    assert shell_of(other)["name"] != shell_of(visitor)["name"]
    assert "Other mail" in other.get("/offline").get_data(as_text=True)
