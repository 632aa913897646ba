"""The journeys. Each goes on where the one before it ended: signed in once, signed out at the end.

What came of it is asked by a second IMAP client and at the submission server, never by the program that walks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.journeys.hands import Hands, until
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from tests.views.deeds import state, subjects
from tests.views.test_compose import files, parsed
from tests.views.test_message import html_mail
from tests.views.test_settings import FOLDER, kept

DATA: Final = bytes(range(256)) * 300


@dataclass(frozen=True)
class World:
    """Who is there, and where a file lies that can be sent."""

    alice: Person
    bob: Person
    submission: Submission
    file: Path


def fill(world: World) -> None:
    """What lies in the mailbox before anybody signs in."""
    alice = world.alice
    alice.create("Work")
    talk = [
        letter("Chairs", sender="Bob Brown <bob@example.org>", message_id="<1@x>", text="Who has chairs?\r\n"),
        letter("Re: Chairs", sender="Carla <carla@example.net>", message_id="<2@x>", text="I have six.\r\n",
               extra="In-Reply-To: <1@x>\r\nReferences: <1@x>\r\n"),
        letter("Re: Chairs", sender="Bob Brown <bob@example.org>", message_id="<3@x>", text="That will do.\r\n",
               extra="In-Reply-To: <2@x>\r\nReferences: <1@x> <2@x>\r\n"),
    ]  # fmt: skip
    garden = [letter(name, text=f"{name} are in bloom.\r\n") for name in ("Tulips", "Roses", "Lilies")]
    news = html_mail(
        "<h2>Summer is here</h2><p>Read <a href='https://shop.example/'>the offer</a> of the week.</p>",
        subject="Summer",
    )
    alice.append_all([*garden, *talk, news])
    world.file.write_bytes(DATA)


def _soon(true: Callable[[], object], what: str) -> None:
    until(true, what)


def _flags(person: Person, subject: str, mailbox: str = "INBOX") -> frozenset[str]:
    """Of the one with that subject; nothing when it is not there."""
    return next((one.flags for one in person.messages(mailbox) if one.header("Subject") == subject), frozenset())


def sign_in(hands: Hands, world: World) -> None:
    hands.go("/")
    hands.fill("Email address", world.alice.address)
    hands.fill("Password", world.alice.password)
    hands.press("Sign in")
    hands.sees("Inbox", "Tulips", "Chairs")
    hands.fits()


def read(hands: Hands, world: World) -> None:
    hands.open("Summer")
    hands.reads("Summer is here", "the offer of the week")
    hands.fits()
    _soon(lambda: "\\Seen" in _flags(world.alice, "Summer"), "the letter is not read")
    assert "\\Seen" not in _flags(world.alice, "Tulips")
    hands.folder("Inbox")
    hands.open("Chairs")
    hands.sees("3 letters in this conversation")
    hands.menu("Who has chairs?")
    hands.reads("That will do.", "I have six.", "Who has chairs?")
    hands.folder("Inbox")
    hands.sees("Tulips")


def search(hands: Hands, world: World) -> None:
    hands.search("subject:Lilies")
    hands.sees("Search", "Lilies")
    hands.misses("Roses")
    hands.open("Lilies")
    hands.reads("Lilies are in bloom.")
    hands.follow("Results")
    hands.sees("All folders")
    hands.folder("Inbox")
    hands.sees("Roses")


def write(hands: Hands, world: World) -> None:
    """To nobody at first: nothing of it is lost."""
    hands.follow("Write")
    hands.fill("Subject", "Five chairs")
    hands.fill("Message", "Dear Bob,\nhere they are. 🪑")
    if hands.files:
        hands.attach("Attach", world.file)
    hands.press("Send")
    hands.sees("There is no recipient.", *([world.file.name] if hands.files else []))
    hands.holds("Message", "here they are.")
    assert not world.submission.accepted
    hands.fits()
    hands.fill("To", "bob@example.org")
    hands.press("Send")
    hands.sees("Sent.")
    [arrived] = until(world.bob.messages, "bob has no letter")
    assert parsed(arrived.raw)["Subject"] == "Five chairs"
    assert files(parsed(arrived.raw)) == ({world.file.name: DATA} if hands.files else {})
    assert world.submission.accepted[0].login == world.alice.login
    assert subjects(world.alice, "Sent") == ["Five chairs"]


def answer(hands: Hands, world: World) -> None:
    hands.folder("Inbox")
    hands.open("Tulips")
    hands.reads("Tulips are in bloom.")
    hands.follow("Reply")
    hands.holds("Subject", "Re: Tulips")
    hands.holds("Message", "> Tulips are in bloom.")
    hands.add("Message", "So I see.")
    hands.press("Send")
    hands.sees("Sent.")
    _soon(lambda: "\\Answered" in _flags(world.alice, "Tulips"), "it is not answered")
    sent = world.submission.accepted[-1]
    assert sent.recipients == ("dora@example.net",)
    assert "So I see." in parsed(sent.raw).get_body().get_content()  # type: ignore[union-attr]


def draft(hands: Hands, world: World) -> None:
    hands.folder("Inbox")
    hands.sees("Roses")
    hands.follow("Write")
    hands.fill("To", "bob@example.org")
    hands.fill("Subject", "Half a letter")
    hands.fill("Message", "It begins,")
    hands.press("Save draft")
    hands.sees("Saved in Drafts")
    _soon(lambda: subjects(world.alice, "Drafts") == ["Half a letter"], "no draft")
    hands.follow("Close")
    hands.sees("Check for mail")
    hands.folder("Drafts")
    hands.open("Half a letter")
    hands.follow("Go on writing")
    hands.holds("Message", "It begins,")
    hands.fill("Subject", "A whole letter")
    hands.press("Send")
    hands.sees("Sent.")
    _soon(lambda: subjects(world.alice, "Drafts") == [], "the draft is still there")
    assert "A whole letter" in subjects(world.bob)


def _select(hands: Hands, subject: str) -> None:
    hands.folder("Inbox")
    hands.sees(subject)
    hands.tick(f"Select: {subject}")


def move(hands: Hands, world: World) -> None:
    _select(hands, "Roses")
    hands.menu("Move or copy to folder")
    hands.choose("Move to", "Work")
    hands.press("Move")
    hands.sees("moved to Work")
    _soon(lambda: subjects(world.alice, "Work") == ["Roses"], "it was not moved")
    assert "Roses" not in subjects(world.alice)
    hands.fits()


def undo(hands: Hands, world: World) -> None:
    """Of the move."""
    hands.press("Undo")
    hands.sees("Undone.", "Roses")
    _soon(lambda: "Roses" in subjects(world.alice), "it did not come back")
    assert subjects(world.alice, "Work") == []


def label(hands: Hands, world: World) -> None:
    before = state(world.alice)
    _select(hands, "Roses")
    hands.menu("Label")
    hands.fill("or a new one", "Garden")
    hands.press("Add")
    hands.sees("labelled Garden")
    _soon(lambda: {"Garden"} & _flags(world.alice, "Roses"), "no label")
    hands.press("Undo")
    hands.sees("Undone.")
    _soon(lambda: state(world.alice) == before, "the label stays")
    hands.untick("Select: Roses")


def star(hands: Hands, world: World) -> None:
    hands.folder("Inbox")
    hands.press("Star: Lilies")
    _soon(lambda: "\\Flagged" in _flags(world.alice, "Lilies"), "no star")
    hands.follow("Starred")
    hands.sees("Lilies")
    hands.misses("Roses")


def folders(hands: Hands, world: World) -> None:
    hands.folder("Manage folders")
    hands.fill("Name", "Garden")
    hands.press("Make the folder")
    hands.sees("Garden", "0 bytes")
    _soon(lambda: "Garden" in world.alice.mailboxes(), "no folder")
    hands.fill("New name", "Orchard")
    hands.press("Rename")
    hands.sees("Orchard")
    _soon(lambda: {"Orchard"} == {"Garden", "Orchard"} & set(world.alice.mailboxes()), "not renamed")
    hands.fits()
    hands.press("Delete it")
    hands.sees("For ever means")
    hands.press("Delete for ever")
    hands.sees("Find a folder by its name")
    _soon(lambda: "Orchard" not in world.alice.mailboxes(), "not deleted")


def settings(hands: Hands, world: World) -> None:
    hands.folder("Inbox")
    hands.sees("Roses")
    hands.menu("Account")
    hands.follow("Settings")
    hands.fill("Your name", "Alice of Oslo")
    hands.enter("Your name")
    _soon(lambda: FOLDER in world.alice.mailboxes(), "there is no note")
    _soon(lambda: kept(world.alice) == {"display_name": "Alice of Oslo"}, "it is not kept")
    hands.fits()
    hands.folder("Inbox")
    hands.sees("Roses")
    hands.follow("Write")
    hands.sees("Alice of Oslo")
    hands.follow("Close")
    hands.sees("Roses")


def sign_out(hands: Hands, world: World) -> None:
    hands.menu("Account")
    hands.press("Sign out")
    hands.sees("Signed out")
    hands.go("/m/INBOX")
    hands.sees("Password")
    hands.misses("Roses")


JOURNEYS: Final = {
    "Sign in": sign_in, "Read": read, "Search": search, "Write": write, "Answer": answer, "Draft": draft, "Move": move,
    "Undo": undo, "Label": label, "Star": star, "Folders": folders, "Settings": settings, "Sign out": sign_out,
}  # fmt: skip
"""In their order."""
