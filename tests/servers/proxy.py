"""A TCP proxy that can go wrong at any moment, in front of any of the servers, and one that rewrites lines."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
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
        if self.source in proxy.lost:
            return True
        if pause := proxy.pauses[self.side]:
            time.sleep(pause)
        proxy.flowing[self.side].wait()
        left, cut = proxy.allowance(self.side, len(data))
        proxy.carried[self.side] += left  # before they are sent: who has read them may ask at once
        if left:
            self.sink.sendall(data[:left])
        if left == len(data) or cut:
            return left == len(data)
        return self._carry(data[left:])


class Proxy:
    """Switch it at run time; open connections obey at once. "server" means octets that come from the server.

    pass_on() is the start; delay, stall, cut, lose and refuse change what happens from now on. It does not look inside
    TLS. carried: octets so far, per side. connections: how many were made.
    """

    host = "localhost"

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.target = (host, port)
        self.pauses: dict[Side, float] = {"server": 0.0, "client": 0.0}
        self.flowing: dict[Side, threading.Event] = {"server": threading.Event(), "client": threading.Event()}
        self.carried: dict[Side, int] = {"server": 0, "client": 0}
        self.connections = 0
        self.lost: set[socket.socket] = set()
        self._limits: dict[Side, int | None] = {"server": None, "client": None}
        self._next_limits: dict[Side, list[int] | None] = {"server": None, "client": None}
        self._cutting: dict[Side, bool] = {"server": True, "client": True}
        self._refusing = False
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._abrupt: set[socket.socket] = set()
        self._clients: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.pass_on()

    # --- switches -----------------------------------------------------------------------------------------------------

    def pass_on(self) -> None:
        """Carry everything at once; what was stalled arrives now."""
        self._refusing = False
        for side in self.pauses:
            self.pauses[side], self._limits[side], self._next_limits[side] = 0.0, None, None
            self.flowing[side].set()

    def delay(self, seconds: float, side: Side = "server") -> None:
        """Every piece of at most 64 KiB from that side arrives so much later."""
        self.pauses[side] = seconds

    def stall(self, side: Side = "server", after: int = 0) -> None:
        """Carry nothing from that side, once so many more octets of it have been; the connections stay open."""
        if not after:
            self.flowing[side].clear()
            return
        with self._lock:
            self._limits[side], self._cutting[side] = after, False

    def cut(self, after: int = 0, side: Side = "server", each: int = 0) -> None:
        """End the connection when so many more octets from that side have been carried; 0 cuts at its next octet.

        Later connections end at their first octet; with `each` it is that many connections, counting this one, which
        end after so many octets each, and all after them are carried.
        """
        with self._lock:
            self._limits[side], self._cutting[side] = after, True
            self._next_limits[side] = None if not each else [after] * (each - 1)

    def lose(self) -> None:
        """As a NAT box that forgot: what is said on the open connections vanishes, both ways; new ones are carried."""
        self.lost.update(self._open)

    def half_close(self) -> None:
        """The server's half of every open connection ends: clients read its FIN, and what they say is still taken."""
        for client in self._clients & self._open:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_WR)

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

    def allowance(self, side: Side, wanted: int) -> tuple[int, bool]:
        """How many of these octets may still pass, and whether the connection ends behind them."""
        with self._lock:
            limit = self._limits[side]
            if limit is None:
                return wanted, False
            granted = min(wanted, limit)
            # One octet over the limit is what cuts: exactly `after` octets arrive.
            self._limits[side] = limit - granted
            if granted < wanted and not self._cutting[side]:
                self._limits[side] = None
                self.flowing[side].clear()
            return granted, self._cutting[side]

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
        with self._lock:
            for side, following in self._next_limits.items():
                if following is not None:
                    self._limits[side] = following.pop() if following else None
        for sock in (client, server):
            sock.settimeout(None)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.add(sock)
        self._clients.add(client)
        self._spawn(_Direction(self, "client", client, server).run)
        self._spawn(_Direction(self, "server", server, client).run)

    def _spawn(self, target: object) -> None:
        thread = threading.Thread(target=target, daemon=True, name="proxy")  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()


Rewrite = Callable[[bytes], bytes | None]


class Rewriter(Proxy):
    """Ends TLS and begins it anew, so that every line can be read and changed on its way.

    rewrite: for each side a function from one line (with its line end; octets of a literal come as lines too) to what
    is sent in its place: b"" for nothing, None to end the connection there. heard: what each side said, unchanged.
    The switches that act inside a connection (delay, stall, cut, lose) are those of Proxy alone.
    """

    def __init__(
        self, port: int, server: ssl.SSLContext, client: ssl.SSLContext, rewrite: Mapping[Side, Rewrite]
    ) -> None:
        super().__init__(port)
        self.heard: dict[Side, bytearray] = {"server": bytearray(), "client": bytearray()}
        self.rewrite = rewrite
        self._contexts = server, client

    def _join(self, client: socket.socket, server: socket.socket) -> None:
        for sock in (client, server):
            sock.settimeout(None)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.add(sock)
        self._clients.add(client)
        self._spawn(lambda: self._cross(client, server))

    def _cross(self, client: socket.socket, server: socket.socket) -> None:
        """One thread for both ways: a TLS socket must not be read and written at the same time."""
        outer, inner = self._contexts
        secured: list[socket.socket] = []
        try:
            near = outer.wrap_socket(client, server_side=True)
            secured.append(near)
            far = inner.wrap_socket(server, server_hostname="localhost")
            secured.append(far)
            self._open.update(secured)
            self._carry_lines({"client": (near, far), "server": (far, near)})
        except (OSError, ValueError):
            pass  # one end is gone; the other is told below
        finally:
            self.end(*secured, client, server)

    def _carry_lines(self, ways: dict[Side, tuple[ssl.SSLSocket, ssl.SSLSocket]]) -> None:
        rest: dict[Side, bytes] = {"server": b"", "client": b""}
        while True:
            if not any(source.pending() for source, _ in ways.values()):
                select.select([source for source, _ in ways.values()], [], [])
            for side, (source, sink) in ways.items():
                if not source.pending() and not select.select([source], [], [], 0)[0]:
                    continue
                data = source.recv(65536)
                if not data:
                    return
                self.heard[side] += data
                *lines, rest[side] = (rest[side] + data).split(b"\n")
                for line in lines:
                    said = self.rewrite[side](line + b"\n") if side in self.rewrite else line + b"\n"
                    if said is None:
                        return
                    sink.sendall(said)
