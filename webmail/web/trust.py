"""Who really wrote this, in words: one calm line on the message page, its reasons in a fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flask import url_for

from webmail.languages import N_
from webmail.mail import lists, lookalike, receipt, trust, unsubscribe
from webmail.mail.address import Address
from webmail.mail.authentication import Standing, Verdict, verdict
from webmail.mail.headers import Headers
from webmail.mail.ids import MessageRef
from webmail.mail.message import Message
from webmail.mail.text import Block
from webmail.mail.trust import Finding, Kind
from webmail.web import preferences, session
from webmail.web.services import services
from webmail.web.words import _, language

# Translators: domain, others: domains of mail ("example.org").
_STANDINGS: Final = {
    Standing.VERIFIED: N_("Your mail server verified that this comes from %(domain)s."),
    Standing.OTHER: N_("This was sent by way of %(others)s; that it is from %(domain)s was not verified."),
    Standing.FAILED: N_(
        "Be careful: your mail server could not verify that this is from %(domain)s, and that check failed."
    ),
    Standing.NONE: N_("Your mail server found no proof that this is from %(domain)s."),
}
_FINDINGS: Final = {
    Kind.REPLY_ELSEWHERE: N_("Answers would go to another place than it came from: %(detail)s."),
    Kind.NAME_POSES: N_("The sender's name shows %(detail)s, which is not the sender's address."),
    Kind.HIDDEN_MARKS: N_("The sender's name holds hidden marks that change how it reads. They are left out here."),
    Kind.MIXED_SCRIPTS: N_("The sender mixes letters of different alphabets that look the same: %(detail)s."),
    Kind.SEVERAL_SENDERS: N_("It names several senders: %(detail)s."),
    Kind.SMIME_SIGNED: N_("It is signed (S/MIME). Pennypost did not check the signature."),
    Kind.SMIME_ENCRYPTED: N_("It is encrypted (S/MIME). Pennypost cannot open it; a mail program with your key can."),
    Kind.PGP_SIGNED: N_("It is signed (PGP). Pennypost did not check the signature."),
    Kind.PGP_ENCRYPTED: N_("It is encrypted (PGP). Pennypost cannot open it; a mail program with your key can."),
}
_WARNINGS: Final = {Kind.NAME_POSES, Kind.HIDDEN_MARKS, Kind.MIXED_SCRIPTS}
_LIMIT: Final = N_("A verified domain tells where a message comes from, not whether what it says is true.")
_CHECKS: Final = {"dmarc": "DMARC", "dkim": "DKIM", "spf": "SPF"}


@dataclass(frozen=True, slots=True)
class TrustLine:
    """text: one sentence, "" when there is nothing to say; details: more of them. warn: be careful.

    met_url: whether the sender is known, asked for later; None for our own mail. leave_url: the page that leaves the
    list, or None; like_url: the page that deletes all that it sent; like: what that does, in words. receipt: the
    sentence about a wish for a receipt, or ""; receipt_url takes its answer.
    """

    text: str = ""
    warn: bool = False
    details: tuple[str, ...] = ()
    met_url: str | None = None
    leave_url: str | None = None
    like_url: str = ""
    like: str = ""
    receipt: str = ""
    receipt_warn: bool = False
    receipt_url: str = ""


@dataclass(frozen=True, slots=True)
class MetLine:
    """Whether the sender is known. text: a sentence; quiet: nothing that a reader needs to be told unasked."""

    text: str
    warn: bool = False
    quiet: bool = False


def line(header: Headers, message: Message, texts: tuple[tuple[Block, ...], ...], *, answered: bool) -> TrustLine:
    """Everything that header and structure tell. answered: a wish for a receipt was answered already."""
    me, ids = session.current().address, services().settings.authserv_ids()
    where: dict[str, Any] = {"mailbox": message.ref.mailbox, "pick": message.ref}
    text = "\n".join(block.text for blocks in texts for block in blocks)
    found, judged = trust.findings(header, message.root, text), verdict(header, ids)
    own = any(person.address.lower() in preferences.own_addresses() for person in header.addresses("from"))
    said = [sentence for _, sentence in _ordered(judged, found)]
    asked = None if answered or own else receipt.asked(header, me)
    return TrustLine(
        text=said[0] if said else "",
        warn=_careful(judged, found),
        details=(*said[1:], *_reasons(judged)),
        met_url=None if own or not header.addresses("from") else url_for("trust.met", **where),
        leave_url=url_for("trust.leave", **where) if unsubscribe.offer(header, ids) else None,
        like_url=url_for("cleanup.like", **where),
        like=_("Delete all from this list") if lists.identity(header) else _("Delete all from this sender"),
        receipt=_receipt(asked) if asked else "",
        receipt_warn=asked is not None and asked.elsewhere,
        receipt_url=url_for("trust.answer_receipt", **where),
    )


def met(before: bool, alike: Address | None) -> MetLine:
    """What the mailbox knows of the sender."""
    if before:
        return MetLine(
            _("You know this address: there is an earlier letter from it here, or one to it in Sent."), quiet=True
        )
    if alike is not None:
        known = f"{alike.name} <{alike.address}>" if alike.name else alike.address
        return MetLine(
            _(
                "Be careful: this sender looks like %(known)s, who has written to you before; the address is not "
                "theirs.",
                known=known,
            ),
            warn=True,
        )
    return MetLine(_("This is the first letter from this address here, and you have not written to it."))


def _ordered(judged: Verdict, found: tuple[Finding, ...]) -> list[tuple[int, str]]:
    """Sentences, those that warn first."""
    said = [(0 if f.kind in _WARNINGS else 2, _(_FINDINGS[f.kind], detail=f.detail)) for f in found]
    if judged.standing in _STANDINGS and judged.domain:
        domain = lookalike.readable(judged.domain)
        sentence = _(_STANDINGS[judged.standing], domain=domain, others=", ".join(judged.others[:3]))
        said.append((0 if judged.standing is Standing.FAILED else 1, sentence))
    return sorted(said, key=lambda pair: pair[0])


def _careful(judged: Verdict, found: tuple[Finding, ...]) -> bool:
    return judged.standing is Standing.FAILED or any(finding.kind in _WARNINGS for finding in found)


def _reasons(judged: Verdict) -> tuple[str, ...]:
    named = [_noted(r.method, r.outcome, r.domain) for r in judged.results if r.method in _CHECKS]
    # Translators: checks: some of "DKIM: pass for example.org", with semicolons between them.
    checks = (_("What your mail server noted: %(checks)s.", checks="; ".join(named[:6])),) if named else ()
    return (*checks, _(_LIMIT)) if judged.standing is Standing.VERIFIED else checks


def _noted(method: str, outcome: str, domain: str) -> str:
    if not domain:
        return f"{_CHECKS[method]}: {outcome}"
    # Translators: one check of the mail server: "DKIM: pass for example.org". outcome: an English word of a standard.
    return _("%(check)s: %(outcome)s for %(domain)s", check=_CHECKS[method], outcome=outcome, domain=domain)


def _receipt(asked: receipt.Asked) -> str:
    if asked.elsewhere:
        return _(
            "This message asks for a receipt, to go to %(address)s, which is not where it came from. "
            "A receipt tells them that your address is in use.",
            address=asked.to.address,
        )
    return _(
        "The sender asks for a receipt. It would tell %(address)s that this was shown to you.", address=asked.to.address
    )


def first_sender(header: Headers) -> Address:
    """Whom the question is about; without a From an address that nobody has."""
    return next(iter(header.addresses("from")), Address("", ""))


def resembled(sender: Address, alike: tuple[Address, ...]) -> Address | None:
    """The known sender whom this one looks like."""
    return trust.resembles(sender, alike)


def key(ref: MessageRef) -> tuple[str, ...]:
    """Where the answer about this message's sender is kept."""
    return (session.current().record_key, "met", language().tag, ref.mailbox, str(ref.uidvalidity), str(ref.uid))
