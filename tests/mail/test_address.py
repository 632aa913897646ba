"""Addresses: received ones are read with patience, typed ones with care."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.errors import BadAddress
from webmail.mail.address import MOST, Address, for_eyes, form, parse, parse_typed, valid, wire


@pytest.mark.parametrize(
    ("raw", "people"),
    [
        ("a@b", [("", "a@b")]),
        ("Bob <bob@x>", [("Bob", "bob@x")]),
        ('"Sharer, Bob" <bob@x>, c@d', [("Sharer, Bob", "bob@x"), ("", "c@d")]),
        ('"Bob \\"B\\" S." <bob@x>', [('Bob "B" S.', "bob@x")]),
        ("bob@x (Bob (really))", [("Bob (really)", "bob@x")]),
        ("Team: a@b, c@d;, e@f", [("", "a@b"), ("", "c@d"), ("", "e@f")]),
        ("undisclosed-recipients:;", []),
        ("a@b; c@d", [("", "a@b"), ("", "c@d")]),
        ("=?utf-8?Q?M=C3=BCller,_Hans?= <m@x>", [("Müller, Hans", "m@x")]),
        ('"=?utf-8?Q?M=C3=BCller?=" <m@x>', [("Müller", "m@x")]),
        ("<a@b", [("", "a@b")]),
        ("<a@b, Bob <b@c>", [("", "a@b"), ("Bob", "b@c")]),
        ("<<a@b>>", [("", "a@b")]),
        ('"john doe"@x', [("", '"john doe"@x')]),
        ("john @ x . y", [("", "john@x.y")]),
        ("<@relay,@other:bob@x>", [("", "bob@x")]),
        ("John <jdoe@machine(comment).  example>", [("John", "jdoe@machine.example")]),
        ("Re: beans <a@b>", [("Re: beans", "a@b")]),
        ("MAILER-DAEMON", [("MAILER-DAEMON", "")]),
        ("Joe <joe@[192.0.2.1]>", [("Joe", "joe@[192.0.2.1]")]),
        ("ä@ö", [("", "ä@ö")]),
        ('"unclosed <a@b>', [("unclosed", "a@b")]),
        (",,;,", []),
        ("", []),
    ],
)
def test_received(raw: str, people: list[tuple[str, str]]) -> None:
    assert [(person.name, person.address) for person in parse(raw)] == people


def test_a_name_that_hides_its_direction_or_a_line_end_is_cleaned() -> None:
    """R19."""
    (person,) = parse("=?utf-8?b?4oCuZXZpbOKArA0KQmNjOg==?= <a@b>")
    assert person.name == "evil Bcc:"


def test_a_name_that_poses_as_an_address_is_not_the_label() -> None:
    """R19: the address is what counts, and a name with an @ wants to be taken for one."""
    assert Address("bank@bank.test", "thief@evil.test").label == "thief@evil.test"
    assert Address("Bob", "bob@x").label == "Bob"
    assert Address("'bob@x'", "bob@x").label == "'bob@x'"
    assert Address("Nobody", "").label == "Nobody"


def test_a_thousand_people_are_enough() -> None:
    """R15."""
    assert len(parse("a@b," * 5000)) == MOST


@pytest.mark.parametrize(
    "bomb",
    [
        '"\\' * 100_000,
        "(" * 200_000,
        "<" * 200_000,
        '"' * 200_000,
        ":" * 200_000 + ";",
        "[ " * 100_000,
        '<"' * 100_000,
        "=?a?q?" * 40_000,
        "x " * 100_000 + "@",
        "(\\" * 100_000,
        '\\"' * 100_000,
        "a:" * 100_000 + ";",
        "a@" * 100_000,
    ],
)
def test_hostile_lists_take_no_time(bomb: str) -> None:
    """R15: the standard library's reader recurses on some of these until it falls over."""
    begun = time.process_time()
    parse(bomb)
    assert time.process_time() - begun < 2


@given(st.text(alphabet=st.sampled_from('ab@.,;:<>"()\\[] \t=?é\u202e\ud800'), max_size=60))
def test_random_lists_never_raise(text: str) -> None:
    for person in parse(text):
        (person.name + person.address).encode()


@pytest.mark.parametrize(
    ("typed", "people"),
    [
        ("bob@x.test", [("", "bob@x.test")]),
        ("Bob <bob@x.test>, charlie@y.test", [("Bob", "bob@x.test"), ("", "charlie@y.test")]),
        (
            "bob@x.test; charlie@y.test\ndave@z.test\r\n",
            [("", "bob@x.test"), ("", "charlie@y.test"), ("", "dave@z.test")],
        ),
        ("bob@x.test charlie@y.test", [("", "bob@x.test"), ("", "charlie@y.test")]),
        ('"Sharer, Bob" <bob@x.test>', [("Sharer, Bob", "bob@x.test")]),
        ("Müller <m@müller.example>", [("Müller", "m@müller.example")]),
        ("=?utf-8?q?not=20decoded?= <b@x>", [("=?utf-8?q?not=20decoded?=", "b@x")]),
        ("root@localhost", [("", "root@localhost")]),
        ("Friends: a@b, c@d;", [("", "a@b"), ("", "c@d")]),
        ("", []),
        (" , ; \n", []),
    ],
)
def test_typed(typed: str, people: list[tuple[str, str]]) -> None:
    assert [(person.name, person.address) for person in parse_typed(typed)] == people


