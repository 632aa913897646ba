"""Every reason for which something is left out happens, and has words on the page."""

from __future__ import annotations

import re

import pytest

from webmail.sanitize.html import Reason, clean
from webmail.views import _receipt

HAPPENS = {
    Reason.REMOTE_IMAGE: "<img src=http://a.example/x.png width=90>",
    Reason.TRACKING_PIXEL: "<img src=http://a.example/x.gif width=1 height=1>",
    Reason.MISSING_IMAGE: "<img src=cid:nobody>",
    Reason.BAD_IMAGE: "<img src=/logout>",
    Reason.SCRIPT: "<script>x</script>",
    Reason.FORM: "<form><input></form>",
    Reason.EMBEDDED: "<iframe src=http://a.example/></iframe>",
    Reason.PAGE_COMMAND: "<meta http-equiv=refresh content=0>",
    Reason.STYLE: "<p style='position:fixed'>x</p>",
    Reason.STYLESHEET: "<link rel=stylesheet href=http://a.example/>",
    Reason.LINK: "<a href=/x>x</a>",
    Reason.MISLEADING_LINK: "<a href=http://a.example/>www.bank.example</a>",
    Reason.HIDDEN_TEXT: "<p style='display:none'>x</p>",
    Reason.TOO_LARGE: "<div>" * 300 + "x",
}


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_happens_and_the_receipt_has_words_for_one_and_for_many(reason: Reason) -> None:
    for times, html in (
        (1, HAPPENS[reason]),
        (2, "<style>@media (max-width:9px){p{margin:9px}}</style>" + HAPPENS[reason]),
    ):
        found = clean(html, inline=lambda _: None, remote=None)
        assert reason in [each.reason for each in found.blocked], times
    one, two = _receipt._KEPT_OUT[reason](1), _receipt._KEPT_OUT[reason](2)
    assert re.fullmatch(r"(?:An? |Something )[a-z ]+\.", one)
    assert re.fullmatch(r"2 [a-z ]+\.", two)
    receipt = _receipt.receipt(found, None, proxied=False)
    assert receipt is not None
    assert any(line.startswith((one, two)) for line in receipt.lines)


def test_what_a_width_would_have_loaded_or_moved_is_told_as_well() -> None:
    sheet = "@media (max-width:600px){p{background:url(http://a.example/x.png)} b{position:fixed}}"
    told = {
        each.reason: each.hosts for each in clean(f"<style>{sheet}</style>", inline=lambda _: None, remote=None).blocked
    }
    assert told == {Reason.REMOTE_IMAGE: ("a.example",), Reason.STYLE: ()}
