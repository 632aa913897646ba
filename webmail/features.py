"""What a mail server may offer, what each thing switches on here, and how we do without. Sentences, and no server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from webmail.languages import N_


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
    Feature(N_("All folder counts in one question"), ("LIST-STATUS",),
        N_("The folder list and its numbers cost one question."),
        N_("Only the inbox and the folders with a role show numbers, for one question each.")),
    Feature(N_("Folder list with a choice"), ("LIST-EXTENDED",),
        N_("Roles come with the list even from servers that tell them only when asked."),
        N_("The plain list is read.")),
    Feature(N_("Which folder is which"), ("SPECIAL-USE",),
        N_("Sent, Drafts, Archive, Junk and Trash are the folders that the server names."),
        N_("They are found by their names, in the languages of common mail programs.")),
    Feature(N_("Where your own folders begin"), ("NAMESPACE",),
        N_("New folders are made where the server wants them."),
        N_("They are made at the top, or below the inbox if the server insists.")),
    Feature(N_("Names that outlive renaming"), ("OBJECTID",),
        N_("A folder that another device renamed can be found again."),
        N_("It is reported missing; the folder list shows its new name."), "later"),
    Feature(N_("News from every folder"), ("NOTIFY",),
        N_("The server reports changes in all folders by itself."),
        N_("The open folder is watched, the others are counted again now and then while a page is open.")),
    Feature(N_("News from the open folder"), ("IDLE",),
        N_("New mail and changes by other devices appear at once."),
        N_("The server is asked again and again while a page is open.")),
    Feature(N_("Only what changed"), ("CONDSTORE", "QRESYNC"),
        N_("A list that was shown before is brought up to date, not fetched anew."),
        N_("It is fetched anew.")),
    Feature(N_("First words in the list"), ("PREVIEW", "PREVIEW=FUZZY"),
        N_("They come with the list."),
        N_("The beginning of every message on the page is fetched as well.")),
    Feature(N_("Short answers to searches"), ("ESEARCH",),
        N_("The filters, and jumps in large folders, get counts and ranges."),
        N_("Every number is sent: 8 MB of them for a million messages.")),
    Feature(N_("One window of what was found"), ("PARTIAL", "CONTEXT=SEARCH"),
        N_("The filters fetch one page, however much there is."),
        N_("The whole answer is read and cut here.")),
    Feature(N_("Sorting"), ("SORT", "ESORT"),
        N_("A folder of any size can be sorted by sender, subject, date or size."),
        N_("The newest 2,000 messages can be sorted here."), "later"),
    Feature(N_("Conversations"), ("THREAD=REFS", "THREAD=REFERENCES"),
        N_("The server says which messages belong together."),
        N_("The headers of the messages at hand say it."), "later"),
    Feature(N_("Moving in one step"), ("MOVE",),
        N_("A message is never in two folders."),
        N_("It is copied first, then removed.")),
    Feature(N_("Removing exactly these"), ("UIDPLUS",),
        N_("Only what you deleted goes, and a stored message is found at once."),
        N_("What another device marked is never taken along; if need be yours stays, marked.")),
    Feature(N_("Drafts replaced in one step"), ("REPLACE",),
        N_("There is one draft at every moment."),
        N_("The new one is stored first, then the old one removed: two for a moment, never none.")),
    Feature(N_("Several messages stored at once"), ("MULTIAPPEND",),
        N_("All of them, or none."),
        N_("One after the other."), "later"),
    Feature(N_("Messages made from parts"), ("CATENATE",),
        N_("A file on the server goes into a new message without travelling."),
        N_("It is fetched and stored again."), "later"),
    Feature(N_("Sending without asking first"), ("LITERAL+", "LITERAL-"),
        N_("Short texts save one wait each."),
        N_("Each waits for the server's word.")),
    Feature(N_("Names exchanged"), ("ID",),
        N_("Known faults of this kind of server are avoided."),
        N_("It is recognised by its greeting, or not at all.")),
    Feature(N_("Closing a folder"), ("UNSELECT",),
        N_("Nothing waits for it: opening another folder closes the one before, and removes nothing."),
        N_("Opening another folder closes the one before, and removes nothing."), "never"),
    Feature(N_("Room left"), ("QUOTA",),
        N_("This page shows how full the mailbox is."),
        N_("You learn that it is full when something cannot be stored.")),
    Feature(N_("Sizes of folders"), ("STATUS=SIZE",),
        N_("This page can show them."),
        N_("They are not shown.")),
    Feature(N_("Notes beside the mail"), ("METADATA", "METADATA-SERVER"),
        N_("Your settings are kept as a note, and no folder is made for them."),
        N_("They are kept as a message in a folder of their own, “Pennypost settings”, which is not listed here.")),
    Feature(N_("Attachments decoded by the server"), ("BINARY",),
        N_("It was measured, and it is slower than decoding here."),
        N_("They are decoded here."), "never"),
    Feature(N_("Compression"), ("COMPRESS=DEFLATE",),
        N_("It was measured: between neighbours it costs more time than it saves."),
        N_("Nothing is missed."), "never"),
)  # fmt: skip
