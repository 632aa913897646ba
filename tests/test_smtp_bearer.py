"""Submission with a token in place of a password (RFC 7628, XOAUTH2)."""

from __future__ import annotations

import pytest

from tests.imap.test_bearer import Wallet
from tests.servers.authority import Authority
from tests.servers.people import ALICE
from tests.servers.submission import Submission, _Tokens
from tests.test_smtp import submit
from webmail import errors


@pytest.fixture(params=["OAUTHBEARER", "XOAUTH2"])
def server(submission: Submission, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Submission:
    """A server that knows one mechanism for tokens."""
    other = {"OAUTHBEARER": "auth_XOAUTH2", "XOAUTH2": "auth_OAUTHBEARER"}[request.param]
    monkeypatch.delattr(_Tokens, other)
    submission.bearers = {"good": ALICE.login}.get
    return submission


def test_a_token_is_taken_and_another_shown_when_it_is_not(server: Submission, authority: Authority) -> None:
    wallet = Wallet("old", "good")
    assert submit(server, authority, ["bob@example.org"], password=wallet) == {}
    assert [one.login for one in server.accepted] == [ALICE.login]
    assert wallet.refused == 1
    assert server.challenged == 1
    assert server.refused_logins == [ALICE.login], "the challenge was answered as the mechanism has it"


def test_when_there_is_no_other_token_nothing_was_sent(server: Submission, authority: Authority) -> None:
    with pytest.raises(errors.GrantEnded):
        submit(server, authority, ["bob@example.org"], password=Wallet("old"))
    with pytest.raises(errors.SubmissionLoginRefused):
        submit(server, authority, ["bob@example.org"], password=Wallet("old", "as-bad"))
    assert server.accepted == []


def test_a_server_that_takes_no_tokens_is_not_shown_one(submission: Submission, authority: Authority) -> None:
    with pytest.raises(errors.ServerRefused):
        submit(submission, authority, ["bob@example.org"], password=Wallet("good"))
    assert submission.refused_logins == []
