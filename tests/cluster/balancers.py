"""The balancers of deploy/ with other ports, files and names, in front of machines on these ports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.deploy.outside import NAME, ROOT, program, running
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
    secure, plain = free_ports(2)
    nodes = (ROOT / "deploy" / "nginx-nodes.conf").read_text("utf-8")
    lines = "\n".join(re.findall(r"(?m)^#   (proxy_\S+ .*;)$", nodes))
    assert lines.count("\n") == 2
    site, chain = (ROOT / "deploy" / "nginx.conf").read_text("utf-8"), authority.good()
    site = re.sub(r"proxy_pass http://[^;]+;", f"proxy_pass http://pennypost;\n{lines}", site)
    site = re.sub(r"listen \[::\]:.*\n", "", site).replace("webmail.example.org;", f"{NAME};")
    site = site.replace("listen 443", f"listen 127.0.0.1:{secure}").replace("listen 80;", f"listen 127.0.0.1:{plain};")
    site = site.replace("/var/log/nginx", str(folder))
    site = re.sub(r"ssl_certificate /\S+;", f"ssl_certificate {chain.chain};", site)
    site = re.sub(r"ssl_certificate_key /\S+;", f"ssl_certificate_key {chain.key};", site)
    (folder / "site.conf").write_text(_placed(nodes, ports) + site, "utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes 1; user root;\n"
        f"events {{ }}\nhttp {{ {places} include {folder}/site.conf; }}\n",
        "utf-8",
    )
    command = [program("nginx"), "-e", str(folder / "nginx.log"), "-c", str(folder / "nginx.conf")]
    with running(command, folder / "nginx.log", secure, plain):
        yield secure