@pytest.mark.parametrize(
    ("typed", "refused"),
    [
        ("bob", ("bob",)),
        ("Bob Sharer", ("Bob Sharer",)),
        ("good@x.test, bad@, @worse", ("bad@", "@worse")),
        ("a@b..c", ("a@b..c",)),
        ("a b@c <>", ("a b@c <>",)),
        ("x" * 65 + "@y.test", ("x" * 65 + "@y.test",)),
        ("a@-b.test", ("a@-b.test",)),
        ("a@b_c!.test", ("a@b_c!.test",)),
    ],
)
def test_typed_but_no_address(typed: str, refused: tuple[str, ...]) -> None:
    with pytest.raises(BadAddress) as error:
        parse_typed(typed)
    assert error.value.refused == refused


@pytest.mark.parametrize("control", ["\0", "\x07", "\x1b", "\x7f", "\x85", "\ud800"])
@pytest.mark.parametrize("typed", ["a{}@b.test", "Bo{}b <bob@x.test>", "bob@x{}.test"])
def test_controls_are_refused(typed: str, control: str) -> None:
    """R9, R10."""
    with pytest.raises(BadAddress):
        parse_typed(typed.format(control))


def test_line_ends_separate_and_never_survive() -> None:
    """R10: what is typed below an address is another address, not another header field."""
    found = parse_typed("a@b\r\nBcc:c@d;")
    assert [(person.name, person.address) for person in found] == [("", "a@b"), ("", "c@d")]


def test_too_many_typed_addresses_are_refused() -> None:
    with pytest.raises(BadAddress):
        parse_typed("a@b.test," * (MOST + 1))


LETTERS = st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Zs", "Cn"])
NAMES = st.text(LETTERS | st.just(" "), max_size=40)


@given(NAMES, st.from_regex(r"[a-z0-9]{1,20}(\.[a-z0-9]{1,20})?@[a-z0-9]{1,20}\.test", fullmatch=True))
def test_what_we_print_can_be_typed(name: str, spec: str) -> None:
    person = Address(" ".join(name.split()), spec)
    assert parse_typed(form(person)) == (person,)


def test_international_domains_go_out_in_ascii() -> None:
    assert wire("bob@müller.example") == "bob@xn--mller-kva.example"
    assert wire("bob@plain.example") == "bob@plain.example"
    assert wire("böb@müller.example") == "böb@müller.example"


@pytest.mark.parametrize(
    "spec", ["a@b@c", "a b@c", "a@b c", "<a@b>", "a@b>", "a\n@b", "a@b\n", "", "@", "a@", "@b", "a@[x]"]
)
def test_what_is_no_address(spec: str) -> None:
    assert not valid(spec)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("m@müller.example", "m@xn--mller-kva.example"),
        ("m@MÜLLER.example", "m@xn--mller-kva.example"),
        ("m@例え.テスト", "m@xn--r8jz45g.xn--zckzah"),
        ("m@пример.рф", "m@xn--e1afmkfd.xn--p1ai"),
        ("m@straße.example", "m@xn--strae-oqa.example"),
        ("m@उदाहरण.परीक्षा", "m@xn--p1b6ci4b4b3a.xn--11b5bs3a9aj6g"),
        ("m@plain.example", "m@plain.example"),
        ("mü@plain.example", "mü@plain.example"),
    ],
)
def test_a_foreign_domain_travels_in_ascii(typed: str, sent: str) -> None:
    """RFC 5890. A sharp s stays one: without it the letter goes to somebody else's domain."""
    assert wire(typed) == sent
    assert valid(typed)


def test_a_domain_that_cannot_be_encoded_is_no_address() -> None:
    assert not valid("a@" + "ü" * 60 + ".example")
    with pytest.raises(BadAddress) as error:
        parse_typed("good@x.test, a@" + "ü" * 60 + ".example")
    assert error.value.refused == ("a@" + "ü" * 60 + ".example",)


def test_a_domain_is_shown_in_letters_unless_they_pose_as_others() -> None:
    """R6, R19."""
    assert for_eyes(Address("M", "m@xn--mller-kva.example")).address == "m@müller.example"
    assert for_eyes(Address("", "m@xn--e1afmkfd.xn--p1ai")).address == "m@пример.рф"
    posing = "m@p\u0430ypal.example"  # the first "a" is Cyrillic
    assert for_eyes(Address("", posing)).address == wire(posing)
    assert for_eyes(Address("", "m@xn--broken-.example")).address == "m@xn--broken-.example"
    assert for_eyes(Address("", "MAILER-DAEMON")).address == "MAILER-DAEMON"


@given(st.text(max_size=40))
def test_whatever_is_shown_can_be_sent_to_the_same_place(domain: str) -> None:
    spec = f"a@{domain}"
    if valid(spec):
        shown = for_eyes(Address("", wire(spec))).address
        assert wire(shown) == wire(spec)
