"""The one table: error class -> status, what happened, what is safe, what to do. No sentence lives elsewhere."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Flask, Response, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

from webmail import errors
from webmail.web import logs
from webmail.web.csrf import ForeignRequest
from webmail.web.factors import FactorUnreadable
from webmail.web.words import _, ngettext

log = logging.getLogger("pennypost")


@dataclass(frozen=True, slots=True)
class Sentence:
    """status: HTTP. title: what happened. text: why, in plain words. safe: what is safe and what to do.

    Written in English, and marked for the catalogues by being written in one of these.
    """

    status: int
    title: str
    text: str
    safe: str

    def said(self) -> Sentence:
        """In the reader's language."""
        return replace(self, title=_(self.title), text=_(self.text), safe=_(self.safe))

    @property
    def stopped(self) -> str:
        """The title of one that is said, with its full stop: more sentences follow."""
        # Translators: title: what happened, in a few words: "The mail server is busy". Only the full stop is yours.
        return _("%(title)s.", title=self.title)


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What error.html prints. server_text: the mail server's own words, untrusted, or "". number: of the request,
    where its line in the log may be asked for."""

    status: int
    title: str
    text: str
    safe: str
    link_url: str
    link_label: str
    server_text: str = ""
    number: str = ""


_WAIT: Final = "Nothing was changed. Wait a moment and try again."
_SAFE: Final = "Your mail is safe on the server."

TABLE: Final[dict[type[Exception], Sentence]] = {
    errors.SignInRefused: Sentence(401, "That did not work", "The mail server did not accept this address and "
        "password.",
        "Check both and try again. Nothing has been kept."),
    errors.GrantEnded: Sentence(401, "Sign in again", "The sign-in service lets this site into your mail no longer: "
        "the permission ended or was taken back.", "Nothing in your mailbox was changed. Sign in again to renew it."),
    errors.OtherAccount: Sentence(401, "That did not work", "The mail server did not accept this address with the "
        "account that you chose at the sign-in service.",
        "Check the address, and choose the account that it belongs to. Nothing has been kept."),
    errors.ConsentRefused: Sentence(401, "You did not allow it", "The sign-in service was told not to let this site "
        "into your mail.", "Nothing has been kept. Sign in again if that was a mistake."),
    errors.DetourLost: Sentence(400, "That took too long", "This way back from the sign-in service is not, or no "
        "longer, one that was begun in this browser.", "Nothing was changed. Start again here."),
    errors.ProviderRefused: Sentence(502, "The sign-in service refused", "It did not do what this site asked for.",
        "Nothing has been kept. Try again; if it lasts, tell the person who runs this site."),
    errors.ProviderFailed: Sentence(502, "The sign-in service cannot be reached", "It did not answer, or not as it "
        "should.", f"{_SAFE} Try again in a minute; if it lasts, tell the person who runs this site."),
    errors.PasskeyOutdated: Sentence(401, "The password was changed", "The mail server no longer accepts the password "
        "that your passkey unlocks.",
        "Type the new one. Then choose Update beside the passkey, and it unlocks the new one."),
    FactorUnreadable: Sentence(503, "Your second factor cannot be read", "This site keeps one for you, but it does not "
        "open, so nobody gets in with a password alone.", f"{_SAFE} Tell the person who runs this site."),
    errors.UnknownDomain: Sentence(401, "That did not work", "No mail server is set up here for this address.",
        "Check what comes after the @, or ask the person who runs this site."),
    errors.DomainUnanswered: Sentence(504, "That did not work", "We could not find out at this moment which mail "
        "server this address has: its domain did not answer in time.", "Nothing was sent. Try again in a minute."),
    errors.TooManyTries: Sentence(429, "Too many tries", "Signing in failed too often in a short time, so the mail "
        "server was not asked again.", "Try again %(when)s. Whoever is signed in already stays so."),
    errors.TooOften: Sentence(429, "Too much in a short time", "This site does that only so often.",
        "Nothing was lost. Try again %(when)s."),
    errors.ServerInside: Sentence(502, "The mail server cannot be used", "The domain of this address names a mail "
        "server where this site connects to none.",
        "Your password did not leave this site. Tell the person who runs your mail server."),
    errors.ServerBusy: Sentence(503, "The mail server is busy", "It asked us to come back later, perhaps because too "
        "many devices are connected at once.", _WAIT),
    errors.SharedAway: Sentence(503, "Part of this site is away", "The place where all machines of this site keep who "
        "is signed in does not answer.",
        f"{_SAFE} Nothing was changed, and whoever is signed in stays so. Try again in a minute."),
    errors.ServerUnreachable: Sentence(502, "The mail server cannot be reached", "It does not answer at its address.",
        f"{_SAFE} Try again in a minute; if it lasts, tell the person who runs this site."),
    errors.CertificateRefused: Sentence(502, "The mail server could not prove who it is", "Its certificate is expired, "
        "made for another name, or signed by nobody we know, so nothing was sent to it.",
        "Your password did not leave this site. Tell the person who runs it."),
    errors.ServerTooSlow: Sentence(504, "The mail server is too slow", "It did not answer in time.",
        f"{_SAFE} Try again in a moment."),
    errors.ConnectionLost: Sentence(502, "The connection to the mail server was lost", "It ended in the middle of an "
        "answer.", f"{_SAFE} Look whether your last change is there, then try again."),
    errors.ServerRefused: Sentence(502, "The mail server refused", "It did not do what we asked for.",
        f"{_SAFE} Try again, or go back to the folder."),
    errors.ProtocolBroken: Sentence(502, "The mail server gave an answer we do not understand", "We did not guess what "
        "it meant.", f"{_SAFE} Try again; if it lasts, tell the person who runs this site."),
    errors.UnsafeText: Sentence(400, "That cannot be used", "It holds a line break or another character that mail "
        "servers take as a command.", "Nothing was sent. Remove it and try again."),
    errors.MailboxMissing: Sentence(404, "This folder is not there", "It was renamed or deleted, perhaps on another "
        "device, or it cannot be opened.", "Choose another folder; its messages went where that device put them."),
    errors.MailboxExists: Sentence(409, "There is such a folder already", "Another folder has this name.",
        "Nothing was changed. Choose another name."),
    errors.BadFolderName: Sentence(400, "No folder can be called so", "The mail server has no way to keep this name.",
        "Nothing was changed. Choose another name."),
    errors.MailboxReadOnly: Sentence(403, "This folder cannot be changed", "The mail server lets you read it only.",
        "Nothing was changed."),
    errors.KeywordsNotKept: Sentence(403, "This folder keeps no such marks", "The mail server keeps no labels, or not "
        "this one, in this folder.", "Nothing was changed. Stars work everywhere."),
    errors.MailboxRebuilt: Sentence(409, "This folder was rebuilt on the server", "The link you followed belongs to "
        "its earlier state, so we opened nothing.", "Open the folder again; the messages have new places in it."),
    errors.MessageMissing: Sentence(404, "This message is no longer here", "It was moved or deleted, perhaps on "
        "another device.", "Go back to the folder, or look in Trash."),
    errors.PartMissing: Sentence(404, "This file is not in the message", "The message has no such part.",
        "Open the message again and choose from the files it lists."),
    errors.QuotaExceeded: Sentence(507, "Your mailbox is full", "The mail server has no room for more.",
        "Nothing was lost. Delete something large, empty Trash, and try again."),
    errors.TooLarge: Sentence(413, "That is too large", "It is over a limit of this site or of the mail server.",
        "Nothing was lost. Try something smaller, or download instead of opening."),
    errors.BadAddress: Sentence(400, "One of the addresses cannot be right", "Something typed as a recipient is no "
        "address.", "Nothing was sent."),
    errors.NoRecipients: Sentence(400, "Nobody to send to", "There is no recipient.", "Nothing was sent."),
    errors.SubmissionLoginRefused: Sentence(502, "Not sent", "The sending server did not accept your sign-in.",
        "Nobody has received it. Try again; if it lasts, tell the person who runs this site."),
    errors.SenderRefused: Sentence(400, "Not sent", "The sending server does not let you write as this address.",
        "Nobody has received it. Choose another address under From and send again, or ask who runs the mail server to "
        "allow this one."),
    errors.RecipientsRefused: Sentence(400, "Not sent", "The sending server refused every recipient.",
        "Nobody has received it. Correct the addresses and send again."),
    errors.SubmissionRefused: Sentence(502, "Not sent", "The sending server refused the message.",
        "Nobody has received it. You can change it and send again."),
    errors.SubmissionUnknown: Sentence(502, "It may have been sent", "The connection was lost just after the message "
        "was handed over, so we cannot tell whether it was accepted.",
        "Ask one of the recipients before sending it again: it keeps its Message-ID, so that many mail programs show "
        "it once."),
    errors.NeedsSmtpUtf8: Sentence(400, "Not sent", "These addresses hold letters outside ASCII before the @, which "
        "the sending server does not take.", "Nobody has received it. Use another address of these people."),
    errors.NotHeldSoLong: Sentence(400, "Not sent", "The sending server does not hold the letter until then.",
        "Nobody has received it. Choose a moment in the future that is not so far away."),
    errors.NotNoted: Sentence(503, "Not sent", "This site could not write down that it is about to send, perhaps "
        "because its disk is full.",
        "Nobody has received it. Try again in a moment; if it lasts, tell the person who runs this site."),
    errors.AlreadySending: Sentence(409, "Already being sent", "This letter is on its way in another request.",
        "It will not be sent twice. Look in Sent in a moment."),
    errors.NoRoom: Sentence(507, "No room for the file", "The disk of this site is full; your mailbox has "
        "nothing to do with it.", "Nothing was lost. Try again in a few minutes; if it lasts, tell the person who runs "
        "this site."),
    errors.DraftConflict: Sentence(409, "Not saved", "This letter was saved, sent or discarded in another window or "
        "program.", "Nothing was overwritten."),
    errors.DraftOlder: Sentence(409, "Not saved", "A newer version of this letter is in Drafts already.",
        "Nothing was overwritten."),
    errors.RemoteRefused: Sentence(403, "Not fetched", "It lies where this site fetches nothing, or it is no picture.",
        _SAFE),
    errors.RemoteFailed: Sentence(502, "The other site did not answer", "It is not a mail server: somebody's message "
        "named it.", f"{_SAFE} Try again later."),
    errors.RemoteBusy: Sentence(503, "Too much at once", "Other pictures are being fetched at this moment.",
        f"{_SAFE} Try again in a moment."),
    errors.MailError: Sentence(502, "That did not work", "The mail server could not do this.", f"{_SAFE} Try again."),
    CSRFError: Sentence(400, "This page is too old", "It was open for too long, or the request came from another site.",
        "Nothing was changed. Go back, reload the page and try again."),
    ForeignRequest: Sentence(403, "Another site asked for this", "The request did not come from a page of this site, "
        "so it was not done.", "Nothing was changed. Open this site yourself and do it here."),
    RequestEntityTooLarge: Sentence(413, "That upload is too large", "It is far over the limit for one letter.",
        "Go back: your text is still in the form. Choose smaller files."),
}  # fmt: skip

OF_HTTP: Final = {
    400: Sentence(400, "We did not understand that", "The request is not one this page makes.", "Nothing was changed."),
    404: Sentence(404, "There is nothing here", "The address is not one of ours, or no longer.", _SAFE),
    405: Sentence(405, "That is not how this page is used", "It was asked in the wrong way.", "Nothing was changed."),
    413: TABLE[RequestEntityTooLarge],
}
BROKEN: Final = Sentence(500, "Something on this site is broken", "It is our fault, not yours. The fault was recorded "
    "with the number below.", f"{_SAFE} Go back and try again.")  # fmt: skip


def sentence_for(error: Exception) -> Sentence:
    """The sentence of the nearest class in the table, in the reader's language."""
    found = _row(error)
    if isinstance(error, errors.TooOften):
        return replace(found.said(), safe=_(found.safe, when=_when(error.seconds)))
    return found.said()


