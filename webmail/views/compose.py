"""Writing: new, reply, reply to all, forward, and a draft that is taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Final

from flask import Blueprint, abort, flash, get_flashed_messages, redirect, render_template, request, url_for
from flask.globals import current_app
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from webmail import errors
from webmail.actions import drafts, send
from webmail.actions.means import Means, Outgoing, Sent
from webmail.journal import letter_key
from webmail.mail.address import parse_typed
from webmail.mail.doubts import Found
from webmail.mail.draft import Attachment
from webmail.mail.ids import MailboxName
from webmail.mail.reply import signed
from webmail.views import (
    _answer,
    _archive,
    _beginnings,
    _drafts,
    _gathered,
    _identity,
    _later,
    _place,
    _problems,
    _questions,
    _rich,
    _saving,
    _sending,
    _templates,
)
from webmail.views._drafts import Tile
from webmail.views._identity import Writer
from webmail.views._saving import Problem
from webmail.web import begun, filters, headers, letter, limits, outgoing, preferences, session, uploads
from webmail.web.converters import Pick
from webmail.web.errors import sentence_for
from webmail.web.letter import TEMPLATE, Letter
from webmail.web.nav import Nav, build
from webmail.web.rows import Choice
from webmail.web.words import _

blueprint = Blueprint("compose", __name__)

_SAVING: Final = frozenset({"save", "attach", "detach", "both", "next", TEMPLATE})
_SENDING: Final = frozenset({"send", "archive", "later", "bare", "again", "sent"})


@dataclass(frozen=True, slots=True)
class ComposePage:
    """The form. Buttons post do=send|archive|save|next|attach|discard, or detach=keep to remove one file.

    formatted: another program gave the words their looks, which go when they are changed here; fading: in such a way
    that they go in any case; own: we did.
    hidden: names and values that travel with the form. errors: field -> sentence. saved: "Saved in Drafts 09:52" or "".
    show_cc: the Cc/Bcc fold is open. close_url: where Close goes. latest: up to when the mail server holds a letter, as
    a form field has it; "" where it does not. zone: whose time that is. asked: questions that need not be asked again.
    archives: what it answers can be put away when it is sent. writers: options of the From field; none where sender is
    the only one. most: octets that all files may have; limit: the same in words. below: the answer has its place below
    the quote. receipt: its readers are asked to confirm. report: the mail server is asked to tell what became of it;
    None where it does not. templates: links that begin this letter anew. html: what the editor begins with, when it
    opens by itself. format: Letter.format. start: where it asks for that when it is opened, or "". pictures: of html.
    """

    nav: Nav
    title: str
    sender: str
    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    body: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Tile, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    saved: str = ""
    show_cc: bool = False
    formatted: bool = False
    fading: bool = False
    own: bool = False
    most: int = 25_000_000
    limit: str = ""
    close_url: str = "/"
    latest: str = ""
    zone: str = ""
    asked: tuple[str, ...] = ()
    archives: bool = False
    writers: tuple[Writer, ...] = ()
    below: bool = False
    receipt: bool = False
    report: bool | None = None
    templates: tuple[Choice, ...] = ()
    html: str = ""
    format: str = ""
    start: str = ""
    pictures: tuple[_rich.Picture, ...] = ()


@blueprint.get("/write")
def new() -> str:
    """A blank letter, or one that a link or a name began."""
    started = begun.found(request.args["start"]) if "start" in request.args else None
    if started is not None:
        return _form(started, problem=_problems.begun_with(started))
    body = signed("", _identity.signature(_identity.own()[0]))
    return _form(Letter(body=body, message_id=letter.new_message_id(session.current().address)))


@blueprint.get(f"/m/<mailbox:mailbox>/<pick:pick>/<any({_answer.MODES}):mode>")
def answer(mailbox: MailboxName, pick: Pick, mode: str) -> str | Response:
    """A letter that begins from a message: an answer, a forward, or a draft that goes on."""
    ref = pick.within(mailbox)
    if _rich.wanted():
        return _rich.beginning(ref, mode, lambda conn: _beginnings.begin(conn, ref, mode))
    saved = next((str(text) for text in get_flashed_messages(category_filter=["saved"])), "")
    try:
        written = session.borrow(lambda conn: _beginnings.begin(conn, ref, mode))
    except (errors.MessageMissing, errors.PartMissing):  # the latter when it is replaced between two questions
        if mode != "edit":
            raise
        if following := _place.now(mailbox):
            return redirect(following, 303)
        flash(_("This draft was sent, discarded or saved again, so it is no longer here."))
        return redirect(url_for("mailbox.show", mailbox=mailbox), 303)
    if mode == "edit" and _waits(written):
        flash(_("This letter is about to be sent. Press Undo to change it."))
        return redirect(url_for("outbox.show"), 303)
    return _form(written, saved=saved)


@blueprint.post("/write")
def post() -> Response | tuple[str, int]:
    """Send, save, attach, remove a file or discard. Whatever fails, the form comes back as it was typed."""
    written, fitting = _rich.posted()
    wish = "detach" if request.form.get("detach") else request.form.get("do", "send")
    if wish == "discard" and written.mine(session.current().address):
        return _discard(written)
    if wish == "detach":
        written = letter.without(written, request.form["detach"])
    if wish == "onward":  # nothing was typed since it was saved
        return redirect(_place.onward(written.draft, written.draft) or url_for("mailbox.home"), 303)
    if wish not in _SAVING | _SENDING | {"discard"}:
        abort(400)
    if not fitting and wish != "discard":
        problem = _rich.too_large()
        return _saving.refused(problem) if _saving.wants_part() else (_form(written, problem=problem), 413)
    if _saving.wants_part() and wish == "save":
        return _saving.answer(written)
    if not written.mine(session.current().address):
        return _form(letter.alone(written), problem=_saving.somebody_elses(written)), 409
    wrong = letter.field_errors(written) | _identity.wrong(written)
    if _saving.lost_upload() or wrong or wish in _SAVING:
        return _save(_identity.resigned(written), wrong, beside=wish == "both")
    if wish == "sent":
        return _settle(written)
    asks = _questions.about(written, request.files.getlist("att")) if wish in ("send", "archive", "later") else ()
    if asks:
        return _asked(written, asks, "archive" if wish == "archive" else "send")
    if wish == "archive":
        return _archive.with_original(written, _send(written, "send"))
    return _send(written, wish)


@blueprint.errorhandler(CSRFError)
def stale(outlived: CSRFError) -> ResponseReturnValue:
    """The page outlived its token: nothing was done, and the text is still there with a fresh one."""
    try:
        return _form(_rich.posted()[0], problem=_problems.stale()), 400
    except session.SessionEnded as ended:
        # What an error handler raises, Flask hands to no other one; this has one that keeps the letter.
        return current_app.handle_user_exception(ended)


def resume(fields: Mapping[str, str]) -> str:
    """Go on with a letter after its writer signed in again."""
    written = letter.from_fields(fields, session.current().address)
    with suppress(errors.TooLarge):
        written = _rich.read(written)
    if not written.mine(session.current().address):
        return _form(letter.alone(written), problem=_saving.somebody_elses(written))
    return _form(written, problem=_problems.again())


def _save(written: Letter, wrong: Mapping[str, str], *, beside: bool = False) -> Response | tuple[str, int]:
    """Save; then the draft's own page, or the form again where something is to be said. beside: as another letter."""
    problem, status = _saving.lost_upload() or (None, 400)
    if problem is None and wrong:
        title = _("Not sent.") if request.form.get("do") in _SENDING else _("Please check the addresses.")
        problem = Problem("bad", title, _("One of the addresses cannot be right. Everything you typed is still here."))
    try:
        written = _templates.named(written) if request.form.get("do") == TEMPLATE else written
        stored = _drafts.store(letter.anew(written, session.current().address) if beside else written, beside=beside)
    except errors.MailError as error:
        problem, status = _saving.unsaved(error), sentence_for(error).status
        return _form(letter.after(written, error), problem=problem, wrong=wrong), status
    if problem is None and not _drafts.complete(written, stored):
        problem, status = _saving.files_gone(_("Saved without a file.")), 409
    told, failed = _kept(stored)
    problem, status = (problem, status) if problem else failed or (None, status)
    if problem is None and request.form.get("do") == "next":
        return redirect(_place.onward(written.draft, stored.draft) or _after(stored), 303)
    if problem is None and stored.draft is not None:
        flash(told, "saved")
        return redirect(_place.of_draft(stored.draft, stored.message_id), 303)
    return _form(stored, problem=problem, wrong=wrong, saved=told), status if problem else 200


