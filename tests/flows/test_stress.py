"""Mail programs hammer the mailbox while browsers work in it: no wrong message is ever opened, moved or deleted.

SOAK_SECONDS: how long (scripts/soak); without it a few seconds.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.flows import in_step, stress
from tests.flows.stress import Ledger, token_of
from tests.servers.people import Person
from webmail.config import Settings

SECONDS = float(os.environ.get("SOAK_SECONDS", "0"))


def tokens(boxes: in_step.Truth, *names: str) -> set[str]:
    return {token_of(letter.subject) for name in names or boxes for letter in boxes[name].letters}


def left_over(ledger: Ledger, boxes: in_step.Truth) -> list[str]:
    """What stands at the end must be what somebody meant: nothing lost, nothing carried or starred by mistake."""
    wrong, unclear = ledger.wrong + ledger.misnamed(), ledger.ambiguous()
    for name, meant in ledger.carried.items():
        wrong += [f"{token} is in {name}, and nobody sent it there" for token in tokens(boxes, name) - meant - unclear]
    starred = {token_of(each.subject) for box in boxes.values() for each in box.letters if each.starred}
    wrong += [f"{token} has a star that nobody gave it" for token in starred - ledger.starred - unclear]
    wrong += [f"{token} is lost" for token in ledger.made - tokens(boxes) - ledger.taken]
    return wrong


@pytest.mark.timeout(SECONDS + 300)
def test_no_wrong_message_is_opened_moved_or_deleted(
    settings: Settings, make_app: Callable[[Settings], Flask], alice: Person, tmp_path: Path
) -> None:
    app = make_app(replace(settings, page_size=10, state_dir=str(tmp_path / "state")))
    ledger = stress.run(app, alice, SECONDS or 8, seed=0)
    boxes = in_step.truth(alice)
    print(f"stress: {dict(sorted(ledger.deeds.items()))}, {len(ledger.made)} messages, {len(ledger.names)} named")
    wrong = left_over(ledger, boxes)
    assert not wrong, "\n".join(wrong[:40])
    assert all(
        ledger.deeds[what] for what in ("list", "open", "move", "delete", "star", "append", "expunge", "rebuild")
    )
    wrong = in_step.differences(stress.Reader(app, alice, ledger, 1).visitor, in_step.truth(alice))
    assert not wrong, "\n".join(wrong)
