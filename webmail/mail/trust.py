"""What in a message's header and structure is worth a word before its reader believes it (R6, R19)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from webmail.mail import authentication, lookalike
from webmail.mail.address import Address
from webmail.mail.headers import Headers
from webmail.mail.message import Part
from webmail.mail.words import decode_words

_MOST: Final = 20
_HOST: Final = re.compile(r"(?:^|[\s<(\"'@/])((?:[\w-]{1,63}\.){1,5}[^\W\d_]{2,24})(?=$|[\s>)\"',/])")
_ADDRESS: Final = re.compile(r"[\w.+-]{1,64}@((?:[\w-]{1,63}\.){1,5}[^\W\d_]{2,24})")
_INLINE: Final = re.compile(r"^-----BEGIN PGP (SIGNED )?MESSAGE-----", re.MULTILINE)


class Kind(Enum):
    """What was noticed."""

    REPLY_ELSEWHERE = "reply-elsewhere"
    NAME_POSES = "name-poses"
    HIDDEN_MARKS = "hidden-marks"
    MIXED_SCRIPTS = "mixed-scripts"
    SEVERAL_SENDERS = "several-senders"
    SMIME_SIGNED = "smime-signed"
    SMIME_ENCRYPTED = "smime-encrypted"
    PGP_SIGNED = "pgp-signed"
    PGP_ENCRYPTED = "pgp-encrypted"


@dataclass(frozen=True, slots=True)
class Finding:
    """detail: the domain or address it is about, ready to be shown; empty when there is none."""

    kind: Kind
    detail: str = ""


def findings(header: Headers, root: Part, text: str = "") -> tuple[Finding, ...]:
    """Everything noticed, in the order of Kind. text: the plain text that is shown, for PGP written into it."""
    senders = header.addresses("from")[:_MOST]
    found: list[Finding] = []
    domains = {person.domain for person in senders}
    away = [p.domain for p in header.addresses("reply-to")[:_MOST] if not any(_one_house(p.domain, d) for d in domains)]
    if away and domains:
        found.append(Finding(Kind.REPLY_ELSEWHERE, ", ".join(dict.fromkeys(map(lookalike.readable, away)))))
    found += [Finding(Kind.NAME_POSES, posed) for person in senders if (posed := _posed(person))]
    raw = " ".join(decode_words(header.value(name) or "") for name in ("from", "reply-to", "sender"))
    if lookalike.hides(raw):
        found.append(Finding(Kind.HIDDEN_MARKS))
    for person in senders:
        if lookalike.posing(person.domain):
            found.append(Finding(Kind.MIXED_SCRIPTS, _ascii(person.domain)))
        elif lookalike.mixed(person.name) or lookalike.mixed(person.local):
            found.append(Finding(Kind.MIXED_SCRIPTS, person.name or person.address))
    if len({person.address.lower() for person in senders}) > 1:
        found.append(Finding(Kind.SEVERAL_SENDERS, ", ".join(person.address for person in senders)))
    return (*found, *(Finding(kind) for kind in sealed(root, text)))


def sealed(root: Part, text: str = "") -> tuple[Kind, ...]:
    """How the message is signed or encrypted (RFC 8551 3, RFC 3156), by its structure; nothing here is checked."""
    kinds: list[Kind] = []
    for part in root.walk():
        protocol = part.params.get("protocol", "").lower()
        if part.type == "multipart/signed":
            kinds.append(Kind.PGP_SIGNED if "pgp" in protocol else Kind.SMIME_SIGNED)
        elif part.type == "multipart/encrypted":
            kinds.append(Kind.PGP_ENCRYPTED)
        elif part.type in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
            signed = part.params.get("smime-type", "").lower() == "signed-data"
            kinds.append(Kind.SMIME_SIGNED if signed else Kind.SMIME_ENCRYPTED)
    for match in _INLINE.finditer(text[: 256 * 1024]):
        kinds.append(Kind.PGP_SIGNED if match[1] else Kind.PGP_ENCRYPTED)
    return tuple(dict.fromkeys(kinds))


def resembles(sender: Address, known: tuple[Address, ...]) -> Address | None:
    """The known correspondent whom this sender looks like without being one of them, or None."""
    mine = sender.address.lower()
    if any(person.address.lower() == mine for person in known):
        return None
    name = lookalike.skeleton(sender.name).split()
    for person in known:
        other = lookalike.skeleton(person.name).split()
        if lookalike.alike(mine, person.address.lower()) or (len(name) > 1 and sorted(name) == sorted(other)):
            return person
    return None


def _posed(person: Address) -> str:
    """The address or host in a display name that is not this person's own; "" when there is none."""
    address = _ADDRESS.search(person.name)
    if address is not None:
        return address[0] if address[0].lower() != person.address.lower() else ""
    host = _HOST.search(person.name)
    if host is None or _one_house(host[1].lower(), person.domain):
        return ""
    return host[1]


def _one_house(one: str, other: str) -> bool:
    """The same domain, or one under the other."""
    return authentication.aligned(one, other) or authentication.aligned(other, one)


def _ascii(domain: str) -> str:
    """As registered: punycode shows what letters hide (R6)."""
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain
