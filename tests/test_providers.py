"""OAuth in the settings: what is ready-made, what a table may say, and one clear line for what is wrong."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from webmail import config, providers
from webmail.providers import KNOWN, BadTable, client_of

OWN = {"issuer": "https://auth.example.org/realm", "client_id": "us"}


@pytest.mark.parametrize("name", KNOWN)
def test_a_ready_made_provider_needs_no_more_than_an_id(name: str, tmp_path: Path) -> None:
    file = tmp_path / "pennypost.toml"
    file.write_text(f'[domains."example.org".oauth]\nprovider = "{name}"\nclient_id = "us"\n')
    settings = config.load({"PENNYPOST_TRUSTED_HOSTS": "mail.example.org"}, file)
    server = settings.server_for("example.org")
    assert server is not None
    assert server.oauth is not None
    assert server.oauth.label == name
    assert server.imap.host
    assert server.smtp.host
    assert server.imap.port == 993
    for url in (server.oauth.authorization_endpoint, server.oauth.token_endpoint):
        assert urlsplit(url).scheme == "https"
    assert settings.oauth_clients() == (server.oauth,)
    assert not settings.passwords


def test_the_secret_comes_from_a_file_or_the_environment_and_is_never_printed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("canary-1\n")
    table = OWN | {"client_secret_file": str(tmp_path / "secret")}
    assert client_of(table).client_secret == "canary-1"
    assert client_of(OWN | {"client_secret_env": "S"}, {"S": "canary-2"}).client_secret == "canary-2"
    assert "canary" not in repr(client_of(table))
    assert client_of(OWN).client_secret == "", "a public client has none"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ([], "should be a table"),
        ({"client_id": "us"}, "issuer: is missing"),
        ({"provider": "google"}, "client_id: is missing"),
        ({"provider": "gogle", "client_id": "us"}, "provider: should be one of google"),
        (OWN | {"client_sekret": "x"}, "has no setting client_sekret"),
        (OWN | {"client_id": 7}, "client_id: should be text"),
        (OWN | {"issuer": "http://auth.example.org"}, "issuer: should begin with https://"),
        (OWN | {"token_endpoint": "https://user@x/"}, "token_endpoint: should begin with https://"),
        (OWN | {"client_secret": "a", "client_secret_env": "S"}, "named twice"),
        (OWN | {"client_secret_env": "S"}, "client_secret_env: there is no such variable"),
        (OWN | {"client_secret_file": "/nowhere"}, "client_secret_file: cannot be read"),
        (OWN | {"client_secret": "cänary"}, "should be printable ASCII"),
        (OWN | {"extra": "prompt"}, "extra: should look like"),
        (OWN | {"ca_file": "/nowhere"}, "ca_file: there is no file"),
        (
            {"client_id": "us", "authorization_endpoint": "https://a/", "token_endpoint": "https://a/"},
            "issuer is needed",
        ),
    ],
)
def test_what_is_wrong_is_one_line_without_the_secret(table: object, said: str) -> None:
    with pytest.raises(BadTable) as error:
        client_of(table, {})
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert "cänary" not in str(error.value)


def test_r30_without_trusted_hosts_nobody_is_sent_back_here(tmp_path: Path) -> None:
    file = tmp_path / "pennypost.toml"
    file.write_text('imap_host = "imap.example.org"\n[oauth]\nissuer = "https://auth.example.org"\nclient_id = "us"\n')
    with pytest.raises(config.ConfigError, match="PENNYPOST_TRUSTED_HOSTS: is needed for OAuth"):
        config.load({}, file)
    settings = config.load({"PENNYPOST_TRUSTED_HOSTS": "mail.example.org"}, file)
    server = settings.server_for("anybody.example")
    assert server is not None
    assert server.oauth is not None
    assert server.oauth.label == "auth.example.org"


def test_a_domain_with_a_server_of_its_own_has_a_door_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "pennypost.toml"
    file.write_text(
        'imap_host = "imap.example.org"\n[oauth]\nissuer = "https://auth.example.org"\nclient_id = "us"\n'
        '[domains."example.net"]\nimap_host = "imap.example.net"\n[domains."example.com"]\nsmtp_port = 587\n'
    )
    settings = config.load({"PENNYPOST_TRUSTED_HOSTS": "mail.example.org"}, file)
    doors = {name: server.oauth for name, server in settings.domains.items()}
    assert doors["example.net"] is None
    assert doors["example.com"] is not None
    assert settings.passwords
    assert providers.servers_of(None) == {}
