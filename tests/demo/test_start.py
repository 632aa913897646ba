"""Starting and stopping: nothing of the demo stays behind."""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path

import pytest

from demo.reader import free_port
from demo.server import DemoServer
from tests.demo.conftest import sign_in


def test_stop_ends_the_thread_the_ports_and_the_folder() -> None:
    before = set(threading.enumerate())
    with DemoServer() as server:
        folder, ports = server.folder, (server.imap_port, server.smtp_port)
        client = sign_in(server)
        client.select_folder("INBOX")
        client.idle()
        assert folder.is_dir()
    server.stop()
    assert not folder.exists()
    assert set(threading.enumerate()) <= before
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=2)
    client.shutdown()


def test_the_certificate_is_for_this_computer_and_keys_are_for_nobody(server: DemoServer) -> None:
    context = ssl.create_default_context(cafile=str(server.ca_file))
    for name in ("localhost", "127.0.0.1"):
        with (
            socket.create_connection(("127.0.0.1", server.imap_port), timeout=5) as bare,
            context.wrap_socket(bare, server_hostname=name) as secure,
        ):
            assert secure.recv(4) == b"* OK"
    for file in Path(server.folder).iterdir():
        assert file.stat().st_mode & 0o077 == 0 or b"PRIVATE" not in file.read_bytes()


def test_a_taken_port_is_not_insisted_on() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) != port
    assert free_port(0) > 0
