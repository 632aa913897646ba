"""One folder: its list of messages, and acting on rows."""

from __future__ import annotations

from dataclasses import dataclass

from webmail.web.nav import Nav
from webmail.web.rows import ListPane


@dataclass(frozen=True, slots=True)
class MailboxPage:
    """The folder page: folders, list, and an empty reading pane."""

    nav: Nav
    list: ListPane
