"""The demo's IMAP server in conversation: what the reader asks of any server, it must get here."""

from __future__ import annotations

import datetime
import ssl

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from demo.server import DemoServer
from tests.demo.conftest import Connect, wait_until_told

NOTE = b"Subject: a note\r\nFrom: Ben <ben@pennypost.example>\r\n\r\nOne line.\r\n"
WHEN = datetime.datetime(2026, 7, 5, 9, 41, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))


def copyuid(client: IMAPClient) -> bytes:
    found = client._imap.response("COPYUID")[1][0]
    assert isinstance(found, bytes)
    return found


def answer_to(client: IMAPClient, command: bytes) -> tuple[str, bytes]:
    """Of a command as we write it, whatever the library would think of it."""
    tag = client._imap._new_tag()
    client._imap.tagged_commands[tag] = None
    client._imap.send(tag + b" " + command + b"\r\n")
    kind, (text,) = client._imap._get_tagged_response(tag, expect_bye=False)
    return kind, text


def test_a_wrong_password_is_refused_with_a_code(server: DemoServer) -> None:
    context = ssl.create_default_context(cafile=str(server.ca_file))
    with IMAPClient(server.host, server.imap_port, ssl_context=context, timeout=10) as client:
        with pytest.raises(LoginError, match="AUTHENTICATIONFAILED"):
            client.login("ana@pennypost.example", "demo-ben")
        assert answer_to(client, b'LIST "" "*"') == ("BAD", b"Please sign in first")


def test_sasl_plain_signs_in_as_well(server: DemoServer) -> None:
    context = ssl.create_default_context(cafile=str(server.ca_file))
    with IMAPClient(server.host, server.imap_port, ssl_context=context, timeout=10) as client:
        client.plain_login("ben@pennypost.example", "demo-ben")
        assert client.select_folder("INBOX")[b"EXISTS"] == 6


def test_folders_have_roles_and_names_in_any_script(ana: Connect) -> None:
    folders = {name: attributes for attributes, _, name in ana().list_folders()}
    for name in ("Drafts", "Sent", "Archive", "Junk", "Trash"):
        assert f"\\{name}".encode() in folders[name]
    assert {"Ärger/日本", "House/Repairs", "R&D – ideas"} <= set(folders)
    assert b"\\HasChildren" in folders["House"]


def test_list_tells_the_counts_along_when_asked(ana: Connect) -> None:
    client = ana()
    client._imap._simple_command("LIST", '"" "*" RETURN (SPECIAL-USE STATUS (MESSAGES UNSEEN))')
    told = client._imap.response("STATUS")[1]
    assert b"Junk (MESSAGES 4 UNSEEN 4)" in told
    assert len(told) == len(client._imap.response("LIST")[1])


def test_a_parent_that_was_never_created_cannot_be_opened(ana: Connect) -> None:
    client = ana()
    client.create_folder("One/Two/Three")
    folders = {name: attributes for attributes, _, name in client.list_folders(pattern="One*")}
    assert b"\\Noselect" in folders["One"]
    assert b"\\Noselect" not in folders["One/Two/Three"]
    with pytest.raises(IMAPClientError, match="doesn't exist"):
        client.select_folder("One")


def test_folders_are_renamed_with_their_children_and_deleted_alone(ana: Connect) -> None:
    client = ana()
    client.rename_folder("House", "Haus & Hof")
    names = {name for _, _, name in client.list_folders()}
    assert {"Haus & Hof", "Haus & Hof/Repairs"} <= names
    client.delete_folder("Haus & Hof")
    assert client.folder_exists("Haus & Hof/Repairs")
    for refused in ("INBOX", "No such"):
        with pytest.raises(IMAPClientError):
            client.delete_folder(refused)
    with pytest.raises(IMAPClientError, match="ALREADYEXISTS"):
        client.create_folder("Drafts")


