"""A process that was told to stop, and still answers while balancers learn of it. One word of memory, which the process
that hears of it and the one that serves share across the fork."""

from __future__ import annotations

import mmap
from typing import Final

_WORD: Final = mmap.mmap(-1, 1)


def begin() -> None:
    """From now on this machine is not ready for more, and serves what comes all the same."""
    _WORD[0] = 1


def begun() -> bool:
    """Whether it was told to stop."""
    return _WORD[0] == 1
