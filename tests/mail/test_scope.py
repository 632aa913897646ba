"""Which folders a search goes through."""

from __future__ import annotations

import pytest

from webmail.mail import scope
from webmail.mail.conditions import ALL, NONE
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox, assign_roles
from webmail.mail.query import parse, render


def folders(*more: Mailbox) -> tuple[Mailbox, ...]:
    named = [
        Mailbox(MailboxName(name), "/")
        for name in ("Trash", "Clients/Berlin", "Zebra", "INBOX", "Junk", "&AMQ-rger", "Sent", "Drafts")
    ]
    return assign_roles((*named, Mailbox(MailboxName("Holder"), "/", frozenset({"\\noselect"})), *more))


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("x", ["INBOX", "Sent", "Drafts", "Clients/Berlin", "Zebra", "&AMQ-rger"]),
        ("in:inbox x", ["INBOX"]),
        ("in:Trash x", ["Trash"]),
        ("in:spam x", ["Junk"]),
        ("in:berlin x", ["Clients/Berlin"]),
        ('in:"clients/berlin" x', ["Clients/Berlin"]),
        ("in:ärger x", ["&AMQ-rger"]),
        ("in:sent OR in:drafts", ["Sent", "Drafts"]),
        ("x -in:sent -in:drafts", ["INBOX", "Clients/Berlin", "Zebra", "&AMQ-rger"]),
        ("in:nowhere x", []),
        ("in:anywhere x", ["INBOX", "Sent", "Drafts", "Clients/Berlin", "Zebra", "&AMQ-rger", "Junk", "Trash"]),
    ],
)  # fmt: skip
def test_folders_by_what_is_typed(typed: str, names: list[str]) -> None:
    assert [box.name for box, _ in scope.chosen(parse(typed).root, folders())] == names


def test_junk_and_trash_are_searched_when_that_is_chosen() -> None:
    found = [box.name for box, _ in scope.chosen(parse("x").root, folders(), anywhere=True)]
    assert found[-2:] == ["Junk", "Trash"]
    assert "Holder" not in found


def test_a_folder_that_holds_all_mail_stands_for_the_others_unless_some_are_named() -> None:
    boxes = folders(
        Mailbox(MailboxName("All"), "/", frozenset({"\\all"})),
        Mailbox(MailboxName("Star"), "/", frozenset({"\\flagged"})),
    )
    assert [box.name for box, _ in scope.chosen(parse("x").root, boxes)] == ["All"]
    assert [box.name for box, _ in scope.chosen(parse("x").root, boxes, anywhere=True)] == ["All", "Junk", "Trash"]
    assert [box.name for box, _ in scope.chosen(parse("x in:inbox").root, boxes)] == ["INBOX"]
    assert [box.name for box, _ in scope.chosen(parse("x in:star").root, boxes)] == ["Star"]


def test_what_is_left_of_a_search_inside_each_folder() -> None:
    root = parse("in:sent OR from:ana subject:keys").root
    left = {box.name: render(node) for box, node in scope.chosen(root, folders())}
    assert left["Sent"] == "subject:keys"
    assert left["INBOX"] == "from:ana subject:keys"
    inbox = next(box for box in folders() if box.name == "INBOX")
    assert scope.within(parse("in:inbox").root, inbox) == ALL
    assert scope.within(parse("-in:inbox").root, inbox) == NONE


def test_the_name_of_a_folder_for_a_search_that_is_kept_means_that_folder() -> None:
    for box in folders():
        if box.selectable:
            assert [found.name for found, _ in scope.chosen(parse(f'in:"{scope.name(box)}"').root, folders())] == [
                box.name
            ]
