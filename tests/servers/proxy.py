"""A TCP proxy that can go wrong at any moment, in front of any of the servers. It does not look inside TLS."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from typing import Literal

Side = Literal["server", "client"]


class _Direction:
    """One way through one connection: octets of `side` travel from source to sink."""

    def __init__(self, proxy: Proxy, side: Side, source: socket.socket, sink: socket.socket) -> None:
        self.proxy, self.side, self.source, self.sink = proxy, side, source, sink

    def run(self) -> None:
        try:
            while data := self.source.recv(65536):
                if not self._carry(data):
                    return
        except OSError:
            pass  # one end is gone; the other is told below
        finally:
            self.proxy.end(self.source, self.sink)

    def _carry(self, data: bytes) -> bool:
        """False when this connection is over."""
        proxy = self.proxy
        if pause := proxy.pauses[self.side]:
            time.sleep(pause)
        proxy.flowing[self.side].wait()
        left = proxy.allowance(self.side, len(data))
        if left:
            self.sink.sendall(data[:left])
        proxy.carried[self.side] += left
        return left == len(data)


class Proxy:
    """Switch it at run time; open connections obey at once. "server" means octets that come from the server.

    pass_on() is the start; delay, stall, cut and refuse change what happens from now on.
    carried: octets so far, per side. connections: how many were made.
    """

    host = "localhost"

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.target = (host, port)
        self.pauses: dict[Side, float] = {"server": 0.0, "client": 0.0}
        self.flowing: dict[Side, threading.Event] = {"server": threading.Event(), "client": threading.Event()}
        self.carried: dict[Side, int] = {"server": 0, "client": 0}
        self.connections = 0
        self._limits: dict[Side, int | None] = {"server": None, "client": None}
        self._refusing = False
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._abrupt: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.pass_on()

    # --- switches -----------------------------------------------------------------------------------------------------

    def pass_on(self) -> None:
        """Carry everything at once; what was stalled arrives now."""
        self._refusing = False
        for side in self.pauses:
            self.pauses[side], self._limits[side] = 0.0, None
            self.flowing[side].set()

    def delay(self, seconds: float, side: Side = "server") -> None:
        """Every piece of at most 64 KiB from that side arrives so much later."""
        self.pauses[side] = seconds

    def stall(self, side: Side = "server") -> None:
        """Carry nothing more from that side, and keep the connections open."""
        self.flowing[side].clear()

    def cut(self, after: int = 0, side: Side = "server") -> None:
        """End the connection when so many more octets from that side have been carried; 0 cuts at its next octet."""
        with self._lock:
            self._limits[side] = after

    def drop(self) -> None:
        """End all open connections now; new ones are taken as before."""
        self.end(*self._open)

    def reset(self) -> None:
        """End all open connections now with a TCP reset."""
        self._abrupt.update(self._open)
        for sock in self._abrupt:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.end(*self._abrupt)

    def refuse(self) -> None:
        """Take new connections and close them at once, as a server that is full or restarting."""
        self._refusing = True

    # --- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> Proxy:
        self._spawn(self._accept)
        return self

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()
        self.pass_on()
        for thread in self._threads:
            thread.join(5)

    # --- inside -------------------------------------------------------------------------------------------------------

    def allowance(self, side: Side, wanted: int) -> int:
        """How many of these octets may still pass before the cut."""
        with self._lock:
            limit = self._limits[side]
            if limit is None:
                return wanted
            granted = min(wanted, limit)
            # One octet over the limit is what cuts: exactly `after` octets arrive.
            self._limits[side] = limit - granted
            return granted

    def end(self, *sockets: socket.socket) -> None:
        """The shutdown wakes the thread that reads; shutting the writing side too would send FIN and no reset."""
        for sock in sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RD if sock in self._abrupt else socket.SHUT_RDWR)
            sock.close()
            self._open.discard(sock)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            if self._refusing:
                client.close()
                continue
            try:
                server = socket.create_connection(self.target, timeout=10)
            except OSError:
                client.close()
                continue
            self._join(client, server)

    def _join(self, client: socket.socket, server: socket.socket) -> None:
        for sock in (client, server):
            sock.settimeout(None)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.add(sock)
        self._spawn(_Direction(self, "client", client, server).run)
        self._spawn(_Direction(self, "server", server, client).run)

    def _spawn(self, target: object) -> None:
        thread = threading.Thread(target=target, daemon=True, name="proxy")  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()
