"""Whether this site can have passkeys as the browser called it, and as whom it asks for one."""

from __future__ import annotations

from flask import request
from flask import session as cookie

from webmail.web import seal
from webmail.web.accounts import derived
from webmail.web.services import services
from webmail.web.webauthn import Site, can_use

_COOKIE = "ceremony"


def possible() -> bool:
    """Whether this site, as it was called, can have passkeys (R30: a name that the administrator has listed)."""
    settings = services().settings
    named = bool(settings.trusted_hosts) or request.host.partition(":")[0] == "localhost"
    return settings.passkeys and named and can_use(request.scheme, request.host)


def site() -> Site:
    """Who asks the browser of this request."""
    if _COOKIE not in cookie:
        cookie[_COOKIE] = seal.new_token()
    key = derived(services().server_key, "passkey challenge 1")
    return Site(f"{request.scheme}://{request.host}", services().settings.brand, key, cookie[_COOKIE])
