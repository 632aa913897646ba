"""The listening socket: one session for each connection, all ended together."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from typing import Final

from demo.imap.commands import COMMANDS
from demo.imap.session import Session
from demo.imap.store import Account

_LINE_LIMIT: Final = 64 * 1024


class ImapServer:
    """Started and stopped inside one event loop. port: 0 takes a free one; the real one is there after start()."""

    def __init__(self, accounts: Sequence[Account], context: ssl.SSLContext) -> None:
        self._accounts = accounts
        self._context = context
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", port, ssl=self._context, limit=_LINE_LIMIT, ssl_handshake_timeout=10
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self._tasks.add(task)
        try:
            await Session(reader, writer, self._accounts, COMMANDS).run()
            writer.close()
            await asyncio.wait_for(writer.wait_closed(), 2)
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass  # gone already, or stop() ended it: nobody waits for this task's result
        finally:
            if task:
                self._tasks.discard(task)
            writer.transport.abort()  # a client that does not say goodbye is not waited for

    async def stop(self) -> None:
        """Ends every session; returns when the last socket is closed."""
        if self._server:
            self._server.close()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
