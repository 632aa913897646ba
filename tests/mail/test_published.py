"""What a domain says of its mail servers: read as strangers' words, and only what keeps a password safe is taken."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.mail import hosters, published
from webmail.mail.published import Place, Published, Service

GOOD = """<?xml version="1.0"?>
<clientConfig version="1.1">
 <emailProvider id="example.org">
  <domain>example.org</domain>
  <incomingServer type="pop3"><hostname>pop.example.org</hostname><port>995</port><socketType>SSL</socketType>
   <username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></incomingServer>
  <incomingServer type="imap">
   <hostname>Imap.Example.Org</hostname><port>993</port><socketType>SSL</socketType>
   <username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></incomingServer>
  <outgoingServer type="smtp"><hostname>smtp.example.org</hostname><port>587</port><socketType>STARTTLS</socketType>
   <username>%EMAILADDRESS%</username><authentication>OAuth2</authentication>
   <authentication>password-cleartext</authentication></outgoingServer>
 </emailProvider>
</clientConfig>"""


def read(text: str) -> Published | None:
    return published.autoconfig(text.encode())


def test_an_autoconfig_document_names_both_servers() -> None:
    assert read(GOOD) == Published(
        Place("imap.example.org", 993), Place("smtp.example.org", 587, "starttls"), "address"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<socketType>SSL</socketType>\n", "<socketType>plain</socketType>\n"),
        ("<socketType>STARTTLS</socketType>", "<socketType>plain</socketType>"),
        ("<socketType>STARTTLS</socketType>", "<socketType>none</socketType>"),
        ("<socketType>STARTTLS</socketType>", ""),
        ("<port>587</port>", "<port>0</port>"),
        ("<port>587</port>", "<port>99999</port>"),
        ("<port>587</port>", "<port>-1</port>"),
        ("<port>587</port>", "<port>٥٨٧</port>"),
        ("smtp.example.org", "127.0.0.1"),
        ("smtp.example.org", "[::1]"),
        ("smtp.example.org", "2130706433"),
        ("smtp.example.org", "0x7f.1"),
        ("smtp.example.org", "localhost"),
        ("smtp.example.org", "smtp.example.org:25"),
        ("smtp.example.org", "evil.example/@smtp.example.org"),
        ("smtp.example.org", "smtp.exa&#13;&#10;mple.org"),
        ("<authentication>password-cleartext</authentication></outgoing", "</outgoing"),
        ("<username>%EMAILADDRESS%</username>", "<username>alice</username>"),
        ("</clientConfig>", ""),
        ("<clientConfig ", "<html "),
    ],
)  # fmt: skip
def test_r11_what_is_not_safe_or_not_understood_is_no_answer(old: str, new: str) -> None:
    assert old in GOOD
    assert read(GOOD.replace(old, new)) is None


@pytest.mark.parametrize(
    ("username", "login"),
    [
        ("%EMAILADDRESS%", "address"),
        ("%EMAILLOCALPART%", "local"),
        ("%EMAILLOCALPART%.%EMAILDOMAIN%", "{local}.{domain}"),
        ("EXAMPLE\\%EMAILLOCALPART%", "EXAMPLE\\{local}"),
    ],
)
def test_login_names_come_in_the_forms_that_are_ours(username: str, login: str) -> None:
    found = read(GOOD.replace("%EMAILADDRESS%", username))
    assert found is not None
    assert found.login == login


@pytest.mark.parametrize("username", ["alice", "%REALNAME%", "{local}", "%EMAILLOCALPART%&#10;x", "%EMAILDOMAIN%"])
def test_a_login_name_that_is_nobodys_pattern_is_refused(username: str) -> None:
    assert read(GOOD.replace("%EMAILADDRESS%", username)) is None


def test_tls_from_the_beginning_is_preferred_to_starttls() -> None:
    other = """<outgoingServer type="smtp"><hostname>tls.example.org</hostname><port>465</port>
    <socketType>SSL</socketType><username>%EMAILADDRESS%</username></outgoingServer></emailProvider>"""
    found = read(GOOD.replace("</emailProvider>", other))
    assert found is not None
    assert found.smtp == Place("tls.example.org", 465)


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 or str()};" * 10}">' for n in range(1, 9))
    + "]><clientConfig>&a8;</clientConfig>"
)


@pytest.mark.asvs("1.5.1")
@pytest.mark.parametrize(
    "document",
    [
        BOMB,
        '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">' + GOOD.partition("?>")[2],
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + GOOD.partition("?>")[2].replace("587", "&e;"),
        "<!DOCTYPE html>" + GOOD.partition("?>")[2],
        "<a>" * 20000,
        "<clientConfig>" + "<emailProvider>" * 1000,
        GOOD.replace("<domain>", "<domain>" + "x" * (70 << 10)),
        "",
        "\0",
        '<?xml version="1.0" encoding="no-such"?>' + GOOD.partition("?>")[2],
        GOOD.replace("<domain>", "<!-- " + "-" * 60000 + "<domain>"),
    ],
    ids=["bomb", "external", "file", "doctype", "deep", "deeper", "large", "empty", "nul", "charset", "comment"],
)
def test_r15_documents_that_are_weapons_are_no_answer_and_soon(document: str) -> None:
    began = time.process_time()
    assert read(document) is None
    assert time.process_time() - began < 1


@given(st.binary(max_size=2000))
def test_whatever_octets_come_they_are_read_or_refused(octets: bytes) -> None:
    published.autoconfig(octets)
    published.autoconfig(GOOD.encode()[:300] + octets)


@pytest.mark.parametrize(
    ("records", "place"),
    [
        ([Service(0, 1, 993, "imap.example.org.")], Place("imap.example.org", 993)),
        ([Service(0, 1, 993, "EXAMPLE.org.")], Place("example.org", 993)),
        (
            [Service(10, 1, 993, "b.example.org."), Service(0, 1, 993, "a.example.org.")],
            Place("a.example.org", 993),
        ),
        (
            [Service(0, 1, 993, "b.example.org."), Service(0, 9, 993, "a.example.org.")],
            Place("a.example.org", 993),
        ),
        ([Service(0, 0, 0, ".")], None),
        ([], None),
        ([Service(0, 1, 993, "imap.attacker.example.")], None),
        ([Service(0, 1, 993, "imap.notexample.org.")], None),
        ([Service(0, 1, 993, "example.org.attacker.example.")], None),
        ([Service(0, 1, 993, "127.0.0.1.")], None),
        ([Service(0, 1, 0, "imap.example.org.")], None),
        ([Service(0, 1, 993, "a\\000b.example.org.")], None),
    ],
)
def test_r11_a_service_record_is_believed_inside_its_own_domain_only(
    records: list[Service], place: Place | None
) -> None:
    assert published.chosen(records, "example.org", "implicit") == place


def test_hosters_are_known_by_who_takes_the_mail() -> None:
    found = hosters.behind([(10, "in2-smtp.messagingengine.com."), (5, "in1-smtp.messagingengine.com.")])
    assert found is not None
    assert found.imap == Place("imap.fastmail.com", 993)
    assert hosters.behind([(1, "mx.notgoogle.com."), (0, ".")]) is None
    assert hosters.behind([]) is None
    for _, servers in hosters._HOSTERS:
        assert {servers.imap.tls, servers.smtp.tls} <= {"implicit", "starttls"}
        assert published.hostname(servers.imap.host) == servers.imap.host
        assert published.hostname(servers.smtp.host) == servers.smtp.host


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{}", '[["a",1,"implicit"]]', '[["a.example",993,"none"],["a.example",1,"implicit"],""]',
             '[["127.0.0.1",993,"implicit"],["a.example",465,"implicit"],"address"]', "1", '"x"', "[[[[[["],
)  # fmt: skip
def test_a_record_says_what_was_written_into_it_or_nothing(text: str) -> None:
    assert published.from_text(text) is None
    found = Published(Place("a.example", 993), Place("b.example", 587, "starttls"), "{local}.{domain}")
    assert published.from_text(published.to_text(found)) == found
