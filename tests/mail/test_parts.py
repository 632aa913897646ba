"""Which part is the letter, which are its enclosures."""

from __future__ import annotations

import pytest

from webmail.mail import parts
from webmail.mail.ids import PartId
from webmail.mail.message import Part


def part(id: str, type: str, *children: Part, **more: object) -> Part:
    return Part(PartId(id), type, children=children, **more)  # type: ignore[arg-type]


TEXT = part("1", "text/plain")
HTML = part("2", "text/html")
PDF = part("3", "application/pdf", disposition="attachment", filename="x.pdf")
PICTURE = part("4", "image/png", content_id="pic@x", disposition="inline")
CALENDAR = part("5", "text/calendar")
FOOTER = part("6", "text/plain", disposition="inline")


def test_plain_text_alone() -> None:
    shown = parts.choose(TEXT)
    assert (shown.text, shown.html, shown.more, shown.attachments) == (TEXT, None, (), ())


def test_alternatives_are_the_same_words_twice() -> None:
    shown = parts.choose(part("TEXT", "multipart/alternative", TEXT, HTML))
    assert (shown.text, shown.html, shown.more, shown.attachments) == (TEXT, HTML, (), ())


def test_a_newsletter_with_pictures_and_a_file() -> None:
    related = part("r", "multipart/related", HTML, PICTURE)
    shown = parts.choose(part("TEXT", "multipart/mixed", part("a", "multipart/alternative", TEXT, related), PDF))
    assert (shown.text, shown.html, shown.attachments) == (TEXT, HTML, (PDF,))
    assert shown.inline == {"pic@x": PICTURE}


def test_the_root_of_related_parts_may_be_named() -> None:
    html = part("7", "text/html", content_id="root@x")
    related = part("TEXT", "multipart/related", PICTURE, html, params={"start": "<root@x>"})
    shown = parts.choose(related)
    assert (shown.html, shown.attachments) == (html, ())


def test_a_picture_that_the_html_does_not_mention_is_a_file() -> None:
    shown = parts.choose(part("TEXT", "multipart/related", HTML, PICTURE))
    assert parts.settle(shown, '<img src="CID:pic%40x">').attachments == ()
    assert parts.settle(shown, "<p>none</p>").attachments == (PICTURE,)
    assert parts.settle(shown, None).attachments == (PICTURE,)


def test_a_picture_beside_the_html_that_it_mentions_is_no_file() -> None:
    """Apple Mail puts them into multipart/mixed."""
    shown = parts.choose(part("TEXT", "multipart/mixed", HTML, PICTURE, PDF))
    assert shown.attachments == (PICTURE, PDF)
    assert parts.settle(shown, "<img src=cid:pic@x>").attachments == (PDF,)


def test_a_pdf_that_the_html_mentions_stays_a_file() -> None:
    pdf = part("8", "application/pdf", content_id="pdf@x")
    shown = parts.choose(part("TEXT", "multipart/mixed", HTML, pdf))
    assert parts.settle(shown, "<a href=cid:pdf@x>").attachments == (pdf,)


def test_related_without_html_hides_nothing() -> None:
    assert parts.choose(part("TEXT", "multipart/related", TEXT, PICTURE)).attachments == (PICTURE,)


def test_the_second_picture_of_the_same_name_is_a_file() -> None:
    other = part("9", "image/png", content_id="pic@x")
    shown = parts.choose(part("TEXT", "multipart/related", HTML, PICTURE, other))
    assert (shown.inline, shown.attachments) == ({"pic@x": PICTURE}, (other,))


def test_the_footer_of_a_mailing_list_is_read_too() -> None:
    alternative = part("a", "multipart/alternative", TEXT, HTML)
    shown = parts.choose(part("TEXT", "multipart/mixed", alternative, FOOTER))
    assert (shown.text, shown.html, shown.more) == (TEXT, HTML, (FOOTER,))


def test_text_and_html_side_by_side_are_not_the_same_words() -> None:
    shown = parts.choose(part("TEXT", "multipart/mixed", TEXT, HTML))
    assert (shown.text, shown.html, shown.more) == (TEXT, None, (HTML,))


