"""What was done to messages, in words: whole sentences, one for each deed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from webmail.actions.jobs import Job
from webmail.actions.order import Order, State
from webmail.imap import mailboxes
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox
from webmail.web import session
from webmail.web.errors import sentence_for
from webmail.web.nav import folder_title
from webmail.web.words import _, ngettext, number, pgettext

# Translators: what was done to so many messages. "Message" is one alone.
_DONE: Final[Mapping[str, Callable[[int, str], str]]] = {
    "read": lambda n, _about: ngettext("Message marked as read.", "%(count)s messages marked as read.", n),
    "unread": lambda n, _about: ngettext("Message marked as unread.", "%(count)s messages marked as unread.", n),
    "star": lambda n, _about: ngettext("Message starred.", "%(count)s messages starred.", n),
    "unstar": lambda n, _about: ngettext("Message no longer starred.", "%(count)s messages no longer starred.", n),
    "pin": lambda n, _about: ngettext("Message pinned.", "%(count)s messages pinned.", n),
    "unpin": lambda n, _about: ngettext("Message no longer pinned.", "%(count)s messages no longer pinned.", n),
    "mute": lambda n, _about: ngettext("Message muted.", "%(count)s messages muted.", n),
    "unmute": lambda n, _about: ngettext("Message no longer muted.", "%(count)s messages no longer muted.", n),
    "archive": lambda n, _about: ngettext("Message moved to Archive.", "%(count)s messages moved to Archive.", n),
    "delete": lambda n, _about: ngettext("Message moved to Trash.", "%(count)s messages moved to Trash.", n),
    "erase": lambda n, _about: ngettext("Message deleted for ever.", "%(count)s messages deleted for ever.", n),
    "junk": lambda n, _about: ngettext("Message moved to Junk.", "%(count)s messages moved to Junk.", n),
    "notjunk": lambda n, _about: ngettext("Message moved to Inbox.", "%(count)s messages moved to Inbox.", n),
    "unsnooze": lambda n, _about: ngettext("Message back in Inbox.", "%(count)s messages back in Inbox.", n),
    "snooze": lambda n, day: ngettext(
        "Message snoozed until %(day)s.", "%(count)s messages snoozed until %(day)s.", n, day=day),
    "move": lambda n, folder: ngettext(
        "Message moved to %(folder)s.", "%(count)s messages moved to %(folder)s.", n, folder=folder),
    "copy": lambda n, folder: ngettext(
        "Message copied to %(folder)s.", "%(count)s messages copied to %(folder)s.", n, folder=folder),
    "label": lambda n, label: ngettext(
        "Message labelled %(label)s.", "%(count)s messages labelled %(label)s.", n, label=label),
    "unlabel": lambda n, label: ngettext(
        "Message no longer labelled %(label)s.", "%(count)s messages no longer labelled %(label)s.", n, label=label),
    # Of sending and archiving at once: always one message.
    "answered": lambda n, _about: _("Message answered and moved to Archive."),
    "answering": lambda n, _about: _("Message moved to Archive, your answer is on its way."),
}  # fmt: skip

# Translators: to how many (done) of so many messages it was done so far. It is put into another sentence.
_SO_FAR: Final[Mapping[str, Callable[[int, str, str], str]]] = {
    "read": lambda n, done, _about: ngettext(
        "%(done)s of %(count)s message marked as read", "%(done)s of %(count)s messages marked as read", n, done=done),
    "unread": lambda n, done, _about: ngettext(
        "%(done)s of %(count)s message marked as unread", "%(done)s of %(count)s messages marked as unread", n,
        done=done),
    "star": lambda n, done, _about: ngettext(
        "%(done)s of %(count)s message starred", "%(done)s of %(count)s messages starred", n, done=done),
    "unstar": lambda n, done, _about: ngettext(
        "%(done)s of %(count)s message no longer starred", "%(done)s of %(count)s messages no longer starred", n,
        done=done),
    "pin": lambda n, done, _about: ngettext(
        "%(done)s of %(count)s message pinned", "%(done)s of %(count)s messages pinned", n, done=done),
    "unpin": lambda n, done, _about: ngettext(
        "%(done)s of %(count)s message no longer pinned", "%(done)s of %(count)s messages no longer pinned", n,
        done=done),
    "mute": lambda n, done, _about: ngettext(
        "%(done)s of %(count)s message muted", "%(done)s of %(count)s messages muted", n, done=done),
    "unmute": lambda n, done, _about: ngettext(
        "%(done)s of %(count)s message no longer muted", "%(done)s of %(count)s messages no longer muted", n,
        done=done),
    "archive": lambda n, done, _about: ngettext(
        "%(done)s of %(count)s message moved to Archive", "%(done)s of %(count)s messages moved to Archive", n,
        done=done),
    "delete": lambda n, done, _about: ngettext(
        "%(done)s of %(count)s message moved to Trash", "%(done)s of %(count)s messages moved to Trash", n, done=done),
    "erase": lambda n, done, _about: ngettext(
        "%(done)s of %(count)s message deleted for ever", "%(done)s of %(count)s messages deleted for ever", n,
        done=done),
    "junk": lambda n, done, _about: ngettext(
        "%(done)s of %(count)s message moved to Junk", "%(done)s of %(count)s messages moved to Junk", n, done=done),
    "notjunk": lambda n, done, _about: ngettext(
        "%(done)s of %(count)s message moved to Inbox", "%(done)s of %(count)s messages moved to Inbox", n, done=done),
    "unsnooze": lambda n, done, _about: ngettext(
        "%(done)s of %(count)s message back in Inbox", "%(done)s of %(count)s messages back in Inbox", n, done=done),
    "snooze": lambda n, done, day: ngettext(
        "%(done)s of %(count)s message snoozed until %(day)s", "%(done)s of %(count)s messages snoozed until %(day)s",
        n, done=done, day=day),
    "move": lambda n, done, folder: ngettext(
        "%(done)s of %(count)s message moved to %(folder)s", "%(done)s of %(count)s messages moved to %(folder)s", n,
        done=done, folder=folder),
    "copy": lambda n, done, folder: ngettext(
        "%(done)s of %(count)s message copied to %(folder)s", "%(done)s of %(count)s messages copied to %(folder)s", n,
        done=done, folder=folder),
    "label": lambda n, done, label: ngettext(
        "%(done)s of %(count)s message labelled %(label)s", "%(done)s of %(count)s messages labelled %(label)s", n,
        done=done, label=label),
    "unlabel": lambda n, done, label: ngettext(
        "%(done)s of %(count)s message no longer labelled %(label)s",
        "%(done)s of %(count)s messages no longer labelled %(label)s", n, done=done, label=label),
}  # fmt: skip

# Translators: buttons that say yes: do this to everything that was found.
_DO: Final[Mapping[str, Callable[[], str]]] = {
    "read": lambda: _("Mark read"), "unread": lambda: _("Mark unread"), "star": lambda: _("Star"),
    "unstar": lambda: _("Remove star"), "pin": lambda: _("Pin"), "unpin": lambda: _("Unpin"),
    "mute": lambda: pgettext("a button", "Mute"), "unmute": lambda: pgettext("a button", "Unmute"),
    "archive": lambda: pgettext("a button", "Archive"), "delete": lambda: _("Delete"),
    "junk": lambda: _("Report junk"), "notjunk": lambda: _("Not junk"), "unsnooze": lambda: _("Bring back"),
    "snooze": lambda: _("Snooze"), "move": lambda: _("Move"), "copy": lambda: _("Copy"),
    "label": lambda: _("Add label"), "unlabel": lambda: _("Remove label"),
}  # fmt: skip


def can_be_asked(name: str) -> bool:
    """Whether it can be done to all that a search found."""
    return name in _DO


def word(order: Order) -> str:
    """What stands on the button that says yes; "" where nothing is asked."""
    return _DO[order.name]() if order.asks else ""


def told(job: Job) -> str:
    """What was done, and honestly to how many: others may have moved or deleted some meanwhile."""
    if job.state is State.ASKED:
        return _question(job)
    if job.state is not State.DONE:
        return _under_way(job)
    if job.undoes is not None:
        return _undone(job)
    count, gone = job.count, job.gone
    if not count:
        return _nothing(gone)
    text = _DONE[job.order.name](count, job.order.about)
    return f"{text} {_no_longer(gone)}" if gone else text


def _nothing(gone: int) -> str:
    if not gone:
        return _("Nothing was changed: there was no such message.")
    return ngettext(
        "Nothing was changed: the message is no longer here.",
        "Nothing was changed: these messages are no longer here.",
        gone,
    )


def _no_longer(gone: int) -> str:
    # Translators: follows what was done to the other messages.
    return ngettext("%(count)s was no longer here.", "%(count)s were no longer here.", gone)


def _question(job: Job) -> str:
    count, folders = job.total or 0, job.folders
    if folders > 1:
        # Translators: where so many messages were found; it is put into another sentence.
        where = ngettext("%(count)s folder", "%(count)s folders", folders)
        found = ngettext(
            "One message in %(folders)s is found.", "%(count)s messages in %(folders)s are found.", count,
            folders=where,
        )  # fmt: skip
    else:
        found = ngettext("One message is found.", "%(count)s messages are found.", count)
    # Translators: deed: what stands on the button: "Archive: all of them?" It follows how many are found.
    asked = ngettext("%(deed)s: all of it?", "%(deed)s: all of them?", count, deed=word(job.order))
    return f"{found} {asked}"


def refused(job: Job) -> str:
    """What some of several folders did not allow."""
    if not job.refused or job.state is State.ASKED:
        return ""
    count, names = sum(one.count for one in job.refused), {one.mailbox for one in job.refused}
    alone = len(names) == 1
    where = title(job.refused[0].mailbox) if alone else ngettext("%(count)s folder", "%(count)s folders", len(names))
    if count:
        # Translators: where: the name of a folder, or "3 folders".
        what = ngettext(
            "Not changed: %(count)s message in %(where)s.", "Not changed: %(count)s messages in %(where)s.", count,
            where=where,
        )  # fmt: skip
    else:
        what = _("Not changed: %(where)s.", where=where)
    return f"{what} {sentence_for(job.refused[0].error).stopped}"


def _under_way(job: Job) -> str:
    running = job.state is State.RUNNING
    if job.total is None:
        return _counting(job)
    done = number(job.count)
    if job.undoes:
        what = ngettext(
            "%(done)s of %(count)s message put back", "%(done)s of %(count)s messages put back", job.total, done=done
        )
    else:
        what = _SO_FAR[job.order.name if job.order.name in _SO_FAR else "archive"](job.total, done, job.order.about)
    if running:
        # Translators: what: "3 of 10 messages moved to Archive".
        return _("%(what)s so far.", what=what)
    return _("Stopped: %(what)s.", what=what) if job.state is State.STOPPED else _("Not finished: %(what)s.", what=what)


def _counting(job: Job) -> str:
    """It is not known yet how many there are, so nothing has been done."""
    if job.state is State.STOPPED:
        return _("Stopped: nothing was changed.")
    if job.state is State.FAILED:
        return _("Not finished: nothing was changed.")
    return _("Counting what is found.") if job.order.asks else _("Counting the messages.")


def _undone(job: Job) -> str:
    back, lost = job.undone.back, job.undone.lost
    text = [_("Undone.") if back or not lost else _("It could not be undone.")]
    if lost:
        text.append(ngettext(
            "%(count)s was moved or deleted meanwhile, or the server does not tell where it is.",
            "%(count)s were moved or deleted meanwhile, or the server does not tell where they are.",
            lost,
        ))  # fmt: skip
    if job.undoes is not None and job.undoes.letter:
        unsent = _("Your answer was not sent: it is in Drafts.")
        text.append(unsent if job.unsent else _("Your answer has been sent already."))
    return " ".join(text)


def title(name: MailboxName, folders: tuple[Mailbox, ...] | None = None) -> str:
    """What the reader calls a folder."""
    known = session.borrow(mailboxes.list_mailboxes) if folders is None else folders
    found = next((one for one in known if one.name == name), None)
    # A cookie carries it to the next page, and browsers drop one over 4 KB.
    return folder_title(found)[:100] if found else _("another folder")
