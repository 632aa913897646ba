"""Settings: the table, the file, the environment, and one clear line for what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from webmail import config, reference

ROOT = Path(__file__).resolve().parent.parent
HOST = {"PENNYPOST_IMAP_HOST": "mail.example.org"}


def test_one_host_is_enough_and_means_implicit_tls_on_the_usual_ports() -> None:
    server = config.load(HOST).server_for("anything.example")
    assert server is not None
    assert (server.imap.host, server.imap.port, server.imap.tls) == ("mail.example.org", 993, "implicit")
    assert (server.smtp.host, server.smtp.port, server.smtp.tls) == ("mail.example.org", 465, "implicit")


@pytest.mark.asvs("6.1.1", "7.1.1")
def test_the_reference_page_is_made_from_the_table() -> None:
    assert (ROOT / "docs/settings.md").read_text("utf-8") == reference.reference()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "pennypost.toml"
    file.write_text('imap_host = "file.example.org"\nbrand = "From the file"\npage_size = 20\n')
    settings = config.load({"PENNYPOST_CONFIG": str(file), "PENNYPOST_BRAND": "From outside"})
    assert (settings.imap_host, settings.brand, settings.page_size) == ("file.example.org", "From outside", 20)


def test_domains_have_servers_of_their_own_and_others_have_none(tmp_path: Path) -> None:
    file = tmp_path / "pennypost.toml"
    file.write_text(
        '[domains."Example.org"]\nimap_host = "imap.example.org"\nsmtp_host = "smtp.example.org"\n'
        '[domains."example.net"]\nimap_host = "mail.example.net"\nsmtp_port = 587\nsmtp_tls = "starttls"\n'
        'login = "local"\nsent_copy = false\n'
    )
    settings = config.load({}, file)
    net = settings.server_for("example.net")
    assert settings.server_for("example.org") is not None
    assert net is not None
    assert (net.smtp.host, net.smtp.port, net.smtp.tls) == ("mail.example.net", 587, "starttls")
    assert (net.login, net.sent_copy) == ("local", False)
    assert settings.server_for("example.com") is None


def test_a_domain_with_its_own_imap_host_does_not_submit_to_somebody_elses(tmp_path: Path) -> None:
    file = tmp_path / "pennypost.toml"
    file.write_text(
        'imap_host = "a.example"\nsmtp_host = "smtp.a.example"\n[domains."b.example"]\nimap_host = "b.example"\n'
    )
    server = config.load({}, file).server_for("b.example")
    assert server is not None
    assert server.smtp.host == "b.example"


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({}, "PENNYPOST_IMAP_HOST"),
        (HOST | {"PENNYPOST_IMAP_PORT": "0"}, "PENNYPOST_IMAP_PORT"),
        (HOST | {"PENNYPOST_IMAP_PORT": "many"}, "PENNYPOST_IMAP_PORT"),
        (HOST | {"PENNYPOST_IMAP_TLS": "none"}, "PENNYPOST_IMAP_TLS"),
        (HOST | {"PENNYPOST_SECURE_COOKIES": "perhaps"}, "PENNYPOST_SECURE_COOKIES"),
        (HOST | {"PENNYPOST_CA_FILE": "/nowhere/ca.pem"}, "PENNYPOST_CA_FILE"),
        (HOST | {"PENNYPOST_LISTEN": "8025"}, "PENNYPOST_LISTEN"),
        (HOST | {"PENNYPOST_TIMEZONE": "Mars/Olympus"}, "PENNYPOST_TIMEZONE"),
        (HOST | {"PENNYPOST_TIMEZONE": "../../etc/passwd"}, "PENNYPOST_TIMEZONE"),
        (HOST | {"PENNYPOST_SECRET_KEY": "short"}, "PENNYPOST_SECRET_KEY"),
        (HOST | {"PENNYPOST_IMAP_PROT": "993"}, "PENNYPOST_IMAP_PROT"),
        (HOST | {"PENNYPOST_LOGIN": "{domain}"}, "PENNYPOST_LOGIN"),
        (HOST | {"PENNYPOST_LOGIN": "{local}.{user}"}, "PENNYPOST_LOGIN"),
        (HOST | {"PENNYPOST_LOGIN": "{local}\r\nA1 LOGOUT"}, "PENNYPOST_LOGIN"),
        (HOST | {"PENNYPOST_LOGIN": "{local}\0"}, "PENNYPOST_LOGIN"),
        (HOST | {"PENNYPOST_ANY_DOMAIN": "1"}, "PENNYPOST_ANY_DOMAIN"),
        (HOST | {"PENNYPOST_SERVER_NETWORKS": "10.0.0.1/8"}, "PENNYPOST_SERVER_NETWORKS"),
        (HOST | {"PENNYPOST_NAMESERVERS": "dns.example.org"}, "PENNYPOST_NAMESERVERS"),
        (HOST | {"PENNYPOST_NAMESERVERS": "127.0.0.1:0"}, "PENNYPOST_NAMESERVERS"),
        (HOST | {"PENNYPOST_LIMIT_SEND": "-1"}, "PENNYPOST_LIMIT_SEND"),
        ({"PENNYPOST_CONFIG": "/nowhere.toml"}, "PENNYPOST_CONFIG"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(environ: dict[str, str], named: str) -> None:
    with pytest.raises(config.ConfigError) as refused:
        config.load(environ)
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["not toml", "domains = 3", '[domains."x.example"]\nport = 1', '[domains."x.example"]\nsmtp_host = "y"']
)
def test_a_broken_file_is_one_line_too(tmp_path: Path, text: str) -> None:
    file = tmp_path / "pennypost.toml"
    file.write_text(text)
    with pytest.raises(config.ConfigError) as refused:
        config.load({}, file)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("pattern", "login"),
    [
        ("address", "a{domain}b@Example.org"),
        ("local", "a{domain}b"),
        ("{local}.{domain}", "a{domain}b.Example.org"),
        ("EXAMPLE\\{local}", "EXAMPLE\\a{domain}b"),
        ("{address}#mail", "a{domain}b@Example.org#mail"),
    ],
)
def test_r9_a_login_name_is_made_of_its_pattern_and_an_address_is_never_read_as_one(pattern: str, login: str) -> None:
    server = config.load(HOST | {"PENNYPOST_LOGIN": pattern}).server_for("example.org")
    assert server is not None
    assert server.login_of("a{domain}b@Example.org") == login


def test_any_domain_needs_no_host_and_name_servers_have_ports() -> None:
    settings = config.load({"PENNYPOST_ANY_DOMAIN": "1", "PENNYPOST_NAMESERVERS": "::1, 127.0.0.1:5353, [::1]:54"})
    assert settings.server_for("example.org") is None
    assert settings.resolvers == (("::1", 53), ("127.0.0.1", 5353), ("::1", 54))