def test_appended_mail_keeps_its_octets_flags_and_date(newcomer: Connect) -> None:
    client = newcomer()
    answer = client.append("Drafts", NOTE, (b"\\Seen", b"$Forwarded"), WHEN)
    status = client.folder_status("Drafts", ("UIDVALIDITY", "UIDNEXT"))
    assert f"[APPENDUID {status[b'UIDVALIDITY']} 1]".encode() in answer
    client.select_folder("Drafts")
    stored = client.fetch([1], ["BODY.PEEK[]", "FLAGS", "INTERNALDATE", "RFC822.SIZE"])[1]
    assert stored[b"BODY[]"] == NOTE
    assert set(stored[b"FLAGS"]) == {b"\\Seen", b"$Forwarded"}
    assert stored[b"RFC822.SIZE"] == len(NOTE)
    client.normalise_times = False
    assert client.fetch([1], ["INTERNALDATE"])[1][b"INTERNALDATE"] == WHEN


def test_appending_to_a_missing_folder_says_trycreate(newcomer: Connect) -> None:
    with pytest.raises(IMAPClientError, match="TRYCREATE"):
        newcomer().append("Nowhere", NOTE)


def test_ten_megabytes_go_in_and_come_out_in_pieces(newcomer: Connect) -> None:
    client = newcomer()
    source = NOTE + b"0123456789abcdef" * 64 * 10_000 + b"\r\n"
    client.append("INBOX", source)
    client.select_folder("INBOX")
    step = 2_000_000
    pieces = [
        client.fetch([1], [f"BODY.PEEK[]<{at}.{step}>"])[1][f"BODY[]<{at}>".encode()]
        for at in range(0, len(source) + step, step)
    ]
    assert b"".join(pieces) == source
    assert client.fetch([1], ["FLAGS"])[1][b"FLAGS"] == ()


def test_keywords_stay_and_are_offered(newcomer: Connect) -> None:
    client = newcomer()
    client.append("INBOX", NOTE)
    assert b"\\*" in client.select_folder("INBOX")[b"PERMANENTFLAGS"]
    client.add_flags([1], [b"$Forwarded", b"Allotment"])
    client.add_flags([1], [b"allotment"])  # the same word: keywords compare without case
    second = newcomer()
    assert {b"$Forwarded", b"Allotment"} <= set(second.select_folder("INBOX")[b"FLAGS"])
    assert set(second.get_flags([1])[1]) == {b"$Forwarded", b"Allotment"}
    second.remove_flags([1], [b"Allotment"])
    assert second.get_flags([1])[1] == (b"$Forwarded",)


def test_reading_a_body_marks_it_read_and_peeking_does_not(newcomer: Connect) -> None:
    client = newcomer()
    client.append("INBOX", NOTE)
    client.select_folder("INBOX")
    client.fetch([1], ["BODY.PEEK[TEXT]"])
    assert client.get_flags([1])[1] == ()
    assert client.fetch([1], ["BODY[TEXT]"])[1][b"FLAGS"] == (b"\\Seen",)
    assert client.folder_status("INBOX", "UNSEEN") == {b"UNSEEN": 0}


def test_an_examined_folder_does_not_change(ana: Connect) -> None:
    client = ana()
    assert client.select_folder("Junk", readonly=True)[b"PERMANENTFLAGS"] == ()
    client.add_flags([1], [b"\\Seen"])
    assert client.get_flags([1])[1] == ()
    with pytest.raises(IMAPClientError, match="READ-ONLY"):
        client.move([1], "Trash")


def test_moving_tells_the_new_uids_and_the_other_session(ana: Connect) -> None:
    client, phone = ana(), ana()
    total = client.select_folder("INBOX")[b"EXISTS"]
    phone.select_folder("INBOX")
    client.move([2, 3, 7], "Archive")
    assert copyuid(client).endswith(b" 2:3,7 11:13")
    assert len(client.search()) == total - 3
    assert [line for line in phone.noop()[1] if line[1] == b"EXPUNGE"] == [(n, b"EXPUNGE") for n in (7, 3, 2)]
    assert phone.search() == client.search()


