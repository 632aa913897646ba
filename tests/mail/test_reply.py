"""Answering and passing on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.mail.address import Address
from webmail.mail.build import build
from webmail.mail.draft import Draft
from webmail.mail.headers import Headers
from webmail.mail.reply import Audience, Original, above_forwarded, as_typed, forward, quoted, reply, written_to
from webmail.views import _origin

from .people import ALICE, BOB, CHARLIE, NOON

HEADER = """From: Bob Sharer <bob@pennypost.test>
To: Alice Owner <ALICE@pennypost.test>, Charlie <charlie@elsewhere.test>
Cc: dora@elsewhere.test, Bob <bob@pennypost.test>
Subject: Garden
Date: Mon, 1 Jun 2026 10:00:00 +0200
Message-ID: <2@x>
References: <1@x>
"""
WROTE = "On Mon, 1 Jun 2026 at 08:00, Bob Sharer <bob@pennypost.test> wrote:"
DORA = Address("", "dora@elsewhere.test")


def original(header: str = HEADER, text: str = "Shall we?\n") -> Original:
    return Original(Headers.parse(header.encode()), text)


def answer(header: str = HEADER, *, to: Audience = Audience.SENDER, text: str = "Shall we?\n") -> Draft:
    return reply(original(header, text), ALICE, audience=to, wrote=WROTE, message_id="<3@pennypost.test>", date=NOON)


def to_and_cc(draft: Draft) -> tuple[list[str], list[str]]:
    return [person.address for person in draft.to], [person.address for person in draft.cc]


def test_an_answer_goes_to_the_sender() -> None:
    draft = answer()
    assert (draft.to, draft.cc, draft.bcc, draft.sender) == ((BOB,), (), (), ALICE)
    assert (draft.in_reply_to, draft.references) == ("<2@x>", ("<1@x>", "<2@x>"))
    assert draft.text == f"\n\n{WROTE}\n> Shall we?\n"


def test_an_answer_to_all_leaves_out_oneself_and_repeats_nobody() -> None:
    draft = answer(to=Audience.ALL)
    assert (draft.to, draft.cc) == ((BOB,), (CHARLIE, DORA))


def test_reply_to_wins() -> None:
    draft = answer(HEADER + "Reply-To: list@lists.test\n", to=Audience.ALL)
    assert draft.to == (Address("", "list@lists.test"),)
    assert [person.address for person in draft.cc] == [
        "charlie@elsewhere.test",
        "dora@elsewhere.test",
        "bob@pennypost.test",
    ]


LIST = "List-Post: <mailto:talk@lists.test?subject=x>\n"
ON_A_LIST = HEADER.replace("charlie@elsewhere.test", "talk@lists.test") + LIST


def test_an_answer_to_the_list_goes_to_the_list_alone() -> None:
    """RFC 2369 3.4."""
    assert to_and_cc(answer(ON_A_LIST, to=Audience.LIST)) == (["talk@lists.test"], [])
    assert to_and_cc(answer(ON_A_LIST)) == (["bob@pennypost.test"], [])
    assert to_and_cc(answer(ON_A_LIST, to=Audience.ALL)) == (
        ["bob@pennypost.test"],
        ["talk@lists.test", "dora@elsewhere.test"],
    )


@pytest.mark.parametrize(
    "post", ["List-Post: NO\n", LIST + LIST, "List-Post: <https://x.test>\n", "List-Post: <mailto:x>\n"]
)
def test_a_list_that_takes_no_letters_is_answered_as_all(post: str) -> None:
    header = HEADER + post
    assert to_and_cc(answer(header, to=Audience.LIST)) == to_and_cc(answer(header, to=Audience.ALL))


def test_a_list_in_reply_to_does_not_turn_an_answer_to_one_into_one_to_all() -> None:
    header = ON_A_LIST + "Reply-To: talk@lists.test\n"
    assert to_and_cc(answer(header)) == (["bob@pennypost.test"], [])
    assert to_and_cc(answer(header, to=Audience.ALL)) == (
        ["bob@pennypost.test"],
        ["talk@lists.test", "dora@elsewhere.test"],
    )


def test_a_list_that_writes_in_its_members_name_is_seen_through() -> None:
    """What lists do for DMARC: From is the list, the writer stands in Reply-To, perhaps beside the list."""
    header = ON_A_LIST.replace("Bob Sharer <bob@pennypost.test>\nTo", "Bob via Talk <talk@lists.test>\nTo")
    header += "Reply-To: Talk <talk@lists.test>, Bob <bob@pennypost.test>\n"
    assert to_and_cc(answer(header)) == (["bob@pennypost.test"], [])
    assert to_and_cc(answer(header.replace(", Bob <bob@pennypost.test>", ""))) == (["talk@lists.test"], [])


def test_mail_reply_to_is_where_one_writer_wants_answers() -> None:
    header = HEADER + "Reply-To: talk@lists.test\nMail-Reply-To: bob@home.test\n"
    assert to_and_cc(answer(header)) == (["bob@home.test"], [])


def test_the_answer_comes_from_the_address_that_was_written_to() -> None:
    own = (ALICE, Address("", "a.owner@work.test"), Address("", "other@work.test"))
    assert written_to(original("To: x@y.test\nCc: A.Owner@work.test\n").headers, own) == own[1]
    assert written_to(original("To: list@y.test\nDelivered-To: other@work.test\n").headers, own) == own[2]
    assert written_to(original(HEADER).headers, own) == ALICE
    assert written_to(original("").headers, own) == ALICE


def test_mail_followup_to_is_where_a_discussion_goes() -> None:
    header = HEADER + "Mail-Followup-To: list@lists.test, alice@pennypost.test\n"
    assert answer(header, to=Audience.ALL).to == (Address("", "list@lists.test"),)
    assert answer(header).to == (BOB,)


def test_answering_oneself_goes_on_with_the_same_people() -> None:
    header = HEADER.replace("From: Bob Sharer <bob@", "From: Alice <alice@").replace("Alice Owner <ALICE@", "<bob@")
    assert [person.address for person in answer(header).to] == ["bob@pennypost.test", "charlie@elsewhere.test"]
    assert [person.address for person in answer(header, to=Audience.ALL).cc] == ["dora@elsewhere.test"]


def test_a_sender_without_an_address_leaves_the_field_empty() -> None:
    assert answer("From: MAILER-DAEMON\n").to == ()
    assert answer("").to == ()


@pytest.mark.parametrize(
    ("subject", "becomes"),
    [
        ("Garden", "Re: Garden"),
        ("Re: Garden", "Re: Garden"),
        ("RE: AW: Sv: Garden", "Re: Garden"),
        ("Re[2]: Garden", "Re: Garden"),
        ("Antw.: Garden", "Re: Antw.: Garden"),
        ("回复:Garden", "Re: Garden"),
        ("Отв: WG: RV: TR: Garden", "Re: Garden"),
        ("Odp: Antw: VS: 转发：Garden", "Re: Garden"),
        ("Fwd: Garden", "Re: Garden"),
        ("Re(3) : re^2: Garden", "Re: Garden"),
        ("رد: حديقة", "Re: حديقة"),
        ("Regarding: beans", "Re: Regarding: beans"),
        ("Research: beans", "Re: Research: beans"),
        ("", "Re:"),
    ],
)
def test_re_is_not_doubled(subject: str, becomes: str) -> None:
    assert answer(f"Subject: {subject}\n").subject == becomes


@pytest.mark.parametrize(
    ("subject", "becomes"),
    [
        ("Garden", "Fwd: Garden"),
        ("WG: Fwd: Garden", "Fwd: Garden"),
        ("Re: Garden", "Fwd: Re: Garden"),
        ("TR : x", "Fwd: x"),
    ],
)
def test_fwd_is_not_doubled(subject: str, becomes: str) -> None:
    draft = forward(original(f"Subject: {subject}\n"), ALICE, facts="", message_id="<3@x>", date=NOON)
    assert draft.subject == becomes


def test_passing_on_tells_what_it_was() -> None:
    facts = "From: Bob Sharer <bob@pennypost.test>\nSubject: Garden"
    draft = forward(original(), ALICE, facts=facts, message_id="<3@x>", date=NOON)
    assert (draft.to, draft.in_reply_to) == ((), None)
    above = f"\n\n---------- Forwarded message ----------\n{facts}"
    assert draft.text == f"{above}\n\nShall we?\n"
    assert above_forwarded(f"Look:{draft.text}") == f"Look:{above}"
    assert above_forwarded("Look:\n\nShall we?\n") == ""


def test_a_long_thread_keeps_its_first_and_its_latest() -> None:
    """RFC 5322 3.6.4 lets us cut in the middle."""
    header = "Message-ID: <last@x>\nReferences: " + " ".join(f"<{n}@x>" for n in range(500)) + "\n"
    found = answer(header).references
    assert (found[0], found[-1], len(found)) == ("<0@x>", "<last@x>", 20)


def test_references_fit_in_one_line() -> None:
    """RFC 5322 2.1.1: 998 octets; the first and the answered one stay, and those that come closest to it."""
    names = [f"<{n:03d}.{'x' * 90}@host.example>" for n in range(15)]
    found = answer(f"Message-ID: {names[-1]}\nReferences: {' '.join(names[:-1])}\n").references
    assert found == (names[0], *names[-len(found) + 1 :])
    assert 880 < len("References: " + " ".join(found)) <= 998
    long = [f"<{n}{'x' * 700}@host.example>" for n in range(3)]
    found = answer(f"Message-ID: {long[2]}\nReferences: {long[0]} {long[1]}\n").references
    assert found == (long[2],)


def test_in_reply_to_stands_in_for_missing_references() -> None:
    assert answer("Message-ID: <2@x>\nIn-Reply-To: <1@x>\n").references == ("<1@x>", "<2@x>")
    assert answer("").references == ()
    assert answer("").in_reply_to is None


def test_quotes_grow_by_one_mark_and_the_signature_stays_behind() -> None:
    assert quoted("a\n\n> b\n>> c\n-- \nBob") == "> a\n>\n>> b\n>>> c"
    assert quoted("") == ""


def test_a_very_long_original_is_cut() -> None:
    """R15."""
    assert quoted("x" * 300_000).endswith("\n> [...]")
    assert len(quoted("x\n" * 300_000)) < 250_000


@given(st.binary(max_size=800), st.text(max_size=200), st.sampled_from(Audience))
def test_any_message_can_be_answered_and_passed_on(header: bytes, text: str, to: Audience) -> None:
    """R10, R27: what came in from a stranger goes out again only in a shape that may be sent."""
    clean = "".join(character for character in text if not "\ud800" <= character <= "\udfff")
    received = Original(Headers.parse(header), clean)
    wrote, facts = _origin.wrote(received.headers, NOON), _origin.facts(received.headers, NOON)
    build(reply(received, ALICE, audience=to, wrote=wrote, message_id="<3@x>", date=NOON))
    build(forward(received, ALICE, facts=facts, message_id="<3@x>", date=NOON))


def test_a_person_in_a_form_field() -> None:
    assert as_typed(Address("Sharer, Bob", "bob@x.test")) == '"Sharer, Bob" <bob@x.test>'
    assert as_typed(Address("", "bob@x.test")) == "bob@x.test"
