"""A small authoritative DNS server on loopback: real questions and answers over UDP, made by dnspython."""

from __future__ import annotations

import socketserver
import threading
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from tests.servers.names import IMAP, SMTP


class Zone:
    """Knows the records it was given: zone.add("_imaps._tcp.example.org", "SRV", "0 1 993 imap.example.org.").

    asked: the questions, as (name, type). silent: it hears and says nothing.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.silent = False
        self._records: dict[tuple[str, str], list[str]] = {}
        zone = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                octets, sock = self.request
                if answer := zone._answer(octets):
                    sock.sendto(answer, self.client_address)

        self._server: Any = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def address(self) -> str:
        """As the setting `nameservers` has it."""
        return f"127.0.0.1:{self.port}"

    def add(self, name: str, kind: str, *values: str) -> None:
        """Records of one name and type, in the words of a zone file."""
        self._records.setdefault((f"{name.lower()}.", kind), []).extend(values)

    def start(self) -> Zone:
        """Answer."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, octets: bytes) -> bytes | None:
        query = dns.message.from_wire(octets)
        question = query.question[0]
        name, kind = question.name.to_text().lower(), question.rdtype.name
        self.asked.append((name.rstrip("."), kind))
        if self.silent:
            return None
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.AA
        if values := self._records.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *values))
        elif not any(each.endswith(name) for each, _ in self._records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer.to_wire()


def publish(zone: Zone, imap: int = 993, smtp: int = 465, host: str = IMAP) -> None:
    """The services of example.org, with TLS from the beginning."""
    zone.add("_imaps._tcp.example.org", "SRV", f"0 1 {imap} {host}.")
    zone.add("_submissions._tcp.example.org", "SRV", f"0 1 {smtp} {SMTP}.")