def _kept(stored: Letter) -> tuple[str, tuple[Problem, int] | None]:
    """Where the letter is now that it is saved; as a template too, where that was asked for, or why it is none."""
    if request.form.get("do") != TEMPLATE:
        return _drafts.saved_now(), None
    try:
        replaced = _templates.keep(stored)
    except errors.MailError as error:
        sentence = sentence_for(error)
        text = f"{sentence.text} {_('The letter itself is in Drafts.')}"
        return _drafts.saved_now(), (Problem("bad", _("Not saved as a template."), text), sentence.status)
    kept = _("Template replaced, the old one is in Trash.") if replaced else _("Saved as a template.")
    return f"{kept} {_drafts.saved_now()}", None


def _send(written: Letter, wish: str) -> Response | tuple[str, int]:
    """The letter into Drafts, then on its way: at once, or after the seconds in which it can be taken back."""
    means, when = _sending.means(), None
    try:
        if wish == "later":
            when = _later.asked_for()
        limits.sending(sum(len(parse_typed(typed)) for typed in (written.to, written.cc, written.bcc)))
        try:
            prepared = _gathered.prepared(means, written, wish, _uploads())
        except _gathered.Incomplete as error:
            stored = _drafts.store(_rich.left(written, error.found.pictures))
            return _form(stored, problem=_saving.files_gone(_("Not sent.")), saved=_drafts.saved_now()), 409
    except errors.AlreadySending as error:
        if _waits(written):
            return redirect(_away(written), 303)
        return _form(written, problem=_problems.of(error, kept=False)), 409
    except errors.NoCopy as error:
        return _form(written, problem=_problems.no_copy(error)), sentence_for(error.cause).status
    except errors.MailError as error:
        return _unsent(written, error)
    if prepared is None:
        flash(_sending.told(Sent(again=True)))
        return redirect(_away(written), 303)
    if wish == "send" and prepared.ref is not None and outgoing.undo_seconds():
        to = tuple(person.label for person in parse_typed(written.to))
        _sending.outbox().hold(session.account(), means.how, prepared, outgoing.undo_seconds(), written.subject, to)
        _archive.holds(prepared.key)
        return redirect(_away(written), 303)
    return _submitted(written, means, prepared, wish, when)


