"""As whom a letter is written: the addresses to choose from, the one that was chosen, and its signature."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from webmail.mail import address, identities, reply
from webmail.mail.address import Address
from webmail.mail.doubts import Doubt
from webmail.mail.headers import Headers
from webmail.mail.identities import Identity
from webmail.mail.reply import written_to
from webmail.web import preferences, session
from webmail.web.letter import Letter
from webmail.web.words import _


@dataclass(frozen=True, slots=True)
class Writer:
    """An option of the From field. value: the address. signature: stands below letters from it, for script."""

    label: str
    value: str
    current: bool
    signature: str


def own() -> tuple[Identity, ...]:
    """Everything the reader of this request may write as, the usual one first.

    Not to be called by who has borrowed the connection, unless the page is a GET: then it is known already.
    """
    chosen = preferences.current()
    usual = Identity(Address(chosen.display_name, session.current().address))
    return identities.unique((usual, *chosen.people))


def addresses() -> tuple[Address, ...]:
    """The same, as addresses."""
    return tuple(one.who for one in own())


def chosen(written: Letter) -> Identity:
    """Whom the letter is from: one of one's own, the usual one when it says nobody, or somebody else."""
    people = own()
    return identities.named(people, written.sender) or people[0]


def sender(written: Letter) -> Address:
    """The same as an address. Called where own() may be."""
    return chosen(written).who


def addressed(facts: Headers) -> Identity:
    """The one that this message was written to, or that wrote it."""
    people = own()
    return identities.named(people, written_to(facts, [one.who for one in people]).address) or people[0]


def of_draft(facts: Headers) -> str:
    """Letter.sender of a draft: its From, as long as that is one of one's own."""
    found = (identities.named(own(), person.address) for person in facts.addresses("from")[:1])
    return next((one.who.address for one in found if one is not None), "")


def signature(one: Identity) -> str:
    """What stands below letters from this address; "" for nothing."""
    return preferences.current().signature if one.signature is None else one.signature


def wrong(written: Letter) -> dict[str, str]:
    """Field name -> sentence, when the letter was to go out as somebody who is not in the list (any more)."""
    if not written.sender or identities.named(own(), written.sender):
        return {}
    usual = address.for_eyes(own()[0].who).address
    # Translators: two addresses: the one that a letter was to go out as, and the one that it goes out as now.
    sentence = _("%(sender)s is none of your addresses. It goes out as %(usual)s unless you choose another.",
                 sender=written.sender, usual=usual)  # fmt: skip
    return {"from": sentence}


def writers(written: Letter) -> tuple[Writer, ...]:
    """The options of the From field; nothing where there is nothing to choose."""
    people, now = own(), chosen(written)
    if len(people) == 1:
        return ()
    shown = ((one, address.form(address.for_eyes(one.who))) for one in people)
    return tuple(Writer(label, one.who.address, one == now, signature(one)) for one, label in shown)


def resigned(written: Letter) -> Letter:
    """The letter with the signature of its From, where another one was chosen since the page was made and no script was
    there to exchange it. Formatted letters are left alone: a changed word would cost their formatting."""
    now = chosen(written)
    before = identities.named(own(), written.signed) if written.signed else None
    if before is None or before == now or written.format or written.rich:
        return written
    body = reply.resigned(written.body, signature(before), signature(now))
    return replace(written, body=body, signed=now.who.address)


def quiet() -> Collection[str]:
    """Names of the questions that this reader never wants to be asked."""
    choices = preferences.current()
    return [doubt.value for doubt in Doubt if not getattr(choices, f"ask_{doubt.value}")]
