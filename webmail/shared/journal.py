"""The journal of sending for all machines: journal.Journal in Redis or Valkey.

What is written must survive the server's own end, so it has to run with `appendonly yes` and `appendfsync always`
(docs/decisions/0055 says what is lost otherwise).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from webmail import errors, meter
from webmail.journal import KEEP_DONE, Comparing, Entry, State, digest
from webmail.shared.link import PREFIX, Link
from webmail.shared.node import ALIVE, Node

_KEEP_OPEN: Final = 90 * 86400
"""Seconds since the last step of an account after which what it left open is forgotten: its draft is still there."""

_LATER: Final = 1000
_ENTRY: Final = re.compile(r"(held|sending|accepted|unknown|failed|done)\|(\d+)\|([0-9a-f]*)\|(\w*)\|(\d+)")

# KEYS: what the account has open, the letter if it is done. ARGV: letter, state, name of this process, why, how long
# done and open are kept, what names of the living begin with, 1 for what is written late, and the states it may be in
# now, "" for none. Late, HELD is not left that another process has taken.
_NOTE: Final = """
local now = redis.call('GET', KEYS[2]) or redis.call('HGET', KEYS[1], ARGV[1])
local state, by = '', ''
if now then
    state, by = string.match(now, '^(%a+)|%d+|(%x*)|[%w_]*|%d+$')
    if not state then state, by = 'unknown', '' end
end
local fits = false
for at = 9, #ARGV do fits = fits or ARGV[at] == state end
if fits and state == 'sending' and by ~= ARGV[3] then
    fits = ARGV[2] == 'unknown' and redis.call('EXISTS', ARGV[7] .. by) == 0
end
if state == 'held' and by ~= ARGV[3] and ARGV[8] == '1' then fits = false end
if not fits then return now or 'failed|0|||0' end
local entry = ARGV[2] .. '|' .. redis.call('TIME')[1] .. '|' .. ARGV[3] .. '|' .. ARGV[4] .. '|0'
if ARGV[2] == 'done' then
    redis.call('SET', KEYS[2], entry, 'EX', ARGV[5])
    redis.call('HDEL', KEYS[1], ARGV[1])
else
    redis.call('HSET', KEYS[1], ARGV[1], entry)
    redis.call('EXPIRE', KEYS[1], ARGV[6])
end
return ''
"""

_SWAP: Final = """
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
"""


@dataclass(frozen=True, slots=True)
class _Step:
    """late: it is written after it has happened."""

    account: str
    letter: str
    state: State
    after: tuple[State | None, ...]
    why: str
    late: int = 1


class SharedJournal(Comparing):
    """node: this process among the others. told: of every state."""

    def __init__(self, link: Link, node: Node, told: meter.Meter = meter.SILENT) -> None:
        self._link, self._node, self._meter = link, node, told
        self._late: list[_Step] = []
        self._guard = threading.Lock()
        node.beats.append(self._catch_up)

    def get(self, account: str, letter: str) -> Entry | None:
        """As Journal has it."""
        opened, done = _places(account, letter)
        try:
            raw = self._link.ask(lambda client: client.get(done) or client.hget(opened, letter))
        except errors.SharedAway:
            raise errors.NotNoted from None
        return None if raw is None else _entry(raw)

    def note(
        self, account: str, letter: str, state: State, *, after: Collection[State | None], why: str = ""
    ) -> Entry | None:
        """As Journal has it. When it is not known whether it was written, it counts as not done, and what was written
        is set right later."""
        with suppress(errors.NotNoted):
            self._catch_up()
        try:
            return self._noted(_Step(account, letter, state, tuple(after), why, late=0))
        except errors.NotNoted:
            if state in (State.HELD, State.SENDING):
                self.later(account, letter, State.FAILED, after=(state,), why="NotNoted")
            raise

    def later(self, account: str, letter: str, state: State, *, after: Collection[State | None], why: str = "") -> None:
        """As Journal has it: with one of the next signs of life, in the order in which it happened."""
        with self._guard:
            self._late = [*self._late, _Step(account, letter, state, tuple(after), why)][-_LATER:]

    def waiting(self, account: str) -> dict[str, Entry]:
        """As Journal has it."""
        opened = _places(account, account)[0]
        try:
            found = self._link.ask(lambda client: client.hgetall(opened))
        except errors.SharedAway:
            raise errors.NotNoted from None
        return {letter: _entry(raw) for letter, raw in found.items()}

    def forget(self, account: str, letter: str) -> None:
        """As Journal has it."""
        opened, done = _places(account, letter)
        try:
            self._link.ask(lambda client: (client.hdel(opened, letter), client.delete(done)))
        except errors.SharedAway:
            raise errors.NotNoted from None

    def abandoned(self, entry: Entry) -> bool:
        """As Journal has it: no sign of life for the length of a lease."""
        if self.own(entry):
            return False
        try:
            return not (entry.by and self._node.lives(entry.by))
        except errors.SharedAway:
            raise errors.NotNoted from None

    def own(self, entry: Entry) -> bool:
        """As Journal has it."""
        return self._node.own(entry.by)

    def close(self) -> None:
        """As if the process had ended: what it left open is abandoned."""
        self._node.close()

    def _self(self) -> str:
        try:
            return self._node.name
        except errors.SharedAway:
            raise errors.NotNoted from None

    def _noted(self, one: _Step) -> Entry | None:
        name, places = self._self(), _places(one.account, one.letter)
        after = ["" if each is None else str(each) for each in one.after]
        given: list[str | int | float] = [
            one.letter,
            str(one.state),
            name,
            one.why,
            KEEP_DONE,
            _KEEP_OPEN,
            ALIVE,
            one.late,
            *after,
        ]
        try:
            told = self._link.run(_NOTE, list(places), given)
        except errors.SharedAway:
            raise errors.NotNoted from None
        if told:
            return _entry(told)
        self._meter.noted(one.state)
        return None

    def _catch_up(self) -> None:
        """What has happened while nobody could be told. It is written by one at a time, and not lost on the way."""
        if not self._late:
            return
        with self._guard:
            while self._late:
                self._noted(self._late[0])
                self._late = self._late[1:]

    def _swap(self, account: str, letter: str, before: Entry, after: Entry) -> bool:
        opened = _places(account, letter)[0]
        try:
            return bool(self._link.run(_SWAP, [opened], [letter, _raw(before), _raw(after)]))
        except errors.SharedAway:
            raise errors.NotNoted from None


def _places(account: str, letter: str) -> tuple[str, str]:
    return f"{PREFIX}sends:{digest(account)}", f"{PREFIX}sent:{digest(letter)}"


def _raw(entry: Entry) -> str:
    return f"{entry.state}|{entry.since}|{entry.by}|{entry.why}|{entry.due}"


def _entry(raw: str) -> Entry:
    found = _ENTRY.fullmatch(raw)
    if found is None:
        # Something was written and cannot be read: nobody knows what became of the letter.
        return Entry(State.UNKNOWN, 0, "")
    return Entry(State(found[1]), int(found[2]), found[3], found[4], int(found[5]))
