"""Names that strangers gave: lines and file names, made harmless to show and to save (R8)."""

from __future__ import annotations

import re
from typing import Final

from webmail.mail.charset import printable

LONGEST: Final = 200
"""Octets of UTF-8 in a file name; most file systems end at 255, and downloads add to it."""

_LONGEST_EXTENSION: Final = 20

# Bidi marks, embeddings, overrides and isolates (UAX #9), zero-width and invisible format characters, tag characters.
_UNSEEN: Final = (
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_CONTROLS: Final = re.compile(f"[\x00-\x1f\x7f-\x9f{_UNSEEN}]+")
_SPACE: Final = re.compile(r"\s+")
_SEPARATORS: Final = re.compile(r"[/\\:\u2044\u2215\uff0f\uff3c]")
_EXTENSION: Final = re.compile(r"\.[A-Za-z]\w{0,9}$")
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)", re.IGNORECASE)

EXTENSIONS: Final = {
    "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics", "text/csv": ".csv", "text/vcard": ".vcf",
    "text/x-vcard": ".vcf", "text/rfc822-headers": ".txt", "text/x-amp-html": ".html", "text/xml": ".xml",
    "message/rfc822": ".eml", "message/global": ".eml", "message/delivery-status": ".txt",
    "message/global-delivery-status": ".txt", "message/disposition-notification": ".txt",
    "message/feedback-report": ".txt", "image/png": ".png", "image/jpeg": ".jpg", "image/jpg": ".jpg",
    "image/gif": ".gif", "image/webp": ".webp", "image/svg+xml": ".svg", "image/bmp": ".bmp", "image/tiff": ".tif",
    "image/heic": ".heic", "audio/mpeg": ".mp3", "audio/wav": ".wav", "audio/ogg": ".ogg", "video/mp4": ".mp4",
    "application/pdf": ".pdf", "application/zip": ".zip", "application/gzip": ".gz", "application/json": ".json",
    "application/xml": ".xml", "application/msword": ".doc", "application/rtf": ".rtf", "application/ics": ".ics",
    "application/vnd.ms-excel": ".xls", "application/vnd.ms-powerpoint": ".ppt", "application/ms-tnef": ".dat",
    "application/pgp-signature": ".asc", "application/pgp-encrypted": ".asc", "application/pgp-keys": ".asc",
    "application/pkcs7-signature": ".p7s", "application/x-pkcs7-signature": ".p7s", "application/pkcs7-mime": ".p7m",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.oasis.opendocument.text": ".odt", "application/vnd.oasis.opendocument.spreadsheet": ".ods",
}  # fmt: skip


def clean_line(text: str) -> str:
    """One line for display: no controls, no bidi or invisible marks, no lone surrogates, white space runs made one.

    CR and LF count as white space, so two words never grow together and a header never ends early.
    """
    spaced = _SPACE.sub(" ", printable(text))
    return _SPACE.sub(" ", _CONTROLS.sub("", spaced)).strip()


def safe_filename(name: str | None, fallback: str, type: str | None = None) -> str:
    """A name that is safe to show and to offer for download; never a path, never to be used as one (R8).

    name: as the message gave it, decoded; None or nothing left of it gives `fallback` with the extension of `type`.
    At most 200 octets of UTF-8, the extension kept; no separators, controls, bidi marks, leading dots, trailing dots.
    """
    kept = _tamed(name or "")
    if not kept:
        kept = _tamed(fallback) or "attachment"
        if _EXTENSION.search(kept) is None:
            kept += EXTENSIONS.get((type or "").lower(), "")
    return _shortened(kept)


def _tamed(name: str) -> str:
    flat = _SEPARATORS.sub("_", clean_line(name)).lstrip(". ").rstrip(". ")
    return "_" + flat if _DEVICES.match(flat) else flat


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem or len(extension.encode()) > _LONGEST_EXTENSION:
        stem, dot, extension = name, "", ""
    room = LONGEST - len((dot + extension).encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(". ") + dot + extension
