"""Sending on the demo: to Ana and Ben, by Ana and Ben, and to nobody else."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator

import pytest

from demo.server import DemoServer
from tests.demo.conftest import Connect, wait_until_told

ANA, BEN = "ana@pennypost.example", "ben@pennypost.example"
LETTER = b"From: Ben <ben@pennypost.example>\r\nTo: ana@pennypost.example\r\nSubject: dots\r\n\r\n.\r\nDot.\r\n"


@pytest.fixture
def desk(server: DemoServer) -> Iterator[smtplib.SMTP_SSL]:
    context = ssl.create_default_context(cafile=str(server.ca_file))
    with smtplib.SMTP_SSL(server.host, server.smtp_port, context=context, timeout=10) as connection:
        yield connection


def test_ben_writes_to_ana_and_she_sees_it_at_once(desk: smtplib.SMTP_SSL, ana: Connect) -> None:
    reader = ana()
    total = reader.select_folder("INBOX")[b"EXISTS"]
    reader.idle()
    desk.login(BEN, "demo-ben")
    assert desk.sendmail(BEN, [ANA], LETTER) == {}
    wait_until_told(reader, (total + 1, b"EXISTS"))
    reader.idle_done()
    newest = max(reader.search())
    source = reader.fetch([newest], ["BODY.PEEK[]", "FLAGS"])[newest]
    assert source[b"BODY[]"].endswith(LETTER)
    assert source[b"BODY[]"].startswith(b"Return-Path: <ben@pennypost.example>\r\nReceived: ")
    assert source[b"FLAGS"] == ()


def test_people_elsewhere_are_refused_by_name_and_the_others_get_it(desk: smtplib.SMTP_SSL) -> None:
    desk.login(ANA, "demo-ana")
    refused = desk.sendmail(ANA, [BEN, "nora@allotments.example"], LETTER)
    assert list(refused) == ["nora@allotments.example"]
    code, text = refused["nora@allotments.example"]
    assert code == 550
    assert b"delivers only to ana@pennypost.example and ben@pennypost.example" in text


def test_a_wrong_password_gets_535(desk: smtplib.SMTP_SSL) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        desk.login(BEN, "demo-ana")
    assert refused.value.smtp_code == 535


def test_nobody_sends_without_signing_in(desk: smtplib.SMTP_SSL) -> None:
    with pytest.raises(smtplib.SMTPSenderRefused) as refused:
        desk.sendmail(BEN, [ANA], LETTER)
    assert refused.value.smtp_code == 530


def test_ben_cannot_write_as_ana(desk: smtplib.SMTP_SSL) -> None:
    desk.login(BEN, "demo-ben")
    with pytest.raises(smtplib.SMTPSenderRefused, match="not the address you signed in with"):
        desk.sendmail(ANA, [BEN], LETTER)
