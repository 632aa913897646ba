"""Files to attach, made here octet by octet, so that they are real and nobody else's."""

from __future__ import annotations

import io
import math
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache

Colour = tuple[int, int, int]


def png(width: int, height: int, colour: Callable[[float, float], Colour]) -> bytes:
    """A picture; colour is asked for every point with x and y from 0 to 1."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)  # no filter
        for x in range(width):
            rows += bytes(colour(x / width, y / height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(bytes(rows), 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + data + chunk(b"IEND", b"")


@cache
def beans() -> bytes:
    """Canes in a bed under an evening sky."""

    def colour(x: float, y: float) -> Colour:
        if y > 0.82:
            return 96, 66, 44
        cane = abs((x * 9) % 1 - 0.5 + (0.62 - y) * 0.25) < 0.035 and y > 0.25
        leaf = math.sin(x * 57 + y * 23) + math.sin(y * 61 - x * 17) > 1.15 and y > 0.3
        if leaf:
            return 58, 128, 62
        return (150, 118, 70) if cane else (int(150 + 90 * y), int(178 + 30 * y), int(214 - 40 * y))

    return png(320, 220, colour)


@cache
def lighthouse() -> bytes:
    """A striped tower over the sea."""

    def colour(x: float, y: float) -> Colour:
        if abs(x - 0.7) < 0.035 + y * 0.03 and 0.2 < y < 0.72:
            return (190, 52, 44) if int(y * 14) % 2 else (245, 240, 230)
        if abs(x - 0.7) < 0.03 and 0.13 < y <= 0.2:
            return 250, 214, 92
        if y > 0.7:
            wave = int(12 * math.sin(x * 40 + y * 90))
            return 38, 92 + wave, 124 + wave
        return int(176 + 60 * y), int(206 + 20 * y), 232

    return png(360, 200, colour)


@cache
def stamp() -> bytes:
    """A small red stamp, for the inside of a letter."""

    def colour(x: float, y: float) -> Colour:
        edge = min(x, y, 1 - x, 1 - y)
        if edge < 0.06 and (int(x * 16) + int(y * 16)) % 2:
            return 255, 255, 255
        ring = math.hypot(x - 0.5, y - 0.5)
        return (250, 236, 220) if 0.2 < ring < 0.27 or edge < 0.1 else (168, 44, 40)

    return png(96, 96, colour)


def pdf(title: str, *lines: str) -> bytes:
    """One page of plain text in Helvetica (ISO 32000-1); ASCII only."""
    shown = " T* ".join(f"({_escape(line)}) Tj" for line in lines)
    page = f"BT /F1 18 Tf 60 770 Td 26 TL ({_escape(title)}) Tj T* /F1 11 Tf 16 TL T* {shown} ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def spreadsheet(rows: list[tuple[str, float]]) -> bytes:
    """A small OpenDocument spreadsheet: one table, a name and a number in each row."""
    office = "urn:oasis:names:tc:opendocument:xmlns"
    cells = "".join(
        f'<table:table-row><table:table-cell office:value-type="string"><text:p>{name}</text:p></table:table-cell>'
        f'<table:table-cell office:value-type="float" office:value="{value}">'
        f"<text:p>{value}</text:p></table:table-cell>"
        "</table:table-row>"
        for name, value in rows
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{office}:office:1.0" '
        f'xmlns:table="{office}:table:1.0" xmlns:text="{office}:text:1.0" office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="Budget">{cells}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        f'<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="{office}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype", (2026, 1, 1, 0, 0, 0)), kind)
        archive.writestr(zipfile.ZipInfo("content.xml", (2026, 1, 1, 0, 0, 0)), content)
        archive.writestr(zipfile.ZipInfo("META-INF/manifest.xml", (2026, 1, 1, 0, 0, 0)), manifest)
    return packed.getvalue()


def tone(seconds: float, *pitches: float) -> bytes:
    """A chord as a WAV file: 8000 samples a second, one octet each."""
    count = int(8000 * seconds)
    wave = bytearray()
    for step in range(count):
        swell = min(1.0, step / 800, (count - step) / 800)
        heard = sum(math.sin(math.tau * pitch * step / 8000) for pitch in pitches) / max(len(pitches), 1)
        wave.append(int(128 + 90 * swell * heard))
    head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8) + b"data" + struct.pack("<I", len(wave))
    return b"RIFF" + struct.pack("<I", len(head) + len(wave)) + head + bytes(wave)


def invitation(uid: str, day: str, start: str, end: str, summary: str, place: str) -> bytes:
    """An iCalendar request (RFC 5545): day "20260705", times "190000", taken as local time."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Harbour Choir//Rehearsals//EN", "METHOD:REQUEST", "BEGIN:VEVENT",
        f"UID:{uid}", f"DTSTAMP:{day}T080000Z", f"DTSTART:{day}T{start}", f"DTEND:{day}T{end}", f"SUMMARY:{summary}",
        f"LOCATION:{place}", "ORGANIZER;CN=Hanne Groen:mailto:hanne@harbourchoir.example",
        "ATTENDEE;CN=Ana Moreira;RSVP=TRUE:mailto:ana@pennypost.example", "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    return ("\r\n".join(lines) + "\r\n").encode()
