"""The reader's settings: one page made from the table in mail/preferences.py, and the switch of a single folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, abort, flash, get_flashed_messages, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webmail import errors
from webmail.imap import mailboxes
from webmail.languages import N_
from webmail.mail import identities
from webmail.mail.ids import MailboxName
from webmail.mail.note import Scalar
from webmail.mail.preferences import OPTIONS, SECTIONS, SHOWN, Option, Preferences, member, member_title, typed
from webmail.views._keep import keep
from webmail.web import collate, converters, listing, preferences, session
from webmail.web.forms import text
from webmail.web.nav import Nav, build
from webmail.web.rows import Choice
from webmail.web.services import services
from webmail.web.words import _, ngettext

blueprint = Blueprint("settings", __name__)

_WRONG: Final[Mapping[str, Callable[[int], str]]] = {
    "choice": lambda longest: _("This is none of the choices."),
    "long": lambda longest: ngettext(
        "This is too long: at most %(count)s character.", "This is too long: at most %(count)s characters.", longest,
        count=longest,
    ),
    "people": lambda longest: ngettext(
        "Each line has to be one address, or begin with a space below one; at most %(count)s address.",
        "Each line has to be one address, or begin with a space below one; at most %(count)s addresses.",
        identities.MOST,
    ),
}  # fmt: skip
"""By what typed() says. longest: how many characters there may be."""

_WAS: Final = "was."
"""Before the name of a field: what the page showed. Only what differs from it is a change, so that a page which was
open for long takes nothing back that another device has chosen since."""

_TEMPLATES: Final = {"people": "lines"}
_FEW: Final = 3
_VERIFIED: Final = N_(
    "Images load by themselves only when your mail server verified that the message is from there. "
    "Images that look like trackers never do."
)
_UNVERIFIED: Final = N_(
    "Whether a message really is from its sender is not known on this site, and an address can be forged: "
    "somebody who forges one of these could see that you opened the message. "
    "Images that look like trackers are never loaded."
)


@dataclass(frozen=True, slots=True)
class Field:
    """One setting. template: prints it. value: as a field holds it. few: its choices are shown all at once.

    members: of a list, each with the value of its remove button. applies: the data- attribute of the page that follows
    at once, or "". wrong: why it was not kept, or "".
    """

    template: str
    name: str
    label: str
    help: str
    value: str
    was: str
    choices: tuple[Choice, ...] = ()
    few: bool = False
    on: bool = False
    members: tuple[Choice, ...] = ()
    longest: int = 0
    applies: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """key: in the address. note: words about all of it, or ""."""

    key: str
    title: str
    note: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """notice: what the last change did. shared: nothing is kept."""

    nav: Nav
    sections: tuple[Section, ...]
    notice: str | None
    shared: bool


_APPLIES: Final = {"theme": "theme", "density": "density", "text_size": "text"}
_EMPTY: Final = {
    "image_senders": N_("Nobody yet. The bar above hidden images offers it."),
    # Translators: a folder whose letters are shown together, or one by one, unlike those of the others.
    "conversation_in": N_("None. The menu of a message makes one."),
    "searches": N_("None. Beside what a search found there is a button that keeps it."),
}


@blueprint.get("/settings")
def show() -> str:
    """All settings."""
    return _page({}, {})


@blueprint.post("/settings")
def change() -> Response | tuple[str, int]:
    """Keep what differs from what the page showed. Script, which sends one field at a time, is answered 204."""
    changes, wrong = _asked()
    if wrong:
        return _page(wrong, request.form), 400
    if changes:
        keep(changes)
    if request.headers.get("X-Part") == "saved":
        return Response(status=204)
    if request.form.get("then") == "inbox":
        return redirect(url_for("mailbox.home"), 303)
    flash(_("Saved.") if changes else _("Nothing was changed."))
    section = next((OPTIONS[key.partition("/")[0]].section for key in changes), "")
    return redirect(url_for("settings.show", _anchor=section or None), 303)


@blueprint.post("/m/<mailbox:mailbox>/conversations")
def folder(mailbox: MailboxName) -> Response:
    """Show the letters of one folder together (on=1) or one by one (on=0), whatever the rule is."""
    if all(each.name != mailbox for each in session.borrow(mailboxes.list_mailboxes)):
        raise errors.MailboxMissing
    on = request.form.get("on") == "1"
    try:
        key = member("conversation_in", mailbox)
    except ValueError:
        abort(400)
    keep({key: None if on == preferences.current().conversations else on})
    place = listing.place_from(request.args)
    try:
        pick = converters.pick_from_text(request.form.get("stay", ""))
    except ValueError:
        return redirect(url_for("mailbox.show", mailbox=mailbox, **place.query()), 303)
    return redirect(url_for("message.show", mailbox=mailbox, pick=pick, **place.query()), 303)


def _asked() -> tuple[dict[str, Scalar | None], dict[str, str]]:
    """The changes, and what is wrong with those that cannot be (name -> sentence)."""
    changes: dict[str, Scalar | None] = {}
    wrong: dict[str, str] = {}
    for option in OPTIONS.values():
        told, was = _told(option), request.form.get(_WAS + option.name)
        if told is None or (was is not None and told == text(request.form, _WAS + option.name)):
            continue
        try:
            changes[option.name] = typed(option, told)
        except ValueError as error:
            wrong[option.name] = _WRONG[str(error)](option.longest)
    for value in request.form.getlist("remove"):
        name, _, of = value.partition("/")
        if OPTIONS.get(name) is None or OPTIONS[name].kind != "members":
            abort(400)
        try:
            changes[member(name, of)] = None
        except ValueError:
            abort(400)
    return changes, wrong


def _told(option: Option) -> str | None:
    """What was posted for it; a box that is not ticked is not posted. None when this form does not speak of it."""
    if option.kind == "members":
        return None
    if option.name in request.form:
        return text(request.form, option.name)
    return "" if option.kind == "switch" and _WAS + option.name in request.form else None


def _page(wrong: Mapping[str, str], told: Mapping[str, str]) -> str:
    folders = session.borrow(mailboxes.list_mailboxes)
    chosen, flashed = preferences.current(), [str(said) for said in get_flashed_messages()]
    sections = tuple(
        Section(key, _(title), _note(key), tuple(_field(o, chosen, wrong, told) for o in SHOWN if o.section == key))
        for key, title in SECTIONS.items()
    )
    page = SettingsPage(build(folders), sections, flashed[-1] if flashed else None, session.current().shared)
    return render_template("settings/show.html", page=page)


def _note(section: str) -> str:
    if section != "images":
        return ""
    return _(_VERIFIED) if services().settings.authserv_ids() else _(_UNVERIFIED)


def _field(option: Option, chosen: Preferences, wrong: Mapping[str, str], told: Mapping[str, str]) -> Field:
    value: Any = getattr(chosen, option.name)
    members: Mapping[str, Scalar] = value if option.kind == "members" else {}
    was = "" if option.kind in ("members", "switch") else str(value)
    if option.kind == "switch":
        was = "1" if value else ""
    shown = told.get(option.name, was) if option.name in wrong else was
    return Field(
        template=f"settings/_{_TEMPLATES.get(option.kind, option.kind)}.html",
        name=option.name,
        label=_(option.label),
        help=_said(option.help or ("" if members else _EMPTY.get(option.name, ""))),
        value=shown,
        was=was,
        choices=tuple(Choice(_(label), str(each), each == value) for each, label in option.choices.items()),
        few=len(option.choices) <= _FEW,
        on=bool(value),
        members=tuple(_member(option, key, members[key]) for key in sorted(members, key=collate.key)),
        longest=option.longest,
        applies=_APPLIES.get(option.name, ""),
        wrong=wrong.get(option.name, ""),
    )


def _member(option: Option, key: str, value: Scalar) -> Choice:
    title = member_title(option, key)
    if option.name == "conversation_in":
        # Translators: how the letters of a folder are shown.
        title = _("%(folder)s: together", folder=title) if value else _("%(folder)s: one by one", folder=title)
    if option.name == "searches":
        # Translators: a search that is kept, and what it asks for.
        title = _("%(name)s: %(query)s", name=title, query=value)
    return Choice(title, f"{option.name}/{key}")


def _said(text: str) -> str:
    """Where there may be nothing to say: of "", a catalogue says its own header."""
    return _(text) if text else ""
