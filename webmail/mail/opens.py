"""Which files may open in a tab, judged by their octets: names and labels are the sender's word (R7)."""

from __future__ import annotations

from typing import Final

TEXT: Final = "text/plain"
PDF: Final = "application/pdf"

_SIGNATURES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_PDF_WITHIN: Final = 1024
"""Octets. ISO 32000-1 7.5.2 wants the mark at the very beginning; readers look this far."""

_PDF_TYPES: Final = frozenset({PDF, "application/x-pdf"})
_TEXT_TYPES: Final = frozenset({
    TEXT, "text/markdown", "text/x-markdown", "text/x-patch", "text/x-diff", "text/x-log", "text/rfc822-headers",
    "message/delivery-status", "message/global-delivery-status", "message/disposition-notification",
    "message/feedback-report",
})  # fmt: skip
_SAYS_NOTHING: Final = frozenset({"application/octet-stream", "application/x-unknown", "application/download"})
_TEXT_NAMES: Final = (".txt", ".log", ".md", ".patch", ".diff")


def opens_as(type: str, name: str | None, head: bytes) -> str | None:
    """The media type under which a file opens, one of png, jpeg, gif, webp, PDF and text/plain; None to download it.

    type: its Content-Type, lower case; name: its file name; head: its first octets, 1 KiB or more where it has them.
    A picture or PDF must be one by its signature, whatever it is called. Text has no signature: its label or, where
    that says nothing, its name decides, and it is only ever served as text/plain.
    """
    named = (name or "").lower() if type in _SAYS_NOTHING else ""
    if type.startswith("image/") or named.endswith((".png", ".jpg", ".jpeg", ".gif", ".webp")):
        return _picture(head)
    if type in _PDF_TYPES or named.endswith(".pdf"):
        return PDF if b"%PDF-" in head[:_PDF_WITHIN] else None
    if type in _TEXT_TYPES or (named.endswith(_TEXT_NAMES) and b"\0" not in head):
        return TEXT
    return None


def _picture(head: bytes) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for mark, kind in _SIGNATURES if head.startswith(mark)), None)
