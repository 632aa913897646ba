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
from webmail.mail import parts
from webmail.mail.address import Address
from webmail.mail.doubts import Found
from webmail.mail.draft import Attachment
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef
from webmail.mail.message import Message, Part
from webmail.views import _answer, _questions
from webmail.web import begun, filters, letter, preferences, session, tiles
from webmail.web.converters import Pick
from webmail.web.errors import sentence_for
from webmail.web.forms import upload_overflowed
from webmail.web.letter import Letter
from webmail.web.nav import Nav, build
from webmail.web.services import services

blueprint = Blueprint("compose", __name__)

_SAVING: Final = frozenset({"save", "attach", "detach"})
_GONE: Final = (errors.PartMissing, errors.MessageMissing, errors.MailboxRebuilt, errors.MailboxMissing)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is in the mailbox already (in the draft or the forwarded message). keep: value of its input."""

    keep: str
    name: str
    kind: str
    colour: int
    size: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the form came back. tone: "bad" or "warn". title: what happened. text: what is safe and what to do.

    details: (address, what the server said) pairs. server_text: the server's words, shown in a fold, or "".
    doubts: it is a question, about these; sending again answers it.
    """

    tone: str
    title: str
    text: str
    details: tuple[tuple[str, str], ...] = ()
    server_text: str = ""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComposePage:
    """The form. Buttons post do=send|save|attach|discard, or detach=keep to remove one file.

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
    files: tuple[Kept, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    saved: str = ""
    show_cc: bool = False
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
    except errors.MessageMissing:
        if mode != "edit":
            raise
        flash("This draft was sent, discarded or saved again, so it is no longer here.")
        return redirect(url_for("mailbox.show", mailbox=mailbox), 303)


@blueprint.post("/write")
def post() -> Response | tuple[str, int]:
    """Send, save, attach, remove a file or discard. Whatever fails, the form comes back as it was typed."""
    written = letter.from_form(request.form, session.current().address)
    wish = "detach" if request.form.get("detach") else request.form.get("do", "send")
    if wish == "discard":
        return _discard(written)
    if wish == "detach":
        written = letter.without(written, request.form["detach"])
    if wish not in _SAVING | {"send"}:
        abort(400)
    wrong = letter.field_errors(written)
    if upload_overflowed() or wrong or wish in _SAVING:
        return _save(written, wrong)
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
    return _form(letter.from_fields(fields, session.current().address), problem=problem)


def _begin(conn: Connection, ref: MessageRef, mode: str) -> Letter:
    message = fetch.message(conn, ref)
    if mode != "edit":
        return _answer.begin(conn, message, mode)
    return _taken_up(message, Headers.parse(message.header), reading.quotable(conn, message))


def _taken_up(message: Message, facts: Headers, text: str) -> Letter:
    """A draft of ours or of another program."""
    files = parts.choose(message.root).attachments
    own = facts.message_id or letter.new_message_id(session.current().address)
    mode, origin = letter.origin_of(facts.get(letter.ORIGIN) or "")
    return Letter(
        **{name: _answer.typed(facts.addresses(name)) for name in ("to", "cc", "bcc")},
        subject=facts.subject, body=text.removesuffix("\n"), message_id=own, draft=message.ref, mode=mode,
        origin=origin, in_reply_to=facts.in_reply_to or "", references=facts.references,
        keep=tuple(f"d{part.id}" for part in files),
    )  # fmt: skip


def _kept(conn: Connection, written: Letter) -> list[tuple[MessageRef, Part, str]]:
    """The kept files, found where they are. One that is gone with its message is simply gone from the list."""
    found, homes = [], {}
    for ref, part_id, value in written.kept():
        with suppress(*_GONE):
            if ref not in homes:
                homes[ref] = fetch.message(conn, ref)
            found.append((ref, _answer.part_of(homes[ref], part_id), value))
    return found


def _attachments(conn: Connection, written: Letter) -> list[Attachment]:
    """The same with their octets. Raises TooLarge before fetching more than one letter may hold."""
    kept = _kept(conn, written)
    if sum(part.size for _, part, _ in kept) > 2 * _limit():
        raise errors.TooLarge
    found = []
    for ref, part, _ in kept:
        with suppress(*_GONE):
            content = parts.decode_content(part, fetch.part(conn, ref, part, 2 * _limit()))
            found.append(_answer.attachment(part, tiles.name_of(part), content))
    return found


def _fitting(files: list[Attachment]) -> list[Attachment]:
    if sum(len(file.content) for file in files) > _limit():
        raise errors.TooLarge
    return files


def _tile(part: Part, value: str) -> Kept:
    return Kept(value, tiles.name_of(part), tiles.kind_of(part), tiles.colour_of(part), tiles.size_of(part))


def _limit() -> int:
    return services().settings.upload_limit_mb * 1_000_000


def _sender() -> Address:
    return Address(preferences.current().display_name, session.current().address)


def _store(written: Letter) -> Letter:
    """The letter with its kept and new files into Drafts; the same letter, pointing there. Raises what saving does."""
    fresh, sender = letter.uploads(request.files.getlist("att")), _sender()

    def work(conn: Connection) -> MessageRef | None:
        files = _fitting(_attachments(conn, written) + fresh)
        return drafts.save(conn, letter.to_draft(written, sender, files, strict=False), written.draft)

    saved = session.borrow(work)
    if saved is None:
        return written
    root = session.borrow(lambda conn: fetch.message(conn, saved)).root
    return replace(written, draft=saved, keep=tuple(f"d{part.id}" for part in parts.choose(root).attachments))


def _save(written: Letter, wrong: Mapping[str, str]) -> Response | tuple[str, int]:
    """Save; then the draft's own page, or the form again where something is to be said."""
    problem, status = None, 400
    if upload_overflowed():
        problem, status = _too_large(), 413
    elif wrong:
        problem = Problem("bad", "Not sent." if request.form.get("do") == "send" else "Please check the addresses.",
            "One of the addresses cannot be right. Everything you typed is still here.")  # fmt: skip
    try:
        stored = _store(written)
    except errors.TooLarge:
        return _form(written, problem=_too_large(), wrong=wrong), 413
    except errors.MailError as error:
        return _form(written, problem=_unsaved(error), wrong=wrong), sentence_for(error).status
    saved = _saved_now()
    fresh = sum(bool(file.filename) for file in request.files.getlist("att"))
    if problem is None and stored is not written and len(stored.keep) < len(written.kept()) + fresh:
        problem, status = _files_gone("Saved without a file."), 409
    if problem is None and stored.draft is not None:
        flash(saved, "saved")
        home = stored.draft
        return redirect(url_for("compose.answer", mailbox=home.mailbox, pick=home, mode="edit"), 303)
    return _form(stored, problem=problem, wrong=wrong, saved=saved), status if problem else 200