def _submitted(
    written: Letter, means: Means, prepared: Outgoing, wish: str, when: datetime | None
) -> Response | tuple[str, int]:
    after = _sending.outbox().asked_for(means.account, prepared.key)
    try:
        sent = send.submit(means, prepared, after=after, hold_until=when)
    except errors.MailError as error:
        return _unsent(_drafts.lying_at(written, prepared.ref), error, stored=prepared.ref is not None)
    draft = written.draft
    if wish == "bare" and sent.filed and draft is not None:
        with suppress(errors.MailError):
            session.borrow(lambda conn: drafts.remove(conn, draft))
    flash(_sending.told(sent) if when is None else _later.told(when))
    return redirect(_away(written), 303)


def _settle(written: Letter) -> Response | tuple[str, int]:
    """Its writer knows that the letter was sent: copy, mark and draft."""
    draft = _gathered.ready(session.borrow(lambda conn: _gathered.gathered(conn, written)), _uploads())
    means = _sending.means()
    filed = send.settle(means, send.built(
        means, draft, draft_ref=written.draft, origin=written.marks, forwarded=written.mode == "forward"
    ))  # fmt: skip
    flash(_("Marked as sent.") if filed else _("Marked as sent. Its copy could not be put into Sent."))
    return redirect(_away(written), 303)


