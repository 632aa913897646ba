"""What can go wrong, in mail words. No HTTP status and no sentence lives here: both are in web/errors.py."""

from __future__ import annotations

from collections.abc import Mapping


class MailError(Exception):
    """Root of everything the rooms raise on purpose.

    permanent: True when trying the same again cannot help.
    server_text: what the server said, untrusted; the page shows it escaped, cut and marked as the server's (R28).
    """

    permanent = True

    def __init__(self, server_text: str = "") -> None:
        super().__init__(server_text)
        self.server_text = server_text[:300]


# --- signing in -----------------------------------------------------------------------------------------------------


class SignInRefused(MailError):
    """The server said no to this login and password (any NO to AUTHENTICATE without a code that says otherwise)."""


class GrantEnded(SignInRefused):
    """The provider takes the grant of this sign-in no longer: it expired, or was taken back."""


class OtherAccount(SignInRefused):
    """The mail server does not take this login with a token that the provider gave just now."""


class ConsentRefused(MailError):
    """Somebody said no at the provider."""


class DetourLost(MailError):
    """Who comes back from a provider did not leave from here, or not in this browser, or too long ago."""


class ProviderFailed(MailError):
    """The provider cannot be asked, or answers what cannot be understood. reason: for the log, nothing secret."""

    permanent = False

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason


class ProviderRefused(ProviderFailed):
    """The provider says no, or what it says is not meant for us. reason: its error code, or what does not fit."""

    permanent = True


class PasskeyOutdated(SignInRefused):
    """The password that a passkey unlocked is no longer the right one."""


class UnknownDomain(MailError):
    """There is no server for the domain of this address: the administrator named none, and none was found where one
    may be looked for."""


class DomainUnanswered(MailError):
    """The domain of this address was asked for its mail server, and did not answer in time: perhaps it will."""

    permanent = False


class TooOften(MailError):
    """A limit of ours (R18). seconds: when it can be done again."""

    permanent = False

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class TooManyTries(TooOften):
    """Signing in was refused too often; this time nobody was asked."""


class ServerBusy(MailError):
    """The server is there and asks to come back later: [LIMIT], [UNAVAILABLE], [INUSE], too many sessions."""

    permanent = False


class SharedAway(MailError):
    """What all machines of this site share does not answer: who is signed in, and what is on its way."""

    permanent = False


# --- the wire -------------------------------------------------------------------------------------------------------


class ServerUnreachable(MailError):
    """No TCP connection: name not found, refused, no route."""

    permanent = False


class ServerInside(MailError):
    """A mail server that its domain named itself, at an address or port where we connect to none (R11, R23)."""


class CertificateRefused(MailError):
    """TLS failed on purpose: expired, wrong host, unknown issuer, or a protocol that is too old.

    reason: "expired", "wrong-host", "unknown-issuer" or "other".
    """

    def __init__(self, server_text: str = "", reason: str = "other") -> None:
        super().__init__(server_text)
        self.reason = reason


class ServerTooSlow(MailError):
    """A time limit ran out (R33)."""

    permanent = False


class ConnectionLost(MailError):
    """The connection ended in the middle; what it was asked may or may not have been done."""

    permanent = False


class ServerRefused(MailError):
    """A NO or BAD that has no better class."""


class ProtocolBroken(MailError):
    """The server's answer could not be understood."""


class UnsafeText(MailError):
    """A text argument holds CR, LF or NUL and was not sent (R9, R10)."""


# --- mailboxes and messages -----------------------------------------------------------------------------------------


class MailboxMissing(MailError):
    """No such mailbox, or it cannot be opened."""


class MailboxExists(ServerRefused):
    """[ALREADYEXISTS]: a mailbox of that name is there."""


class BadFolderName(MailError):
    """No folder can be called so. why: "empty", "long", "letters", "delimiter" (mark: what must not be in it), or
    "flat": nothing can lie in the folder that was chosen."""

    def __init__(self, why: str, mark: str = "") -> None:
        super().__init__()
        self.why = why
        self.mark = mark


class MailboxReadOnly(MailError):
    """The mailbox does not let us change it (READ-ONLY, NOPERM)."""


class KeywordsNotKept(MailError):
    """The mailbox keeps no keywords, or not this one (PERMANENTFLAGS)."""


class MailboxRebuilt(MailError):
    """UIDVALIDITY is not the one the link was made with (RFC 9051 2.3.1.1): the old UIDs name nothing now."""


class MessageMissing(MailError):
    """The message is no longer there: moved or deleted, perhaps by another device."""


class PartMissing(MailError):
    """The message has no such part."""


class QuotaExceeded(MailError):
    """[OVERQUOTA] or the like: the mailbox is full."""


class TooLarge(MailError):
    """Over one of our own budgets (R15), or over the server's limit."""


# --- what messages name on the web ----------------------------------------------------------------------------------


class RemoteRefused(MailError):
    """We do not ask for it, or do not pass it on: no public address, no picture, too large."""


class RemoteFailed(MailError):
    """The other side did not answer, or not as it should."""

    permanent = False


class RemoteBusy(MailError):
    """Enough is being fetched at this moment."""

    permanent = False


# --- writing --------------------------------------------------------------------------------------------------------


class BadAddress(MailError):
    """Typed recipients that are no addresses. refused: the pieces as typed."""

    def __init__(self, refused: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.refused = refused


class NoRecipients(MailError):
    """Nobody to send to."""


class SubmissionRefused(MailError):
    """The submission server refused before it took the message: nothing was sent, trying again is safe."""


class SubmissionLoginRefused(SubmissionRefused):
    """The submission server did not take the login that the IMAP server took."""


class SenderRefused(SubmissionRefused):
    """This login may not write as this address. address: the addr-spec, server_text: what the server said."""

    def __init__(self, address: str, server_text: str) -> None:
        super().__init__(server_text)
        self.address = address


class RecipientsRefused(SubmissionRefused):
    """Every recipient was refused. refused: address -> what the server said."""

    def __init__(self, refused: Mapping[str, str]) -> None:
        super().__init__()
        self.refused = dict(refused)


class SubmissionUnknown(MailError):
    """The connection was lost after the final dot: the message may have been sent. Never repeated by ourselves."""

    permanent = False


class NeedsSmtpUtf8(RecipientsRefused):
    """Addresses outside ASCII (RFC 6531), and the submission server does not take such. Nothing was sent."""


class NotHeldSoLong(SubmissionRefused):
    """The submission server does not hold mail (RFC 4865), or not until then. Nothing was sent."""


class NotNoted(MailError):
    """Our own journal could not be written (disk full, no right): what was about to be done was not done."""

    permanent = False


class NoCopy(MailError):
    """The copy in Drafts that goes before every sending could not be stored. cause: why."""

    def __init__(self, cause: MailError) -> None:
        super().__init__(cause.server_text)
        self.cause = cause


class AlreadySending(MailError):
    """The same message is being sent at this moment by another request."""

    permanent = False


class DraftConflict(MailError):
    """What was to be saved is not based on what is in Drafts now, so nothing was written.

    other: reference of the one that is there, None when there is none. sent: the letter is in Sent already.
    """

    def __init__(self, other: object = None, *, sent: bool = False) -> None:
        super().__init__()
        self.other = other
        self.sent = sent


class DraftOlder(DraftConflict):
    """The same writer saved a newer revision meanwhile: this one came late, and nothing was written."""


class NoRoom(MailError):
    """The disk of this site is full: a file could not be put down on its way into a letter."""

    permanent = False