def _send(written: Letter) -> Response | tuple[str, int]:
    fresh = letter.uploads(request.files.getlist("att"))
    try:
        kept = session.borrow(lambda conn: _attachments(conn, written))
        if len(kept) < len(written.kept()):
            return _form(_store(written), problem=_files_gone("Not sent."), saved=_saved_now()), 409
        files = _fitting(kept + fresh)
        sent = send.send(
            session.lender(), _submission(),
            letter.to_draft(written, _sender(), files, strict=True),
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
        stored = _store(written)
    except errors.MailError as error:
        return _form(written, problem=_unsaved(error)), sentence_for(error).status
    return _form(stored, problem=problem, saved=_saved_now() if stored.draft else ""), 409


def _unsent(written: Letter, error: errors.MailError) -> tuple[str, int]:
    """Not sent, or nobody knows: the letter goes to Drafts, and the form comes back saying both."""
    status = sentence_for(error).status
    try:
        stored = _store(written)
    except errors.MailError:
        return _form(written, problem=_problem(error, kept=False)), status
    home = stored.draft
    return _form(stored, problem=_problem(error, kept=home is not None), saved=_saved_now() if home else ""), status


def _problem(error: errors.MailError, *, kept: bool) -> Problem:
    sentence = sentence_for(error)
    text = f"{sentence.text} {sentence.safe} "
    text += "Your letter is in Drafts." if kept else "Your letter is only in this form; files have to be chosen again."
    details = tuple(error.refused.items()) if isinstance(error, errors.RecipientsRefused) else ()
    tone = "warn" if isinstance(error, errors.SubmissionUnknown | errors.AlreadySending) else "bad"
    return Problem(tone, f"{sentence.title}.", text, details, error.server_text)


def _unsaved(error: errors.MailError) -> Problem:
    sentence = sentence_for(error)
    text = f"{sentence.text} What you typed is still here, but not in Drafts; files have to be chosen again."
    return Problem("bad", "Not saved.", text, (), error.server_text)


def _files_gone(title: str) -> Problem:
    """A letter never goes out with less than its writer saw."""
    text = (
        "A file of it is no longer where it was: the message it comes from was moved or deleted, or this draft was "
        "changed in another window. Everything else is here and in Drafts. Attach the file again, or send without it."
    )
    return Problem("bad", title, text)


def _saved_now() -> str:
    return f"Saved in Drafts {datetime.now(filters.zone_of(request)):%H:%M}"


def _too_large() -> Problem:
    limit = services().settings.upload_limit_mb
    text = f"All files of one letter together may have {limit} MB. Your text is still here; choose smaller files."
    return Problem("bad", "Not sent: the files are too large.", text)


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
        folders, files = session.borrow(lambda conn: (mailboxes.list_mailboxes(conn), _kept(conn, written)))
    except session.SessionEnded:
        raise
    except errors.MailError:
        folders, files = (), []
    page = ComposePage(
        nav=build(folders),
        title=_answer.TITLES[written.mode] if not written.draft else "Draft",
        sender=_answer.typed([_sender()]),
        to=written.to, cc=written.cc, bcc=written.bcc, subject=written.subject, body=written.body,
        hidden=written.hidden(),
        files=tuple(_tile(part, value) for _, part, value in files),
        errors=wrong or {},
        problem=problem,
        saved=saved,
        show_cc=bool(written.cc or written.bcc or (wrong and wrong.keys() & {"cc", "bcc"})),
        upload_limit_mb=services().settings.upload_limit_mb,
        close_url=_after(written),
        asked=tuple(dict.fromkeys((*_questions.asked(), *(problem.doubts if problem else ())))),
    )  # fmt: skip
    return render_template("compose/show.html", page=page)
