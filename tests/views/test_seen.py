"""When a message counts as read: at once, after a moment, or by hand; and never because it opened by itself."""

from __future__ import annotations

import re

import pytest

from tests.servers.application import Form, Visitor, forms_of
from tests.servers.people import Person, letter
from tests.views.test_message import open_first
from tests.views.test_settings import choose
from tests.web.every import token_of


def bar(visitor: Visitor) -> Form:
    """The buttons above the open message, not those of the list beside it."""
    return next(form for form in forms_of(visitor.html) if {"uid", "stay"} <= {name for name, _ in form.fields})


@pytest.mark.parametrize(("how", "waits"), [("hand", False), ("wait", True)])
def test_opening_does_not_mark_where_the_reader_wants_it_otherwise_and_a_button_does(
    visitor: Visitor, alice: Person, how: str, waits: bool
) -> None:
    first = alice.append(letter("Plan", message_id="<1@x>"))
    uid = alice.append(letter("Re: Plan", message_id="<2@x>", extra="References: <1@x>\r\n"))
    visitor.sign_in(alice)
    choose(visitor, mark_read=how)
    open_first(visitor, alice)
    assert "Mark read" in visitor.text
    assert ("data-seen=" in visitor.html) is waits
    found = re.search(r'src="(/m/INBOX/[^"]*/letter)', visitor.html)
    assert found
    visitor.client.get(found[1])
    assert "\\Seen" not in alice.flags(uid) | alice.flags(first), "neither it nor a letter beside it"
    where = visitor.path
    visitor.send(bar(visitor), do="read")
    assert visitor.path == where
    assert "Mark unread" in visitor.text
    assert "Mark read" not in visitor.html.split('class="conv"')[0].split('id="message"')[1]
    assert "\\Seen" in alice.flags(uid)


def test_script_marks_after_a_moment_by_a_post_of_its_own(visitor: Visitor, alice: Person) -> None:
    uid = alice.append(letter("One"))
    visitor.sign_in(alice)
    choose(visitor, mark_read="wait")
    open_first(visitor, alice)
    found = re.search(r'data-seen="([^"]+)"', visitor.html)
    assert found
    answer = visitor.client.post(found[1], data={"csrf_token": token_of(visitor.html)})
    assert (answer.status_code, answer.data) == (204, b"")
    assert "\\Seen" in alice.flags(uid)


@pytest.mark.parametrize(("follows", "subject"), [("older", "One"), ("newer", "Three"), ("list", None)])
@pytest.mark.parametrize("do", ["delete", "archive"])
def test_what_follows_a_deleted_message_is_as_chosen_and_is_not_read_by_that(
    visitor: Visitor, alice: Person, follows: str, subject: str | None, do: str
) -> None:
    uids = {name: alice.append(letter(name)) for name in ("One", "Two", "Three")}
    visitor.sign_in(alice)
    choose(visitor, after_move=follows)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uids['Two']}")
    visitor.send(bar(visitor), do=do)
    assert ("Trash" if do == "delete" else "Archive") in visitor.text
    if subject is None:
        assert visitor.path == "/m/INBOX"
        return
    assert visitor.path == f"/m/INBOX/{alice.uidvalidity()}.{uids[subject]}?peek=1"
    assert f'tabindex="-1">{subject}' in visitor.html
    assert "Mark read" in visitor.text
    assert "data-seen=" in visitor.html
    assert "\\Seen" not in alice.flags(uids[subject])
    visitor.send(bar(visitor), do=do)
    visitor.get("/m/INBOX")
    assert {m.header("Subject") for m in alice.messages()} == {"One", "Two", "Three"} - {"Two", subject}


def test_after_the_last_message_comes_the_list(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("Only"))
    visitor.sign_in(alice)
    choose(visitor, after_move="older")
    open_first(visitor, alice)
    visitor.send(bar(visitor), do="delete")
    assert visitor.path == "/m/INBOX"
