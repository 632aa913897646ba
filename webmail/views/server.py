"""What the mail server offers, what each thing switches on here, and how we do without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from flask import Blueprint, render_template, request

from webmail.imap import mailboxes
from webmail.imap.about import About, Quota, about
from webmail.imap.connection import Connection
from webmail.mail.mailbox import Mailbox
from webmail.mail.names import clean_line
from webmail.web import session
from webmail.web.filters import size_text
from webmail.web.nav import Nav, build, folder_title

blueprint = Blueprint("server", __name__)

_LONGEST: Final = 200
_STATES: Final = {"now": "in use", "later": "ready", "never": "left alone"}


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing a server may offer. words: capabilities of which one is enough. with_it: what it switches on here.

    without: how we do without. use: "later" for what no page needs yet, "never" for what is left alone even where it
    is offered; with_it says why.
    """

    title: str
    words: tuple[str, ...]
    with_it: str
    without: str
    use: Literal["now", "later", "never"] = "now"


FEATURES: Final = (
    Feature("All folder counts in one question", ("LIST-STATUS",),
        "The folder list and its numbers cost one question.",
        "Only the inbox and the folders with a role show numbers, for one question each."),
    Feature("Folder list with a choice", ("LIST-EXTENDED",),
        "Roles come with the list even from servers that tell them only when asked.",
        "The plain list is read."),
    Feature("Which folder is which", ("SPECIAL-USE",),
        "Sent, Drafts, Archive, Junk and Trash are the folders that the server names.",
        "They are found by their names, in the languages of common mail programs."),
    Feature("Where your own folders begin", ("NAMESPACE",),
        "New folders are made where the server wants them.",
        "They are made at the top, or below the inbox if the server insists."),
    Feature("Names that outlive renaming", ("OBJECTID",),
        "A folder that another device renamed can be found again.",
        "It is reported missing; the folder list shows its new name.", "later"),
    Feature("News from every folder", ("NOTIFY",),
        "The server reports changes in all folders by itself.",
        "The open folder is watched, the others are counted again now and then while a page is open."),
    Feature("News from the open folder", ("IDLE",),
        "New mail and changes by other devices appear at once.",
        "The server is asked again and again while a page is open."),
    Feature("Only what changed", ("CONDSTORE", "QRESYNC"),
        "A list that was shown before is brought up to date, not fetched anew.",
        "It is fetched anew."),
    Feature("First words in the list", ("PREVIEW", "PREVIEW=FUZZY"),
        "They come with the list.",
        "The beginning of every message on the page is fetched as well."),
    Feature("Short answers to searches", ("ESEARCH",),
        "The filters, and jumps in large folders, get counts and ranges.",
        "Every number is sent: 8 MB of them for a million messages."),
    Feature("One window of what was found", ("PARTIAL", "CONTEXT=SEARCH"),
        "The filters fetch one page, however much there is.",
        "The whole answer is read and cut here."),
    Feature("Sorting", ("SORT", "ESORT"),
        "A folder of any size can be sorted by sender, subject, date or size.",
        "The newest 2,000 messages can be sorted here.", "later"),
    Feature("Conversations", ("THREAD=REFS", "THREAD=REFERENCES"),
        "The server says which messages belong together.",
        "The headers of the messages at hand say it.", "later"),
    Feature("Moving in one step", ("MOVE",),
        "A message is never in two folders.",
        "It is copied first, then removed."),
    Feature("Removing exactly these", ("UIDPLUS",),
        "Only what you deleted goes, and a stored message is found at once.",
        "What another device marked is never taken along; if need be yours stays, marked."),
    Feature("Drafts replaced in one step", ("REPLACE",),
        "There is one draft at every moment.",
        "The new one is stored first, then the old one removed: two for a moment, never none."),
    Feature("Several messages stored at once", ("MULTIAPPEND",),
        "All of them, or none.",
        "One after the other.", "later"),
    Feature("Messages made from parts", ("CATENATE",),
        "A file on the server goes into a new message without travelling.",
        "It is fetched and stored again.", "later"),
    Feature("Sending without asking first", ("LITERAL+", "LITERAL-"),
        "Short texts save one wait each.",
        "Each waits for the server's word."),
    Feature("Names exchanged", ("ID",),
        "Known faults of this kind of server are avoided.",
        "It is recognised by its greeting, or not at all."),
    Feature("Closing a folder", ("UNSELECT",),
        "Nothing waits for it: opening another folder closes the one before, and removes nothing.",
        "Opening another folder closes the one before, and removes nothing.", "never"),
    Feature("Room left", ("QUOTA",),
        "This page shows how full the mailbox is.",
        "You learn that it is full when something cannot be stored."),
    Feature("Sizes of folders", ("STATUS=SIZE",),
        "This page can show them.",
        "They are not shown."),
    Feature("Notes beside the mail", ("METADATA", "METADATA-SERVER"),
        "Your settings are kept as a note, and no folder is made for them.",
        "They are kept as a message in a folder of their own, “Pennypost settings”, which is not listed here."),
    Feature("Attachments decoded by the server", ("BINARY",),
        "It was measured, and it is slower than decoding here.",
        "They are decoded here.", "never"),
    Feature("Compression", ("COMPRESS=DEFLATE",),
        "It was measured: between neighbours it costs more time than it saves.",
        "Nothing is missed.", "never"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. state: in use, ready (no page needs it yet), left alone, not offered."""

    title: str
    words: str
    state: str
    text: str


@dataclass(frozen=True, slots=True)
class ServerPage:
    """name: what the server calls itself, or "". facts: label and value. sizes: folder and size, largest first.

    full: percent of the quota, 0..100, None without one. can_size: sizes can be asked for. words: all capabilities.
    """

    nav: Nav
    name: str
    facts: Sequence[tuple[str, str]]
    rows: Sequence[Row]
    full: int | None
    sizes: Sequence[tuple[str, str]]
    can_size: bool
    words: Sequence[str]


@blueprint.get("/server")
def show() -> str:
    """The page; with ?sizes=1 the sizes of the folders, which some servers have to add up first."""
    asked = request.args.get("sizes") == "1"

    def work(conn: Connection) -> tuple[tuple[Mailbox, ...], About]:
        return mailboxes.list_mailboxes(conn), about(conn, with_sizes=asked)

    folders, told = session.borrow(work)
    titles = {folder.name: folder_title(folder) for folder in folders}
    sizes = sorted((told.sizes or {}).items(), key=lambda pair: pair[1], reverse=True)
    page = ServerPage(
        nav=build(folders),
        name=_name(told),
        facts=_facts(told),
        rows=[_row(feature, told.capabilities) for feature in FEATURES],
        full=_full(told.quota),
        sizes=[(titles.get(name, name), size_text(octets)) for name, octets in sizes],
        can_size=not asked and {"LIST-STATUS", "STATUS=SIZE"} <= told.capabilities,
        words=sorted(clean_line(word)[:_LONGEST] for word in told.capabilities),
    )
    return render_template("server/show.html", page=page)


def _name(told: About) -> str:
    """Name and version as the server gave them: somebody else's words, so they are cleaned and cut."""
    words = (told.identity.get(key, "") for key in ("name", "version"))
    return clean_line(" ".join(word for word in words if word))[:_LONGEST]


def _facts(told: About) -> list[tuple[str, str]]:
    endpoint = session.current().server.imap
    facts = [
        ("Address", f"{endpoint.host}, port {endpoint.port}"),
        ("Encryption", f"{told.tls.replace('TLSv', 'TLS ')}{', by STARTTLS' if endpoint.tls == 'starttls' else ''}"),
    ]
    if told.most_octets is not None:
        facts.append(("Largest message", size_text(told.most_octets)))
    if told.quota is not None:
        facts += _room(told.quota)
    if told.not_kept:
        facts.append(
            ("Left alone", f"{', '.join(sorted(told.not_kept))}: offered, but known not to work on this server")
        )
    return facts


def _room(quota: Quota) -> list[tuple[str, str]]:
    found = []
    if quota.used is not None and quota.limit is not None:
        found.append(("Room", f"{size_text(quota.used)} of {size_text(quota.limit)} used"))
    if quota.messages is not None and quota.most_messages is not None:
        found.append(("Messages", f"{quota.messages:,} of {quota.most_messages:,}"))
    return found


def _full(quota: Quota | None) -> int | None:
    if quota is None or quota.used is None or not quota.limit:
        return None
    return min(100, round(100 * quota.used / quota.limit))


def _row(feature: Feature, capabilities: frozenset[str]) -> Row:
    if not capabilities.intersection(feature.words):
        return Row(feature.title, " ".join(feature.words), "not offered", feature.without)
    return Row(feature.title, " ".join(feature.words), _STATES[feature.use], feature.with_it)