def _row(error: Exception) -> Sentence:
    for kind in type(error).__mro__:
        if kind in TABLE:
            return TABLE[kind]
    if isinstance(error, HTTPException) and error.code is not None and error.code < 500:
        return OF_HTTP.get(error.code, OF_HTTP[400])
    return BROKEN


def _when(seconds: float) -> str:
    """Never too early."""
    whole = math.ceil(seconds)
    if whole <= 90:
        return ngettext("in %(count)s second", "in %(count)s seconds", whole)
    if whole <= 5400:
        minutes = math.ceil(whole / 60)
        return ngettext("in %(count)s minute", "in %(count)s minutes", minutes)
    hours = math.ceil(whole / 3600)
    return ngettext("in %(count)s hour", "in %(count)s hours", hours)


def page(sentence: Sentence, server_text: str = "") -> tuple[str, int]:
    """Render the error page."""
    inside = current_user and current_user.is_authenticated
    link = _way_on(sentence) if inside else (url_for("login.show"), _("Go to sign-in"))
    shown = ErrorPage(
        sentence.status, sentence.title, sentence.text, sentence.safe, *link, server_text, _number(sentence)
    )
    return render_template("error.html", page=shown), sentence.status


def _way_on(sentence: Sentence) -> tuple[str, str]:
    """The folder that the address names, unless that is what is missing."""
    mailbox = (request.view_args or {}).get("mailbox")
    if mailbox is None or sentence == TABLE[errors.MailboxMissing].said():
        return url_for("mailbox.home"), _("Go to Inbox")
    return url_for("mailbox.show", mailbox=mailbox), _("Go to the folder")


