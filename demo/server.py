"""DemoServer: IMAP and submission with implicit TLS on free ports of 127.0.0.1, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import tempfile
import threading
from collections.abc import Coroutine, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from demo.accounts import make_accounts
from demo.certificate import make_context
from demo.imap.listen import ImapServer
from demo.imap.store import Account
from demo.submission import SubmissionServer

T = TypeVar("T")

HOST: Final = "localhost"


class DemoServer:
    """A context manager: `with DemoServer() as server:` and then server.imap_port, server.smtp_port, server.ca_file.

    accounts: who lives here; the sample people by default. Everything is gone after stop(), which may be called twice.
    """

    def __init__(self, accounts: Sequence[Account] | None = None) -> None:
        self.accounts = list(make_accounts() if accounts is None else accounts)
        self.host = HOST
        self.folder = Path(tempfile.mkdtemp(prefix="pennypost-demo-mail-"))
        context, self.ca_file = make_context(self.folder)
        self._imap = ImapServer(self.accounts, context)
        self._smtp = SubmissionServer(self.accounts, context)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="demo-mail-server", daemon=True)

    @property
    def imap_port(self) -> int:
        return self._imap.port

    @property
    def smtp_port(self) -> int:
        return self._smtp.port

    def start(self) -> None:
        """Returns when both ports answer. Raises OSError when a port cannot be had."""
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # aiosmtpd's name; a lost connection is no news
        self._thread.start()
        try:
            self._call(self._imap.start())
            self._call(self._smtp.start())
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends every session, the thread, and removes the folder with the certificates."""
        if self._thread.is_alive():
            with contextlib.suppress(TimeoutError):
                self._call(self._stop())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
        if not self._loop.is_running() and not self._loop.is_closed():
            self._loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def _stop(self) -> None:
        await self._smtp.stop()
        await self._imap.stop()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0.05)  # transports that were aborted close their sockets in the loop's next rounds

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
