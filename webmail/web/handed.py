"""What another app of the device hands over (Web Share Target): the beginning of a letter, and never more."""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app, request

from webmail.web import forms

_LONGEST_SUBJECT = 300


def check() -> None:
    """Let in what the browser itself posts because its owner chose this site in the share sheet of the device.

    Such a post has no token, as no page of ours made it. The browser says so ("none": no site asked for this), which no
    page can make it say; all others have to show the token. Raises CSRFError.
    """
    if not by_hand():
        current_app.extensions["csrf"].protect()


def by_hand() -> bool:
    """Whether no site at all made this request (Fetch Metadata, Sec-Fetch-Site)."""
    return request.headers.get("Sec-Fetch-Site") == "none"


def fields() -> Mapping[str, str]:
    """Subject and words of the letter: title, text and address of what is shared."""
    form = request.form
    words = [forms.text(form, name).strip() for name in ("text", "url")]
    # Most browsers put the address into the text.
    if words[1] and words[1] in words[0]:
        words.pop()
    return {"subject": forms.line(form, "title")[:_LONGEST_SUBJECT], "body": "\n\n".join(filter(None, words))}
