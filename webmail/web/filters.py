"""How values look on a page, in the reader's language: sizes, times; and initials, colours."""

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
from webmail.web import ceremony, cldr
from webmail.web.services import services
from webmail.web.words import _, locale
from webmail.web.words import number as number

_MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS: Final = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
DAYS: Final = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
"""English, which is written here by hand. Other languages come from cldr.py: `at` is theirs, None for English."""


def size_text(octets: int) -> str:
    """ "182 KB": decimal units, as mail servers and disks count."""
    if (at := locale()) is not None:
        return cldr.size(octets, at)
    if octets < 1000:
        return f"{octets} bytes"
    value, unit = octets / 1000, "KB"
    for larger in ("MB", "GB"):
        if value >= 999.5:
            value, unit = value / 1000, larger
    return f"{value:.1f} {unit}" if value < 9.95 and unit != "KB" else f"{value:.0f} {unit}"


def limit_text(octets: int) -> str:
    """ "25 MB", "3.27 MB": of what there may be."""
    return f"{octets / 1_000_000:.3g} MB" if (at := locale()) is None else cldr.size(octets, at)


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
        return clock(when)
    if 0 < days < 7:
        return weekday(when)
    return _day(when, year=when.year != now.year)


def clock(when: datetime) -> str:
    """09:41"""
    return f"{when:%H:%M}" if (at := locale()) is None else cldr.time(when, at)


def weekday(when: date) -> str:
    """Mon"""
    return _DAYS[when.weekday()] if (at := locale()) is None else cldr.weekday(when, at)


def _day(when: date, *, year: bool) -> str:
    if (at := locale()) is not None:
        return cldr.day(when, at, year=year)
    return f"{when.day} {_MONTHS[when.month - 1]}" + (f" {when.year}" if year else "")


def dated(when: datetime) -> str:
    """Mon, 1 Jun 2026: as letters tell it of each other."""
    if (at := locale()) is not None:
        return cldr.day(when, at, year=True, named=True)
    return f"{weekday(when)}, {_day(when, year=True)}"


def moment(when: datetime, now: datetime | None = None) -> str:
    """Tue 1 Dec 2026, 08:00: a moment to come, in the zone it is given in; without a year that is that of now."""
    year = not (now and now.year == when.year)
    if (at := locale()) is not None:
        return _("%(day)s, %(time)s", day=cldr.day(when, at, year=year, named=True), time=clock(when))
    return f"{weekday(when)} {_day(when, year=year)}, {clock(when)}"


def message_time(when: datetime, now: datetime) -> str:
    """Today 09:41, Mon 21:05, 11 Jul 19:31."""
    if when.date() == now.date():
        return _("Today %(time)s", time=clock(when))
    return _("%(day)s %(time)s", day=list_time(when, now), time=clock(when))


def full_time(when: datetime) -> str:
    """Tuesday 14 July 2026, 09:41 (+02:00)"""
    offset = f"{when:%z}"
    zone = f" ({offset[:3]}:{offset[3:5]})" if offset else ""
    return _("%(day)s, %(time)s", day=full_day(when), time=clock(when)) + zone


def full_day(day: date) -> str:
    """Tuesday 14 July 2026"""
    return f"{DAYS[day.weekday()]} {day_text(day)}" if (at := locale()) is None else cldr.full_day(day, at)


def day_text(day: date) -> str:
    """14 July 2026"""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}" if (at := locale()) is None else cldr.long_day(day, at)


def day_of_year(month: int, day: int) -> str:
    """3 August"""
    if (at := locale()) is not None:
        return cldr.day_of_year(date(2000, month, day), at)
    return f"{day} {MONTHS[month - 1]}"


def month_of(month: int) -> str:
    """March, as in: the last Sunday of March."""
    return MONTHS[month - 1] if (at := locale()) is None else at.months["format"]["wide"][month]


def day_name(day: int) -> str:
    """Monday, for 0"""
    return DAYS[day] if (at := locale()) is None else at.days["stand-alone"]["wide"][day]


def leaf(day: date) -> tuple[str, str, str]:
    """Jul, 14, Tue: as on a page of a calendar."""
    at = locale()
    month = _MONTHS[day.month - 1] if at is None else at.months["stand-alone"]["abbreviated"][day.month]
    return month, str(day.day), weekday(day)


def month_text(day: date, *, year: bool = True) -> str:
    """July 2026, or July"""
    if (at := locale()) is not None:
        return cldr.month(day, at, year=year)
    return MONTHS[day.month - 1] + (f" {day.year}" if year else "")


def day_title(when: datetime, now: datetime) -> str:
    """Today, Yesterday, This week, Last week, then the month. Weeks begin where the language has them begin."""
    days = (now.date() - when.date()).days
    if days < 0:
        return _("Later") if days < -1 else _("Tomorrow")
    if days < 2:
        return (_("Today"), _("Yesterday"))[days]
    begin = _week(now.date())
    if when.date() >= begin:
        return _("This week")
    if when.date() >= begin - timedelta(days=7):
        return _("Last week")
    return month_text(when, year=when.year != now.year)


def _week(day: date) -> date:
    """The first day of its week: Monday in English."""
    at = locale()
    return day - timedelta(days=(day.weekday() - (at.first_week_day if at else 0)) % 7)


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
