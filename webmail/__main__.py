"""The command `pennypost`, which is `python -m webmail` in the source tree: one table of what it does.

Each command is a main(arguments) of its own, imported when it is asked for, so that `pennypost version` need not wait
for the whole site. It returns an exit code, or raises Failed or ConfigError.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from webmail.config import ConfigError
from webmail.failed import Failed


def _serve(arguments: Sequence[str]) -> int:
    import app

    return app.main(arguments)


def _demo(arguments: Sequence[str]) -> int:
    import demo.__main__

    return demo.__main__.main(arguments)


def _check(arguments: Sequence[str]) -> int:
    from webmail import check

    return check.main(arguments)


def _wake(arguments: Sequence[str]) -> int:
    from webmail import wake

    return wake.main(arguments)


def _sessions(arguments: Sequence[str]) -> int:
    from webmail import sessions

    return sessions.main(arguments)


def _reset(arguments: Sequence[str]) -> int:
    from webmail import reset

    return reset.main(arguments)


def _version(arguments: Sequence[str]) -> int:
    from webmail import places

    print(f"pennypost {places.version()}, Python {sys.version.split()[0]}")
    return 0


COMMANDS: Final[Mapping[str, tuple[Callable[[Sequence[str]], int], str]]] = {
    "serve": (_serve, "run the site, with the settings of the environment"),
    "demo": (_demo, "try it, with a mail server and sample mail of its own; needs no settings"),
    "check": (_check, "ask a mail server what will work, and say it in words"),
    "wake": (_wake, "bring back one account's snoozed letters that are due"),
    "sessions": (_sessions, "end sign-ins"),
    "reset": (_reset, "forget one account's second factor and passkeys"),
    "version": (_version, "say which version this is"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: what the command says; 2 for wrong settings or arguments."""
    name, *rest = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    if name in ("-h", "--help", "help"):
        print(_help())
        return 0
    if name == "--version":
        name = "version"
    if name not in COMMANDS:
        return _said(2, f"there is no command {name}; pennypost --help names them")
    try:
        return COMMANDS[name][0](rest)
    except Failed as error:
        return _said(error.code, str(error))
    except ConfigError as error:
        return _said(2, str(error))
    except KeyboardInterrupt:
        return 130


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {does}" for name, (_, does) in COMMANDS.items()]
    return "\n".join(["usage: pennypost COMMAND [...]", "", *lines, "", "pennypost COMMAND --help says more."])


def _said(code: int, words: str) -> int:
    print(f"pennypost: {words}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
