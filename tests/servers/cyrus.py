"""A private Cyrus IMAP 3.6 on loopback, unpacked from Debian's packages. No root needed."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.servers.authority import Authority
from tests.servers.dovecot import free_ports
from tests.servers.foreign import Program, debian_packages, short_folder
from tests.servers.people import EVERYBODY, Identity, Person

PACKAGES = ("cyrus-common", "cyrus-imapd", "sasl2-bin", "libsasl2-modules-db", "libsasl2-modules")
# Named as needs of the packages, and not of an IMAP server: a mail relay, and tools for its administrator.
LEAVE = r"exim4|gawk$|libsigsegv|db-util|db5"

CONFIG = """
configdirectory: {base}/config
partition-default: {base}/spool
defaultpartition: default
sievedir: {base}/sieve
cyrus_user: {user}
cyrus_group: {group}
admins: cyrus
servername: localhost
defaultdomain: localhost
virtdomains: userid
altnamespace: {alternative}
unixhierarchysep: {slash}
allowplaintext: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {base}/sasldb2
sasl_mech_list: PLAIN LOGIN
tls_server_cert: {base}/tls/chain.pem
tls_server_key: {base}/tls/key.pem
autocreate_quota: 100000
idlesocket: {base}/idle
notifysocket: {base}/notify
proc_path: {base}/config/proc
mboxname_lockpath: {base}/config/lock
search_engine: none
"""

FOLDERS = """
autocreate_inbox_folders: Sent | Drafts | Trash | Spam | Archive
autocreate_subscribe_folders: Sent | Drafts | Trash | Spam | Archive
xlist-sent: Sent
xlist-drafts: Drafts
xlist-trash: Trash
xlist-junk: Spam
xlist-archive: Archive
"""

SERVICES = """
START {{
  recover cmd="{bin}/ctl_cyrusdb -C {config} -r"
}}
DAEMON {{
  idled cmd="{bin}/idled -C {config}"
}}
SERVICES {{
  imaps cmd="{bin}/imapd -C {config} -s -U 30" listen="127.0.0.1:{port}" prefork=1 maxchild=100
}}
EVENTS {{
  checkpoint cmd="{bin}/ctl_cyrusdb -C {config} -c" period=30
}}
"""


class Cyrus:
    """Start it, sign people in, stop it.

    prefixed: folders below "INBOX." in place of beside the inbox ("/"). folders: a new account has the usual ones; as
    Cyrus comes it has the inbox alone.
    """

    host = "localhost"

    def __init__(
        self,
        authority: Authority,
        *,
        prefixed: bool = False,
        folders: bool = True,
        people: Iterable[Identity] = EVERYBODY,
    ) -> None:
        self.authority = authority
        self._folders = FOLDERS.lstrip() if folders else ""
        self.people = {identity.login: identity for identity in people}
        self.prefix, self.separator = ("INBOX.", ".") if prefixed else ("", "/")
        [self.port] = free_ports(1)
        self.folder = short_folder("cyrus")
        self._base = self.folder / "c"
        self._program = Program("Cyrus", self.port, self.folder / "log")
        self._user, self._group = ("mail", "mail") if os.getuid() == 0 else _myself()

    def start(self) -> Cyrus:
        """Unpack it, run it, and come back when it answers. Raises Unavailable, or RuntimeError with its log."""
        root = debian_packages(self.folder, PACKAGES, LEAVE)
        environment = _libraries(root)
        self._write(root)
        self._write_passwords(root, environment)
        if os.getuid() == 0:
            for path in (self._base, *self._base.rglob("*")):
                shutil.chown(path, self._user, self._group)
        self._program.launch(
            [
                str(root / "usr/sbin/cyrmaster"), "-C", str(self._config), "-M", str(self._base / "cyrus.conf"),
                "-p", str(self._base / "master.pid"), "-D",
            ],
            environment,
        )  # fmt: skip
        return self

    def stop(self) -> None:
        """End it and remove its folder."""
        self._program.end()
        if not os.environ.get("KEEP_SERVERS"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def person(self, identity: Identity) -> Person:
        """Someone with an account here; it is made when they sign in for the first time."""
        context = self.authority.client_context()
        return Person(identity, self.host, self.port, context, prefix=self.prefix, separator=self.separator)

    @property
    def _config(self) -> Path:
        return self._base / "imapd.conf"

    def _write(self, root: Path) -> None:
        for name in ("config/proc", "config/db", "config/lock", "spool", "sieve", "tls"):
            (self._base / name).mkdir(parents=True, exist_ok=True)
        good = self.authority.good()
        shutil.copy(good.chain, self._base / "tls/chain.pem")
        shutil.copy(good.key, self._base / "tls/key.pem")
        config = CONFIG.format(
            base=self._base, user=self._user, group=self._group,
            alternative="no" if self.prefix else "yes", slash="no" if self.prefix else "yes",
        )  # fmt: skip
        plugins = sorted(root.glob("usr/lib/*/sasl2"))
        self._config.write_text(config.lstrip() + self._folders + f"sasl_plugin_path: {plugins[0]}\n")
        services = SERVICES.format(bin=root / "usr/lib/cyrus/bin", config=self._config, port=self.port)
        (self._base / "cyrus.conf").write_text(services)

    def _write_passwords(self, root: Path, environment: dict[str, str]) -> None:
        for identity in self.people.values():
            local, _, domain = identity.login.partition("@")
            subprocess.run(
                [root / "usr/sbin/saslpasswd2", "-p", "-c", "-f", self._base / "sasldb2", "-u", domain, local],
                input=identity.password.encode(), env={**os.environ, **environment}, check=True, timeout=20,
                capture_output=True,
            )  # fmt: skip


def _libraries(root: Path) -> dict[str, str]:
    """Where the unpacked programs find the libraries unpacked beside them."""
    folders = [*sorted(root.glob("usr/lib/*-linux-gnu*")), root / "usr/lib"]
    plugins = sorted(root.glob("usr/lib/*/sasl2"))
    return {"LD_LIBRARY_PATH": ":".join(map(str, folders)), "SASL_PATH": ":".join(map(str, plugins))}


def _myself() -> tuple[str, str]:
    return pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
