"""Which browser somebody uses, in two words that its owner recognises; nothing finer is kept."""

from __future__ import annotations

from typing import Final

from webmail.languages import N_

# In this order: browsers also name those that they want to be taken for.
_BROWSERS: Final = (
    ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung"),
    ("Vivaldi/", "Vivaldi"), ("HeadlessChrome/", "Chrome"), ("Chrome/", "Chrome"), ("CriOS/", "Chrome"),
    ("Safari/", "Safari"), ("Lynx/", "Lynx"), ("w3m/", "w3m"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"), ("Linux", "Linux"), ("BSD", "BSD"),
)  # fmt: skip

UNKNOWN: Final = N_("A browser")


def family(agent: str) -> str:
    """ "Firefox on Linux" for a User-Agent (RFC 9110 10.1.5); words of ours only, whatever it says.

    Kept in English; who shows it says it in the reader's language.
    """
    browser = next((name for sign, name in _BROWSERS if sign in agent), UNKNOWN)
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return f"{browser} on {system}" if system else browser
