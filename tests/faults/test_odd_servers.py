"""Servers whose folders are unlike others'. What is shown opens, what is chosen is what is meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

import pytest

from tests.faults.box import PLAIN, Box
from tests.faults.pages import act, listed, picks, says, subjects, works, write
from tests.servers.application import Visitor, forms_of
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Person, letter
from tests.servers.scripted import Scripted
from webmail import errors

At = Callable[..., Visitor]
Start = Callable[..., Scripted]
House = tuple[Visitor, Scripted]


@pytest.fixture
def house(at: At, scripted: Start) -> Callable[..., House]:
    """Somebody signed in at a server with two letters and these lines of LIST."""

    def build(*lines: str, **answers: object) -> House:
        box = Box([1, 2])
        box.list_lines = list(lines)
        server = scripted(box.answers | answers, capabilities=PLAIN)  # type: ignore[operator]
        visitor = at(server.port)
        visitor.sign_in(Person(ALICE, "localhost", server.port, None))  # type: ignore[arg-type]
        return visitor, server

    return build


Build = Callable[..., House]


def links(visitor: Visitor) -> dict[str, str]:
    """Folder name as shown -> its address, from the folder list."""
    found = re.findall(r'<a class="f[^"]*" href="([^"]+)".*?class="nm"[^>]*>([^<]*)<', visitor.html)
    return {name.replace("&amp;", "&").replace("&#34;", '"'): url.replace("&amp;", "&") for url, name in found}


@pytest.mark.parametrize(
    ("layout", "prefix"), [("maildir++", "INBOX."), ("fs", ""), ("fs", "INBOX.")], ids=["dot", "slash", "slash, prefix"]
)
def test_folders_of_every_layout_open_take_letters_and_are_made_in_the_right_place(
    another_dovecot: Callable[..., Dovecot], at: At, layout: str, prefix: str
) -> None:
    """Delimiter ".", prefix "INBOX.": NAMESPACE + LIST decide; a new folder lands in the personal namespace."""
    server = another_dovecot(layout=layout, prefix=prefix, auto=False)
    alice = server.person(ALICE)
    below = alice.separator.join(["Clients", "Berlin"])
    alice.create(alice.prefix + below)
    alice.append(letter("One"))
    visitor = at(server.port)
    visitor.sign_in(alice)
    visitor.get(links(visitor)["Berlin"])
    assert visitor.status == 200
    works(visitor, "One")
    [form] = [form for form in forms_of(visitor.html) if form.action.endswith("/INBOX/do")]
    targets = re.findall(r'<option value="([^"]*Berlin)"', visitor.html)
    visitor.send(form, do="move", uid=picks(visitor.html), dest=targets[0])
    assert "Message moved to Berlin." in visitor.text
    assert listed(alice, alice.prefix + below) == ["One"]
    write(visitor, do="save", subject="Draft", body="x")
    assert "Saved in Drafts" in visitor.text
    assert listed(alice, alice.prefix + "Drafts") == ["Draft"]


def test_a_server_without_hierarchy_has_flat_names(house: Build) -> None:
    """NIL delimiter: points and slashes are letters like others."""
    visitor, server = house("* LIST () NIL INBOX", '* LIST () NIL "a.b/c"')
    assert set(links(visitor)) == {"Inbox", "a.b/c"}
    visitor.get(links(visitor)["a.b/c"])
    assert visitor.status == 200
    opened = server.asked("SELECT") + server.asked("EXAMINE")
    assert b"a.b/c" in [command.arguments.strip(b'"') for command in opened]


def test_a_name_that_only_holds_others_is_shown_and_neither_opened_nor_offered(house: Build) -> None:
    r"""\Noselect: no link, no target; its address says that it cannot be opened."""
    visitor, server = house('* LIST () "/" INBOX', '* LIST (\\Noselect) "/" Clients', '* LIST () "/" Clients/Berlin')
    assert set(links(visitor)) == {"Inbox", "Berlin"}
    assert re.findall(r'class="nm"[^>]*>([^<]*)<', visitor.html) == ["Inbox", "Clients", "Berlin"]
    assert not re.search(r'<option value="Clients"', visitor.html)
    assert re.search(r'<option value="[^"]*Berlin"', visitor.html)
    server.answers |= {"SELECT": "{tag} NO [NONEXISTENT] a name only", "EXAMINE": "{tag} NO [NONEXISTENT] a name only"}
    visitor.get("/m/Clients")
    says(visitor, errors.MailboxMissing)


@pytest.mark.parametrize(
    ("listed_as", "raw", "shown"),
    [
        ('"AT&T"', b"AT&T", "AT&T"), ('"&AMQ"', b"&AMQ", "&AMQ"), ('"&-"', b"&-", "&"), ('"50%"', b"50%", "50%"),
        ('"a*b"', b"a*b", "a*b"), ('"a\\"b"', b'a"b', 'a"b'), ('"a\\\\b"', b"a\\b", "a\\b"),
        ('"~root"', b"~root", "~root"),
        ('"&AMQ-rger"', b"&AMQ-rger", "\u00c4rger"), ('" lead"', b" lead", "lead"), ("{4}\r\na{5}", b"a{5}", "a{5}"),
        ('"&2D3eAA-"', b"&2D3eAA-", "\U0001f600"), ('"&Jjo-!"', b"&Jjo-!", "\u263a!"), ('".."', b"..", ".."),
    ],
)  # fmt: skip
def test_an_odd_name_is_opened_to_the_octet(house: Build, listed_as: str, raw: bytes, shown: str) -> None:
    """Modified UTF-7 names, "&" alone, broken UTF-7, names with quotes, backslash, % and *: round trip exact."""
    visitor, server = house('* LIST () "/" INBOX', f'* LIST () "/" {listed_as}')
    names = links(visitor)
    assert set(names) == {"Inbox", shown}
    since = len(server.commands)
    visitor.get(names[shown])
    assert visitor.status == 200, visitor.text
    quoted = b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    opened = [command for command in server.commands[since:] if command.name in ("SELECT", "EXAMINE")]
    assert opened
    assert all(command.arguments == quoted or raw in (command.arguments, *command.literals) for command in opened)


@pytest.mark.parametrize("raw", [b"caf\xc3\xa9", b"caf\xe9", b"\x01bell"], ids=["UTF-8", "Latin-1", "control"])
def test_a_name_in_octets_of_no_encoding_is_opened_to_the_octet(house: Build, raw: bytes) -> None:
    """8-bit names: shown somehow, opened as they are."""
    box_list = b'* LIST () "/" INBOX\r\n* LIST () "/" {%d}\r\n%b\r\n{tag} OK done\r\n' % (len(raw), raw)
    visitor, server = house(LIST=box_list)
    [(_, url)] = [(name, url) for name, url in links(visitor).items() if name != "Inbox"]
    since = len(server.commands)
    visitor.get(url)
    assert visitor.status == 200, visitor.text
    opened = [command for command in server.commands[since:] if command.name in ("SELECT", "EXAMINE")]
    assert opened
    assert all(raw in command.raw for command in opened)


def test_r9_a_name_with_a_line_end_is_no_command_and_hides_no_other_folder(house: Build) -> None:
    """Names with CR LF: the folder cannot be opened safely; everything else works."""
    evil = b"a\r\nX1 DELETE INBOX"
    box_list = b'* LIST () "/" INBOX\r\n* LIST () "/" {%d}\r\n%b\r\n* LIST () "/" Good\r\n{tag} OK done\r\n'
    visitor, server = house(LIST=box_list % (len(evil), evil))
    assert visitor.status == 200
    assert {"Inbox", "Good"} <= set(links(visitor))
    for url in links(visitor).values():
        visitor.get(url)
        assert visitor.status in (200, 400, 404)
    assert not server.asked("DELETE")
    assert b"\nX1" not in server.received


@pytest.mark.parametrize("spelling", ["Inbox", "inbox", "INBOX", '"InBox"'])
def test_inbox_in_any_case_is_one_inbox(house: Build, spelling: str) -> None:
    """INBOX in odd case, INBOX as parent: one inbox."""
    visitor, _ = house(f'* LIST () "/" {spelling}', '* LIST () "/" INBOX/Child')
    assert subjects(visitor.html) == ["Number 2", "Number 1"]
    names = re.findall(r'class="nm"[^>]*>([^<]*)<', visitor.html)
    assert names == ["Inbox", "Child"]
    for url in links(visitor).values():
        visitor.get(url)
        assert visitor.status == 200
    assert "/do" in visitor.html
    visitor.get(links(visitor)["Inbox"])
    assert visitor.html.count('aria-current="page"') == 1


def test_of_two_folders_with_one_role_the_first_has_it(house: Build) -> None:
    """Duplicate special-use: first wins, the other is a folder like any."""
    visitor, server = house(
        '* LIST () "/" INBOX', '* LIST (\\Trash) "/" Bin', '* LIST (\\Trash) "/" Wastebasket', '* LIST () "/" Trash',
        **{"UID COPY": "{tag} OK [COPYUID 9 2 1] done"},
    )  # fmt: skip
    assert re.findall(r'class="nm"[^>]*>([^<]*)<', visitor.html) == ["Inbox", "Trash", "Trash", "Wastebasket"]
    act(visitor, "delete", picks(visitor.html)[0])
    assert "moved to Trash" in visitor.text
    moved = server.asked("UID MOVE") + server.asked("UID COPY")
    assert [command.arguments.split()[-1].strip(b'"') for command in moved] == [b"Bin"]


def test_a_folder_that_the_server_will_not_open_is_told(house: Build) -> None:
    """A listed name that cannot be selected: 404 in words, the others work."""
    visitor, server = house('* LIST () "/" INBOX', '* LIST () "/" Ghost')
    whole = server.answers["SELECT"]
    server.answers |= {"SELECT": "{tag} NO no such mailbox", "EXAMINE": "{tag} NO no such mailbox"}
    visitor.get(links(visitor)["Ghost"])
    says(visitor, errors.MailboxMissing)
    server.answers |= {"SELECT": whole, "EXAMINE": whole}
    works(visitor, "Number 2", "Number 1")
    assert unquote(visitor.path) == "/m/INBOX"
