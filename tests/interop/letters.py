"""The letters of the flows. Lines end in CRLF and headers are ASCII, because strict servers take nothing else."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

DATA = bytes(range(256)) * 120
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def started(subject: str, sender: str = "Dora Doe <dora@example.net>", to: str = "me@example.org") -> EmailMessage:
    """A letter that has no words yet."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = "Tue, 03 Mar 2026 10:00:00 +0100"
    message["Message-ID"] = f"<{abs(hash(subject))}@example.net>"
    return message


def plain(subject: str, text: str = "Good morning.\n", **more: str) -> bytes:
    message = started(subject, **more)
    message.set_content(text)
    return message.as_bytes()


def newsletter(subject: str) -> bytes:
    """Text and HTML with a picture inside and one far away."""
    message = started(subject)
    message.set_content("The news as text.\n")
    message.add_alternative(
        '<p>The <b>fancy</b> news</p><img src="cid:pic@1" alt="ours"><img src="https://pics.example/a.png" width="600">'
        "<script>alert(1)</script>\n",
        subtype="html",
    )
    message.get_payload()[1].add_related(PNG, "image", "png", cid="<pic@1>")  # type: ignore[union-attr, index]
    return message.as_bytes()


def with_file(subject: str, name: str = "Stühle.ods") -> bytes:
    message = started(subject)
    message.set_content("See the file.\n")
    message.add_attachment(DATA, "application", "octet-stream", filename=name)
    return message.as_bytes()
