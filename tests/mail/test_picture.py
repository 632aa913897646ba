"""Pictures are known by their octets: what a server calls them proves nothing (R23)."""

from __future__ import annotations

import struct

import pytest

from webmail.mail.picture import picture


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\6\0\0\0"


GIF = b"GIF89a" + struct.pack("<HH", 30, 20) + b"\0\0\0"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(10) + b"\xff\xc2\0\x11\x08" + struct.pack(">HH", 20, 30) + bytes(12)
WEBP = {
    "extended": b"VP8X\x0a\0\0\0\0\0\0\0" + (29).to_bytes(3, "little") + (19).to_bytes(3, "little"),
    "lossless": b"VP8L\x0a\0\0\0\x2f" + struct.pack("<I", 29 | 19 << 14),
    "lossy": b"VP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 30, 20),
}


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        (png(30, 20), "image/png"), (GIF, "image/gif"), (JPEG, "image/jpeg"),
        *((b"RIFF\0\0\0\0WEBP" + each, "image/webp") for each in WEBP.values()),
    ],
    ids=["png", "gif", "jpeg", *WEBP],
)  # fmt: skip
def test_a_picture_is_known_and_its_size_is_read(octets: bytes, kind: str) -> None:
    found = picture(octets)
    assert found is not None
    assert (found.type, found.width, found.height) == (kind, 30, 20)


@pytest.mark.parametrize(
    "octets",
    [
        b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<!doctype html><title>x</title>", b"%PDF-1.7",
        b"BM" + bytes(60),
        png(30, 20)[:18], GIF[:8], JPEG[:24], b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8X", png(0, 20),
    ],
)  # fmt: skip
def test_anything_else_is_none(octets: bytes) -> None:
    assert picture(octets) is None


def test_r15_a_picture_of_too_many_pixels_is_none() -> None:
    assert picture(png(7000, 7000)) is not None
    assert picture(png(60_000, 60_000)) is None
