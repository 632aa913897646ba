"""What the mail server offers, what each thing switches on here, and how we do without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template, request

from webmail.features import FEATURES, Feature
from webmail.imap import mailboxes
from webmail.imap.about import About, Quota, about
from webmail.imap.connection import Connection
from webmail.languages import N_
from webmail.mail.mailbox import Mailbox
from webmail.mail.names import clean_line
from webmail.web import session
from webmail.web.filters import size_text
from webmail.web.nav import Nav, build, folder_title
from webmail.web.words import _, number

blueprint = Blueprint("server", __name__)

_LONGEST: Final = 200
_SAID: Final = {
    "in use": N_("In use"), "ready": N_("Ready"), "left alone": N_("Left alone"), "not offered": N_("Not offered"),
}  # fmt: skip
_STATES: Final = {"now": "in use", "later": "ready", "never": "left alone"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. state: in use, ready (no page needs it yet), left alone, not offered."""

    title: str
    words: str
    state: str
    text: str

    @property
    def said(self) -> str:
        """The state, as the reader says it."""
        return _(_SAID[self.state])


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
    version = told.tls.replace("TLSv", "TLS ")
    facts = [
        (_("Address"), _("%(host)s, port %(port)s", host=endpoint.host, port=endpoint.port)),
        (_("Encryption"), _("%(version)s, by STARTTLS", version=version) if endpoint.tls == "starttls" else version),
    ]
    if told.most_octets is not None:
        facts.append((_("Largest message"), size_text(told.most_octets)))
    if told.quota is not None:
        facts += _room(told.quota)
    if told.not_kept:
        facts.append(
            (
                _("Left alone"),
                # Translators: %(words)s: names of extensions of IMAP
                _("%(words)s: offered, but known not to work on this server", words=", ".join(sorted(told.not_kept))),
            )
        )
    return facts


def _room(quota: Quota) -> list[tuple[str, str]]:
    found = []
    if quota.used is not None and quota.limit is not None:
        found.append(
            (_("Room"), _("%(used)s of %(limit)s used", used=size_text(quota.used), limit=size_text(quota.limit)))
        )
    if quota.messages is not None and quota.most_messages is not None:
        found.append(
            (_("Messages"), _("%(count)s of %(most)s", count=number(quota.messages), most=number(quota.most_messages)))
        )
    return found


def _full(quota: Quota | None) -> int | None:
    if quota is None or quota.used is None or not quota.limit:
        return None
    return min(100, round(100 * quota.used / quota.limit))


def _row(feature: Feature, capabilities: frozenset[str]) -> Row:
    if not capabilities.intersection(feature.words):
        return Row(_(feature.title), " ".join(feature.words), "not offered", _(feature.without))
    return Row(_(feature.title), " ".join(feature.words), _STATES[feature.use], _(feature.with_it))
