"""R5: which pictures are asked for, from whom, and what the others are called."""

from __future__ import annotations

import pytest

from webmail.sanitize.html import Blocked, Reason, clean

PARTS = {"logo@a.example": "/m/INBOX/1.2/part/3"}


def image(html: str, *, remote: bool = False) -> tuple[str, tuple[Blocked, ...]]:
    found = clean(html, inline=PARTS.get, remote=str if remote else None, own_host="mail.example")
    return str(found.html), found.blocked


@pytest.mark.parametrize(
    "cid",
    [
        "cid:logo@a.example",
        "CID:logo@a.example",
        "cid:%3Clogo@a.example%3E",
        "cid:logo%40a.example",
        " cid:logo@a.example ",
    ],
)
def test_a_picture_of_the_message_is_shown(cid: str) -> None:
    assert 'src="/m/INBOX/1.2/part/3"' in image(f"<img src='{cid}'>")[0]


def test_only_the_paths_that_we_gave_pass_not_the_same_words_from_the_sender() -> None:
    html = "<img src=/m/INBOX/1.2/part/3><img src='https://mail.example/m/INBOX/1.2/part/3'><img src=/logout>"
    written, blocked = image(html, remote=True)
    assert "src" not in written
    assert blocked == (Blocked(Reason.BAD_IMAGE, 3),)


def test_a_path_that_we_gave_stands_in_the_picture_and_nowhere_else() -> None:
    html = "<img src=cid:logo@a.example><a href=/m/INBOX/1.2/part/3>x</a><p title=/m/INBOX/1.2/part/3>y</p>"
    assert image(html)[0].count('src="/m/') == 1
    assert "href" not in image(html)[0]


def test_a_part_that_is_missing_is_named() -> None:
    assert image("<img src=cid:other>")[1] == (Blocked(Reason.MISSING_IMAGE, 1),)


@pytest.mark.parametrize(
    "data",
    [
        "data:image/png;base64,iVBORw0KGgo=",
        "DATA:IMAGE/PNG;charset=x;base64,iVBO\nRw0KGgo=",
        "data:image/jpg;base64,/9j/",
    ],
)
def test_small_pictures_may_come_along_in_the_address(data: str) -> None:
    assert 'src="data:image/' in image(f"<img src='{data}'>")[0]


@pytest.mark.parametrize("data", [
    "data:image/svg+xml;base64,PHN2Zz4=", "data:text/html;base64,PHA+", "data:image/png,x",
    "data:image/png;base64,<svg>",
    "data:,x", "data:image/png;base64,", "data:image/bmp;base64,Qk0=",
])  # fmt: skip
def test_other_data_is_not_a_picture(data: str) -> None:
    assert "src" not in image(f"<img src='{data}'>")[0]
    assert image(f"<img src='{data}'>")[1] == (Blocked(Reason.BAD_IMAGE, 1),)


def test_a_large_data_picture_is_left_out() -> None:
    assert image(f"<img src=data:image/png;base64,{'A' * 1_100_000}>")[1] == (Blocked(Reason.TOO_LARGE, 1),)


def test_a_remote_picture_waits_for_consent_and_keeps_its_place() -> None:
    html = '<img alt="Offer" height="90" src="http://img.a.example/x.png" width="200">'
    assert image(html) == (
        '<img alt="Offer" height="90" width="200">',
        (Blocked(Reason.REMOTE_IMAGE, 1, ("img.a.example",)),),
    )
    written, blocked = image(html, remote=True)
    assert 'src="http://img.a.example/x.png"' in written
    assert blocked == ()


@pytest.mark.parametrize("pixel", [
    "width=1 height=1", "width=0", "height=2px", "style='width:1px;height:1px'", "style='display:none'",
    "width=1 height=1 border=0",
    "style='visibility:hidden'", "style='opacity:0'", "width=600 height=90 style='max-height:0;overflow:hidden'",
])  # fmt: skip
def test_a_picture_that_only_counts_readers_is_never_asked_for(pixel: str) -> None:
    for remote in (False, True):
        written, blocked = image(f"<img src=http://t.a.example/o.gif {pixel}>", remote=remote)
        assert "src" not in written
        assert blocked[0] == Blocked(Reason.TRACKING_PIXEL, 1, ("t.a.example",))


def test_a_pixel_inside_a_hidden_block_is_named_as_well() -> None:
    html = "<div style=display:none><p><img src=http://t.a.example/o.gif></div>"
    assert Blocked(Reason.TRACKING_PIXEL, 1, ("t.a.example",)) in image(html, remote=True)[1]


def test_a_ruled_line_is_no_pixel() -> None:
    assert "src" in image("<img src=http://a.example/line.gif width=600 height=1>", remote=True)[0]


@pytest.mark.parametrize(
    "src", ["//img.a.example/x", "\\\\img.a.example\\x", "https:img.a.example/x", "ht\ntps://img.a.example/x"]
)
def test_an_address_is_read_as_a_browser_reads_it(src: str) -> None:
    assert image(f"<img src='{src}'>")[1] == (Blocked(Reason.REMOTE_IMAGE, 1, ("img.a.example",)),)
    assert 'src="https://img.a.example/x"' in image(f"<img src='{src}'>", remote=True)[0]


@pytest.mark.parametrize("src", [
    "http://localhost/x", "http://router/x", "http://192.168.1.1/reboot", "http://[::1]/x", "http://0x7f.1/x",
    "http://nas.local/x",
    "ftp://a.example/x", "x.png", "/x.png", "../x", "file:///etc/passwd", "https://mail.example/logout",
    "http://MAIL.example/x",
])  # fmt: skip
def test_the_readers_own_network_and_our_own_host_are_not_asked(src: str) -> None:
    written, blocked = image(f"<img src='{src}'>", remote=True)
    assert "src" not in written
    assert [b.reason for b in blocked] == [Reason.BAD_IMAGE]


@pytest.mark.parametrize("html", [
    "<td background=http://a.example/x>", "<body background=http://a.example/x>",
    "<div style='background:url(http://a.example/x)'>",
    "<img srcset='http://a.example/x 2x'>", "<video poster=http://a.example/x></video>",
    "<style>p{background-image:url(http://a.example/x)}</style>", "<div style='list-style:\\75rl(http://a.example/x)'>",
])  # fmt: skip
def test_pictures_named_elsewhere_than_in_src_are_told_and_never_loaded(html: str) -> None:
    for remote in (False, True):
        written, blocked = image(f"<table><tr>{html}x", remote=remote)
        assert "a.example" not in written
        assert Blocked(Reason.REMOTE_IMAGE, 1, ("a.example",)) in blocked


def test_a_background_colour_survives_its_picture() -> None:
    html = "<div style='background:#123456 url(http://a.example/x) no-repeat'>x</div>"
    assert 'style="background-color:#123456"' in image(html)[0]
