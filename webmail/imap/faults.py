"""The one translator: what the socket, the TLS layer, imaplib and the server's response codes say, in mail words."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from webmail import errors

_CODE: Final = re.compile(rb"\[([A-Za-z0-9-]+)[ \]]")
_QUOTA: Final = re.compile(rb"quota|over limit|mailbox (is )?full", re.IGNORECASE)

# RFC 5530, RFC 9051 7.1; THROTTLED is Exchange's, TOOBIG RFC 4469's.
_CODES: Final[dict[str, type[errors.MailError]]] = {
    "AUTHENTICATIONFAILED": errors.SignInRefused,
    "AUTHORIZATIONFAILED": errors.SignInRefused,
    "EXPIRED": errors.SignInRefused,
    "UNAVAILABLE": errors.ServerBusy,
    "INUSE": errors.ServerBusy,
    "LIMIT": errors.ServerBusy,
    "THROTTLED": errors.ServerBusy,
    "NOPERM": errors.MailboxReadOnly,
    "READ-ONLY": errors.MailboxReadOnly,
    "OVERQUOTA": errors.QuotaExceeded,
    "TOOBIG": errors.TooLarge,
    "TRYCREATE": errors.MailboxMissing,
    "NONEXISTENT": errors.MailboxMissing,
    "ALREADYEXISTS": errors.MailboxExists,
    "CANNOT": errors.ServerRefused,
}

# X509_V_ERR_*: what OpenSSL found wrong with the chain.
_REASONS: Final = {
    10: "expired",
    9: "expired",  # not yet valid: the same to whoever reads it
    62: "wrong-host",
    64: "wrong-host",
    18: "unknown-issuer",
    19: "unknown-issuer",
    20: "unknown-issuer",
    21: "unknown-issuer",
}


def code(said: bytes) -> str:
    """The response code in front of a status text, upper case: b"[TRYCREATE] no" -> "TRYCREATE"; "" without one."""
    match = _CODE.match(said)
    return match[1].decode("ascii").upper() if match else ""


def refusal(said: bytes, otherwise: type[errors.MailError] = errors.ServerRefused) -> errors.MailError:
    """The error for a NO or BAD with this text. otherwise: the class when no code says better."""
    text = said.decode("utf-8", "replace")
    kind = _CODES.get(code(said))
    if kind is None:
        # Courier and others tell a full mailbox in words only.
        kind = errors.QuotaExceeded if otherwise is errors.ServerRefused and _QUOTA.search(said) else otherwise
    return kind(text)


def tls_fault(error: ssl.SSLError) -> errors.MailError:
    """The error for a handshake that failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return errors.CertificateRefused(error.verify_message, _REASONS.get(error.verify_code, "other"))
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError):
        return errors.ConnectionLost(error.reason or "")
    return errors.CertificateRefused(error.reason or "")


@contextmanager
def translated() -> Iterator[None]:
    """Let nothing of the libraries out: every exception inside becomes one of webmail.errors."""
    try:
        yield
    except errors.MailError:
        raise
    except ssl.SSLError as error:
        raise tls_fault(error) from None
    except TimeoutError:
        raise errors.ServerTooSlow from None
    except OSError as error:
        raise errors.ConnectionLost(str(error)) from None
    except imaplib.IMAP4.abort as error:
        raise _aborted(str(error)) from None
    except (imaplib.IMAP4.error, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        # What imaplib and IMAPClient raise on answers that are no IMAP (measured: all of these).
        raise errors.ProtocolBroken(str(error)) from None


def _aborted(said: str) -> errors.MailError:
    """imaplib raises abort for BYE (with the server's text) and for lines that it does not understand."""
    if said.startswith("unexpected") or "unexpected response" in said or "unterminated line" in said:
        return errors.ProtocolBroken(said)
    return errors.ConnectionLost(said)
