"""What a reader may choose: one table (fields of Preferences), from which the page, its parser and docs/preferences.md
come. Not to be confused with config.Settings, which is the administrator's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, cast

from webmail import errors
from webmail.languages import N_, OFFERED
from webmail.mail import identities
from webmail.mail.identities import Identity
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import decode_name
from webmail.mail.names import clean_line
from webmail.mail.note import LONGEST_KEY, Note, Scalar

Kind = Literal["choice", "switch", "line", "lines", "people", "members"]
Choices = Mapping[str | int, str]

SECTIONS: Final = {
    # Translators: a group of settings: colours, sizes, paper.
    "look": N_("Look"),
    "folders": N_("Folders"),
    "reading": N_("Reading"),
    "images": N_("Remote images"),
    "writing": N_("Writing"),
    "notices": N_("Notifications"),
}


SWIPES: Final[Choices] = {
    # Translators: what moving a message of the list to the side with a finger does.
    "archive": N_("Archives it"), "delete": N_("Deletes it"), "read": N_("Marks it read, or unread"),
    "star": N_("Stars it, or takes the star away"), "snooze": N_("Snoozes it"), "junk": N_("Reports it as junk"),
    "nothing": N_("Does nothing"),
}  # fmt: skip
_SWIPES: Final = N_("Let go before two fifths of the way and nothing happens. The buttons do all of it as well.")
AS_SITE: Final = -1
"""Preferences.undo_send: whatever the administrator has set."""


def _option(
    kind: Kind, section: str, label: str, default: Any, help: str = "", *, choices: Choices | None = None,
    longest: int = 0,
) -> Any:  # fmt: skip
    facts = {"kind": kind, "section": section, "label": label, "help": help, "choices": choices, "longest": longest}
    if kind == "members":
        return field(default_factory=dict, metadata=facts)
    return field(default=default, metadata=facts)


@dataclass(frozen=True)
class Preferences:
    """Every choice, typed. Members: what is in a list, or apart from a rule, with its value."""

    language: str = _option(
        "choice", "look", N_("Language"), "", N_("What others wrote stays as they wrote it."),
        choices={"": N_("As this browser asks"), **{one.tag: one.name for one in OFFERED}},
    )  # fmt: skip
    theme: str = _option(
        "choice", "look", N_("Colours"), "system",
        # Translators: colours: those of the device, light ones, dark ones.
        choices={"system": N_("As this device has them"), "light": N_("Light"), "dark": N_("Dark")},
    )  # fmt: skip
    density: str = _option(
        "choice", "look", N_("Message list"), "comfortable",
        choices={"comfortable": N_("Comfortable: three lines a message"), "compact": N_("Compact: two lines")},
    )  # fmt: skip
    text_size: int = _option(
        "choice", "look", N_("Text of mail"), 16, N_("Letters that set sizes of their own keep those."),
        choices={14: N_("14 pixels"), 16: N_("16 pixels"), 18: N_("18 pixels"), 20: N_("20 pixels"),
                 22: N_("22 pixels"), 24: N_("24 pixels")},
    )  # fmt: skip
    paper: str = _option(
        "choice", "look", N_("Paper of designed mail"), "page",
        N_("Above each letter it can be changed for that letter."),
        choices={"page": N_("Dark when the page is dark"), "white": N_("Always white")},
    )  # fmt: skip
    hints: bool = _option("switch", "look", N_("Hints for newcomers above the list of Inbox"), True)
    favourites: Mapping[str, Scalar] = _option("members", "folders", N_("Favourites, above the others"), None)
    listed: str = _option(
        "choice", "folders", N_("Show beside the list"), "all",
        N_("A folder's page says whether you are subscribed to it."),
        choices={"all": N_("All folders"), "subscribed": N_("Favourites and subscribed folders")},
    )  # fmt: skip
    view: str = _option(
        "choice", "reading", N_("Show mail"), "html", N_("Where a letter offers both. Its menu has the other one."),
        # Translators: show mail as its writer designed it.
        choices={"html": N_("As designed"), "plain": N_("As plain text")},
    )  # fmt: skip
    conversations: bool = _option(
        "switch", "reading", N_("Show the letters of a conversation together"), True,
        N_("The menu of a list, or of a message, changes it for that folder."),
    )  # fmt: skip
    conversation_in: Mapping[str, Scalar] = _option("members", "reading", N_("Folders that differ"), None)
    mark_read: str = _option(
        "choice", "reading", N_("Mark a message as read"), "open",
        N_("Two seconds are counted by script; without it such a message is marked by hand."),
        choices={"open": N_("When it is opened"), "wait": N_("After two seconds"), "hand": N_("Only by hand")},
    )  # fmt: skip
    after_move: str = _option(
        "choice", "reading", N_("After archiving or deleting the open message"), "list",
        N_("One that opens by itself is marked as read after two seconds, or by hand, never at once."),
        choices={"list": N_("Back to the list"), "older": N_("Open the next one, which is older"),
                 "newer": N_("Open the one before, which is newer")},
    )  # fmt: skip
    swipe_right: str = _option(
        "choice", "reading", N_("A finger that moves a row to the right"), "archive", _SWIPES, choices=SWIPES
    )
    swipe_left: str = _option(
        "choice", "reading", N_("A finger that moves a row to the left"), "delete", choices=SWIPES
    )
    searches: Mapping[str, Scalar] = _option("members", "reading", N_("Searches that are kept"), None, longest=2000)
    # Translators: above a list of senders whose remote images are shown.
    image_senders: Mapping[str, Scalar] = _option("members", "images", N_("Always shown from"), None)
    display_name: str = _option("line", "writing", N_("Your name"), "", N_("Stands before your address."), longest=100)
    identities: str = _option(
        "people", "writing", N_("Further addresses to write as"), "",
        N_("One a line: Name <name@example.org>. Lines below it that begin with a space are its own signature. "
        "Your mail server says whether you may write as them."), longest=4000,
    )  # fmt: skip
    signature: str = _option(
        "lines", "writing", N_("Signature"), "", N_("Plain text, below what you write."), longest=2000
    )
    answer: str = _option(
        "choice", "writing", N_("Place of an answer"), "above",
        choices={"above": N_("Above the quoted text, with the signature"), "below": N_("Below the quoted text")},
    )  # fmt: skip
    undo_send: int = _option(
        "choice", "writing", N_("Time to take a letter back after Send"), AS_SITE,
        choices={
            AS_SITE: N_("As this site has it"),
            # Translators: no time to take a letter back in.
            0: N_("None"),
            5: N_("5 seconds"), 10: N_("10 seconds"), 20: N_("20 seconds"), 30: N_("30 seconds"),
        },
    )  # fmt: skip

    ask_many: bool = _option("switch", "writing", N_("Ask before more than 20 people see each other's addresses"), True)
    ask_stranger: bool = _option("switch", "writing", N_("Ask before an answer to all goes to a stranger"), True)
    ask_file: bool = _option("switch", "writing", N_("Ask when the text speaks of a file and there is none"), True)
    ask_subject: bool = _option("switch", "writing", N_("Ask when there is no subject"), True)
    notices: str = _option(
        "choice", "notices", N_("What a notification says"), "plain",
        N_("It may be read by whoever sees the screen. Whether there are any is up to each browser."),
        choices={"plain": N_("That there is new mail"), "words": N_("Sender and subject")},
    )  # fmt: skip

    @property
    def people(self) -> tuple[Identity, ...]:
        """The further addresses to write as."""
        return identities.read(self.identities)

    def together(self, mailbox: MailboxName) -> bool:
        """Whether letters of this mailbox are shown with their conversation."""
        return bool(self.conversation_in.get(mailbox, self.conversations))


@dataclass(frozen=True, slots=True)
class Option:
    """One row of the table. default: None for members. choices: value -> label, of choices alone. Label and help are
    English, and marked; who shows them says them.

    longest: characters of a text.
    """

    name: str
    kind: Kind
    section: str
    label: str
    help: str
    default: Scalar | None
    choices: Choices
    longest: int


def _options() -> Iterable[Option]:
    for item in fields(Preferences):
        facts = item.metadata
        default: Any = None if facts["kind"] == "members" else item.default
        yield Option(
            item.name, facts["kind"], facts["section"], facts["label"], facts["help"], default, facts["choices"] or {},
            facts["longest"],
        )  # fmt: skip


OPTIONS: Final = {option.name: option for option in _options()}
MOST_SEARCHES: Final = 20
"""Searches that stand in the list of folders."""

SHOWN: Final = tuple(option for option in OPTIONS.values() if option.name != "language" or len(OFFERED) > 1)
"""Rows of the page: all, but a language only where there are several."""

KNOWN: Final = frozenset(OPTIONS)
"""Keys of registers that are never left out of a note."""


def read(note: Note) -> Preferences:
    """What a note says; where it says nothing, or nothing that can be, the default."""
    values: dict[str, Any] = {}
    members: dict[str, dict[str, Scalar]] = {}
    for key, register in note.items():
        name, _, member = key.partition("/")
        option = OPTIONS.get(name)
        if option is None or register.value is None:
            continue
        if option.kind == "members" and member and _can_be_member(option, register.value):
            members.setdefault(name, {})[member] = register.value
        elif not member and _can_be(option, register.value):
            values[name] = register.value
    return Preferences(**values, **cast(dict[str, Any], members))


def _can_be_member(option: Option, value: Scalar) -> bool:
    """A list holds names with yes or no; where it has room for texts, names with texts."""
    if option.longest:
        return isinstance(value, str) and 0 < len(value) <= option.longest
    return isinstance(value, bool)


def _can_be(option: Option, value: Scalar) -> bool:
    if option.kind == "switch":
        return isinstance(value, bool)
    if option.kind == "choice":
        return not isinstance(value, bool) and value in option.choices
    if not isinstance(value, str) or len(value) > option.longest:
        return False
    if option.kind == "people":
        return _are_people(value)
    return option.kind == "lines" or value == clean_line(value)


def _are_people(value: str) -> bool:
    try:
        identities.read(value)
    except errors.BadAddress:
        return False
    return True


def typed(option: Option, text: str) -> Scalar:
    """A field of the page as a value. Raises ValueError with one word: "choice", "long" or "people"."""
    if option.kind == "switch":
        return text == "1"
    if option.kind == "choice":
        found = next((value for value in option.choices if str(value) == text), None)
        if found is None:
            raise ValueError("choice")
        return found
    value = clean_line(text) if option.kind == "line" else _clean_lines(text)
    if len(value) > option.longest:
        raise ValueError("long")
    if option.kind == "people" and not _are_people(value):
        raise ValueError("people")
    return value


def _clean_lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\0", "").split("\n")).strip("\n")


def member(name: str, value: str) -> str:
    """The key of a member. Raises ValueError where it cannot be one."""
    if not value or len(value) > LONGEST_KEY or not value.isprintable():
        raise ValueError("member")
    return f"{name}/{value}"


def member_title(option: Option, value: str) -> str:
    """A member as it is shown: folders by their names."""
    return decode_name(MailboxName(value)) if option.name in ("conversation_in", "favourites") else value


_INTRO: Final = """# Preferences

