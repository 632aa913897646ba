"""What an account may do with a mailbox (RFC 4314)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rights:
    """read: open it. keep_seen, write: \\Seen, other flags. insert: put messages in. remove, expunge: mark as deleted,
    and take away for good. create: mailboxes below. delete: the mailbox itself, or give it another name."""

    read: bool = True
    keep_seen: bool = True
    write: bool = True
    insert: bool = True
    remove: bool = True
    expunge: bool = True
    create: bool = True
    delete: bool = True

    @property
    def can_empty(self) -> bool:
        """Messages can leave."""
        return self.remove and self.expunge


ALL = Rights()


def rights_of(letters: str) -> Rights:
    """The answer to MYRIGHTS. "c" and "d" of RFC 2086 are what servers still send for "k", "x", "t" and "e"."""
    held = set(letters)
    if held & set("kxte"):
        held -= set("cd")
    making, removing = "c" in held, "d" in held
    return Rights(
        read="r" in held,
        keep_seen="s" in held,
        write="w" in held,
        insert="i" in held,
        remove="t" in held or removing,
        expunge="e" in held or removing,
        create="k" in held or making,
        delete="x" in held or making,
    )
