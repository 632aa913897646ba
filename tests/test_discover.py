"""Two fields are enough: servers found as their domain publishes them, by real DNS and real HTTPS, and none inside."""

from __future__ import annotations

import ipaddress
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.mail.test_published import BOMB, GOOD
from tests.servers.authority import Authority
from tests.servers.names import IMAP, SMTP, Names
from tests.servers.web import Web, answer, dripping
from tests.servers.zone import Zone, publish
from webmail import errors
from webmail.discover import Finder
from webmail.mail.published import Place, Published
from webmail.remote import Remote

NETWORKS = (ipaddress.ip_network("127.0.0.0/8"),)
AUTOCONFIG = "autoconfig.example.org"


@pytest.fixture
def web(authority: Authority, names: Names) -> Iterator[Web]:
    """The domain's own web site, for HTTPS."""
    made = Web(authority, AUTOCONFIG, "example.org")
    names.ports |= {AUTOCONFIG: made.port, "example.org": made.port}
    yield made
    made.stop()


@pytest.fixture
def find(zone: Zone, authority: Authority) -> Callable[..., Published | None]:
    def made(domain: str = "example.org", **more: Any) -> Published | None:
        return finder(zone, authority, **more).find(domain)

    return made


def finder(zone: Zone, authority: Authority, **more: Any) -> Finder:
    context = ssl.create_default_context(cafile=str(authority.ca_file))
    fetch = Remote(context, most=4, each=4, allowed=NETWORKS).document
    return Finder(
        fetch, ca_file=authority.ca_file, within=NETWORKS, nameservers=[("127.0.0.1", zone.port)], **more
    )  # fmt: skip


# --- what is believed -------------------------------------------------------------------------------------------------


def test_service_records_are_asked_for_first_and_are_enough(zone: Zone, find: Callable[..., Any]) -> None:
    publish(zone, 10993, 10465)
    assert find() == Published(Place(IMAP, 10993), Place(SMTP, 10465))
    assert zone.asked == [("_imaps._tcp.example.org", "SRV"), ("_submissions._tcp.example.org", "SRV")]


def test_starttls_where_nothing_better_is_published(zone: Zone, find: Callable[..., Any]) -> None:
    zone.add("_imaps._tcp.example.org", "SRV", "0 0 0 .")
    zone.add("_imap._tcp.example.org", "SRV", f"0 1 143 {IMAP}.")
    zone.add("_submission._tcp.example.org", "SRV", f"0 1 587 {SMTP}.")
    assert find() == Published(Place(IMAP, 143, "starttls"), Place(SMTP, 587, "starttls"))


def test_r11_a_service_elsewhere_is_not_believed_but_the_domains_own_https_is(
    zone: Zone, find: Callable[..., Any], web: Web, names: Names
) -> None:
    publish(zone, host="imap.attacker.example")
    assert find() is None
    names.lead(AUTOCONFIG, "127.0.0.1")
    web.pages["/mail/config-v1.1.xml"] = answer(200, GOOD.replace(SMTP, "smtp.hoster.example").encode())
    assert find() == Published(Place(IMAP, 993), Place("smtp.hoster.example", 587, "starttls"))
    # Nobody was told whose address it is.
    assert [(each[0], each[1]) for each in web.asked] == [("GET", "/mail/config-v1.1.xml")]
    assert "alice" not in repr(web.asked)


def test_the_second_place_of_the_document(zone: Zone, find: Callable[..., Any], web: Web, names: Names) -> None:
    names.lead("example.org", "127.0.0.1")
    web.pages["/.well-known/autoconfig/mail/config-v1.1.xml"] = answer(200, GOOD.encode())
    assert find() == Published(Place(IMAP, 993), Place(SMTP, 587, "starttls"))


def test_a_large_hoster_is_known_by_its_mx(zone: Zone, find: Callable[..., Any], names: Names) -> None:
    zone.add("example.org", "MX", "10 mx.example.org.", "5 in1-smtp.messagingengine.com.")
    assert find() == Published(Place("imap.fastmail.com", 993), Place("smtp.fastmail.com", 465))


