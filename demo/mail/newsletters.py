"""HTML mail: newsletters with remote images and tracking pixels, a shop's receipt, a picture inside the text."""

from __future__ import annotations

from datetime import date

from demo.mail.files import lighthouse, stamp
from demo.mail.letters import NEW, READ, STAR, File, Letter

_UNSUBSCRIBE = {
    "List-Unsubscribe": "<https://news.harbour-books.example/leave?reader=4192>, <mailto:leave@harbour-books.example>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "List-Id": "Harbour Books <letter.harbour-books.example>",
}


def letters(today: date) -> list[Letter]:
    return [_books(), _seeds(), _receipt(), _postcard(), _plain_html(), _invoice()]


def _books() -> Letter:
    rows = "".join(
        f"""
        <tr><td width="120" style="padding:12px">
          <img src="https://images.harbour-books.example/cover/{number}.jpg"
          width="96" height="140" alt="Cover of {title}"></td>
        <td style="padding:12px;font-family:Georgia,serif">
          <h2 style="margin:0;font-size:18px;color:#22405c">{title}</h2>
          <p style="margin:4px 0;color:#555">{line}</p>
          <a href="https://news.harbour-books.example/click?to={number}&amp;reader=4192"
             style="color:#9b2d20">Read the first pages</a></td></tr>"""
        for number, title, line in (
            (311, "Tide Tables for Beginners", "A novel in twelve moons."),
            (312, "The Gardener's Other Ladder", "Essays on things that are lent and not returned."),
            (313, "Stamps of Places That Sank", "With 140 pictures, some of them dry."),
        )
    )
    return Letter(0, "05:00", "Harbour Books <letter@harbour-books.example>", "Three books for a wet week", """
        Three books for a wet week

        Tide Tables for Beginners. A novel in twelve moons.
        The Gardener's Other Ladder. Essays on things that are lent.
        Stamps of Places That Sank. With 140 pictures, some of them dry.

        https://harbour-books.example/
        """, html=f"""
        <!DOCTYPE html><html><head><meta charset="utf-8"><title>Three books</title>
        <style>body{{background:#efe9df}} .card{{background:#fff;border-radius:6px}} a:hover{{color:#000}}
        @import url(https://fonts.harbour-books.example/serif.css);</style></head>
        <body style="margin:0;background:#efe9df">
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
        <table class="card" role="presentation" width="600" cellpadding="0" cellspacing="0" style="background:#ffffff">
        <tr><td colspan="2" background="https://images.harbour-books.example/waves.png"
          style="padding:24px;background-image:url('https://images.harbour-books.example/waves.png')">
          <h1 style="margin:0;font-family:Georgia,serif;color:#22405c">Three books for a wet week</h1></td></tr>
        {rows}
        <tr><td colspan="2" style="padding:16px;font:12px sans-serif;color:#777">You get this because you asked for it
          in the shop. <a href="https://news.harbour-books.example/leave?reader=4192">Leave the list</a></td></tr>
        </table></td></tr></table>
        <img src="https://track.harbour-books.example/open?reader=4192" width="1" height="1" alt="">
        </body></html>
        """, flags=NEW, headers=_UNSUBSCRIBE)  # fmt: skip


def _seeds() -> Letter:
    return Letter(3, "06:00", "Seed Exchange <hello@seedexchange.example>", "Swap list: 41 kinds of beans", """
        The new swap list is out: 41 kinds of beans, 12 of peas, one melon.
        """, html="""
        <div style="max-width:560px;margin:auto;font-family:Verdana,sans-serif">
        <img src="https://cdn.seedexchange.example/banner.gif" alt="Seed Exchange" style="width:100%;height:auto">
        <p>The new swap list is out: <b>41 kinds of beans</b>, 12 of peas, one melon.</p>
        <ul><li>Borlotti, from Clara</li><li>Scarlet runner, from Pavel</li><li>Blue lake, from nobody knows</li></ul>
        <p><a href="https://seedexchange.example/list">See the list</a></p>
        <p style="font-size:10px">
        <img src="https://pixel.seedexchange.invalid/p.gif?u=ana" width="1" height="1"></p></div>
        """, headers={"List-Unsubscribe": "<https://seedexchange.example/stop>"})  # fmt: skip


