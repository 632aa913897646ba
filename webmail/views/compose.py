"""Writing: new, reply, reply to all, forward, and a draft that is taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from flask import Blueprint, abort, flash, get_flashed_messages, redirect, render_template, request, url_for
from flask.globals import current_app
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from webmail import errors, reading
from webmail.actions import drafts, send
from webmail.imap import fetch, mailboxes
from webmail.imap.connection import Connection
from webmail.journal import letter_key
from webmail.mail import parts
from webmail.mail.address import parse_typed
from webmail.mail.doubts import Found
from webmail.mail.draft import Attachment
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef
from webmail.mail.message import Message
from webmail.mail.outgoing import ORIGIN
from webmail.views import _answer, _drafts, _later, _problems, _questions, _saving, _sending
from webmail.views._drafts import Tile
from webmail.views._saving import Problem
from webmail.web import begun, filters, letter, outgoing, preferences, session
from webmail.web.converters import Pick
from webmail.web.errors import sentence_for
from webmail.web.letter import Letter
from webmail.web.nav import Nav, build

blueprint = Blueprint("compose", __name__)

_SAVING: Final = frozenset({"save", "attach", "detach", "both"})
_SENDING: Final = frozenset({"send", "later", "bare", "again", "sent"})


@dataclass(frozen=True, slots=True)
class ComposePage:
    """The form. Buttons post do=send|save|attach|discard, or detach=keep to remove one file.

    formatted: another program gave the words their looks, which go when they are changed here.
    hidden: names and values that travel with the form. errors: field -> sentence. saved: "Saved in Drafts 09:52" or "".
    show_cc: the Cc/Bcc fold is open. close_url: where Close goes. latest: up to when the mail server holds a letter, as
    a form field has it; "" where it does not. zone: whose time that is. asked: questions that need not be asked
    again.
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
    upload_limit_mb: float = 25
    close_url: str = "/"
    latest: str = ""
    zone: str = ""
    asked: tuple[str, ...] = ()


@blueprint.get("/write")
def new() -> str:
    """A blank letter, or one that a link or a name began."""
    started = begun.found(request.args["start"]) if "start" in request.args else None
    if started is not None:
        return _form(started, problem=Problem(*_answer.LINKED) if started.bcc else None)
    body = letter.signed("", preferences.current().signature)
    return _form(Letter(body=body, message_id=letter.new_message_id(session.current().address)))


@blueprint.get(f"/m/<mailbox:mailbox>/<pick:pick>/<any({_answer.MODES}):mode>")
def answer(mailbox: MailboxName, pick: Pick, mode: str) -> str | Response:
    """A letter that begins from a message: an answer, a forward, or a draft that goes on."""
    ref = pick.within(mailbox)
    saved = next((str(text) for text in get_flashed_messages(category_filter=["saved"])), "")
    try:
        written = session.borrow(lambda conn: _begin(conn, ref, mode))
    except (errors.MessageMissing, errors.PartMissing):  # the latter when it is replaced between two questions
        if mode != "edit":
            raise
        flash("This draft was sent, discarded or saved again, so it is no longer here.")
        return redirect(url_for("mailbox.show", mailbox=mailbox), 303)
    if mode == "edit" and _waits(written):
        flash("This letter is about to be sent. Press Undo to change it.")
        return redirect(url_for("outbox.show"), 303)
    return _form(written, saved=saved)


@blueprint.post("/write")
def post() -> Response | tuple[str, int]:
    """Send, save, attach, remove a file or discard. Whatever fails, the form comes back as it was typed."""
    written = letter.from_form(request.form, session.current().address)
    wish = "detach" if request.form.get("detach") else request.form.get("do", "send")
    if wish == "discard" and written.mine(session.current().address):
        return _discard(written)
    if wish == "detach":
        written = letter.without(written, request.form["detach"])
    if wish not in _SAVING | _SENDING | {"discard"}:
        abort(400)
    if _saving.wants_part() and wish == "save":
        return _saving.answer(written)
    if not written.mine(session.current().address):
        return _form(letter.alone(written), problem=_saving.somebody_elses(written)), 409
    wrong = letter.field_errors(written)
    if _saving.lost_upload() or wrong or wish in _SAVING:
        return _save(written, wrong, beside=wish == "both")
    if wish == "sent":
        return _settle(written)
    asks = _questions.about(written, request.files.getlist("att")) if wish in ("send", "later") else ()
    return _asked(written, asks) if asks else _send(written, wish)


