"""One message: the page, its HTML frame, and the consent to load its images."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webmail import errors, reading
from webmail.actions import mark, receipt
from webmail.imap import fetch, mailboxes
from webmail.imap.connection import Connection
from webmail.imap.conversation import conversation
from webmail.imap.fetch import Page
from webmail.mail import flags, lists
from webmail.mail.cards import Told
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef, Uid
from webmail.mail.labels import Label
from webmail.mail.language import language
from webmail.mail.mailbox import Mailbox, Role
from webmail.mail.mailboxes import Mailboxes
from webmail.mail.message import Message, Part, Summary
from webmail.mail.outgoing import RECEIPT
from webmail.mail.preferences import member
from webmail.mail.text import Block
from webmail.reading import Bodies
from webmail.sanitize.html import Cleaned
from webmail.sanitize.links import link_text
from webmail.views import _keep, _notes, _place, _receipt, _sending
from webmail.views._receipt import Images, Receipt
from webmail.web import (
    consent,
    converters,
    headers,
    inline,
    listing,
    neighbours,
    paper,
    people,
    preferences,
    session,
    talk,
    view,
    visit,
)
from webmail.web.cards import Cards, cards
from webmail.web.converters import Pick
from webmail.web.errors import ErrorPage, beside, mail_error
from webmail.web.labels import labels
from webmail.web.listing import Place
from webmail.web.nav import Nav, build
from webmail.web.origin import own_host
from webmail.web.people import Head
from webmail.web.pictures import Remotes, keep, kept
from webmail.web.rows import ListPane, holds
from webmail.web.services import services
from webmail.web.talk import Talk
from webmail.web.tiles import File, tile_in
from webmail.web.trust import TrustLine, line
from webmail.web.words import _

blueprint = Blueprint("message", __name__)
blueprint.add_app_template_filter(link_text, "linked")

_ANSWERS: Final = ("reply", "reply-all", "forward", "reply-list", "forward-eml", "template")


@dataclass(frozen=True, slots=True)
class MessagePage:
    """The message beside its list.

    lang: language tag of the bodies, "" where nobody can tell. frame_url: HTML body, or None; paper_url: the page with
    its HTML on the other paper; white: it is on white paper whatever the page is. unread: opening it did not mark it;
    seen_url: where script says so after a moment, or "". next: pick of the message that opens when this one is moved
    away, "" for the list; newer_pick, older_pick: those beside it, or "". together_url: shows the letters of this
    folder together, or (together) one by one. texts: plain bodies as blocks. notes: honest remarks ("too large to
    show"). other_view: (label, url) switching plain and HTML, or None. do_url takes the same POST as the list,
    uid=pick. edit_url: for a draft, else None. reply_list_url: where a list takes letters, else None. redirect_url:
    None for a draft.
    """

    nav: Nav
    list: ListPane
    pick: str
    url: str
    do_url: str
    head: Head
    starred: bool
    pinned: bool
    muted: bool
    labels: tuple[Label, ...]
    images: Images | None
    receipt: Receipt | None
    lang: str
    frame_url: str | None
    paper_url: str
    white: bool
    unread: bool
    seen_url: str
    next: str
    together: bool
    together_url: str
    texts: tuple[tuple[Block, ...], ...]
    notes: tuple[str, ...]
    trust: TrustLine
    files: tuple[File, ...]
    all_url: str | None
    cards: Cards
    talk: Talk
    other_view: tuple[str, str] | None
    reply_url: str
    reply_all_url: str
    forward_url: str
    reply_list_url: str | None
    forward_file_url: str
    new_url: str
    redirect_url: str | None
    source_url: str
    print_url: str
    eml_url: str
    edit_url: str | None
    position: str
    newer_url: str | None
    older_url: str | None
    newer_pick: str
    older_pick: str


@dataclass(frozen=True, slots=True)
class _Found:
    """Everything one visit reads from the server."""

    folders: tuple[Mailbox, ...]
    page: Page
    place: Place
    message: Message
    bodies: Bodies
    told: tuple[Told, ...]
    letters: tuple[Summary, ...]
    remotes: Remotes | None


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>")
def show(mailbox: MailboxName, pick: Pick) -> str:
    """The message; reading it marks it \\Seen, so that every other device knows."""
    ref = pick.within(mailbox)
    place, images = listing.place_from(request.args), consent.given(ref)
    plain = view.plain(ref, request.args.get("view"), usual=preferences.current().view)
    reads = visit.marks()
    remotes = Remotes(ref) if images else None
    found = session.borrow(lambda conn: _read(conn, ref, place, plain=plain, remotes=remotes, reads=reads))
    if found.bodies.html:
        keep(ref, found.remotes is not None, found.bodies.html, str(found.bodies.html.html), found.remotes)
    part = request.headers.get("X-Part") == "message"
    page = _page(found, ref, plain, reads=reads, alone=part)
    return render_template("message/_message.html" if part else "message/show.html", page=page)


@dataclass(frozen=True, slots=True)
class GonePage:
    """The message is gone; here is what there is around its place."""

    nav: Nav
    list: ListPane
    words: ErrorPage
    timer: None = None


@blueprint.app_errorhandler(errors.MessageMissing)
def gone(error: errors.MessageMissing) -> tuple[str, int]:
    """Removed or moved by another device: the list as it is now, and the next message in it."""
    mailbox, place = (request.view_args or {}).get("mailbox"), listing.place_from(request.args)
    if mailbox is None or "X-Part" in request.headers or request.method != "GET":
        return mail_error(error)
    try:
        page, folders = session.borrow(
            lambda conn: (listing.page(conn, mailbox, place), mailboxes.list_mailboxes(conn))
        )
    except errors.MailError:
        return mail_error(error)
    pane = listing.pane(folders, page, place, current=None)
    shown = GonePage(build(folders, mailbox), pane, beside(error))
    return render_template("message/gone.html", page=shown), shown.words.status


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/body")
def body(mailbox: MailboxName, pick: Pick) -> str:
    """The HTML body as a document of its own, for the sandboxed frame: two walls besides the sanitizer (R1)."""
    ref = pick.within(mailbox)
    images = consent.given(ref)
    direct = images and not services().settings.image_proxy
    headers.use(headers.FRAME_WITH_IMAGES if direct else headers.FRAME)
    found, remotes = kept(ref, images), Remotes(ref) if images else None
    cleaned: Cleaned = found[0] if found else session.borrow(lambda conn: _html(conn, ref, remotes))
    if not found:
        keep(ref, images, cleaned, str(cleaned.html), remotes)
    lang = language(request.args.get("lang"))
    return render_template("message/frame.html", body=cleaned.html, night=cleaned.night, looks=cleaned.looks, lang=lang)


@blueprint.post("/m/<mailbox:mailbox>/<pick:pick>/images")
def show_images(mailbox: MailboxName, pick: Pick) -> Response:
    """Consent to load the images of this message, this once, or (do=always) those of its sender from now on. The token
    stops a foreign link from consenting."""
    ref = pick.within(mailbox)
    token: dict[str, Any] = {"images": consent.token(ref)}
    if request.form.get("do") == "always":
        header = session.borrow(lambda conn: fetch.message(conn, ref)).header
        sender = consent.sender(Headers.parse(header))
        if sender is None:
            abort(400)
        _keep.keep({member("image_senders", sender): True})
        token = {}
    place = listing.place_from(request.args)
    query = {**token, **place.query(), **paper.choice(request.args)}
    return redirect(url_for("message.show", mailbox=mailbox, pick=pick, **query), 303)


def _read(
    conn: Connection, ref: MessageRef, place: Place, *, plain: bool, remotes: Remotes | None, reads: bool
) -> _Found:
    # What is new is asked for first: then the message, marked by the same command, changes the pages at hand, and
    # neither list nor folders cost another question.
    conn.refresh()
    message = fetch.opening(conn, ref, plain=plain, reads=reads)
    if reads and flags.SEEN not in message.flags:
        _seen(conn, ref)
    # Pictures get their numbers while the body is cleaned: with them it is cleaned again.
    if remotes is None and consent.standing(Headers.parse(message.header)):
        remotes = Remotes(ref)
    before = kept(ref, images=False) if remotes is None else None
    shown = reading.bodies(
        conn,
        message,
        plain=plain,
        inline=inline.urls(message),
        remote=remotes,
        own_host=own_host(),
        known=before[0] if before else None,
        folded=_(_notes.QUOTED),
    )
    told = reading.told(conn, message, _files(shown))
    page = listing.page(conn, ref.mailbox, place)
    if place == Place() and not any(holds(row, ref) for row in page.rows):
        # The link came without its place in the list: show the part of the list that begins here.
        place = Place(before=Uid(ref.uid + 1))
        page = listing.page(conn, ref.mailbox, place)
    folders = mailboxes.list_mailboxes(conn, beside=True)
    letters = _letters(conn, message, folders, page) if preferences.current().together(ref.mailbox) else ()
    return _Found(folders, page, place, message, shown, told, letters, remotes)


def _letters(conn: Connection, message: Message, folders: tuple[Mailbox, ...], page: Page) -> tuple[Summary, ...]:
    """The conversation. Where it cannot be had the message is shown all the same."""
    known = {row.ref.uid: replace(row, talk=None) for row in page.rows}
    beside = talk.beside(folders, message.ref)
    try:
        return conversation(conn, message.ref, Headers.parse(message.header), beside, known)
    except errors.MailError:
        return ()


def _seen(conn: Connection, ref: MessageRef) -> None:
    try:
        mark.read(conn, ref.mailbox, ref.uidvalidity, (ref.uid,))
    except errors.MailboxReadOnly:
        return


def _html(conn: Connection, ref: MessageRef, remotes: Remotes | None) -> Cleaned:
    message = fetch.message(conn, ref)
    where = inline.urls(message)
    return reading.html_body(conn, message, inline=where, remote=remotes, own_host=own_host(), folded=_(_notes.QUOTED))


def _page(found: _Found, ref: MessageRef, plain: bool, *, reads: bool, alone: bool) -> MessagePage:
    hosts, chosen = found.remotes.hosts() if found.remotes else None, preferences.current()
    facts, on = Headers.parse(found.message.header), paper.choice(request.args)
    query = {**found.place.query(), **on}
    token: dict[str, Any] = {"images": consent.token(ref)} if found.remotes else {}
    lang = reading.language_of(found.message)
    unread = not reads and flags.SEEN not in found.message.flags
    here = url_for("message.show", mailbox=ref.mailbox, pick=ref, **query)
    pane = listing.pane(found.folders, found.page, found.place, current=ref, with_rows=not alone)
    answers = [url_for("compose.answer", mailbox=ref.mailbox, pick=ref, mode=mode) for mode in _ANSWERS]
    edit_url = _edit_url(found, ref)
    newer, older = neighbours.around(found.page, ref)
    shown = cards(found.told, ref, facts, found.message.flags, answers=True)
    files = tuple(tile_in(ref, part) for part in _files(found.bodies) if part.id not in shown.covered)
    return MessagePage(
        nav=Nav() if alone else build(found.folders, ref.mailbox),
        list=pane,
        pick=converters.pick_to_text(ref),
        url=here,
        do_url=url_for("act.do", mailbox=ref.mailbox, **query),
        head=people.head(facts, found.message.arrived),
        starred=flags.FLAGGED in found.message.flags,
        pinned=flags.PINNED in found.message.flags,
        muted=flags.MUTED in found.message.flags,
        labels=labels(found.message.flags),
        images=_receipt.images(
            found.bodies.html,
            hosts is not None,
            url_for("message.show_images", mailbox=ref.mailbox, pick=ref, **query),
            sender=consent.sender(facts),
            standing=consent.standing(facts),
            can_keep=not session.current().shared,
        ),
        receipt=_receipt.receipt(found.bodies.html, hosts, services().settings.image_proxy),
        lang=lang,
        frame_url=url_for("message.body", mailbox=ref.mailbox, pick=ref, lang=lang or None, **token, **on)
        if found.bodies.html
        else None,
        paper_url=url_for(
            "message.show",
            mailbox=ref.mailbox,
            pick=ref,
            **{**query, **token, **paper.other(request.args, chosen.paper)},
        ),
        white=paper.is_white(request.args, chosen.paper),
        unread=unread,
        seen_url=url_for("seen.now", mailbox=ref.mailbox, pick=ref) if unread and visit.waits() else "",
        next=neighbours.chosen(found.page, ref, chosen.after_move),
        together=chosen.together(ref.mailbox),
        together_url=url_for("settings.folder", mailbox=ref.mailbox, **query),
        texts=found.bodies.texts,
        notes=_notes.notes(found.message, found.bodies, facts, cards=bool(found.told)),
        trust=_trust(found, facts),
        files=files,
        all_url=url_for("part.files", mailbox=ref.mailbox, pick=ref) if len(files) > 1 else None,
        cards=shown,
        talk=talk.talk(found.letters, ref, found.folders, session.current().address, waits=visit.waits()),
        other_view=_other_view(found.bodies, ref, query, plain),
        reply_url=answers[0],
        reply_all_url=answers[1],
        forward_url=answers[2],
        reply_list_url=answers[3] if lists.post(facts) else None,
        forward_file_url=answers[4],
        new_url=answers[5],
        redirect_url=None if edit_url else url_for("redirect.show", mailbox=ref.mailbox, pick=ref),
        source_url=url_for("source.show", mailbox=ref.mailbox, pick=ref),
        print_url=url_for("printout.one", mailbox=ref.mailbox, pick=ref, **token),
        eml_url=url_for("part.eml", mailbox=ref.mailbox, pick=ref),
        edit_url=edit_url,
        position=neighbours.position(found.page, ref),
        newer_url=neighbours.url_of(newer, query),
        older_url=neighbours.url_of(older, query),
        newer_pick=converters.pick_to_text(newer) if newer else "",
        older_pick=converters.pick_to_text(older) if older else "",
    )


def _trust(found: _Found, facts: Headers) -> TrustLine:
    asks = facts.value(RECEIPT) is not None
    done = asks and receipt.answered(_sending.means(), found.message.ref, found.message.flags)
    return line(facts, found.message, found.bodies.texts, answered=done)


def _files(shown: Bodies) -> tuple[Part, ...]:
    return (*shown.shown.attachments, *shown.too_large)


def _other_view(shown: Bodies, ref: MessageRef, query: dict[str, Any], plain: bool) -> tuple[str, str] | None:
    if not shown.both:
        return None
    more: dict[str, Any]
    label, more = (_("Show as designed"), {"view": "html"}) if plain else (_("Show as plain text"), {"view": "plain"})
    return label, url_for("message.show", mailbox=ref.mailbox, pick=ref, **{**query, **more})


def _edit_url(found: _Found, ref: MessageRef) -> str | None:
    here = Mailboxes.of(found.folders).named(ref.mailbox)
    draft = flags.DRAFT in found.message.flags or (here is not None and here.role is Role.DRAFTS)
    return _place.of_draft(ref) if draft else None
