"""How a command ends that could not do what it was asked: one line on standard error, and an exit code."""

from __future__ import annotations


class Failed(Exception):
    """str() is the line. code: 1 when it could not be done, 2 for wrong settings or arguments."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code
