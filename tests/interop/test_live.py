"""What another device does reaches a page that is open, without a click."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.interop.device import Device
from tests.interop.letters import plain
from tests.interop.pages import value
from tests.interop.servers import Place
from tests.servers.application import Live, Visitor
from tests.views.test_events import Stream

Wait = Callable[..., None]


@pytest.fixture
def told(visitor: Visitor, phone: Device, place: Place) -> Iterator[Wait]:
    """Somebody has the inbox open; told("Archive") waits until the page hears of that folder, as long as this server
    may take. An event says what changed, or at least where something did."""
    live = Live(visitor.app).start()
    phone.put(plain("One"))
    visitor.sign_in(phone.person)
    stream = Stream(live, visitor)
    stream.until(lambda kind, _: kind == "counts")

    def wait(title: str = "INBOX", at_least: float = 0) -> None:
        name = value(phone, title)
        seconds = max(place.kind.told_within, at_least)
        end = time.monotonic() + seconds

        def heard(kind: str, data: Any) -> bool:
            assert time.monotonic() < end, f"not within {seconds} seconds"
            return kind in ("mail", "changed") and data["m"] == name

        stream.until(heard, seconds)

    yield wait
    stream.close()
    live.stop()


def test_new_mail_is_told(told: Wait, phone: Device) -> None:
    phone.put(plain("Two"))
    told()


def test_reading_elsewhere_is_told(told: Wait, phone: Device) -> None:
    phone.mark(phone.stored()[0].uid, "\\Seen")
    told()


def test_removing_elsewhere_is_told(told: Wait, phone: Device) -> None:
    phone.remove(phone.stored()[0].uid)
    told()


def test_mail_in_another_folder_is_told(told: Wait, phone: Device, place: Place) -> None:
    """The folders with a role are counted every twenty seconds where the server does not report (RFC 5465)."""
    if not place.kind.fresh:
        pytest.skip("not offered: a new account has no other folder")
    phone.put(plain("Two"), place.kind.fresh[0])
    told(place.kind.fresh[0], at_least=30)
