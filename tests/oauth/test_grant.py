"""A grant: renewed once for everybody, kept where the sign-in finds it, and not asked for in a storm."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from webmail import errors
from webmail.mail.sasl import Token
from webmail.oauth.grant import Grant
from webmail.oauth.provider import Provider, Tokens


class Slow:
    """A provider that takes its time, and says what the test wants."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.error: errors.MailError | None = None

    def refresh(self, refresh_token: str) -> Tokens:
        self.asked.append(refresh_token)
        time.sleep(0.05)
        if self.error:
            raise self.error
        return tokens(len(self.asked), 3600)

    def revoke(self, refresh_token: str) -> None:
        self.asked.append("revoke " + refresh_token)


def tokens(number: int, life: float) -> Tokens:
    return Tokens(Token(f"access-{number}"), f"refresh-{number}", time.time() + life, life)


@pytest.fixture
def slow() -> Slow:
    return Slow()


def granted(slow: Slow, life: float, **more: Any) -> Grant:
    return Grant(cast(Provider, slow), "name", tokens(0, life), **more)


@pytest.mark.parametrize("refused", [None, Token("access-0")])
def test_twenty_at_once_renew_it_once(slow: Slow, refused: Token | None) -> None:
    kept: list[Tokens] = []
    grant = granted(slow, 0 if refused is None else 3600, keep=kept.append)
    start = threading.Barrier(20)

    def one(_: int) -> Token:
        start.wait()
        return grant.token(refused=refused)

    with ThreadPoolExecutor(20) as threads:
        assert set(threads.map(one, range(20))) == {Token("access-1")}
    assert slow.asked == ["refresh-0"]
    assert [each.refresh for each in kept] == ["refresh-1"]


def test_one_that_was_just_renewed_and_is_refused_is_not_renewed_again(slow: Slow) -> None:
    grant = granted(slow, 3600)
    newer = grant.token(refused=Token("access-0"))
    with pytest.raises(errors.SignInRefused):
        grant.token(refused=newer)
    assert grant.token(refused=Token("some older one")) == newer
    assert len(slow.asked) == 1


def test_what_ended_is_not_asked_for_again(slow: Slow) -> None:
    slow.error = errors.GrantEnded()
    grant = granted(slow, 0)
    for _ in range(3):
        with pytest.raises(errors.GrantEnded):
            grant.token()
    assert len(slow.asked) == 1
    without = Grant(cast(Provider, slow), "name", Tokens(Token("a"), "", time.time() - 1, 1))
    with pytest.raises(errors.GrantEnded):
        without.token()
    assert len(slow.asked) == 1, "no refresh token, no question"


def test_a_provider_that_does_not_answer_is_left_alone_for_a_moment_and_ends_nothing(slow: Slow) -> None:
    slow.error = errors.ProviderFailed()
    grant = granted(slow, 0)
    for _ in range(3):
        with pytest.raises(errors.ProviderFailed):
            grant.token()
    assert len(slow.asked) == 1
    slow.error, grant._failed = None, -1e9
    assert grant.token() == Token("access-2")


def test_after_the_sign_out_it_serves_what_is_under_way_but_keeps_nothing(slow: Slow) -> None:
    kept: list[Tokens] = []
    grant = granted(slow, 0, keep=kept.append)
    grant.leave()
    assert grant.token() == Token("access-1")
    assert kept == []
    grant.revoke()
    grant.revoke()
    assert slow.asked == ["refresh-0", "revoke refresh-1"]
    with pytest.raises(errors.GrantEnded):
        grant.token()


def test_r17_nothing_of_it_is_printed(slow: Slow) -> None:
    grant = granted(slow, 3600)
    assert "access-0" not in repr(grant)
    assert "refresh-0" not in repr(grant)
    assert "'name'" not in repr(grant)


def test_what_another_machine_has_renewed_is_taken_and_not_renewed_again(slow: Slow) -> None:
    """A refresh token that comes twice would end the grant (RFC 9700 4.14.2)."""
    kept: list[Tokens] = [tokens(0, 3600)]
    both = [granted(slow, 3600, keep=kept.append, look=lambda: kept[-1]) for _ in range(2)]
    assert both[0].token(refused=Token("access-0")) == Token("access-1")
    assert both[1].token(refused=Token("access-0")) == Token("access-1")
    assert slow.asked == ["refresh-0"]
    assert both[1].token(refused=None) == Token("access-1")
    kept.append(tokens(7, 0))
    both[1].since = -1e9
    assert both[1].token(refused=Token("access-1")) == Token("access-2"), "what is over there, too, is renewed"
