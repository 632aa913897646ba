"""IMAPClient on our own socket, with one way to send a command in place of all of its own."""

from __future__ import annotations

import select
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from imapclient import IMAPClient

from webmail import errors
from webmail.config import Endpoint
from webmail.imap import faults, wire
from webmail.imap.stream import Stream

_NO_WAIT: Final = 4096
"""Octets of the longest literal sent without asking first: what LITERAL- allows (RFC 7888 5). A larger one waits for
the go-ahead even under LITERAL+, so that a full mailbox refuses it before it has travelled."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one command. status: OK, NO or BAD. text: what follows it, with its response code.

    data: untagged responses by type, as imaplib keeps them: octets, or (octets, literal) pairs.
    """

    status: str
    text: bytes
    data: Mapping[str, Sequence[Any]]

    @property
    def code(self) -> str:
        """The response code, upper case, or ""."""
        return faults.code(self.text)


class Client(IMAPClient):  # type: ignore[misc]
    """IMAPClient with our socket, and one way to send a command in place of imaplib's.

    imaplib cannot send two literals, quotes nothing, and IMAPClient 4.1.0 lets CR LF through in LOGIN, SEARCH, FETCH,
    STORE, APPEND and ID; so no command method of either is used.
    """

    def __init__(
        self, endpoint: Endpoint, context: ssl.SSLContext, connect_timeout: float, read_timeout: float
    ) -> None:
        self._stream_options = (context, endpoint.tls == "implicit", connect_timeout, read_timeout)
        self.may_push_literals = False
        self._idle_tag: bytes | None = None
        super().__init__(endpoint.host, endpoint.port, ssl=False, timeout=read_timeout)
        # IMAPClient turns imaplib's debugging on; it formats every line, and lines are mail (R17).
        self._imap.debug = 0

    def _create_IMAP4(self) -> Stream:  # noqa: N802
        context, implicit, connect_timeout, read_timeout = self._stream_options
        return Stream(
            self.host, self.port, context, implicit=implicit, connect_timeout=connect_timeout, read_timeout=read_timeout
        )

    @property
    def link(self) -> Stream:
        """The socket, typed."""
        stream: Stream = self._imap
        return stream

    def run(self, words: Sequence[wire.Word], seconds: float, answer: bytes | None = None) -> Reply:
        """One command with guarded words. answer: what to say to the server's challenge (RFC 9051 6.2.2)."""
        stream: Any = self.link
        tag = self._begin(seconds)
        out = bytearray(tag)
        ended = self._idle_tag
        if self._idle_tag is not None:
            # DONE needs no answer before the next command may go: one trip for both.
            out[:0] = b"DONE\r\n"
            self._idle_tag = None
        for word in words:
            # What closes a list stands next to what it closes, also behind a literal (RFC 4469 5, RFC 5464 5).
            out += b"" if word == wire.CLOSE else b" "
            if isinstance(word, wire.Streamed):
                if not self._stream(out, tag, word):
                    break
                continue
            if isinstance(word, wire.Literal):
                pushed = self.may_push_literals and len(word) <= _NO_WAIT
                out += b"{%d%s}\r\n" % (len(word), b"+" if pushed else b"")
                if not pushed:
                    stream.send(out)
                    out.clear()
                    if not self._go_ahead(tag):
                        break
                    stream.send(word)
                    continue
            out += word
        else:
            stream.send(out + b"\r\n")
            if answer is not None and self._go_ahead(tag):
                stream.send(answer + b"\r\n")
        status, said = stream._get_tagged_response(tag, expect_bye=words[0] == b"LOGOUT")
        # imaplib forgets the tags that it was asked about; nobody asks for that of IDLE.
        stream.tagged_commands.pop(ended, None)
        return Reply(status, said[-1] or b"", dict(stream.untagged_responses))

    def run_together(self, commands: Sequence[Sequence[bytes]], seconds: float) -> Iterator[Reply]:
        """Commands with guarded words, sent in one piece; their answers, which come in the same order (RFC 9051 5.5).
        None has a literal that waits. seconds: for each answer."""
        stream: Any = self.link
        tags = [self._begin(seconds), *(stream._new_tag() for _ in commands[1:])]
        ended, self._idle_tag = self._idle_tag, None
        out = bytearray(b"" if ended is None else b"DONE\r\n")
        for tag, words in zip(tags, commands, strict=True):
            out += tag
            for word in words:
                out += (b"" if word == wire.CLOSE else b" ") + _counted(word)
            out += b"\r\n"
        stream.send(out)
        for tag in tags:
            stream.begin(seconds)
            stream.untagged_responses.clear()
            status, said = stream._get_tagged_response(tag)
            stream.tagged_commands.pop(ended, None)
            yield Reply(status, said[-1] or b"", dict(stream.untagged_responses))

    def waits(self, word: wire.Word) -> bool:
        """Whether the server has to be asked before this word is sent."""
        pushed = self.may_push_literals and not isinstance(word, wire.Streamed) and len(word) <= _NO_WAIT
        return isinstance(word, wire.Literal | wire.Streamed) and not pushed

    def _stream(self, out: bytearray, tag: bytes, word: wire.Streamed) -> bool:
        """Announce a literal and send it as it is read; False when the server does not want it. What raises here leaves
        half a literal behind: nothing more can be said on this connection."""
        self.link.send(out + b"{%d}\r\n" % word.size)
        out.clear()
        if not self._go_ahead(tag):
            return False
        left = word.size
        for chunk in word.chunks():
            left -= len(chunk)
            if left < 0 or chunk.find(b"\0") >= 0:
                raise errors.UnsafeText
            self.link.send(chunk)
        if left:
            raise errors.ConnectionLost("a literal that ended early")
        return True

    def _begin(self, seconds: float) -> bytes:
        """The tag of a new command. Raises ConnectionLost when the server has said goodbye."""
        stream: Any = self.link
        stream.begin(seconds)
        if "BYE" in stream.untagged_responses:
            raise errors.ConnectionLost(str(stream.untagged_responses["BYE"][-1]))
        stream.untagged_responses.clear()
        tag: bytes = stream._new_tag()
        return tag

    @property
    def idling(self) -> bool:
        return self._idle_tag is not None

    def start_idling(self, seconds: float) -> Reply:
        """IDLE; the reply is what came before the consent, and its status NO when there was none."""
        tag = self._begin(seconds)
        self.link.send(tag + b" IDLE\r\n")
        consent = self._go_ahead(tag)
        self._idle_tag = tag if consent else None
        data = dict(self.link.untagged_responses)
        self.link.untagged_responses.clear()
        return Reply("OK" if consent else "NO", b"", data)

    def _go_ahead(self, tag: bytes) -> bool:
        """Wait for "+"; False when the server ended the command instead."""
        stream: Any = self.link
        while stream._get_response():
            if stream.tagged_commands[tag]:
                return False
        return True

    def stirred(self) -> bool:
        stream = self.link
        if stream.pending():
            return True
        poll = select.poll()
        poll.register(stream.sock, select.POLLIN | select.POLLHUP | select.POLLERR)
        return bool(poll.poll(0))

    def preauthenticated(self) -> bool:
        return bool(self._imap.state != "NONAUTH")

    @property
    def greeting(self) -> bytes:
        """The first line of the server."""
        return bytes(self._imap.welcome or b"")

    def greeted(self) -> frozenset[str]:
        """Capabilities before login, upper case."""
        return frozenset(self._imap.capabilities)


def _counted(word: bytes) -> bytes:
    return b"{%d+}\r\n%b" % (len(word), word) if isinstance(word, wire.Literal) else word