What a reader chooses on the page "Settings" (key `,`). Made from the table in `webmail/mail/preferences.py`;
`tests/mail/test_preferences.py` holds the two equal. Change the table, then run
`python -m webmail.mail.preferences > docs/preferences.md`. What an administrator sets is in [settings.md](settings.md).

They are kept in the reader's own mailbox: as notes beside the mail where the server keeps such (METADATA, RFC 5464),
else as one message in the folder "Pennypost settings", which Pennypost does not list and nobody is subscribed to. Two
devices that write at the same time lose nothing; of two values for one setting the later counts
([how, and why so](decisions/0013-settings-that-roam.md)). On a shared computer they are read and never written: what is
changed there holds until its reader signs out. The sign-in page knows nobody, so it has the colours of the device.

A note has at most 32 KiB. When there is more, what was asked for longest ago leaves first: marks of removed senders,
then the oldest senders.
"""


def reference() -> str:
    """docs/preferences.md as text."""
    pages = [_INTRO]
    for section, title in SECTIONS.items():
        rows = [_row(option) for option in OPTIONS.values() if option.section == section]
        pages.append(f"\n## {title}\n\n| name | setting | values | default |\n|---|---|---|---|\n" + "".join(rows))
    return "".join(pages) + _OUTRO


def _row(option: Option) -> str:
    values = {
        "switch": "on, off",
        "line": f"one line, at most {option.longest} characters",
        "lines": f"text, at most {option.longest} characters",
        "people": f"addresses, at most {identities.MOST}",
        "members": "a list",
    }.get(option.kind) or "; ".join(f"`{value}`: {label}" for value, label in option.choices.items())
    default = f"`{option.default}`" if option.default else "empty"
    if option.kind == "switch":
        default = "on" if option.default else "off"
    label = f"{option.label}. {option.help}" if option.help else option.label
    return f"| `{option.name}` | {label} | {values} | {default} |\n"


_OUTRO: Final = """
"Always from this sender" above hidden images adds to `image_senders`
([when it holds](decisions/0014-images-always-from-a-sender.md)); images that look like trackers stay out.
`searches` holds searches by their names, at most 20 ([finding.md](finding.md)).
`conversation_in` holds the folders whose letters are shown the other way. A renamed folder follows the rule again.

`identities` are offered as From of a letter; [who may write as whom](decisions/0028-who-writes.md) is not for
this site to decide.

A new setting is a new field of the table: its row on the page, its parser and its line here come by themselves.
"""


if __name__ == "__main__":
    print(reference(), end="")
