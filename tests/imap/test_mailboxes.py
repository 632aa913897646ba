"""The folder list as each server tells it, and making what is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.servers.answers import Turns
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Person, letter
from tests.servers.scripted import Scripted
from webmail import errors
from webmail.imap import fetch, mailboxes
from webmail.imap.connection import Connection
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox, Role, encode_name


def by_name(found: tuple[Mailbox, ...]) -> dict[str, Mailbox]:
    return {mailbox.name: mailbox for mailbox in found}


def roles(found: tuple[Mailbox, ...]) -> dict[Role, str]:
    return {mailbox.role: mailbox.name for mailbox in found if mailbox.role}


# --- listing ----------------------------------------------------------------------------------------------------------


def test_alice_sees_her_folders_with_roles_and_counts(conn: Connection, alice: Person) -> None:
    alice.append_all([letter(), letter()])
    alice.append(letter(), flags=["\\Seen"])
    found = by_name(mailboxes.list_mailboxes(conn))
    assert (found["INBOX"].messages, found["INBOX"].unseen, found["INBOX"].role) == (3, 2, Role.INBOX)
    assert {name: box.role for name, box in found.items() if name != "INBOX"} == {
        "Drafts": Role.DRAFTS,
        "Sent": Role.SENT,
        "Trash": Role.TRASH,
        "Junk": Role.JUNK,
        "Archive": Role.ARCHIVE,
    }


@pytest.mark.parametrize("lacking", [{"LIST-STATUS"}, {"SPECIAL-USE"}, {"LIST-STATUS", "SPECIAL-USE", "LIST-EXTENDED"}])
def test_the_list_is_the_same_without_extensions(conn: Connection, alice: Person, lacking: set[str]) -> None:
    alice.append(letter())
    alice.create("Projects")
    conn.capabilities -= lacking
    found = mailboxes.list_mailboxes(conn)
    assert len(roles(found)) == 6
    assert by_name(found)["INBOX"].unseen == 1
    counted = "LIST-STATUS" not in lacking
    assert by_name(found)["Projects"].messages == (0 if counted else None)


@pytest.mark.parametrize(
    ("layout", "prefix", "separator"), [("fs", "", "/"), ("maildir++", "INBOX.", "."), ("fs", "INBOX.", "/")]
)
def test_every_layout_of_names(
    another_dovecot: Callable[..., Dovecot], connect: Any, layout: str, prefix: str, separator: str
) -> None:
    person = another_dovecot(layout=layout, prefix=prefix).person(ALICE)
    conn = connect(person)
    known = mailboxes.list_mailboxes(conn)
    assert roles(known)[Role.SENT] == f"{person.prefix}Sent"
    assert {mailbox.delimiter for mailbox in known} == {separator}
    name = MailboxName(f"{person.prefix}{encode_name('Ärger & Spaß')}{separator}{encode_name('日本語')}")
    mailboxes.create(conn, name)
    found = by_name(mailboxes.list_mailboxes(conn))[name]
    assert found.path[-2:] == ("Ärger & Spaß", "日本語")
    assert fetch.page(conn, name).total == 0


@pytest.mark.parametrize("layout", ["fs", "maildir++"])
def test_roles_are_found_by_name_where_the_server_announces_none(
    another_dovecot: Callable[..., Dovecot], connect: Any, layout: str
) -> None:
    person = another_dovecot(layout=layout, special_use=False).person(ALICE)
    for name in ("Sent Items", "Papierkorb", "Entwürfe"):
        person.create(name)
    found = roles(mailboxes.list_mailboxes(connect(person)))
    assert found[Role.TRASH] in ("Papierkorb", "Trash")
    assert found[Role.DRAFTS] in (encode_name("Entwürfe"), "Drafts")
    assert found[Role.SENT] in ("Sent Items", "Sent")


def test_awkward_names_go_round(another_dovecot: Callable[..., Dovecot], connect: Any) -> None:
    person = another_dovecot(layout="fs").person(ALICE)
    conn = connect(person)
    for title in (
        'with "quotes"',
        "back\\slash",
        "per%cent",
        "a*b",
        "{5+}",
        "{5}",
        "a (b) c",
        "&",
        "a~",
        "ä ö ü",
        "2024",
    ):
        name = encode_name(title)
        mailboxes.create(conn, name)
        listed = by_name(mailboxes.list_mailboxes(conn))
        assert listed[name].title == title
        person.append(letter(), title)
        assert fetch.page(conn, name).total == 1


def test_a_raw_utf_8_name_is_shown_and_opened_to_the_octet(connect: Any, scripted: Callable[..., Scripted]) -> None:
    raw = MailboxName("Ärger".encode().decode("latin-1"))
    server = scripted({"LIST": '* LIST () "/" "Ärger"\n{tag} OK done'})
    conn = connect(server)
    (found,) = mailboxes.list_mailboxes(conn)
    assert (found.name, found.title) == (raw, "Ärger")
    fetch.select(conn, raw)
    assert server.asked("SELECT")[0].literals == ("Ärger".encode(),)


@pytest.mark.parametrize("name", ["&broken", "&AMQ", "&-&", "&////-", "a&AAAAAA-b"])
def test_broken_utf_7_is_shown_raw_and_opened_to_the_octet(
    connect: Any, scripted: Callable[..., Scripted], name: str
) -> None:
    server = scripted({"LIST": f'* LIST () "/" "{name}"\n{{tag}} OK done'})
    conn = connect(server)
    (found,) = mailboxes.list_mailboxes(conn)
    assert found.name == name
    assert found.title
    fetch.select(conn, found.name)
    assert server.asked("SELECT")[0].arguments == f'"{name}"'.encode()


def test_a_server_without_hierarchy(connect: Any, scripted: Callable[..., Scripted]) -> None:
    """imap4d tells NIL for INBOX; RFC 9051 7.3.1: a flat name."""
    conn = connect(scripted({"LIST": '* LIST (\\NoInferiors) NIL inbox\n* LIST () "/" x\n{tag} OK done'}))
    assert [(m.name, m.delimiter, m.role) for m in mailboxes.list_mailboxes(conn)] == [
        ("INBOX", None, Role.INBOX),
        ("x", "/", None),
    ]


def test_a_folder_that_only_holds_others_is_not_counted_and_has_no_role(
    connect: Any, scripted: Callable[..., Scripted]
) -> None:
    server = scripted(
        {
            "LIST": '* LIST (\\Noselect \\HasChildren) "/" "[Gmail]"\n* LIST (\\Sent \\NoSelect) "/" "Sent"\n'
            '* LIST (\\sent) "/" "[Gmail]/Sent Mail"\n{tag} OK done',
            "STATUS": '* STATUS "[Gmail]/Sent Mail" (MESSAGES 4 UNSEEN 0)\n{tag} OK done',
        }
    )
    found = by_name(mailboxes.list_mailboxes(connect(server)))
    assert not found["[Gmail]"].selectable
    assert found["[Gmail]/Sent Mail"].role is Role.SENT
    assert found["[Gmail]/Sent Mail"].messages == 4
    assert found["Sent"].role is None
    assert len(server.asked("STATUS")) == 1


def test_a_server_that_does_not_keep_its_word_about_list_status(
    connect: Any, scripted: Callable[..., Scripted]
) -> None:
    capabilities = "IMAP4rev1 AUTH=PLAIN SASL-IR LIST-EXTENDED LIST-STATUS SPECIAL-USE"
    for refusal in ("{tag} BAD what", "{tag} NO [CANNOT] no"):
        server = scripted({"LIST": Turns(refusal, '* LIST () "/" INBOX\n{tag} OK done')}, capabilities=capabilities)
        (found,) = mailboxes.list_mailboxes(connect(server))
        assert (found.name, found.messages) == ("INBOX", 0)
        assert server.asked("LIST")[1].arguments == b'"" "*"'


def test_a_listed_folder_that_does_not_exist_has_no_count(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted({"LIST": '* LIST () "/" Sent\n{tag} OK done', "STATUS": "{tag} NO [NONEXISTENT] gone"})
    (found,) = mailboxes.list_mailboxes(connect(server))
    assert (found.role, found.messages) == (Role.SENT, None)


def test_thousands_of_folders_are_not_all_counted(connect: Any, scripted: Callable[..., Scripted]) -> None:
    capabilities = "IMAP4rev1 AUTH=PLAIN SASL-IR LIST-EXTENDED LIST-STATUS SPECIAL-USE"
    lines = "".join(f'* LIST () "/" f{number}\n' for number in range(10_000))
    server = scripted({"LIST": lines + '* LIST () "/" INBOX\n{tag} OK done'}, capabilities=capabilities)
    conn = connect(server)
    assert len(mailboxes.list_mailboxes(conn)) == 10_001
    mailboxes.list_mailboxes(conn)
    assert b"STATUS" not in server.asked("LIST")[-1].arguments
    assert len(server.asked("STATUS")) <= 12


# --- making -----------------------------------------------------------------------------------------------------------


def test_a_missing_folder_is_made_on_first_use_and_subscribed(
    another_dovecot: Callable[..., Dovecot], connect: Any
) -> None:
    person = another_dovecot(prefix="INBOX.", special_use=False).person(ALICE)
    with person.imap() as client:
        for name in list(person.mailboxes()):
            if name != "INBOX":
                client.delete_folder(name)
    conn = connect(person)
    known = mailboxes.list_mailboxes(conn)
    for role in (Role.SENT, Role.TRASH, Role.DRAFTS, Role.ARCHIVE, Role.JUNK):
        name = mailboxes.ensure(conn, role, known)
        assert name.startswith("INBOX.")
        assert mailboxes.ensure(conn, role, mailboxes.list_mailboxes(conn)) == name
    with person.imap() as client:
        assert {"INBOX.Sent", "INBOX.Trash"} <= {name for _, _, name in client.list_sub_folders()}


def test_a_folder_with_the_role_is_used_whatever_its_name(conn: Connection) -> None:
    known = (Mailbox(MailboxName("Anywhere"), "/", role=Role.SENT),)
    assert mailboxes.ensure(conn, Role.SENT, known) == "Anywhere"
    assert mailboxes.ensure(conn, Role.INBOX, ()) == "INBOX"


def test_roles_that_only_servers_can_have_are_not_made(conn: Connection) -> None:
    with pytest.raises(errors.MailboxMissing):
        mailboxes.ensure(conn, Role.ALL, ())


def test_a_folder_made_by_another_device_meanwhile_is_used(conn: Connection, alice: Person) -> None:
    assert "Sent" in alice.mailboxes()
    assert mailboxes.ensure(conn, Role.SENT, ()) == "Sent"


@pytest.mark.parametrize("answer", ["{tag} NO [ALREADYEXISTS] there", "{tag} NO it is there already"])
def test_exists_is_understood_with_and_without_a_code(
    connect: Any, scripted: Callable[..., Scripted], answer: str
) -> None:
    listed = '* LIST () "/" INBOX\n* LIST () "/" Sent\n{tag} OK done'
    server = scripted({"CREATE": answer, "LIST": listed}, capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR")
    assert mailboxes.ensure(connect(server), Role.SENT, ()) == "Sent"


def test_where_nothing_may_be_made_at_the_top_it_is_made_below_inbox(
    connect: Any, scripted: Callable[..., Scripted]
) -> None:
    server = scripted(
        {
            "LIST": '* LIST () "." INBOX\n{tag} OK done',
            "CREATE": Turns("{tag} NO Invalid mailbox name", "{tag} OK done"),
            "SUBSCRIBE": "{tag} NO whatever",
        },
        capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR",
    )
    conn = connect(server)
    assert mailboxes.ensure(conn, Role.TRASH, mailboxes.list_mailboxes(conn)) == "INBOX.Trash"


def test_the_role_is_told_where_the_server_wants_to_know_it(connect: Any, scripted: Callable[..., Scripted]) -> None:
    """RFC 6154 3."""
    capabilities = "IMAP4rev1 AUTH=PLAIN SASL-IR CREATE-SPECIAL-USE NAMESPACE"
    done = "{tag} OK done"
    server = scripted({"CREATE": done, "SUBSCRIBE": done}, capabilities=capabilities)
    mailboxes.ensure(connect(server), Role.SENT, ())
    assert server.asked("CREATE")[0].arguments == b'"Sent" (USE (\\Sent))'


def test_a_name_that_is_taken(conn: Connection) -> None:
    mailboxes.create(conn, MailboxName("Projects"))
    with pytest.raises(errors.MailboxExists):
        mailboxes.create(conn, MailboxName("Projects"))


@pytest.mark.parametrize("answer", ["{tag} NO [CANNOT] no", "{tag} NO [NOPERM] no", "{tag} NO [OVERQUOTA] no"])
def test_a_refusal_is_told(connect: Any, scripted: Callable[..., Scripted], answer: str) -> None:
    with pytest.raises((errors.ServerRefused, errors.MailboxReadOnly, errors.QuotaExceeded)):
        mailboxes.ensure(connect(scripted({"CREATE": answer})), Role.SENT, ())
