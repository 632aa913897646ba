"""All mailboxes together: what a page wants of them is found once, and counts alone do not change it."""

from __future__ import annotations

from webmail.imap.table import Table
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import DRAWER, Mailbox, assign_roles
from webmail.mail.mailboxes import Mailboxes


def _boxes(*names: str) -> tuple[Mailbox, ...]:
    return assign_roles(Mailbox(MailboxName(name), "/") for name in names)


def test_each_mailbox_is_of_one_kind_and_found_by_its_name() -> None:
    known = Mailboxes(_boxes("INBOX", "Work", "Work/One", "Sent", "Snoozed", "Snoozed/2026-07-20 07.00 +0200"))
    assert [one.name for one in known.roles] == ["INBOX", "Sent"]
    assert [one.name for one in known.asleep] == ["Snoozed", "Snoozed/2026-07-20 07.00 +0200"]
    assert [one.name for one in known.at(known.shape.others)] == ["Work", "Work/One"]
    assert [one.name for one in known.at(known.shape.top)] == ["Work"]
    assert known.named(MailboxName("Work/One")) == known[2]
    assert known.named(MailboxName("gone")) is None


def test_counts_make_a_new_list_of_the_same_shape_and_nothing_new_makes_none() -> None:
    table = Table(_boxes("INBOX", DRAWER, "Work"))
    before = table.all()
    assert [one.name for one in before] == ["INBOX", "Work"]
    table[MailboxName("Work")] = Mailbox(MailboxName("Work"), "/")
    assert table.all() is before
    table[MailboxName("Work")] = Mailbox(MailboxName("Work"), "/", messages=3, unseen=1)
    after = table.all()
    assert after is not before
    assert after.shape is before.shape
    assert after[1].unseen == 1
    assert before[1].unseen is None
    assert table.counted == {"Work"}
