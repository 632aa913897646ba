"""Consent to load remote images: for one message, carried in the URL, signed, and good for this sign-in only; or for
all messages of a sender, kept with the reader's settings."""

from __future__ import annotations

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from webmail.mail.address import valid
from webmail.mail.authentication import Standing, verdict
from webmail.mail.headers import Headers
from webmail.mail.ids import MessageRef
from webmail.web import converters, preferences, session
from webmail.web.services import services


def token(ref: MessageRef) -> str:
    """What a URL carries to say that the person at this sign-in agreed. Without it no foreign link can consent."""
    return str(_signer().dumps([session.current().record_key[:16], converters.ref_to_text(ref)]))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="show images")


def given(ref: MessageRef) -> bool:
    """True when this sign-in agreed to load the images of this very message."""
    try:
        return bool(
            _signer().loads(request.args.get("images", ""))
            == [session.current().record_key[:16], converters.ref_to_text(ref)]
        )
    except BadSignature:
        return False


def standing(header: Headers) -> bool:
    """True when this reader agreed once for all messages of this sender."""
    who = sender(header)
    return who is not None and preferences.current().image_senders.get(who) is True


def sender(header: Headers) -> str | None:
    """Whom such consent can be about: the one address of From, in small letters. None where there are several, and
    where our mail server checks who wrote a message and did not find that it was the domain of this address: then
    whoever forges the address would be told that the message was opened (decision 14)."""
    people = {person.address.lower() for person in header.addresses("from")}
    who = next(iter(people)) if len(people) == 1 else ""
    ids = services().settings.authserv_ids()
    believed = not ids or verdict(header, ids).standing is Standing.VERIFIED
    return who if believed and valid(who) else None
