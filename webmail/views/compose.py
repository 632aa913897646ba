"""Writing: new, reply, reply to all, forward, and a draft that is taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
from webmail.mail import parts
from webmail.mail.doubts import Found
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef
from webmail.mail.message import Message
from webmail.views import _answer, _drafts, _questions, _saving
from webmail.views._drafts import Tile
from webmail.views._saving import Problem
from webmail.web import begun, letter, preferences, session
from webmail.web.converters import Pick
from webmail.web.errors import sentence_for
from webmail.web.letter import Letter
from webmail.web.nav import Nav, build
from webmail.web.services import services

blueprint = Blueprint("compose", __name__)

_SAVING: Final = frozenset({"save", "attach", "detach", "both"})


@dataclass(frozen=True, slots=True)
class ComposePage:
    """The form. Buttons post do=send|save|attach|discard, or detach=keep to remove one file.

    formatted: another program gave the words their looks, which go when they are changed here.
    hidden: names and values that travel with the form. errors: field -> sentence. saved: "Saved in Drafts 09:52" or "".
    show_cc: the Cc/Bcc fold is open. close_url: where Close goes. asked: questions that need not be asked again.
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
    upload_limit_mb: int = 25
    close_url: str = "/"
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
        return _form(session.borrow(lambda conn: _begin(conn, ref, mode)), saved=saved)
    except (errors.MessageMissing, errors.PartMissing):  # the latter when it is replaced between two questions
        if mode != "edit":
            raise
        flash("This draft was sent, discarded or saved again, so it is no longer here.")
        return redirect(url_for("mailbox.show", mailbox=mailbox), 303)


@blueprint.post("/write")
def post() -> Response | tuple[str, int]:
    """Send, save, attach, remove a file or discard. Whatever fails, the form comes back as it was typed."""
    written = letter.from_form(request.form, session.current().address)
    wish = "detach" if request.form.get("detach") else request.form.get("do", "send")
    if wish == "discard" and written.mine(session.current().address):
        return _discard(written)
    if wish == "detach":
        written = letter.without(written, request.form["detach"])
    if wish not in _SAVING | {"send", "discard"}:
        abort(400)
    if _saving.wants_part() and wish == "save":
        return _saving.answer(written)
    if not written.mine(session.current().address):
        return _form(letter.alone(written), problem=_saving.somebody_elses(written)), 409
    wrong = letter.field_errors(written)
    if _saving.lost_upload() or wrong or wish in _SAVING:
        return _save(written, wrong, beside=wish == "both")
    if asks := _questions.about(written, request.files.getlist("att")):
        return _asked(written, asks)
    return _send(written)


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
    mode, origin = letter.origin_of(facts.get(letter.ORIGIN) or "")
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
        problem = Problem("bad", "Not sent." if request.form.get("do") == "send" else "Please check the addresses.",
            "One of the addresses cannot be right. Everything you typed is still here.")  # fmt: skip
    try:
        stored = _drafts.store(letter.anew(written, session.current().address) if beside else written, beside=beside)
    except errors.MailError as error:
        return _form(written, problem=_saving.unsaved(error), wrong=wrong), sentence_for(error).status
    if problem is None and not _drafts.complete(written, stored):
        problem, status = _saving.files_gone("Saved without a file."), 409
    if problem is None and stored.draft is not None:
        flash(_drafts.saved_now(), "saved")
        home = stored.draft
        return redirect(url_for("compose.answer", mailbox=home.mailbox, pick=home, mode="edit"), 303)
    return _form(stored, problem=problem, wrong=wrong, saved=_drafts.saved_now()), status if problem else 200


def _send(written: Letter) -> Response | tuple[str, int]:
    fresh = letter.uploads(request.files.getlist("att"))
    try:
        kept = session.borrow(lambda conn: _drafts.attachments(conn, written))
        if len(kept) < written.files():
            stored = _drafts.store(written)
            return _form(stored, problem=_saving.files_gone("Not sent."), saved=_drafts.saved_now()), 409
        files = _drafts.fitting(kept + fresh)
        sent = send.send(
            session.lender(), _submission(),
            letter.to_draft(written, _drafts.sender(), files, strict=True),
            draft_ref=written.draft, origin=written.origin, forwarded=written.mode == "forward",
        )  # fmt: skip
    except errors.AlreadySending as error:
        return _form(written, problem=_problem(error, kept=False)), 409
    except errors.MailError as error:
        return _unsent(written, error)
    flash(_told(sent))
    return redirect(_after(written), 303)


def _asked(written: Letter, asks: tuple[Found, ...]) -> tuple[str, int]:
    """The form again, with the questions; the letter is in Drafts, for its files would not come back otherwise."""
    doubted = tuple(one.doubt.value for one in asks)
    problem = Problem("warn", "Not sent yet.", " ".join(_questions.sentences(asks)), doubts=doubted)
    try:
        stored = _drafts.store(written)
    except errors.MailError as error:
        return _form(written, problem=_saving.unsaved(error)), sentence_for(error).status
    return _form(stored, problem=problem, saved=_drafts.saved_now() if stored.draft else ""), 409


def _unsent(written: Letter, error: errors.MailError) -> tuple[str, int]:
    """Not sent, or nobody knows: the letter goes to Drafts, and the form comes back saying both."""
    status = sentence_for(error).status
    try:
        stored = _drafts.store(written)
    except errors.MailError:
        return _form(written, problem=_problem(error, kept=False)), status
    home = stored.draft
    saved = _drafts.saved_now() if home else ""
    return _form(stored, problem=_problem(error, kept=home is not None), saved=saved), status


def _problem(error: errors.MailError, *, kept: bool) -> Problem:
    sentence = sentence_for(error)
    text = f"{sentence.text} {sentence.safe} "
    text += "Your letter is in Drafts." if kept else "Your letter is only in this form; files have to be chosen again."
    details = tuple(error.refused.items()) if isinstance(error, errors.RecipientsRefused) else ()
    tone = "warn" if isinstance(error, errors.SubmissionUnknown | errors.AlreadySending) else "bad"
    return Problem(tone, f"{sentence.title}.", text, details, error.server_text)


def _told(sent: send.Sent) -> str:
    if sent.again:
        return "This letter had been sent already; it was not sent twice."
    text = "Sent." if sent.filed else "Sent. Its copy could not be put into Sent."
    if sent.refused:
        # A cookie carries this to the next page, and browsers drop one over 4 KB.
        named, more = list(sent.refused)[:5], len(sent.refused) - 5
        text += f" The server refused {', '.join(named)}" + (f" and {more} more" if more > 0 else "")
        text += "; everybody else will get it."
    return text


def _submission() -> send.Submission:
    settings, who, account = services().settings, session.current(), session.account()
    return send.Submission(
        who.server, who.login, account.password, session.smtp_context(),
        settings.connect_timeout, settings.command_timeout,
    )  # fmt: skip


def _discard(written: Letter) -> Response:
    draft = written.draft
    if draft is not None:
        session.borrow(lambda conn: drafts.remove(conn, draft))
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
        upload_limit_mb=services().settings.upload_limit_mb,
        close_url=_after(written),
        asked=tuple(dict.fromkeys((*_questions.asked(), *(problem.doubts if problem else ())))),
    )  # fmt: skip
    return render_template("compose/show.html", page=page)
