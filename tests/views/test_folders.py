"""The pages of folders: the tree, a new one, and what can be done with each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.flows.hands import sign_in
from tests.servers.application import Live, Visitor, forms_of, settings_for
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, BOB, CHARLIE, Identity, Person, letter
from tests.views.deeds import picks
from webmail.config import Settings
from webmail.imap.client import Client
from webmail.mail.mailbox import Role

MakeApp = Callable[[Settings], Flask]


def forms(visitor: Visitor, action: str, do: str, **values: object) -> None:
    """Send the form of this page at that address that can do this."""
    wanted = next(
        form
        for form in forms_of(visitor.html)
        if unquote(form.action) == unquote(action)
        and (("do", do) in form.fields or any(("do", do) == button[:2] for button in form.buttons))
    )
    visitor.send(wanted, **(values | {"do": do}))


def beside(visitor: Visitor) -> str:
    """The folder list of this page."""
    return visitor.html.partition('id="folders"')[2].partition("</nav>")[0]


def test_what_is_wrong_with_a_name_is_said_and_it_comes_back(visitor: Visitor, alice: Person) -> None:
    alice.create("Choir")
    visitor.sign_in(alice)
    for title, said in (
        ("", "Type a name first."), ("a.b", "cannot have “.” in it"), ("Choir", "There is such a folder already."),
        ("x" * 201, "too long"),
    ):  # fmt: skip
        visitor.get("/folders")
        forms(visitor, "/folders", do="make", title=title)
        assert said in visitor.text
        assert visitor.status in (400, 409)
        assert f'value="{title}"' in visitor.html
    forms(visitor, "/folders", do="make", title="Ok", above="No / Such")
    assert "There is no such folder to put it in." in visitor.text
    visitor.get("/folders/Choir")
    forms(visitor, "/folders/Choir", do="rename", title="Sent")
    assert "There is such a folder already." in visitor.text
    assert 'value="Sent"' in visitor.html
    assert "Choir" in alice.mailboxes()


def test_only_what_is_subscribed_to_is_shown_where_the_reader_wants_it(visitor: Visitor, alice: Person) -> None:
    alice.create("Loud")
    with alice.imap() as client:
        client.create_folder("Quiet")
        client.subscribe_folder("Loud")
    visitor.sign_in(alice)
    assert "Quiet" in beside(visitor)
    visitor.get("/settings")
    visitor.send(visitor.form("/settings"), listed="subscribed")
    visitor.get("/m/INBOX")
    assert "Loud" in beside(visitor)
    assert "Quiet" not in beside(visitor)
    visitor.get("/folders/Quiet")
    forms(visitor, "/folders/Quiet", do="subscribe")
    visitor.get("/m/INBOX")
    assert "Quiet" in beside(visitor)


def on_disk(server: Dovecot, who: Identity, names: Iterable[str]) -> None:
    """Folders of somebody who has not been here yet."""
    home = server.maildir(who)
    home.mkdir()
    for name in names:
        for inside in ("cur", "new", "tmp"):
            (home / f".{name}" / inside).mkdir(parents=True)
    for path in [home, *home.rglob("*")]:
        server.own(path)


def test_a_page_takes_as_many_commands_beside_1200_folders_as_beside_600_and_a_few_more_than_beside_ten(
    another_dovecot: Callable[..., Dovecot], make_app: MakeApp, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[bytes] = []
    for name in ("run", "run_together"):
        real = getattr(Client, name)

        def noted(self: Client, words: Any, seconds: float, real: Any = real, one: bool = name == "run") -> Any:
            said.extend(bytes(each[0]) for each in ([words] if one else words))
            return real(self, words, seconds)

        monkeypatch.setattr(Client, name, noted)
    server = another_dovecot(people=[ALICE, BOB, CHARLIE])
    app = make_app(replace(settings, imap_port=server.port, command_timeout=60))
    found: dict[int, dict[str, list[bytes]]] = {}
    for who, count in ((BOB, 10), (ALICE, 600), (CHARLIE, 1200)):
        on_disk(server, who, (f"Client {number:04}" for number in range(count)))
        person, visitor = server.person(who), Visitor(app)
        for number in range(3):
            person.append(letter(f"Letter {number}"))
        visitor.sign_in(person)
        first = picks(visitor.html)[0]
        for path in ("/m/INBOX", "/m/Client%200001", f"/m/INBOX/{first}", "/m/INBOX"):
            said.clear()
            visitor.get(path)
            assert visitor.status == 200
            kind = re.sub(r"\d+\.\d+$", "letter", path)
            found.setdefault(count, {}).setdefault(kind, []).extend(sorted(said))
    assert found[1200] == found[600]
    # Of so many only those with a role are counted, in one piece.
    for kind, few in found[10].items():
        assert len(found[600][kind]) <= len(few) + 2 * len(Role), kind
    assert b"SELECT" in found[10]["/m/Client%200001"]
    assert b"UID FETCH" in found[10]["/m/INBOX/letter"]


def test_thousands_of_folders_are_one_level_at_a_time(
    another_dovecot: Callable[..., Dovecot], make_app: MakeApp, settings: Settings
) -> None:
    server = another_dovecot(people=[ALICE])
    names = [f"Client {number:04}" for number in range(700)] + [f"Year.{number}" for number in range(1500, 1900)]
    on_disk(server, ALICE, names)
    visitor = Visitor(make_app(replace(settings, imap_port=server.port, command_timeout=60)))
    alice = server.person(ALICE)
    visitor.sign_in(alice)
    assert "All folders (1,101 more)" in visitor.text
    assert "Client 0400" not in beside(visitor)
    assert len(visitor.html) < 40_000
    alice.append(letter("A case"))
    visitor.get("/m/INBOX")
    visitor.send(visitor.form("/m/INBOX/do"), do="move", uid=picks(visitor.html), way="Nowhere")
    assert "There is no folder of that name" in visitor.text
    visitor.send(visitor.form("/m/INBOX/do"), do="move", uid=picks(visitor.html), way=" year /  1812")
    assert "Message moved to 1812." in visitor.text
    visitor.get("/folders")
    assert "The first 300 are here; type more of the name." in visitor.text
    visitor.send(visitor.form("/folders"), q="0699")
    assert "1 folder found." in visitor.text
    assert "Client 0699" in visitor.text
    visitor.send(visitor.form("/folders"), q="year 1812")
    assert "Year / 1812" in visitor.text
    visitor.get("/folders?under=Year")
    assert "400 folders in Year." in visitor.text
    forms(visitor, "/folders", do="make", title="New", above="Year / 1812")
    assert "Year / 1812 / New" in visitor.text
    visitor.get("/m/Client 0400")
    assert 'aria-current="page"' in beside(visitor)


def test_what_a_folder_does_not_allow_is_not_offered(
    another_dovecot: Callable[..., Dovecot], make_app: MakeApp, settings: Settings
) -> None:
    server = another_dovecot(acl=True)
    alice = server.person(ALICE)
    for name in ("Free", "Notices"):
        alice.create(name)
        alice.append(letter(), name)
    server.grant(alice, "Notices", "lrws")
    visitor = Visitor(make_app(replace(settings, imap_port=server.port)))
    visitor.sign_in(alice)
    visitor.get("/m/Free")
    assert {'value="archive"', 'value="delete"', 'value="read"'} <= set(re.findall(r'value="\w+"', visitor.html))
    visitor.get("/m/Notices")
    assert not {'value="archive"', 'value="delete"', 'value="junk"'} & set(re.findall(r'value="\w+"', visitor.html))
    assert 'value="read"' in visitor.html
    visitor.get("/folders/Notices")
    assert "You may read, mark as read, star and label" in visitor.text
    assert "You are not allowed to rename, move or delete this folder." in visitor.text
    assert re.search(r'value="empty" disabled', visitor.html)


def test_how_full_the_account_is(
    another_dovecot: Callable[..., Dovecot], make_app: MakeApp, settings: Settings, authority: Authority
) -> None:
    server = another_dovecot(quota=100_000)
    person = server.person(ALICE)
    person.append(letter(text="x" * 50_000))
    visitor = Visitor(make_app(settings_for(server.port, settings.smtp_port, authority.ca_file, settings.state_dir)))
    visitor.sign_in(person)
    visitor.get("/folders")
    assert "of 98 KB used" in visitor.text or "of 100 KB used" in visitor.text


@pytest.mark.browser
def test_the_tree_narrows_while_one_types(page: Page, live: Live, alice: Person) -> None:
    for name in ("Choir", "Chess", "Work", "Work.Choirs of others"):
        alice.create(name)
    sign_in(page, live, alice)
    page.get_by_role("link", name="Manage folders").click()
    page.wait_for_url("**/folders")
    page.get_by_label("Find a folder by its name").fill("choir")
    expect(page.locator(".tree > li:visible")).to_have_count(2)
    expect(page.locator("#found")).to_have_text("2 of 10 folders")
    page.get_by_role("link", name="Change Work / Choirs of others").click()
    page.wait_for_url("**/folders/Work*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Choirs of others")
