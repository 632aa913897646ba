"""What was kept from the reader, by name. docs/sanitizing.md says for each name what it means to a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

HOSTS_TOLD = 20


class Reason(StrEnum):
    """Why something of a message is not shown. The value is the name that templates and documents use."""

    REMOTE_IMAGE = "remote-image"
    TRACKING_PIXEL = "tracking-pixel"
    MISSING_IMAGE = "missing-image"
    BAD_IMAGE = "bad-image"
    SCRIPT = "script"
    FORM = "form"
    EMBEDDED = "embedded"
    PAGE_COMMAND = "page-command"
    STYLE = "style"
    STYLESHEET = "stylesheet"
    LINK = "link"
    MISLEADING_LINK = "misleading-link"
    HIDDEN_TEXT = "hidden-text"
    TOO_LARGE = "too-large"


@dataclass(frozen=True, slots=True)
class Blocked:
    """count: how many times, at least 1. hosts: lower case, as they appeared, at most 20; empty where none applies."""

    reason: Reason
    count: int
    hosts: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """Counts while one message is being cleaned."""

    counts: dict[Reason, int] = field(default_factory=dict)
    hosts: dict[Reason, dict[str, None]] = field(default_factory=dict)

    def add(self, reason: Reason, host: str = "", count: int = 1) -> None:
        self.counts[reason] = self.counts.get(reason, 0) + count
        known = self.hosts.get(reason)
        if known is None:
            known = self.hosts[reason] = {}
        if host and host not in known and len(known) < HOSTS_TOLD:
            known[host] = None

    def include(self, other: Tally) -> None:
        for reason, count in other.counts.items():
            self.counts[reason] = self.counts.get(reason, 0) + count
            known = self.hosts.setdefault(reason, {})
            for host in other.hosts[reason]:
                if len(known) < HOSTS_TOLD:
                    known[host] = None

    def sum(self) -> tuple[Blocked, ...]:
        """In the order of Reason, so that equal messages give equal answers."""
        return tuple(Blocked(r, self.counts[r], tuple(self.hosts[r])) for r in Reason if r in self.counts)