@blueprint.errorhandler(CSRFError)
def stale(_: CSRFError) -> ResponseReturnValue:
    """The page outlived its token: nothing was done, and the text is still there with a fresh one."""
    problem = Problem(
        "warn", "Not sent yet.", "This page was open for too long. Look it over and press the button again."
    )
    try:
        return _form(letter.from_form(request.form, session.current().address), problem=problem), 400
    except session.SessionEnded as ended:
        # What an error handler raises, Flask hands to no other one; this has one that keeps the letter.
        return current_app.handle_user_exception(ended)


def resume(fields: Mapping[str, str]) -> str:
    """Go on with a letter after its writer signed in again."""
    problem = Problem(
        "warn", "You are signed in again.", "Your letter is here as you left it. Files have to be chosen again."
    )
    written = letter.from_fields(fields, session.current().address)
    if not written.mine(session.current().address):
        return _form(letter.alone(written), problem=_saving.somebody_elses(written))
    return _form(written, problem=problem)


def _begin(conn: Connection, ref: MessageRef, mode: str) -> Letter:
    message = fetch.message(conn, ref)
    if mode != "edit":
        return _answer.begin(conn, message, mode)
    return _taken_up(message, Headers.parse(message.header), reading.quotable(conn, message))


def _taken_up(message: Message, facts: Headers, text: str) -> Letter:
    """A draft of ours or of another program."""
    there = parts.choose(message.root)
    own = facts.message_id or letter.new_message_id(session.current().address)
    mode, origin = letter.origin_of(facts.get(ORIGIN) or "")
    return Letter(
        to=_as_typed(facts, "to"), cc=_as_typed(facts, "cc"), bcc=_as_typed(facts, "bcc"),
        subject=facts.subject, body=text.removesuffix("\n"), message_id=own, draft=message.ref, mode=mode,
        origin=origin, in_reply_to=facts.in_reply_to or "", references=facts.references,
        keep=tuple(letter.keep_of("d", part) for part in there.attachments),
        rich=_drafts.rich_of(message, there, text),
    )  # fmt: skip


def _as_typed(facts: Headers, name: str) -> str:
    return facts.get(letter.TYPED + name) or _answer.typed(facts.addresses(name))


def _save(written: Letter, wrong: Mapping[str, str], *, beside: bool = False) -> Response | tuple[str, int]:
    """Save; then the draft's own page, or the form again where something is to be said. beside: as another letter."""
    problem, status = _saving.lost_upload() or (None, 400)
    if problem is None and wrong:
        problem = Problem("bad", "Not sent." if request.form.get("do") in _SENDING else "Please check the addresses.",
            "One of the addresses cannot be right. Everything you typed is still here.")  # fmt: skip
    try:
        stored = _drafts.store(letter.anew(written, session.current().address) if beside else written, beside=beside)
    except errors.MailError as error:
        problem, status = _saving.unsaved(error), sentence_for(error).status
        return _form(letter.after(written, error), problem=problem, wrong=wrong), status
    if problem is None and not _drafts.complete(written, stored):
        problem, status = _saving.files_gone("Saved without a file."), 409
    if problem is None and stored.draft is not None:
        flash(_drafts.saved_now(), "saved")
        home = stored.draft
        return redirect(url_for("compose.answer", mailbox=home.mailbox, pick=home, mode="edit"), 303)
    return _form(stored, problem=problem, wrong=wrong, saved=_drafts.saved_now()), status if problem else 200


