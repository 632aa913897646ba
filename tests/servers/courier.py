"""A private Courier IMAP 5 on loopback, unpacked from Debian's packages: the old-style server to be content with.

No MOVE, no CONDSTORE, no SPECIAL-USE, no LIST-STATUS, everything below "INBOX.". Its paths are compiled in, so it runs
in mount and process namespaces of its own, where the unpacked files lie over those of the machine: that takes root, and
changes nothing outside.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable

from tests.servers.authority import Authority
from tests.servers.dovecot import free_ports
from tests.servers.foreign import Program, Unavailable, debian_packages, short_folder
from tests.servers.people import EVERYBODY, Identity, Person

PACKAGES = (
    "courier-base", "courier-imap", "courier-authdaemon", "courier-authlib", "courier-authlib-userdb",
    "libcourier-unicode4",
)  # fmt: skip
# Named as needs of the packages, and not of an IMAP server: a mail relay, and what others here were built against.
LEAVE = r"exim4|libgnutls.*-dev|libgnutls-|libgnutlsxx|gnutls-bin|courier-webadmin"

AUTHDAEMON = """
authmodulelist="authuserdb"
authmodulelistorig="authuserdb"
daemons=2
authdaemonvar=/run/courier/authdaemon
DEBUG_LOGIN=0
DEFAULTOPTIONS=""
LOGGEROPTS=""
"""

# Runs inside the namespaces, where nothing that is mounted is seen by anybody else.
INSIDE = """
set -e
mount -t overlay overlay -o "lowerdir={root}/usr:/usr" /usr
mount -t overlay overlay -o "lowerdir={etc}:{root}/etc:/etc" /etc
mount --bind "{etc}/courier" /etc/courier
mount -t tmpfs tmpfs /run
mkdir -p /run/courier/authdaemon
makeuserdb
for home in "{mail}"/*; do
  maildirmake.courier "$home/Maildir"
  maildirmake.courier -f Trash "$home/Maildir"
  chown -R {uid}:{gid} "$home"
done
( set -a; . /etc/courier/authdaemonrc; exec /usr/lib/courier/courier-authlib/authdaemond ) &
n=0; while [ ! -S /run/courier/authdaemon/socket ] && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done
set -a
. {root}/etc/courier/imapd
. {root}/etc/courier/imapd-ssl
IMAP_TLS=1
IMAP_CAPABILITY_TLS="$IMAP_CAPABILITY AUTH=PLAIN"
IMAP_ULIMITD=
IMAP_EMPTYTRASH=
TLS_CERTFILE={etc}/both.pem
TLS_DHPARAMS=
TLS_TRUSTCERTS={ca}
TLS_CACHEFILE=
exec couriertcpd -address=127.0.0.1 -maxprocs=80 -maxperip=60 -nodnslookup -noidentlookup {port} \\
  /usr/bin/couriertls -server -tcpd /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir
"""


class Courier:
    """Start it, give people accounts on it, stop it. A fresh account has the inbox and INBOX.Trash, nothing else."""

    host = "localhost"
    prefix = "INBOX."
    separator = "."

    def __init__(self, authority: Authority, *, people: Iterable[Identity] = EVERYBODY) -> None:
        self.authority = authority
        self.people = {identity.login: identity for identity in people}
        [self.port] = free_ports(1)
        self.folder = short_folder("courier")
        self._program = Program("Courier", self.port, self.folder / "log")

    def start(self) -> Courier:
        """Unpack it, run it, and come back when it answers. Raises Unavailable, or RuntimeError with its log."""
        _may_mount()
        root = debian_packages(self.folder, PACKAGES, LEAVE)
        etc, mail = self.folder / "etc", self.folder / "mail"
        self._write()
        script = self.folder / "inside.sh"
        script.write_text(
            INSIDE.format(
                root=root, etc=etc, mail=mail, ca=self.authority.ca_file, port=self.port, uid=_MAIL, gid=_MAIL
            )
        )
        self._program.launch(["unshare", "-m", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", str(script)])
        return self

    def stop(self) -> None:
        """End it and remove its folder."""
        self._program.end()
        if not os.environ.get("KEEP_SERVERS"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def person(self, identity: Identity) -> Person:
        """Someone with an account here."""
        context = self.authority.client_context()
        return Person(identity, self.host, self.port, context, prefix=self.prefix, separator=self.separator)

    def _write(self) -> None:
        courier = self.folder / "etc" / "courier"
        courier.mkdir(parents=True)
        (courier / "authdaemonrc").write_text(AUTHDAEMON.lstrip())
        good = self.authority.good()
        (self.folder / "etc" / "both.pem").write_bytes(good.key.read_bytes() + good.chain.read_bytes())
        lines = []
        for identity in self.people.values():
            home = self.folder / "mail" / identity.login
            home.mkdir(parents=True)
            secret = base64.b64encode(hashlib.sha256(identity.password.encode()).digest()).decode()
            fields = f"uid={_MAIL}|gid={_MAIL}|home={home}|shell=/bin/false|imappw={{SHA256}}{secret}"
            lines.append(f"{identity.login}\t{fields}\n")
        (courier / "userdb").write_text("".join(lines))
        # makeuserdb refuses a table that others may read.
        courier.chmod(0o700)
        (courier / "userdb").chmod(0o600)


_MAIL = 8
"""uid and gid of the account `mail` on every Debian."""


def _may_mount() -> None:
    """Raises Unavailable unless namespaces and mounts are allowed here."""
    if os.getuid() != 0:
        raise Unavailable("it needs root, because its paths are compiled in: run scripts/interop as root for it")
    tried = subprocess.run(
        ["unshare", "-m", "--pid", "--fork", "mount", "-t", "tmpfs", "tmpfs", "/run"], capture_output=True, text=True,
        stdin=subprocess.DEVNULL, timeout=20,
    )  # fmt: skip
    if tried.returncode:
        raise Unavailable(f"this root may not mount ({tried.stderr.strip()}), as in a container without CAP_SYS_ADMIN")
