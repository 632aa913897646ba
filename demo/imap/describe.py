"""ENVELOPE, BODY and BODYSTRUCTURE (RFC 3501 7.4.2), and the octets of a section."""

from __future__ import annotations

import re

from demo.imap.addresses import address_list
from demo.imap.fields import parameters
from demo.imap.items import Section
from demo.imap.structure import Node
from demo.imap.wire import nstring, string

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PAIRS = (b"from", b"sender", b"reply-to", b"to", b"cc", b"bcc")


def envelope(node: Node) -> bytes:
    """Of a message node. Sender and Reply-To are From where they are missing."""
    senders = node.get(b"from")
    people = [node.get(name) or (senders if name in (b"sender", b"reply-to") else None) for name in _PAIRS]
    told = [nstring(node.get(b"date")), nstring(node.get(b"subject")), *map(address_list, people)]
    told += [nstring(node.get(b"in-reply-to")), nstring(node.get(b"message-id"))]
    return b"(%b)" % b" ".join(told)


def structure(node: Node, extended: bool) -> bytes:
    """BODYSTRUCTURE when extended, BODY otherwise."""
    if node.multipart:
        words = [b"".join(structure(child, extended) for child in node.children), string(node.subtype)]
        if extended:
            words += [_params(node.params), *_extension(node)]
        return b"(%b)" % b" ".join(words)
    encoding = (node.get(b"content-transfer-encoding") or b"").lower()
    words = [string(node.type), string(node.subtype), _params(node.params), nstring(node.get(b"content-id"))]
    words += [nstring(node.get(b"content-description")), string(encoding if _TOKEN.fullmatch(encoding) else b"7bit")]
    words.append(b"%d" % (node.end - node.body))
    if node.message:
        words += [envelope(node.children[0]), structure(node.children[0], extended)]
    if node.message or node.type == b"text":
        words.append(b"%d" % node.source.count(b"\n", node.body, node.end))
    if extended:
        words += [nstring(node.get(b"content-md5")), *_extension(node)]
    return b"(%b)" % b" ".join(words)


def _params(params: tuple[tuple[bytes, bytes], ...]) -> bytes:
    return b"(%b)" % b" ".join(b"%b %b" % (string(name), string(value)) for name, value in params) if params else b"NIL"


def _extension(node: Node) -> list[bytes]:
    """Disposition, language, location."""
    disposition = b"NIL"
    if given := node.get(b"content-disposition"):
        head, params = parameters(given)
        disposition = b"(%b %b)" % (string(head), _params(params)) if head else b"NIL"
    tongues = [string(tongue) for tongue in re.split(rb"[,\s]+", node.get(b"content-language") or b"") if tongue]
    language = b"(%b)" % b" ".join(tongues) if tongues else b"NIL"
    return [disposition, language, nstring(node.get(b"content-location"))]


def octets(root: Node, section: Section) -> bytes:
    """What BODY[section] holds. A part that is not there is empty, as on Dovecot."""
    node = root.part(section.part)
    if node is None:
        return b""
    if section.text == "MIME":
        return node.header_octets
    if section.part and not section.text:
        return node.body_octets
    if section.part:  # n.HEADER and n.TEXT speak of the embedded message
        if not node.message:
            return b""
        node = node.children[0]
    if not section.text:
        return node.source
    if section.text == "TEXT":
        return node.body_octets
    if section.text == "HEADER":
        return node.header_octets
    wanted = section.text == "HEADER.FIELDS"
    return b"".join(one.raw for one in node.fields if (one.name in section.fields) == wanted) + b"\r\n"