def test_copying_keeps_flags_and_an_unknown_target_changes_nothing(ana: Connect) -> None:
    client = ana()
    client.select_folder("Choir")
    client.set_flags([1], [b"\\Flagged", b"$Forwarded"])
    client.copy([1], "Archive")
    new = int(copyuid(client).split()[-1])
    with pytest.raises(IMAPClientError, match="TRYCREATE"):
        client.move([1], "Nowhere")
    assert 1 in client.search()
    client.select_folder("Archive")
    assert set(client.get_flags([new])[new]) == {b"\\Flagged", b"$Forwarded"}


def test_uid_expunge_removes_only_what_is_named(ana: Connect) -> None:
    client = ana()
    client.select_folder("Choir")
    client.add_flags([1, 2], [b"\\Deleted"])
    client.uid_expunge([2, 3])
    assert client.search() == [1, 3, 4, 5]


def test_a_message_expunged_elsewhere_can_be_read_until_its_end_is_told(ana: Connect) -> None:
    client, phone = ana(), ana()
    client.select_folder("Choir")
    phone.select_folder("Choir")
    phone.delete_messages([1])
    phone.expunge()
    client.use_uid = False
    kept = client.fetch([1, 2], ["UID"])  # sequence numbers must not slip under FETCH (RFC 3501 7.4.1)
    assert [kept[1][b"UID"], kept[2][b"UID"]] == [1, 2]
    client.noop()
    assert client.fetch([1], ["UID"])[1][b"UID"] == 2


def test_idle_tells_new_mail_flags_and_expunges_at_once(ana: Connect) -> None:
    watching, acting = ana(), ana()
    watching.select_folder("Choir")
    acting.select_folder("Choir")
    watching.idle()
    acting.append("Choir", NOTE)
    wait_until_told(watching, (6, b"EXISTS"))
    acting.add_flags([3], [b"\\Flagged"])
    assert "\\\\Flagged" in str(wait_until_told(watching, (3, b"FETCH")))
    acting.move([1], "Trash")
    wait_until_told(watching, (1, b"EXPUNGE"))
    watching.idle_done()
    assert watching.search() == [2, 3, 4, 5, 6]


def test_search_finds_words_in_any_script_flags_and_days(ana: Connect) -> None:
    client = ana()
    client.select_folder("INBOX")

    def subjects(*criteria: object) -> list[bytes]:
        found = client.search(list(criteria), charset="UTF-8")
        headers = client.fetch(found, ["ENVELOPE"])
        return [headers[uid][b"ENVELOPE"].subject or b"" for uid in found]

    assert len(subjects("TEXT", "Würstchen")) == 1
    assert len(subjects("SUBJECT", "打ち合わせ")) == 1
    assert len(subjects("FROM", "nora", "NOT", "SUBJECT", "minutes")) == 1
    assert len(subjects("BODY", "apple tree", "OR", "UNSEEN", "SEEN")) == 0
    yesterday = datetime.date.today() - datetime.timedelta(days=1)
    assert len(subjects("ON", yesterday)) >= 8
    assert client.search(["UNSEEN"]) == client.search(["NOT", "SEEN"])
    assert client.search(["KEYWORD", "$Forwarded"])
    assert client.search(["HEADER", "List-Unsubscribe", "one-click"]) == []
    assert client.search(["UID", "1:5", "NOT", "UID", "2"]) == [1, 3, 4, 5]


def test_nonsense_is_answered_and_the_session_goes_on(ana: Connect) -> None:
    client = ana()
    client.select_folder("INBOX")
    for command in (
        b"FETCH 1 (NONSENSE)",
        b"FETCH 0 FLAGS",
        b"STORE 1 +FLAGS (\\Recent)",
        b"SEARCH MOOD good",
        b"DANCE",
    ):
        assert answer_to(client, command)[0] == "BAD"
    assert client.search(["UID", "1"]) == [1]


def test_twelve_sessions_of_one_person_live_side_by_side(ana: Connect) -> None:
    clients = [ana() for _ in range(12)]
    for client in clients:
        client.select_folder("INBOX")
    clients[0].append("INBOX", NOTE)
    totals = {len(client.search()) for client in clients}
    assert len(totals) == 1
