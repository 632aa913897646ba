"""A folder of 1,000 letters: its list page, opening a letter and setting a flag, against the same facts from the wire.

The floor is plain IMAPClient on one warm connection to the same server: 50 rows as header literals with FLAGS,
INTERNALDATE, RFC822.SIZE and PREVIEW; for a letter its one part; for a flag its STORE. What a bare socket takes for the
same octets is printed beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from imapclient import IMAPClient

from bench._imap import Bare, plain_client, rows_by_client, rows_command
from bench._mail import fill, people
from bench._reader import WARM, Device, Reader, medians, timed
from bench._servers import servers
from bench._table import Table, options

SIZE = 1000
WINDOW = range(SIZE - 49, SIZE + 1)
ROUNDS = 100


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    table = Table(given.json)
    who = people(1)
    with servers(who) as (mail, web):
        person = mail.person(who[0])
        fill(person, SIZE)
        reader, device, bare = Reader(web.port, person), Device(person), Bare(person)
        bare.command(b"SELECT INBOX")
        with plain_client(person) as client:
            lists(table, given.rounds, reader, device, client, bare)
            letters(table, given.rounds, reader, client, bare)
            flags(table, given.rounds, reader, client, bare)
    return 0


def lists(table: Table, rounds: int, reader: Reader, device: Device, client: IMAPClient, bare: Bare) -> None:
    """Nothing changed since the last look, or another device has set or taken one star."""

    def changed(look: Callable[[], float]) -> Callable[[int], float]:
        def way(number: int) -> float:
            device.star(SIZE - 7, number % 2 == 0)
            return look()

        return way

    def honest(look: Callable[[int], float]) -> Callable[[int], float]:
        """A fast page that is not true would be worth nothing."""

        def way(number: int) -> float:
            spent = look(number)
            assert reader.starred(SIZE - 7) is (number % 2 == 0), "the page is behind what another device did"
            return spent

        return way

    found = medians(
        rounds,
        {
            "bare": lambda _: timed(lambda: bare.command(rows_command(WINDOW))),
            "floor": lambda _: timed(lambda: rows_by_client(client, WINDOW)),
            "same": lambda _: reader.page(),
            "same_part": lambda _: reader.page(X_Part="list"),
            "floor_changed": changed(lambda: timed(lambda: rows_by_client(client, WINDOW))),
            "changed": honest(changed(reader.page)),
            "changed_part": honest(changed(lambda: reader.page(X_Part="list"))),
        },
    )
    table.add("list_bare_socket_ms", found["bare"])
    table.add("list_floor_ms", found["floor"])
    table.add("list_unchanged_ms", found["same"])
    table.add("list_changed_ms", found["changed"])
    table.add("list_unchanged_x", found["same"] / found["floor"], 1.0)
    table.add("list_changed_x", found["changed"] / found["floor_changed"], 1.5)
    table.add("list_pane_unchanged_x", found["same_part"] / found["floor"])
    table.add("list_pane_changed_x", found["changed_part"] / found["floor_changed"])


def letters(table: Table, rounds: int, reader: Reader, client: IMAPClient, bare: Bare) -> None:
    """Every letter is opened once, from the list page that it stands on: nothing but its row is known.

    Unread ones are marked by being opened, both ways.
    """
    read = ((uid, link) for uid, link, unread in reader.walk() if not unread)
    unread = ((uid, link) for uid, link, unread in reader.walk() if unread)
    again = f"{reader.path}/{reader.validity}.{SIZE - 1}"

    def fetch(letter: tuple[int, str], item: bytes = b"BODY.PEEK[1]") -> float:
        return timed(lambda: client.fetch([letter[0]], [item]))

    def socket(letter: tuple[int, str]) -> float:
        return timed(lambda: bare.command(b"UID FETCH %d (BODY.PEEK[1])" % letter[0]))

    found = medians(
        rounds,
        {
            "bare": lambda _: socket(next(read)),
            "floor": lambda _: fetch(next(read)),
            "part": lambda _: reader.open(next(read)[1], X_Part="message"),
            "whole": lambda _: reader.open(next(read)[1]),
        },
    )
    once = medians(
        40,
        {
            "floor": lambda _: fetch(next(unread), b"BODY[1]"),
            "part": lambda _: reader.open(next(unread)[1], X_Part="message"),
        },
    )
    back = medians(20, {"part": lambda _: reader.open(again, X_Part="message")})
    table.add("open_bare_socket_ms", found["bare"])
    table.add("open_floor_ms", found["floor"])
    table.add("open_pane_ms", found["part"])
    table.add("open_page_ms", found["whole"])
    table.add("open_pane_x", found["part"] / found["floor"], 4)
    table.add("open_page_x", found["whole"] / found["floor"], 4)
    table.add("open_unread_pane_x", once["part"] / once["floor"], 4)
    table.add("open_again_pane_x", back["part"] / found["floor"])


def flags(table: Table, rounds: int, reader: Reader, client: IMAPClient, bare: Bare) -> None:
    """The POST alone, and with the page that a browser without script shows after it."""

    def store(number: int) -> float:
        change = client.add_flags if number % 2 == 0 else client.remove_flags
        return timed(lambda: change([SIZE - 3], [b"\\Flagged"]))

    found = medians(
        rounds,
        {
            "bare": lambda n: timed(
                lambda: bare.command(f"UID STORE {SIZE - 2} {'-' if n % 2 else '+'}FLAGS (\\Flagged)".encode())
            ),
            "floor": store,
            "post": lambda n: reader.star(SIZE - 5, n % 2 == 0),
            "shown": lambda n: reader.star(SIZE - 5, n % 2 == 0) + reader.page(),
        },
    )
    assert reader.starred(SIZE - 5) is ((rounds + WARM) % 2 == 1), "the last star did not arrive"
    table.add("flag_bare_socket_ms", found["bare"])
    table.add("flag_floor_ms", found["floor"])
    table.add("flag_ms", found["post"])
    table.add("flag_x", found["post"] / found["floor"], 4)
    table.add("flag_and_page_ms", found["shown"])


if __name__ == "__main__":
    sys.exit(main())
