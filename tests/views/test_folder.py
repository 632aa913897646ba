"""One folder: renamed, moved, thrown away, emptied; a favourite, or one that keeps its name."""

from __future__ import annotations

from tests.servers.application import Visitor, forms_of
from tests.servers.people import Person, letter
from tests.views.test_folders import beside, forms


def test_a_folder_is_made_filled_renamed_moved_and_thrown_away(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    assert "Manage folders" in visitor.text
    visitor.get("/folders")
    forms(visitor, "/folders", do="make", title="Kunden & Söhne", above="")
    assert visitor.path.startswith("/folders/Kunden"), visitor.text
    assert "The folder Kunden & Söhne is there." in visitor.text
    forms(visitor, "/folders", do="make", title="Berlin")
    assert "Kunden & Söhne / Berlin" in visitor.text
    assert {"Kunden & Söhne", "Kunden & Söhne.Berlin"} <= set(alice.mailboxes())
    berlin = visitor.path
    alice.append_all([letter("a"), letter("b")], "Kunden & Söhne.Berlin")
    visitor.get(berlin)
    assert "2, 2 unread" in visitor.text
    forms(visitor, berlin, do="rename", title="Hamburg")
    assert "Kunden & Söhne / Hamburg" in visitor.text
    forms(visitor, visitor.path, do="move", above="")
    assert (
        "Kunden & Söhne"
        not in visitor.text.partition("Folders Hamburg")[2].partition("Where")[2].partition("Messages")[0]
    )
    assert alice.messages("Hamburg")
    here = visitor.path
    forms(visitor, here, do="delete")
    assert "Delete the folder Hamburg with 2 messages?" in visitor.text
    assert "Hamburg" in alice.mailboxes(), "asked first"
    forms(visitor, here, do="delete", sure="trash")
    assert "It is in Trash now" in visitor.text
    assert len(alice.messages("Trash.Hamburg")) == 2
    forms(visitor, visitor.path, do="delete")
    assert "It lies in Trash already." in visitor.text
    forms(visitor, visitor.path, do="delete", sure="ever")
    assert "The folder is gone." in visitor.text
    assert not any("Hamburg" in name for name in alice.mailboxes())


def test_emptying_asks_with_the_number_and_takes_no_more(visitor: Visitor, alice: Person) -> None:
    alice.append_all([letter(str(number)) for number in range(3)], "Trash")
    visitor.sign_in(alice)
    visitor.get("/folders/Trash")
    forms(visitor, "/folders/Trash", do="empty")
    assert "Delete all 3 messages in Trash for ever?" in visitor.text
    assert len(alice.messages("Trash")) == 3
    alice.append(letter("later"), "Trash")
    forms(visitor, "/folders/Trash", do="empty", sure=visitor.form("/folders/Trash").value("sure"))
    assert "3 messages deleted for ever." in visitor.text
    assert [one.header("Subject") for one in alice.messages("Trash")] == ["later"]


def test_folders_with_a_role_keep_their_names(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    for name, said in (("INBOX", "New mail arrives here"), ("Sent", "Mail programs know this folder as Sent")):
        visitor.get(f"/folders/{name}")
        assert said in visitor.text
        assert "New name" not in visitor.text
        for more in ({"do": "delete"}, {"do": "delete", "sure": "ever"}, {"do": "rename", "title": "Mine"}):
            visitor.get(f"/folders/{name}")
            visitor.send(visitor.form(f"/folders/{name}"), **more)
            assert visitor.status == 403
            assert "This folder cannot be changed" in visitor.text
            assert name in alice.mailboxes()
    assert visitor.get("/folders/Nowhere").status_code == 404
    assert "This folder is not there" in visitor.text


def test_favourites_stand_above_the_others_and_go_along_when_renamed(visitor: Visitor, alice: Person) -> None:
    alice.create("Aaa")
    alice.create("Zoo")
    visitor.sign_in(alice)
    visitor.get("/folders/Zoo")
    forms(visitor, "/folders/Zoo", do="favourite")
    visitor.get("/m/INBOX")
    nav = beside(visitor)
    assert nav.index("Favourites") < nav.index("/m/Zoo") < nav.index("/m/Aaa")
    visitor.get("/folders/Zoo")
    forms(visitor, "/folders/Zoo", do="rename", title="Animals")
    assert 'value="ordinary" aria-pressed="true"' in visitor.html
    forms(visitor, "/folders/Animals", do="ordinary")
    assert "Favourites" not in beside(visitor)


def take_back(visitor: Visitor) -> None:
    """Press Undo in the line at the foot of the page."""
    form = next(form for form in forms_of(visitor.html) if any(name == "was" for name, _ in form.fields))
    [do] = [value for name, value, _ in form.buttons if name == "do"]
    visitor.send(form, do=do)


def test_what_was_done_to_a_folder_is_taken_back_exactly_or_the_page_says_why_not(
    visitor: Visitor, alice: Person
) -> None:
    alice.create("Trips")
    alice.create("Trips.North")
    alice.append_all([letter("a"), letter("b")], "Trips.North")
    visitor.sign_in(alice)
    visitor.get("/folders/Trips")
    forms(visitor, "/folders/Trips", do="favourite")
    before = (alice.mailboxes(), alice.uidvalidity("Trips.North"), subscribed(alice))
    for change in ({"do": "rename", "title": "Walks"}, {"do": "delete", "sure": "trash"}, {"do": "subscribe"}):
        visitor.get("/folders/Trips")
        forms(visitor, "/folders/Trips", **change)
        assert (alice.mailboxes(), alice.uidvalidity("INBOX"), subscribed(alice)) != before
        take_back(visitor)
        assert (alice.mailboxes(), alice.uidvalidity("Trips.North"), subscribed(alice)) == before, change
        assert len(alice.messages("Trips.North")) == 2
        visitor.get("/folders/Trips")
        assert 'value="ordinary" aria-pressed="true"' in visitor.html, "still a favourite"
        assert ">Undo<" not in visitor.html, "once"
    visitor.get("/folders/Trips~2ENorth")
    forms(visitor, "/folders/Trips~2ENorth", do="move", above="")
    alice.create("Trips.North")
    take_back(visitor)
    assert visitor.status == 409, "the name is taken by now"
    assert len(alice.messages("North")) == 2
    visitor.get("/folders")
    forms(visitor, "/folders", do="make", title="New")
    take_back(visitor)
    assert "Undone: the folder is gone." in visitor.text
    forms(visitor, "/folders", do="make", title="New")
    alice.append(letter("quick"), "New")
    take_back(visitor)
    assert "something lies in the folder by now" in visitor.text
    assert len(alice.messages("New")) == 1
    forms(visitor, "/folders/New", do="delete", sure="ever")
    assert "What was in it is gone, too." in visitor.text
    assert ">Undo<" not in visitor.html
    forms(visitor, "/folders", do="make", title="Bare")
    forms(visitor, "/folders/Bare", do="delete", sure="ever")
    assert "Bare" not in alice.mailboxes()
    take_back(visitor)
    assert "Undone: the folder is there again." in visitor.text
    assert "Bare" in alice.mailboxes()


def subscribed(person: Person) -> list[str]:
    with person.imap() as client:
        return sorted(name for _, _, name in client.list_sub_folders())
