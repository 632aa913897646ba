"""`python -m tests.servers FOLDER`: Dovecot and a submission server as mail.example.org, at the ports that mail has.

Until it is ended. FOLDER gets ca.pem, and site.pem and site.key for webmail.example.org. scripts/transcripts runs it,
on a network of its own.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import sys
from pathlib import Path

from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.people import EVERYBODY, letter
from tests.servers.submission import Submission


def main(folder: Path) -> None:
    """Says "ready" when both answer."""
    folder.mkdir(parents=True, exist_ok=True)
    authority, names = Authority(folder), ("mail.example.org", "localhost")
    site = authority.naming("webmail.example.org")
    shutil.copyfile(site.chain, folder / "site.pem")
    shutil.copyfile(site.key, folder / "site.key")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    dovecot = Dovecot(authority, names=names, ports=(993, 143)).start()
    submission = Submission(authority, names=names, ports=(465, 587)).start()
    with contextlib.suppress(KeyboardInterrupt):
        for identity in EVERYBODY:
            dovecot.person(identity).append(letter(f"Welcome, {identity.name}"))
        print("ready", flush=True)
        signal.pause()
    submission.stop()
    dovecot.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
