"""Images that are always shown from a sender: when that holds, by which way, and how it ends (decision 14)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from tests.servers.application import Visitor, forms_of
from tests.servers.people import Person
from tests.servers.web import Web
from tests.views.test_image import TWO, pictures, web  # noqa: F401 - a fixture
from tests.views.test_message import html_mail, open_first
from tests.views.test_settings import kept
from tests.web.every import token_of
from webmail.config import Settings

VERIFIED = b"Authentication-Results: mx.example.org; dkim=pass header.d=example.net\r\n"
FORGED = b"Authentication-Results: mx.example.org; dkim=pass header.d=elsewhere.example\r\n"


def always(visitor: Visitor) -> None:
    form = next(f for f in forms_of(visitor.html) if "/images" in f.action)
    assert ("do", "always", "") in form.buttons
    visitor.send(form, do="always")


def test_r5_always_is_kept_and_holds_for_the_next_letter_through_the_same_proxy_with_a_receipt(
    visitor: Visitor,
    alice: Person,
    web: Web,  # noqa: F811
) -> None:
    alice.append(html_mail(TWO, subject="First"))
    open_first(visitor, alice)
    assert "Always from news@example.net" in visitor.text
    always(visitor)
    assert kept(alice) == {"image_senders/news@example.net": True}
    assert "Remote images are shown, as always from news@example.net." in visitor.text
    second = alice.append(html_mail(TWO, subject="Second").replace(b"news@example.net", b"NEWS@Example.NET"))
    other = alice.append(html_mail(TWO, subject="Third").replace(b"news@example.net", b"other@example.net"))
    where = f"/m/INBOX/{alice.uidvalidity()}."
    assert web.asked == []
    visitor.get(f"{where}{second}")
    page = visitor.html
    assert "2 images were fetched by this site in your place" in visitor.text
    assert "An invisible image that tells who reads" in visitor.text
    urls = pictures(visitor, page)
    assert len(urls) == 2
    assert visitor.client.get(urls[0]).status_code == 200
    assert [asked[1] for asked in web.asked] == ["/a.png?who=you"], "the tracker stays out"
    visitor.get(f"{where}{other}")
    assert "3 remote images are hidden" in visitor.text
    visitor.get("/settings")
    assert "news@example.net" in visitor.text
    assert "an address can be forged" in visitor.text
    visitor.send(visitor.form("/settings"), remove="image_senders/news@example.net")
    assert kept(alice) == {"image_senders/news@example.net": None}
    visitor.get(f"{where}{second}")
    assert "3 remote images are hidden" in visitor.text


@pytest.mark.parametrize("forged", [FORGED, b"", b"From: x@example.org\r\n" + VERIFIED])
def test_r5_where_the_server_verifies_senders_a_forged_one_gets_nothing_loaded(
    alice: Person, make_app: Callable[[Settings], Flask], settings: Settings, forged: bytes
) -> None:
    visitor = Visitor(make_app(replace(settings, authserv_id="mx.example.org")))
    true = alice.append(VERIFIED + html_mail(TWO, subject="True"))
    open_first(visitor, alice)
    always(visitor)
    assert "as always from news@example.net" in visitor.text
    false = alice.append(forged + html_mail(TWO, subject="False"))
    where = f"/m/INBOX/{alice.uidvalidity()}."
    visitor.get(f"{where}{false}")
    assert "3 remote images are hidden" in visitor.text
    assert "Always from" not in visitor.text
    assert pictures(visitor, visitor.html) == []
    visitor.get(f"{where}{false}")
    token = {"csrf_token": token_of(visitor.html), "do": "always"}
    assert visitor.client.post(f"{where}{false}/images", data=token).status_code == 400
    visitor.get(f"{where}{true}")
    assert "as always from" in visitor.text
    visitor.get("/settings")
    assert "only when your mail server verified" in visitor.text


def test_on_a_shared_computer_always_is_not_offered_and_what_was_kept_holds(
    visitor: Visitor, app: Flask, alice: Person
) -> None:
    alice.append(html_mail(TWO))
    shared = Visitor(app)
    shared.sign_in(alice, shared="1")
    open_first(shared, alice)
    assert "Show images" in shared.text
    assert "Always from" not in shared.text
    open_first(visitor, alice)
    always(visitor)
    shared.get(shared.path)
    assert "as always from news@example.net" in shared.text