@pytest.mark.asvs("15.3.2")
@pytest.mark.parametrize(
    "page",
    [
        answer(302, Location="https://autoconfig.example.org/other.xml"),
        answer(200, b"<!-- -->" * 20000 + GOOD.encode()),
        answer(200, BOMB.encode()),
        answer(200, GOOD.replace("STARTTLS", "none").encode()),
        answer(200, GOOD.encode(), Content_Encoding="gzip"),
        answer(404, GOOD.encode()),
        answer(200, b"\xff\xfe\x00"),
    ],
    ids=["redirect", "huge", "bomb", "no TLS", "packed", "missing", "noise"],
)  # fmt: skip
def test_r23_documents_that_are_not_taken(
    find: Callable[..., Any], web: Web, names: Names, page: Callable[..., None]
) -> None:
    names.lead(AUTOCONFIG, "127.0.0.1")
    web.pages["/mail/config-v1.1.xml"] = page
    web.pages["/other.xml"] = answer(200, GOOD.encode())
    assert find() is None
    assert [each[1] for each in web.asked] == ["/mail/config-v1.1.xml"]


def test_r33_a_document_that_drips_is_not_waited_for(find: Callable[..., Any], web: Web, names: Names) -> None:
    names.lead(AUTOCONFIG, "127.0.0.1")
    web.pages["/mail/config-v1.1.xml"] = dripping(GOOD.encode(), 0.1)
    began = time.monotonic()
    assert find() is None
    assert time.monotonic() - began < 15


def test_r11_a_document_from_whom_the_certificate_does_not_name_is_not_taken(
    find: Callable[..., Any], authority: Authority, names: Names
) -> None:
    other = Web(authority, "attacker.example")
    other.pages["/mail/config-v1.1.xml"] = answer(200, GOOD.encode())
    try:
        names.lead(AUTOCONFIG, "127.0.0.1")
        names.ports[AUTOCONFIG] = other.port
        assert find() is None
        assert other.asked == []
    finally:
        other.stop()


@pytest.mark.parametrize(
    "domain",
    ["127.0.0.1", "[127.0.0.1]", "localhost", "8.8.8.8", "0x7f.1", "a..b", "", "example.org:8080", "x/..", "a" * 300]
)  # fmt: skip
def test_r23_what_is_no_domain_is_asked_for_nowhere(
    zone: Zone, find: Callable[..., Any], names: Names, domain: str
) -> None:
    assert find(domain) is None
    assert (zone.asked, names.asked) == ([], [])


def test_a_domain_that_does_not_answer_is_not_one_that_has_none(zone: Zone, authority: Authority, names: Names) -> None:
    zone.silent = True
    asking = finder(zone, authority)
    began = time.monotonic()
    with pytest.raises(errors.DomainUnanswered):
        asking.find("example.org")
    assert time.monotonic() - began < 30
    zone.silent = False
    publish(zone)
    assert asking.find("example.org") is not None


def test_an_answer_is_remembered_for_a_while_and_that_there_is_none_for_less(
    zone: Zone, authority: Authority, names: Names
) -> None:
    now = [0.0]
    asking = finder(zone, authority, clock=lambda: now[0])
    assert asking.find("example.org") is None
    questions = len(zone.asked)
    publish(zone)
    assert asking.find("Example.ORG") is None
    assert len(zone.asked) == questions
    now[0] += 301
    assert asking.find("example.org") is not None
    questions = len(zone.asked)
    now[0] += 3500
    assert asking.find("example.org") is not None
    assert len(zone.asked) == questions
    now[0] += 200
    assert asking.find("example.org") is not None
    assert len(zone.asked) > questions


def test_r15_what_is_remembered_is_bounded(
    zone: Zone, authority: Authority, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webmail.discover._MOST", 3)
    asking = finder(zone, authority)
    for number in range(6):
        assert asking.find(f"d{number}.example") is None
    assert len(asking._known) == 3


def test_slow_servers_of_strangers_take_a_few_turns_and_no_more(zone: Zone, authority: Authority) -> None:
    asking = finder(zone, authority, most=2)
    with asking.turn(), asking.turn(), pytest.raises(errors.DomainUnanswered), asking.turn():
        pass
    with asking.turn(), asking.turn():
        pass
