"""`python -m tests.cluster`: the topology of the tests, to look at and to break by hand. scripts/cluster runs it."""

from __future__ import annotations

import signal

from tests.cluster.topology import Topology
from tests.servers.people import EVERYBODY, letter


def main() -> None:
    """Until Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print("starting Valkey or Redis, Dovecot, a submission server, two machines and HAProxy ...", flush=True)
    topology = Topology(EVERYBODY, UNDO_SECONDS="10")
    try:
        topology.start()
        for identity in EVERYBODY:
            topology.dovecot.person(identity).append(letter(f"Welcome, {identity.name}"))
        print(_told(topology), flush=True)
        signal.pause()
    except KeyboardInterrupt:
        pass
    finally:
        print("ending all of it", flush=True)
        topology.stop()


def _told(topology: Topology) -> str:
    lines = [
        "",
        f"the site       {topology.url}   (its certificate is signed by {topology.authority.ca_file})",
        *(f"sign in as     {each.address}   {each.password}" for each in topology.people),
        *(
            f"machine {each.name}    http://127.0.0.1:{each.port}/healthz/ready   pid {each.pid}   {each.log}"
            for each in topology.machines
        ),
        f"shared         {topology.valkey.url}",
        f"balancer       {topology.folder / 'haproxy.cfg'}   {topology.folder / 'haproxy.log'}",
        f"mail           localhost:{topology.dovecot.port} (IMAP), localhost:{topology.submission.port} (submission)",
        "",
        "Kill a machine (kill -9 -PID ends both of its processes) and read on. Ctrl-C ends everything.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
