"""Plain text as its readers see it: own words, quotes, signature; and the first words for the list."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.mail.text import LONGEST_SNIPPET, Block, blocks, snippet, snippet_from_source


def shape(text: str) -> list[str]:
    return [block.kind + ("(folded)" if block.folded else "") for block in blocks(text)]


def words(found: tuple[Block, ...]) -> str:
    return " ".join(f"{block.text} {words(block.children)}" for block in found)


@pytest.mark.parametrize(
    "attribution",
    [
        "On Mon, 1 Jun 2026 at 10:00, Bob Sharer <bob@pennypost.test> wrote:",
        "On Mon, 1 Jun 2026 at 10:00, Bob Sharer\n<bob@pennypost.test> wrote:",
        "Bob Sharer wrote:",
        "Am 01.06.2026 um 10:00 schrieb Bob Sharer:",
        "Am Mo., 1. Juni 2026 um 10:00 Uhr schrieb Bob Sharer <\nbob@pennypost.test>:",
        "Le lun. 1 juin 2026 à 10:00, Bob Sharer <bob@pennypost.test> a écrit :",
        "El lun, 1 jun 2026 a las 10:00, Bob (<bob@pennypost.test>) escribió:",
        "Il giorno lun 1 giu 2026 alle ore 10:00 Bob <bob@pennypost.test> ha scritto:",
        "Em seg., 1 de jun. de 2026 às 10:00, Bob <bob@pennypost.test> escreveu:",
        "Op ma 1 jun 2026 om 10:00 schreef Bob <bob@pennypost.test>:",
        "Den mån 1 juni 2026 kl 10:00 skrev Bob <bob@pennypost.test>:",
        "W dniu 1.06.2026 o 10:00, Bob pisze:",
        "пн, 1 июн. 2026 г. в 10:00, Bob <bob@pennypost.test> пишет:",
        "Dne 1. 6. 2026 v 10:00 Bob napsal(a):",
        "ma 1. kesäk. 2026 klo 10.00 Bob (bob@pennypost.test) kirjoitti:",
        "Bob <bob@pennypost.test>, 1 Haz 2026 Pzt, 10:00 tarihinde şunu yazdı:",
        "2026年6月1日(月) 10:00 Bob <bob@pennypost.test>:",
        "2026年6月1日 10:00,Bob 写道:",
    ],
)
def test_a_trailing_quote_folds_with_the_line_that_introduces_it(attribution: str) -> None:
    found = blocks(f"My answer.\n\n{attribution}\n\n> the question\n>> older\n")
    assert [(block.kind, block.folded) for block in found] == [("text", False), ("quote", True)]
    assert found[0].text == "My answer."
    assert found[1].text == attribution
    assert found[1].children == (Block("text", "the question"), Block("quote", "", (Block("text", "older"),)))


def test_answers_between_quotes_stay_in_sight() -> None:
    text = "Bob wrote:\n> one?\nYes.\n> two?\nNo.\n"
    assert shape(text) == ["quote", "text", "quote", "text"]


def test_the_left_over_end_of_the_quote_folds() -> None:
    assert shape("Bob wrote:\n> one?\nYes.\n> two?\n") == ["quote", "text", "quote(folded)"]


def test_a_message_that_only_quotes_is_not_hidden() -> None:
    assert shape("> one\n> two\n") == ["quote"]
    assert shape("-----Original Message-----\nFrom: a\nSent: b\nSubject: c\n\nhello") == ["text"]


def test_the_signature_is_apart_and_the_quote_below_it_folds() -> None:
    assert shape("Yes.\n\n-- \nAlice\n\nOn Monday, Bob wrote:\n> ok?\n") == ["text", "signature", "quote(folded)"]
    assert shape("> ok?\n\nYes.\n--\nAlice") == ["quote", "text", "signature"]


def test_a_rule_of_two_dashes_far_above_the_end_is_no_signature() -> None:
    assert shape("intro\n--\n" + "line\n" * 40) == ["text"]


def test_blank_lines_inside_a_quote_do_not_cut_it() -> None:
    assert shape("Yes.\n\n> a\n\n> b\n") == ["text", "quote(folded)"]


@pytest.mark.parametrize(
    "block",
    [
        "-----Original Message-----\nFrom: Bob\nSent: Monday\nTo: Alice\nSubject: Beans",
        "-----Ursprüngliche Nachricht-----\nVon: Bob\nGesendet: Montag\nAn: Alice\nBetreff: Bohnen",
        "________________________________\nVon: Bob\nGesendet: Montag\nAn: Alice\nBetreff: Bohnen",
        "From: Bob <bob@x>\nSent: Monday, June 1, 2026 10:00 AM\nTo: Alice\nSubject: Beans",
        "De : Bob\nEnvoyé : lundi 1 juin 2026\nÀ : Alice\nObjet : Haricots",
        "*From:* Bob\n*Date:* Monday\n*To:* Alice\n*Subject:* Beans",
        "发件人: Bob\n发送时间: 2026年6月1日\n收件人: Alice\n主题: 豆",
    ],
)
def test_a_quote_without_marks_is_known_by_its_header_block(block: str) -> None:
    found = blocks(f"Fine with me.\n\n{block}\n\nShall we plant?\n")
    assert [(part.kind, part.folded) for part in found][-1] == ("quote", True)
    assert found[0].text.startswith("Fine with me.")
    assert "Shall we plant?" in words(found[-1:])


@pytest.mark.parametrize(
    "marker",
    [
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "-------- Weitergeleitete Nachricht --------",
        "---------- Message transféré ---------",
    ],
)
def test_what_is_passed_on_never_folds(marker: str) -> None:
    text = f"See below.\n\n{marker}\nFrom: Bob\nDate: Monday\nSubject: Beans\nTo: Alice\n\nShall we plant?\n"
    assert shape(text) == ["text"]


def test_flowed_text_is_joined() -> None:
    (text,) = blocks("one \ntwo\n", flowed=True)
    assert text.text == "one two"


PIECES = st.sampled_from(
    [
        "> ",
        ">> ",
        "text",
        "\n",
        "\n\n",
        "-- \n",
        "Bob wrote:\n",
        "From: x\n",
        "Sent: y\n",
        "Subject: z\n",
        "-----Original Message-----\n",
        "-----",
        "\r",
        "\t",
    ]
)


@given(st.lists(PIECES, max_size=60).map("".join), st.booleans(), st.booleans())
def test_no_word_is_lost(text: str, flowed: bool, delsp: bool) -> None:
    found = words(blocks(text, flowed=flowed, delsp=delsp))
    kept = "".join(found.split())
    assert kept.count("text") == text.count("text")
    assert kept.count("wrote:") == text.count("wrote:")


def test_deep_and_many_quotes_keep_to_a_budget() -> None:
    """R15."""
    deep = blocks("".join(f"{'>' * depth} x\n" for depth in range(1, 200)))
    depth, found = 0, deep
    while found := tuple(block for block in found if block.kind == "quote"):
        depth, found = depth + 1, tuple(child for block in found for child in block.children)
    assert depth <= 12
    assert len(blocks("> a\nb\n" * 10_000)) < 3000


@pytest.mark.parametrize(
    "piece",
    [
        "> a\nb\n",
        "a " * 50 + "wrote:\n",
        ">" * 200 + "\n",
        "\n",
        " \n",
        "From: x\n",
        "-" * 60 + "\n",
        "_" * 80 + "\n",
        "> \n\n",
        "On \n",
        "-- \n",
        "wrote: wrote:\n>\n",
        "*",
        "\t",
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    """R15: time grows with the size and not with its square."""
    text = piece * (2_000_000 // len(piece))
    begun = time.process_time()
    blocks(text)
    assert time.process_time() - begun < 4


# --- first words ------------------------------------------------------------------------------------------------------


def test_the_first_words_are_the_writers_own() -> None:
    assert snippet("On Monday, Bob wrote:\n> ok?\n\nYes,\n  of course.\n-- \nAlice") == "Yes, of course."
    assert snippet("> only\n> quoted") == "only quoted"
    assert snippet("") == ""


def test_rules_and_long_links_are_no_words() -> None:
    text = "=====\nNews [https://x.test/track?id=1] for <https://y.test/>you\nhttps://z.test/" + "a" * 80
    assert snippet(text) == "News for you"


@given(st.text(max_size=3000))
def test_first_words_are_few_and_clean(text: str) -> None:
    found = snippet(text)
    found.encode()
    assert len(found) <= LONGEST_SNIPPET
    assert len(found.splitlines()) <= 1


@pytest.mark.parametrize(
    ("header", "head", "found"),
    [
        ("Content-Type: text/plain; charset=utf-8", "Grüße aus dem Garten", "Grüße aus dem Garten"),
        ("Content-Type: text/html", "<style>p{}</style><p>Hel<b>lo</b> &amp; bye<br>now", "Hello & bye now"),
        ("Content-Type: text/html", "<head><title>x</title><style>p {color:red", ""),
        ("Content-Type: text/html", "<p>cut in a <a href='http", "cut in a"),
        ("Content-Transfer-Encoding: base64", "SGVsbG8gd29ybGQsIGhvdyBhcmUgeW9", "Hello world, how are yo"),
        ("Content-Transfer-Encoding: quoted-printable", "Gr=C3=BC=\r\n=C3=9Fe=C3", "Grüße"),
        (
            'Content-Type: multipart/mixed; boundary="b"',
            "pre\r\n--b\r\nContent-Type: text/plain\r\n\r\nfirst wor",
            "first wor",
        ),
        (
            "Content-Type: multipart/alternative; boundary=b",
            "--b\r\n\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>rich",
            "rich",
        ),
        ("Content-Type: application/pdf", "JVBERi0=", ""),
        ("Subject: no type", "plain words", "plain words"),
        ("", "headless", "headless"),
    ],
)
def test_first_words_of_a_beginning(header: str, head: str, found: str) -> None:
    assert snippet_from_source(header.encode() + b"\r\n\r\n", head.encode()) == found


@given(st.binary(max_size=300), st.binary(max_size=2048))
def test_random_beginnings_never_raise(header: bytes, head: bytes) -> None:
    assert len(snippet_from_source(header, head)) <= LONGEST_SNIPPET


@pytest.mark.parametrize(
    "piece", ["<", "<style", "<!--", "<a ", "&", "<b>", "<p>", "[image:", "(https:", "</style", "x" * 10]
)
def test_no_beginning_takes_long(piece: str) -> None:
    begun = time.process_time()
    snippet_from_source(b"Content-Type: text/html\r\n\r\n", piece.encode() * 2000)
    assert time.process_time() - begun < 1