def install(app: Flask) -> None:
    """Every error becomes a page: ours, HTTP's, and those nobody thought of (never a trace, R28)."""
    app.register_error_handler(errors.MailError, mail_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)
    # Flask's own would write the message of the exception, which may be somebody's mail (R17).
    app.log_exception = _failed_twice  # type: ignore[method-assign]


def mail_error(error: errors.MailError) -> tuple[str, int]:
    """The page of an error by itself."""
    log.warning("%s", type(error).__name__)
    return page(sentence_for(error), error.server_text)


def beside(error: errors.MailError) -> ErrorPage:
    """The words of an error for a page that has more to show than them."""
    log.warning("%s", type(error).__name__)
    sentence = sentence_for(error)
    return ErrorPage(
        sentence.status, sentence.title, sentence.text, sentence.safe, *_way_on(sentence), error.server_text,
        _number(sentence),
    )  # fmt: skip


def _number(sentence: Sentence) -> str:
    """Not of what the reader did, which would make of one answer many: only of what went wrong here or behind us."""
    return logs.number() if sentence.status >= 500 else ""


def _http_error(error: HTTPException) -> tuple[str, int] | HTTPException | Response:
    if error.code is not None and error.code < 400:
        return error
    if isinstance(error, SecurityError):
        # A page has links, and links are made from the host that was just refused (R30).
        return Response("This site does not answer to that name.\n", 400, content_type="text/plain; charset=utf-8")
    return page(sentence_for(error))


def _unexpected(error: Exception) -> tuple[str, int]:
    _recorded(error)
    return page(BROKEN.said())


def _failed_twice(exc_info: Any) -> None:
    _recorded(exc_info[1])


def _recorded(error: BaseException) -> None:
    """The log gets the place and the class, never the values: they may be somebody's mail (R17)."""
    trace, places = error.__traceback__, []
    while trace is not None:
        places.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    log.error("incident %s: %s at %s", logs.number(), type(error).__name__, " < ".join(reversed(places[-6:])))
