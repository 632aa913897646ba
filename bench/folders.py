"""The list of an account with very many folders (--size, 10,000) against that of one with ten, in turns.

page: the list page of the inbox, all of it. first: octets of the page before its first row. Both accounts have the same
letters. typed: finding the last folder of all by its name, on the page of folders.
"""

from __future__ import annotations

import sys

from bench._mail import fill, people
from bench._reader import Reader, medians, timed
from bench._servers import MailServer, servers
from bench._table import Table, options
from tests.servers.people import Person

FEW, LETTERS = 10, 100


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--size", type=int, default=10_000, help="folders of the large account (10000)")
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    table = Table(given.json)
    who = people(2)
    with servers(who, store="mdbox") as (mail, web):
        few, many = (mail.person(identity) for identity in who)
        for person, count in ((few, FEW), (many, given.size)):
            fill(person, LETTERS)
            make(mail, person, count)
            with person.imap() as client:
                assert len(client.list_folders()) > count
        small, large = Reader(web.port, few), Reader(web.port, many)
        found = medians(given.rounds, {"few": lambda _: small.page(), "many": lambda _: large.page()})
        table.add("folders_few_page_ms", found["few"])
        table.add("folders_many_page_ms", found["many"])
        table.add("folders_page_x", found["many"] / found["few"], 1.5)
        table.add("folders_first_row_x", before_row(large) / before_row(small), 1.5)
        last = f"Box {given.size - 1}"
        table.add("folders_typed_ms", timed(lambda: typed(large, last)))
    return 0


def make(mail: MailServer, person: Person, count: int) -> None:
    """Folders beside each other, as those who have thousands of them have. On disk: Dovecot writes its whole list anew
    for each that it makes itself."""
    home = mail.maildir(person).parent / "mdbox/mailboxes"
    for number in range(count):
        for folder in (home / f"Box {number}", home / f"Box {number}/dbox-Mails"):
            folder.mkdir()
            mail.own(folder)


def typed(reader: Reader, name: str) -> None:
    """Find a folder by its name. RuntimeError when it is not there."""
    fields = {"csrf_token": reader.token, "do": "find", "q": name}
    if f">{name}<" not in reader.browser.post("/folders", fields).body:
        raise RuntimeError(f"{name} is not found")


def before_row(reader: Reader) -> int:
    """Octets before the first row."""
    return reader.browser.get(reader.path).body.index('class="row')


if __name__ == "__main__":
    sys.exit(main())