def _receipt() -> Letter:
    lines = "".join(
        f'<tr><td>{what}</td><td align="right">{count}</td><td align="right">{price}</td></tr>'
        for what, count, price in (
            ("Larch oil, 2.5 l", 1, "38.90"),
            ("Hinge, black", 4, "22.00"),
            ("Screws 5x60", 1, "7.40"),
        )
    )
    return Letter(4, "13:22", "Timber & Paint <shop@timberandpaint.example>", "Your order 20417 is on its way", """
        Larch oil 1, hinges 4, screws 1. Together 68.30. It arrives on Thursday.
        """, html=f"""
        <html><body bgcolor="#ffffff" text="#222222"><font face="Arial" size="3">Thank you for your order.</font>
        <table border="1" cellpadding="6" cellspacing="0" width="480"><tr bgcolor="#dddddd"><th align="left">What</th>
        <th>Pieces</th><th>Price</th></tr>{lines}
        <tr><td colspan="2"><b>Together</b></td><td align="right"><b>68.30</b></td></tr></table>
        <p>It arrives on Thursday. <a href="https://timberandpaint.example/orders/20417">Follow it</a></p>
        </body></html>
        """, flags=READ)  # fmt: skip


def _postcard() -> Letter:
    return Letter(2, "11:05", "Tante Rosalind <rosalind@postcards.example>", "A postcard from the lighthouse", """
        Dear Ana, the picture is inside this letter and not on any server.
        The keeper says hello. Rosalind
        """, html="""
        <div style="border:1px solid #cbb;padding:16px;max-width:440px;font-family:Georgia,serif">
        <img src="cid:lighthouse@postcards.example" width="360" height="200" alt="A lighthouse with red stripes">
        <p>Dear Ana, the picture is inside this letter and not on any server. The keeper says hello.</p>
        <p align="right"><img src="cid:stamp@postcards.example" width="48" height="48" alt="Stamp"><br>
        <i>Rosalind</i></p>
        </div>
        """, flags=STAR, files=(
            File("lighthouse.png", "image/png", lighthouse(), "lighthouse@postcards.example"),
            File("stamp.png", "image/png", stamp(), "stamp@postcards.example")))  # fmt: skip


def _plain_html() -> Letter:
    raw = b"""From: Neighbourhood board <board@harbourstreet.example>
To: ana@pennypost.example
Subject: Noise, bins, and one good idea
Date: {date}
Message-ID: <board-77@harbourstreet.example>
MIME-Version: 1.0
Content-Type: text/html; charset=windows-1252
Content-Transfer-Encoding: quoted-printable

<html><body><p>Dear neighbours,</p>
<p>three things =96 the short version:</p>
<ol><li>The bins are collected on <u>Tuesday</u>.</li>
<li>Please drill before eight in the evening.</li>
<li>Caf=E9 on the stairs, Sunday at four. Bring a cup.</li></ol>
<p>=93Whoever comes first, sweeps.=94</p></body></html>
"""
    return Letter(6, "20:20", raw=raw)


def _invoice() -> Letter:
    return Letter(18, "07:45", "Coast Telephone <bills@coasttelephone.example>", "Your bill is ready: 19.90", """
        Your bill for last month is ready. Amount: 19.90. We collect it on the 5th.
        """, html="""
        <body style="background:#0b2a3c;color:#fff;font-family:sans-serif;padding:20px">
        <h3 style="color:#ffd166">Your bill is ready</h3><p>Amount: <span style="font-size:24px">19.90</span></p>
        <p style="color:#9fb">We collect it on the 5th.</p>
        <img src="https://mail.coasttelephone.example/b.png" width="600" height="1"></body>
        """, flags=READ)  # fmt: skip
