"""What mutt shows of messages in a Maildir: one more parser that is not ours, and the words as its reader gets them."""

from __future__ import annotations

import fcntl
import os
import pty
import shutil
import struct
import subprocess
import termios
import threading
from pathlib import Path

_MARK = "=====5f1c====="
_WIDTH = 4000
"""Columns of the terminal: as many as no paragraph has, for mutt wraps flowed text at its edge."""


def missing() -> bool:
    """Whether this machine has none."""
    return shutil.which("mutt") is None


def shown(maildir: Path, folder: Path) -> dict[str, str]:
    """Subject to what mutt prints below the header, of every message in this Maildir. folder: for its files, empty.

    RuntimeError when mutt does not end by itself.
    """
    out, config = folder / "out", folder / "muttrc"
    config.write_text(
        f'set pipe_decode=yes pipe_split=yes pipe_sep="" wait_key=no reflow_wrap=0 quit=yes move=no mark_old=no\n'
        f'set charset=utf-8 header_cache="" folder={folder} record="" postponed=""\nignore *\nunignore subject\n'
        f'macro index ,s "<tag-pattern>~A<enter><tag-prefix><pipe-message>(cat; echo {_MARK}) >>{out}<enter><exit>"\n'
    )
    _run(["mutt", "-n", "-F", str(config), "-R", "-f", str(maildir), "-e", 'push ",s"'], folder)
    return dict(_split(each) for each in out.read_text().split(f"{_MARK}\n")[:-1])


def _split(printed: str) -> tuple[str, str]:
    head, _, text = printed.partition("\n\n")
    subject = next(line for line in head.split("\n") if line.startswith("Subject: "))
    return subject.removeprefix("Subject: "), text


def _run(command: list[str], home: Path) -> None:
    """With a terminal, without which mutt does nothing."""
    main, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, _WIDTH, 0, 0))
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TERM": "vt100", "HOME": str(home)}
    reader = threading.Thread(target=_drain, args=(main,), daemon=True)
    at = {"stdin": terminal, "stdout": terminal, "stderr": terminal}
    with subprocess.Popen(command, **at, env=env, start_new_session=True) as mutt:
        os.close(terminal)
        reader.start()
        try:
            if mutt.wait(30):
                raise RuntimeError(f"mutt ended with {mutt.returncode}")
        except subprocess.TimeoutExpired:
            mutt.kill()
            raise RuntimeError("mutt did not end") from None
        finally:
            reader.join(5)
            os.close(main)


def _drain(main: int) -> None:
    try:
        while os.read(main, 65536):
            pass
    except OSError:
        pass
