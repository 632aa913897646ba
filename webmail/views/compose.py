"""Writing: new, reply, reply to all, forward, and a draft that is taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from webmail.web.nav import Nav


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is already in the mailbox (in the draft or the forwarded message). keep: value of its hidden input."""

    keep: str
    name: str
    kind: str
    colour: int
    size: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the form came back. tone: "bad" or "warn". title: what happened. text: what is safe and what to do.

    details: (address, what the server said) pairs. server_text: the server's words, shown in a fold, or "".
    """

    tone: str
    title: str
    text: str
    details: tuple[tuple[str, str], ...] = ()
    server_text: str = ""


@dataclass(frozen=True, slots=True)
class ComposePage:
    """The form. Buttons post do=send|save|attach|discard, or detach=keep to remove one file.

    hidden: names and values that travel with the form (message_id, draft, origin, mode). errors: field -> sentence.
    saved: "Saved in Drafts 09:52" or "". show_cc: Cc/Bcc fold is open. close_url: where Close goes.
    """

    nav: Nav
    title: str
    sender: str
    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    body: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Kept, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    saved: str = ""
    show_cc: bool = False
    upload_limit_mb: int = 25
    close_url: str = "/"