def _send(written: Letter, wish: str) -> Response | tuple[str, int]:
    """The letter into Drafts, then on its way: at once, or after the seconds in which it can be taken back."""
    means, when = _sending.means(), None
    try:
        if wish == "later":
            when = _later.asked_for()
        kept = session.borrow(lambda conn: _drafts.attachments(conn, written))
        if len(kept) < written.files():
            stored = _drafts.store(written)
            return _form(stored, problem=_saving.files_gone("Not sent."), saved=_drafts.saved_now()), 409
        prepared = send.prepare(
            means, letter.to_draft(written, _drafts.sender(), _drafts.fitting(kept + _uploads()), strict=True),
            draft_ref=written.draft, origin=written.origin, forwarded=written.mode == "forward",
            copy=wish != "bare", insist=wish == "again",
        )  # fmt: skip
    except errors.AlreadySending as error:
        if _waits(written):
            return redirect(_after(written), 303)
        return _form(written, problem=_problems.of(error, kept=False)), 409
    except errors.NoCopy as error:
        return _form(written, problem=_problems.no_copy(error)), sentence_for(error.cause).status
    except errors.MailError as error:
        return _unsent(written, error)
    if prepared is None:
        flash(_sending.told(send.Sent(again=True)))
        return redirect(_after(written), 303)
    if wish == "send" and prepared.ref is not None and outgoing.undo_seconds():
        to = tuple(person.label for person in parse_typed(written.to))
        _sending.outbox().hold(session.account(), means.how, prepared, outgoing.undo_seconds(), written.subject, to)
        return redirect(_after(written), 303)
    return _submitted(written, means, prepared, wish, when)


def _submitted(
    written: Letter, means: send.Means, prepared: send.Outgoing, wish: str, when: datetime | None
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
    return redirect(_after(written), 303)


def _settle(written: Letter) -> Response | tuple[str, int]:
    """Its writer knows that the letter was sent: copy, mark and draft."""
    kept = session.borrow(lambda conn: _drafts.attachments(conn, written))
    draft = letter.to_draft(written, _drafts.sender(), _drafts.fitting(kept + _uploads()), strict=True)
    means = _sending.means()
    filed = send.settle(means, send.built(
        means, draft, draft_ref=written.draft, origin=written.origin, forwarded=written.mode == "forward"
    ))  # fmt: skip
    flash("Marked as sent." if filed else "Marked as sent. Its copy could not be put into Sent.")
    return redirect(_after(written), 303)


def _waits(written: Letter) -> bool:
    """The letter waits already: the second click of a double click."""
    return _sending.outbox().waits(_sending.mine(), letter_key(_sending.mine(), written.message_id))


def _asked(written: Letter, asks: tuple[Found, ...]) -> tuple[str, int]:
    """The form again, with the questions; the letter is in Drafts, for its files would not come back otherwise."""
    doubted = tuple(one.doubt.value for one in asks)
    problem = Problem("warn", "Not sent yet.", " ".join(_questions.sentences(asks)), doubts=doubted)
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
    return letter.uploads(request.files.getlist("att"))


def _discard(written: Letter) -> Response:
    draft = written.draft
    if draft is not None:
        session.borrow(lambda conn: drafts.remove(conn, draft))
    _sending.forget(letter_key(_sending.mine(), written.message_id))
    flash("Draft discarded.")
    return redirect(_after(written), 303)


def _after(written: Letter) -> str:
    """Back to the folder the letter came from."""
    home = written.origin or written.draft
    return url_for("mailbox.show", mailbox=home.mailbox) if home else url_for("mailbox.home")


def _form(
    written: Letter, *, problem: Problem | None = None, wrong: Mapping[str, str] | None = None, saved: str = ""
) -> str:
    """The page. It shows what was typed even when the mail server is away: then without folders and files."""
    try:
        folders, files = session.borrow(lambda conn: (mailboxes.list_mailboxes(conn), _drafts.shown(conn, written)))
    except session.SessionEnded:
        raise
    except errors.MailError:
        folders, files = (), ()
    page = ComposePage(
        nav=build(folders),
        title=_answer.TITLES[written.mode] if not written.draft else "Draft",
        sender=_answer.typed([_drafts.sender()]),
        to=written.to, cc=written.cc, bcc=written.bcc, subject=written.subject, body=written.body,
        hidden=replace(written, owner=session.current().address).hidden(),
        formatted=bool(written.rich),
        files=files,
        errors=wrong or {},
        problem=problem,
        saved=saved,
        show_cc=bool(written.cc or written.bcc or (wrong and wrong.keys() & {"cc", "bcc"})),
        upload_limit_mb=_drafts.limit() / 1_000_000,
        close_url=_after(written),
        latest=_later.latest(),
        zone=filters.zone_of(request).key,
        asked=tuple(dict.fromkeys((*_questions.asked(), *(problem.doubts if problem else ())))),
    )  # fmt: skip
    return render_template("compose/show.html", page=page)
