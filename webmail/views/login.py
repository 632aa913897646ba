"""Signing in and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LoginPage:
    """The sign-in card.

    error: one sentence or None. notice: a calm line above the form ("You have been signed out."). carried: fields of a
    letter that was being written when the session ended, kept as hidden inputs. carries_letter: say so on the card.
    """

    address: str = ""
    shared: bool = False
    error: str | None = None
    notice: str | None = None
    carried: Mapping[str, str] = field(default_factory=dict)
    next: str = ""

    @property
    def carries_letter(self) -> bool:
        """True when signing in goes back to a letter."""
        return bool(self.carried)