def test_text_between_files_stays_in_order() -> None:
    """Apple Mail: html, picture, html, as one branch of the alternative."""
    second = part("8", "text/html")
    mixed = part("m", "multipart/mixed", HTML, PDF, second)
    shown = parts.choose(part("TEXT", "multipart/alternative", TEXT, mixed))
    assert (shown.text, shown.html, shown.more, shown.attachments) == (TEXT, HTML, (second,), (PDF,))


def test_an_invitation_is_listed() -> None:
    shown = parts.choose(part("TEXT", "multipart/alternative", TEXT, HTML, CALENDAR))
    assert (shown.text, shown.html, shown.attachments) == (TEXT, HTML, (CALENDAR,))


def test_the_alternative_that_is_passed_over_is_listed() -> None:
    first = part("8", "text/plain")
    shown = parts.choose(part("TEXT", "multipart/alternative", first, TEXT, HTML))
    assert (shown.text, shown.html, shown.attachments) == (TEXT, HTML, (first,))


def test_a_message_inside_is_a_file_and_not_looked_into() -> None:
    inner = part("2", "message/rfc822", part("2.1", "text/html", content_id="x"))
    shown = parts.choose(part("TEXT", "multipart/mixed", TEXT, inner))
    assert (shown.html, shown.attachments, shown.inline) == (None, (inner,), {})


def test_a_bounce_shows_its_words_and_lists_its_report() -> None:
    status, returned = part("2", "message/delivery-status"), part("3", "message/rfc822")
    shown = parts.choose(part("TEXT", "multipart/report", TEXT, status, returned))
    assert (shown.text, shown.attachments) == (TEXT, (status, returned))


def test_a_named_text_is_a_file_unless_there_is_nothing_else_to_read() -> None:
    named = part("1", "text/plain", filename="notes.txt")
    attached = part("2", "text/plain", filename="notes.txt", disposition="attachment")
    assert parts.choose(part("TEXT", "multipart/mixed", TEXT, named)).text == TEXT
    alone = parts.choose(named)
    assert (alone.text, alone.attachments) == (named, (named,))
    assert parts.choose(attached).text is None
    assert parts.choose(part("1", "text/markdown")).text is not None
    assert parts.choose(CALENDAR).text is None


@pytest.mark.parametrize("type", ["multipart/mixed", "multipart/signed", "multipart/x-unknown", "multipart/encrypted"])
def test_a_multipart_of_any_kind_shows_what_it_has(type: str) -> None:
    signature = part("2", "application/pgp-signature")
    shown = parts.choose(part("TEXT", type, TEXT, signature))
    assert (shown.text, shown.attachments) == (TEXT, (signature,))


def test_an_empty_multipart_shows_nothing_and_is_no_file() -> None:
    assert parts.choose(part("TEXT", "multipart/mixed")) == parts.Shown(None, None, (), (), {})


@pytest.mark.asvs("1.1.1")
def test_text_is_decoded_once_by_its_own_label() -> None:
    qp = part("1", "text/plain", encoding="quoted-printable", params={"charset": "iso-8859-15"})
    assert parts.text_of(qp, b"=A4=3D41\r\nx") == "€=41\nx"
    html = part("1", "text/html")
    assert parts.text_of(html, b"<meta charset=koi8-r>" + "Тема".encode("koi8-r")).endswith("Тема")
    labelled = part("1", "text/html", params={"charset": "utf-8"})
    assert parts.text_of(labelled, b"<meta charset=koi8-r>caf\xc3\xa9").endswith("café")


def test_a_repaired_part_carries_its_content() -> None:
    carried = part("1", "text/plain", encoding="base64", content=b"ready")
    assert parts.decode_content(carried, b"ignored") == b"ready"


def test_a_download_always_has_a_name() -> None:
    """R8."""
    assert parts.download_name(part("2.1", "image/png")) == "part 2.1.png"
    assert parts.download_name(PDF) == "x.pdf"