def _waits(written: Letter) -> bool:
    """The letter waits already: the second click of a double click."""
    return _sending.outbox().waits(_sending.mine(), letter_key(_sending.mine(), written.message_id))


def _asked(written: Letter, asks: tuple[Found, ...], anyway: str) -> tuple[str, int]:
    """The form again, with the questions; the letter is in Drafts, for its files would not come back otherwise.
    anyway: what is asked for once they are answered."""
    doubted = tuple(one.doubt.value for one in asks)
    problem = Problem("warn", _("Not sent yet."), " ".join(_questions.sentences(asks)), doubts=doubted, anyway=anyway)
    try:
        stored = _drafts.store(written)
    except errors.MailError as error:
        return _form(letter.after(written, error), problem=_saving.unsaved(error)), sentence_for(error).status
    return _form(stored, problem=problem, saved=_drafts.saved_now() if stored.draft else ""), 409


def _unsent(written: Letter, error: errors.MailError, *, stored: bool = False) -> tuple[str, int]:
    """Not sent, or nobody knows: the letter goes to Drafts, and the form comes back saying both."""
    status = sentence_for(error).status
    try:
        written = written if stored else _drafts.store(written)
    except errors.MailError:
        return _form(written, problem=_problems.of(error, kept=False)), status
    home = written.draft
    problem = _problems.of(error, kept=home is not None)
    return _form(written, problem=problem, saved=_drafts.saved_now() if home else ""), status


def _uploads() -> list[Attachment]:
    return uploads.uploads(request.files.getlist("att"))


def _discard(written: Letter) -> Response:
    draft = written.draft
    if draft is not None:
        session.borrow(lambda conn: drafts.remove(conn, draft))
    _sending.forget(letter_key(_sending.mine(), written.message_id))
    flash(_("Draft discarded."))
    return redirect(_after(written), 303)


def _after(written: Letter) -> str:
    """Back to the folder the letter came from."""
    home = written.marks or written.draft
    return url_for("mailbox.show", mailbox=home.mailbox) if home else url_for("mailbox.home")


def _away(written: Letter) -> str:
    """The same once it is on its way: no letter came from Drafts, where it saved itself."""
    return _after(replace(written, draft=None))


def _form(
    written: Letter, *, problem: Problem | None = None, wrong: Mapping[str, str] | None = None, saved: str = ""
) -> str:
    """The page. It shows what was typed even when the mail server is away: then without folders and files."""
    try:
        folders, files, templates, there = session.borrow(partial(_templates.around, written))
    except session.SessionEnded:
        raise
    except errors.MailError:
        folders, files, templates, there = (), (), (), ()
    headers.use(headers.COMPOSE)
    most = _drafts.limit()
    page = ComposePage(
        nav=build(folders),
        # Translators: a letter that is not sent yet.
        title=_(_answer.TITLES[written.mode]) if not written.draft else _("Draft"),
        sender=_answer.typed([_identity.sender(written)]),
        templates=templates,
        writers=_identity.writers(written),
        below=written.draft is None and "reply" in written.mode and preferences.current().answer == "below",
        receipt=written.receipt,
        report=written.report if _sending.reports() else None,
        to=written.to, cc=written.cc, bcc=written.bcc, subject=written.subject, body=written.body,
        hidden=replace(
            written, owner=session.current().address, signed=written.signed or _identity.sender(written).address
        ).hidden(),
        formatted=_drafts.foreign(written), fading=written.fading(), own=written.own(),
        html=written.html if written.format else "", format=written.format, pictures=there,
        start=_rich.start(written),
        files=files,
        errors=wrong or {},
        problem=problem,
        saved=saved,
        show_cc=bool(written.cc or written.bcc or (wrong and wrong.keys() & {"cc", "bcc"})),
        most=most,
        limit=filters.limit_text(most),
        close_url=_after(written),
        latest=_later.latest(),
        zone=filters.zone_of(request).key,
        archives=_archive.offered(written, folders),
        asked=tuple(dict.fromkeys((*_questions.asked(), *(problem.doubts if problem else ())))),
    )  # fmt: skip
    return render_template("compose/show.html", page=page)
