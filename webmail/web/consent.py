"""Consent to load the images of one message, carried in the URL: signed, and good for this sign-in only."""

from __future__ import annotations

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from webmail.mail.ids import MessageRef
from webmail.web import converters, session


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
