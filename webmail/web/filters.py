"""How values look on a page: sizes, times, initials, colours, static files."""

from __future__ import annotations

import hashlib
import unicodedata
import zoneinfo
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final
from urllib.parse import unquote

from flask import Flask, Request
from flask_login import current_user

from webmail.config import Settings
from webmail.web import ceremony
from webmail.web.services import services

_MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS: Final = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
DAYS: Final = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def size_text(octets: int) -> str:
    """ "182 KB": decimal units, as mail servers and disks count."""
    if octets < 1000:
        return f"{octets} bytes"
    value, unit = octets / 1000, "KB"
    for larger in ("MB", "GB"):
        if value >= 999.5:
            value, unit = value / 1000, larger
    return f"{value:.1f} {unit}" if value < 9.95 and unit != "KB" else f"{value:.0f} {unit}"


def zone_of(request: Request) -> zoneinfo.ZoneInfo:
    """The browser's zone from the cookie that zone.js sets, else the site's."""
    name = unquote(request.cookies.get("tz", "")[:200])  # zone.js writes "Europe%2FBerlin"
    if 0 < len(name) <= 64 and ".." not in name and not name.startswith("/"):
        try:
            return zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            pass
    return zoneinfo.ZoneInfo(services().settings.timezone)


def in_zone(when: datetime, zone: tzinfo) -> datetime:
    """The same moment in a zone; in its own where that would be before the year 1 or after 9999."""
    try:
        return when.astimezone(zone)
    except (OverflowError, ValueError):
        return when


def list_time(when: datetime, now: datetime) -> str:
    """09:41 today, Mon within six days, 11 Jul this year, 11 Jul 2025 before. Both in the reader's zone."""
    days = (now.date() - when.date()).days
    if days == 0:
        return f"{when:%H:%M}"
    if 0 < days < 7:
        return _DAYS[when.weekday()]
    return f"{when.day} {_MONTHS[when.month - 1]}" + ("" if when.year == now.year else f" {when.year}")


def moment(when: datetime, now: datetime | None = None) -> str:
    """Tue 1 Dec 2026, 08:00: a moment to come, in the zone it is given in; without a year that is that of now."""
    year = "" if now and now.year == when.year else f" {when.year}"
    return f"{_DAYS[when.weekday()]} {when.day} {_MONTHS[when.month - 1]}{year}, {when:%H:%M}"


def message_time(when: datetime, now: datetime) -> str:
    """Today 09:41, Mon 21:05, 11 Jul 19:31."""
    day = "Today" if when.date() == now.date() else list_time(when, now)
    return f"{day} {when:%H:%M}"


def full_time(when: datetime) -> str:
    """Tuesday 14 July 2026, 09:41 (+02:00)"""
    offset = f"{when:%z}"
    return f"{DAYS[when.weekday()]} {day_text(when)}, {when:%H:%M}" + (
        f" ({offset[:3]}:{offset[3:5]})" if offset else ""
    )


def day_text(day: date) -> str:
    """14 July 2026"""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def day_title(when: datetime, now: datetime) -> str:
    """Today, Yesterday, This week, Last week, then the month. Weeks begin on Monday."""
    days = (now.date() - when.date()).days
    if days < 0:
        return "Later" if days < -1 else "Tomorrow"
    if days < 2:
        return ("Today", "Yesterday")[days]
    monday = now.date() - timedelta(days=now.weekday())
    if when.date() >= monday:
        return "This week"
    if when.date() >= monday - timedelta(days=7):
        return "Last week"
    return MONTHS[when.month - 1] + ("" if when.year == now.year else f" {when.year}")


def initials(name: str) -> str:
    """At most two letters of a name or an address, for an avatar."""
    words = [w for w in name.replace("@", " ").split() if unicodedata.category(w[0])[0] in "LN"]
    if not words:
        return "?"
    first = words[0][0]
    if not ("LATIN" in unicodedata.name(first, "") or (len(words) > 1 and first.isalpha() and first.isascii())):
        return first if len(words) == 1 else first + words[-1][0]
    return (first + (words[-1][0] if len(words) > 1 else words[0][1:2])).upper()


def colour(address: str) -> int:
    """0..7, the same for an address on every page and every day."""
    return hashlib.sha256(address.lower().encode()).digest()[0] % 8


def number(value: int) -> str:
    """1,204"""
    return f"{value:,}"


def install(app: Flask) -> None:
    """Give templates their few names."""
    app.context_processor(_common)


def _common() -> dict[str, Any]:
    """What every page prints: the site's name, and who is signed in."""
    user = current_user if current_user and current_user.is_authenticated else None
    shown = user and {
        "address": user.address, "initials": initials(user.address), "colour": colour(user.address),
        "shared": user.shared, "idle": _idle(user, services().settings),
    }  # fmt: skip
    settings = services().settings
    return {
        "brand": settings.brand, "user": shown, "shared_idle_minutes": settings.shared_idle_minutes,
        "passkeys": ceremony.possible(), "second_factor": settings.second_factor != "off",
        # An attribute of forms: what was typed is neither offered in other forms nor kept for Back (session history).
        "forgets": " autocomplete=off" if user and user.shared else "",
    }  # fmt: skip


def _idle(user: Any, settings: Settings) -> int:
    """Quiet seconds until the sign-in ends; 0 for one that is kept."""
    minutes = settings.shared_idle_minutes if user.shared else settings.session_idle_minutes
    return 0 if user.sign_in.kept else 60 * minutes
