"""An IMAP server that says what a test tells it to say, over real TLS."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Mapping
from typing import Literal

from tests.servers.answers import EMPTY_MAILBOX, Answer, Upgrade, authenticate, do, idle, logout
from tests.servers.wire import Command, Gone, Wire

BASIC = "IMAP4rev1 AUTH=PLAIN SASL-IR LITERAL+ ID NAMESPACE IDLE UIDPLUS MOVE UNSELECT SPECIAL-USE"


class Scripted:
    """Answers every command of every connection from one table: command name -> answer.

    A name is upper case, "UID FETCH" for the UID commands; "*" is for all that have no entry of their own. What the
    test does not give is answered as a healthy server with one empty INBOX would. An answer is text with {tag} in it
    ("* SEARCH 1 2\\n{tag} OK done"), exact bytes, one of the acts of tests.servers.answers (Stall, Close, Bye, Reset,
    Turns, Drip, Flood, Wait ...), a function (wire, command), or a tuple of these.

    tls: "implicit"; "starttls" (plain until STARTTLS); "none" (STARTTLS neither offered nor understood).
    commands: what the clients asked, in order, all connections together. received: every octet of every connection.
    """

    host = "localhost"

    def __init__(
        self,
        context: ssl.SSLContext,
        answers: Mapping[str, Answer] | None = None,
        *,
        greeting: Answer = "* OK ready",
        capabilities: str = BASIC,
        tls: Literal["implicit", "starttls", "none"] = "implicit",
    ) -> None:
        self.context = context
        self.greeting = greeting
        self.capabilities = capabilities
        self.tls = tls
        self.answers: dict[str, Answer] = {**self._healthy(), **(answers or {})}
        self.commands: list[Command] = []
        self.wires: list[Wire] = []
        self.faults: list[BaseException] = []
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []

    # --- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> Scripted:
        self._spawn(self._accept)
        return self

    def stop(self) -> None:
        """End all connections. Raises what went wrong inside an answer of the test, which no client could report."""
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for wire in self.wires:
            wire.close()
        for thread in self._threads:
            thread.join(5)
        if self.faults:
            raise self.faults[0]

    # --- what happened ------------------------------------------------------------------------------------------------

    @property
    def received(self) -> bytes:
        """Every octet the clients sent, after TLS was taken off, connection after connection."""
        return b"".join(bytes(wire.received) for wire in self.wires)

    @property
    def connections(self) -> int:
        return len(self.wires)

    def asked(self, name: str) -> list[Command]:
        """The commands of that name, in order."""
        return [command for command in self.commands if command.name == name]

    def names(self) -> list[str]:
        return [command.name for command in self.commands]

    # --- inside -------------------------------------------------------------------------------------------------------

    def _healthy(self) -> dict[str, Answer]:
        done = "{tag} OK done"
        return {
            "CAPABILITY": self._capability,
            "STARTTLS": Upgrade() if self.tls == "starttls" else "{tag} BAD no STARTTLS here",
            "AUTHENTICATE": authenticate,
            "LOGIN": "{tag} OK signed in",
            "LOGOUT": logout,
            "IDLE": idle,
            "NOOP": done,
            "ID": f'* ID ("name" "scripted")\n{done}',
            "ENABLE": f"* ENABLED\n{done}",
            "NAMESPACE": f'* NAMESPACE (("" "/")) NIL NIL\n{done}',
            "LIST": f'* LIST (\\HasNoChildren) "/" INBOX\n{done}',
            "LSUB": f'* LSUB () "/" INBOX\n{done}',
            "STATUS": f"* STATUS INBOX (MESSAGES 0 UNSEEN 0 UIDNEXT 1 UIDVALIDITY 7)\n{done}",
            "SELECT": EMPTY_MAILBOX,
            "EXAMINE": EMPTY_MAILBOX.replace("READ-WRITE", "READ-ONLY"),
            "UID SEARCH": f"* SEARCH\n{done}",
            "UID FETCH": done,
            "CLOSE": done,
            "UNSELECT": done,
            "*": "{tag} BAD no such command",
        }

    def _capability(self, wire: Wire, command: Command) -> None:
        words = self.capabilities if self.tls != "starttls" or wire.secure else "IMAP4rev1 STARTTLS LOGINDISABLED"
        do(f"* CAPABILITY {words}\n{{tag}} OK done", wire, command)

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._spawn(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire = Wire(sock, self.context, self._ended)
        self.wires.append(wire)
        try:
            if self.tls == "implicit":
                wire.upgrade()
            do(self.greeting, wire, Command(b"*", "(greeting)", b"", b""))
            while True:
                command = wire.command()
                self.commands.append(command)
                do(self.answers.get(command.name, self.answers["*"]), wire, command)
        except Gone:
            pass  # every conversation ends so
        except Exception as fault:
            if not self._ended.is_set():
                self.faults.append(fault)
        finally:
            wire.close()

    def _spawn(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True, name="scripted")  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()
