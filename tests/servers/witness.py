"""A second device that is not ours: mbsync (package isync) copies an account into Maildirs and back."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from email.header import decode_header, make_header
from pathlib import Path

from imapclient.imap_utf7 import decode as decode_utf7

from tests.servers.people import Person

# Maildir letters of mbsync -> IMAP flags.
LETTERS = {"D": "\\Draft", "F": "\\Flagged", "P": "$Forwarded", "R": "\\Answered", "S": "\\Seen", "T": "\\Deleted"}


@dataclass(frozen=True)
class Seen:
    """One message as the second device has it."""

    folder: str
    flags: frozenset[str]
    subject: str
    message_id: str
    raw: bytes
    path: Path


class Witness:
    """Somebody's phone, so to speak: sync() shows what the webmail did; mark() and sync() do something itself."""

    def __init__(self, person: Person, ca_file: Path, folder: Path) -> None:
        if not shutil.which("mbsync"):
            raise RuntimeError("mbsync is not installed (package isync)")
        self.folder = folder
        self.mail = folder / "mail"
        self.mail.mkdir(parents=True, exist_ok=True)
        self._config = folder / "mbsyncrc"
        # The password comes from a file: mbsync's own quoting does not have to cope with bob's.
        password = folder / "password"
        password.write_text(person.password)
        self._config.write_text(_config(person, ca_file, self.mail, password))

    def sync(self) -> list[Seen]:
        """Copy both ways, then say what is there, sorted by folder and subject. RuntimeError with what mbsync said."""
        done = subprocess.run(
            ["mbsync", "-c", str(self._config), "-q", "all"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        if done.returncode:
            raise RuntimeError(f"mbsync: {done.stderr.strip()}")
        return self.look()

    def look(self) -> list[Seen]:
        """What is on the device now, without asking the server."""
        paths = [path for name in ("cur", "new") for path in self.mail.rglob(f"{name}/*") if path.is_file()]
        return sorted((self._seen(path) for path in paths), key=lambda seen: (seen.folder, seen.subject))

    def folders(self) -> list[str]:
        """The folders on the device, sorted, by their readable names."""
        return sorted(_readable(path.parent.relative_to(self.mail)) for path in self.mail.rglob("cur"))

    def mark(self, seen: Seen, *, add: str = "", remove: str = "") -> None:
        """Change Maildir letters (S seen, F star, R answered, T deleted) of one message, as its owner would there."""
        base, _, letters = seen.path.name.partition(":2,")
        now = "".join(sorted((set(letters) | set(add)) - set(remove)))
        seen.path.rename(seen.path.parent.parent / "cur" / f"{base}:2,{now}")

    def _seen(self, path: Path) -> Seen:
        raw = path.read_bytes()
        letters = path.name.partition(":2,")[2]
        return Seen(
            _readable(path.parent.parent.relative_to(self.mail)),
            frozenset(LETTERS[letter] for letter in letters if letter in LETTERS),
            str(make_header(decode_header(_header(raw, b"subject")))),
            _header(raw, b"message-id"),
            raw,
            path,
        )


def _config(person: Person, ca_file: Path, mail: Path, password: Path) -> str:
    sections = [
        [
            "IMAPAccount far",
            f"Host {person.host}",
            f"Port {person.port}",
            f"User {person.login}",
            f'PassCmd "cat {password}"',
            "SSLType IMAPS",
            "SystemCertificates no",
            f"CertificateFile {ca_file}",
            "Timeout 20",
        ],
        ["IMAPStore far", "Account far", *([f"Path {person.prefix}"] if person.prefix else [])],
        ["MaildirStore near", f"Path {mail}/", f"Inbox {mail}/INBOX", "SubFolders Verbatim"],
        [
            "Channel all",
            "Far :far:",
            "Near :near:",
            "Patterns *",
            "Create Both",
            "Remove None",
            "Expunge Both",
            "Sync All",
            "SyncState *",
            "CopyArrivalDate yes",
        ],
    ]
    return "\n\n".join("\n".join(lines) for lines in sections) + "\n"


def _readable(folder: Path) -> str:
    """Folder names on disk are modified UTF-7 (RFC 3501 5.1.3)."""
    return "/".join(decode_utf7(part.encode("ascii", "replace")) for part in folder.parts)


def _header(raw: bytes, name: bytes) -> str:
    head = raw.replace(b"\r\n", b"\n").split(b"\n\n", 1)[0].replace(b"\n ", b" ").replace(b"\n\t", b" ")
    for line in head.split(b"\n"):
        if line.lower().startswith(name + b":"):
            return line.split(b":", 1)[1].strip().decode("utf-8", "replace")
    return ""
