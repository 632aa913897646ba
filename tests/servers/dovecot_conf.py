"""The configuration of the private Dovecot, in both of its languages: 2.3 (Debian 12) and 2.4 (Debian 13)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Facts:
    """What one private server is to be."""

    folder: Path
    port: int
    starttls_port: int
    chain: Path
    key: Path
    user: str
    group: str
    root: bool
    layout: str
    separator: str
    prefix: str
    quota: int | None
    max_connections: int
    roles: tuple[str, ...]
    special_use: bool
    auto: bool = True
    acl: bool = False
    notes: bool = False
    sharing: bool = False

    @property
    def plugins(self) -> tuple[str, ...]:
        """What is loaded for everybody; the IMAP commands of each come from imap_<name>."""
        return (*(() if self.quota is None else ("quota",)), *(("acl",) if self.acl else ()))


def configuration(facts: Facts, version: tuple[int, int]) -> str:
    """The whole dovecot.conf for that version."""
    old = version < (2, 4)
    middle = _storage_2_3(facts) if old else _storage_2_4(facts)
    return "\n".join(
        [*([] if old else _head_2_4(version)), *_process(facts), *middle, *_namespace(facts), *_services(facts)]
    )


def _head_2_4(version: tuple[int, int]) -> list[str]:
    """2.4 refuses to start unless the file says first which language it is written in."""
    word = f"{version[0]}.{version[1]}.0"
    return [f"dovecot_config_version = {word}", f"dovecot_storage_version = {word}"]


def _process(facts: Facts) -> list[str]:
    lines = [
        f"base_dir = {facts.folder}/run",
        f"state_dir = {facts.folder}/state",
        f"log_path = {facts.folder}/log",
        f"instance_name = {facts.folder.name}",
        "protocols = imap",
        "listen = 127.0.0.1",
        "ssl = required",
        "auth_mechanisms = plain login",
        # A wrong password costs two seconds otherwise, and tests try many.
        "auth_failure_delay = 0",
        "first_valid_uid = 1",
        "first_valid_gid = 1",
        # A test server that loses mail at a power cut is fine.
        "mail_fsync = never",
        # inotify tells IDLE at once; this is for machines that have no watches left.
        "mailbox_idle_check_interval = 1s",
    ]
    if not facts.root:
        lines += [
            f"default_internal_user = {facts.user}",
            f"default_login_user = {facts.user}",
            f"default_internal_group = {facts.group}",
        ]
    return lines


def _storage_2_3(facts: Facts) -> list[str]:
    plugins = " ".join(facts.plugins)
    for_imap = " ".join([*facts.plugins, *(f"imap_{name}" for name in facts.plugins)])
    quota = [
        # The default grace of 10 % would let the message in that was to be refused.
        f"plugin {{\n  quota = count:User quota\n  quota_rule = *:bytes={facts.quota}\n"
        "  quota_vsizes = yes\n  quota_grace = 0\n}",
    ]
    return [
        "disable_plaintext_auth = yes",
        f"ssl_cert = <{facts.chain}",
        f"ssl_key = <{facts.key}",
        f"mail_location = maildir:~/Maildir:LAYOUT={facts.layout}",
        f"passdb {{\n  driver = passwd-file\n  args = username_format=%u {facts.folder}/passwd\n}}",
        f"userdb {{\n  driver = static\n  args = uid={facts.user} gid={facts.group} home={facts.folder}/mail/%u\n}}",
        f"mail_plugins = {plugins}",
        f"protocol imap {{\n  mail_plugins = {for_imap}\n  mail_max_userip_connections = {facts.max_connections}\n}}",
        *([] if facts.quota is None else quota),
        *(["plugin {\n  acl = vfile\n}"] if facts.acl else []),
        *(_sharing(facts) if facts.sharing else []),
        *(["protocol imap {\n  imap_metadata = yes\n}\nmail_attribute_dict = file:%h/notes"] if facts.notes else []),
    ]


def _sharing(facts: Facts) -> list[str]:
    where = "location = maildir:%%h/Maildir:LAYOUT=fs"
    return [
        f"plugin {{\n  acl_shared_dict = file:{facts.folder}/shares/who\n}}",
        f"namespace shared {{\n  type = shared\n  separator = /\n  prefix = shared/%%u/\n  {where}\n"
        "  subscriptions = no\n  list = children\n}",
    ]


_NOTES_2_4 = [
    "protocol imap {\n  imap_metadata = yes\n}",
    "mail_attribute {\n  dict file {\n    path = %{home}/notes\n  }\n}",
]


def _storage_2_4(facts: Facts) -> list[str]:
    plugins = "".join(f"  {name} = yes\n" for name in facts.plugins)
    for_imap = "".join(f"    imap_{name} = yes\n" for name in facts.plugins)
    quota = [f'quota "User quota" {{\n  quota_storage_size = {facts.quota}B\n  quota_storage_grace = 0\n}}']
    return [
        "auth_allow_cleartext = no",
        f"ssl_server_cert_file = {facts.chain}",
        f"ssl_server_key_file = {facts.key}",
        "mail_driver = maildir",
        "mail_path = ~/Maildir",
        f"mailbox_list_layout = {facts.layout}",
        f"passdb passwd-file {{\n  passwd_file_path = {facts.folder}/passwd\n}}",
        "userdb static {\n  fields {\n"
        f"    uid = {facts.user}\n    gid = {facts.group}\n    home = {facts.folder}/mail/%{{user}}\n  }}\n}}",
        *([f"mail_plugins {{\n{plugins}}}"] if plugins else []),
        "protocol imap {\n"
        + (f"  mail_plugins {{\n{for_imap}  }}\n" if for_imap else "")
        + f"  mail_max_userip_connections = {facts.max_connections}\n}}",
        *([] if facts.quota is None else quota),
        *(["acl_driver = vfile"] if facts.acl else []),
        *(_NOTES_2_4 if facts.notes else []),
    ]


def _namespace(facts: Facts) -> list[str]:
    lines = ["namespace inbox {", "  inbox = yes", f"  separator = {facts.separator}", f"  prefix = {facts.prefix}"]
    for role in facts.roles:
        attribute = f"    special_use = \\{role}\n" if facts.special_use else ""
        auto = "subscribe" if facts.auto else "no"
        lines.append(f"  mailbox {role} {{\n    auto = {auto}\n{attribute}  }}")
    return [*lines, "}"]


def _services(facts: Facts) -> list[str]:
    """chroot is root's alone; the penalty would slow the sign-in of tests that gave a wrong password before.

    Processes take one connection after the other: as many as there are at once, but no new one for each, which took
    most of the time of short tests.
    """
    chroot = "" if facts.root else "  chroot =\n"
    return [
        f"service imap-login {{\n{chroot}  service_count = 0\n"
        f"  inet_listener imap {{\n    port = {facts.starttls_port}\n  }}\n"
        f"  inet_listener imaps {{\n    port = {facts.port}\n    ssl = yes\n  }}\n}}",
        "service imap {\n  service_count = 500\n}",
        f"service anvil {{\n{chroot}  unix_listener anvil-auth-penalty {{\n    mode = 0\n  }}\n}}",
        f"service stats {{\n{chroot}}}",
        "",
    ]
