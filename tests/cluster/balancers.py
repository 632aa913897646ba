"""The balancers of deploy/ with other ports, files and names, in front of machines on these ports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.deploy.outside import ROOT, nginx_with, program, running
from tests.servers.authority import Authority
from tests.servers.dovecot import free_ports


def _placed(text: str, ports: Sequence[int]) -> str:
    for number, port in enumerate(ports, 1):
        text = text.replace(f"node{number}.example.org:8025", f"127.0.0.1:{port}")
    return text


def haproxy_text(folder: Path, authority: Authority, ports: Sequence[int], secure: int, plain: int) -> str:
    """deploy/haproxy.cfg for here."""
    both, chain = folder / "both.pem", authority.good()
    both.write_text(chain.chain.read_text() + chain.key.read_text(), "utf-8")
    text = _placed((ROOT / "deploy" / "haproxy.cfg").read_text("utf-8"), ports)
    text = text.replace("bind :80", f"bind 127.0.0.1:{plain}").replace("bind :443", f"bind 127.0.0.1:{secure}")
    # As many connections as a small machine lets anybody have.
    text = text.replace("    maxconn 20000", "    maxconn 400")
    return re.sub(r"ssl crt \S+", f"ssl crt {both}", text)


@contextmanager
def haproxy(folder: Path, authority: Authority, ports: Sequence[int]) -> Iterator[int]:
    """Its port for HTTPS."""
    secure, plain = free_ports(2)
    place = folder / "haproxy.cfg"
    place.write_text(haproxy_text(folder, authority, ports, secure, plain), "utf-8")
    with running([program("haproxy"), "-db", "-f", str(place)], folder / "haproxy.log", secure, plain):
        yield secure


@contextmanager
def nginx(folder: Path, authority: Authority, ports: Sequence[int]) -> Iterator[int]:
    """deploy/nginx-nodes.conf and deploy/nginx.conf together, as the former says."""
    nodes = (ROOT / "deploy" / "nginx-nodes.conf").read_text("utf-8")
    lines = "\n".join(re.findall(r"(?m)^#   (proxy_\S+ .*;)$", nodes))
    assert lines.count("\n") == 2
    site = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    site = re.sub(r"proxy_pass http://[^;]+;", f"proxy_pass http://pennypost;\n{lines}", site)
    with nginx_with(folder, authority, _placed(nodes, ports) + site) as (secure, _):
        yield secure
