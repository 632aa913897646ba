"""docs/settings.md, made from the table of the settings."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from webmail import config, providers

_INTRO: Final = """# Settings

Made from the table in `webmail/config.py`; `tests/test_config.py` holds the two equal. Change the table, then run
`python -m webmail.reference > docs/settings.md`.

A setting comes from the environment, else from the TOML file that `PENNYPOST_CONFIG` names (the same names in lower
case without the prefix), else it has its default. A wrong value stops the start with one line that says which.

| variable | type | default | meaning |
|---|---|---|---|
"""
_OUTRO: Final = """
## Several mail domains

In the TOML file, one table a domain. Each may set `imap_host`, `imap_port`, `imap_tls`, `smtp_host`, `smtp_port`,
`smtp_tls`, `ca_file`, `login`, `sent_copy`, `trusts_us` and `oauth` (below); what it leaves out comes from the settings
above, except that a domain with an `imap_host` of its own submits to that host unless it names another. The sign-in
form never chooses a host: an address whose domain is not in the map, with no `imap_host` for all and without
`any_domain`, cannot sign in.

```toml
brand = "Example mail"

[domains."example.org"]
imap_host = "imap.example.org"
smtp_host = "smtp.example.org"

[domains."example.net"]
imap_host = "mail.example.net"
smtp_port = 587
smtp_tls = "starttls"
login = "local"
```
"""


def reference() -> str:
    """docs/settings.md as text."""
    rows = []
    for item in fields(config.Settings):
        if item.name in ("domains", "oauth"):
            continue
        kind = " or ".join(f"`{c}`" for c in config.CHOICES.get(item.name, ())) or type(item.default).__name__
        kind = {"str": "text", "int": "number", "bool": "true/false"}.get(kind, kind)
        if item.metadata["low"] is not None:
            kind += f" {item.metadata['low']}-{item.metadata['high']}"
        shown = f"`{str(item.default).lower() if isinstance(item.default, bool) else item.default}`"
        if item.default == "":
            shown = "empty"
        rows.append(f"| `{config.PREFIX}{item.name.upper()}` | {kind} | {shown} | {item.metadata['help']} |\n")
    return _INTRO + "".join(rows) + _OUTRO + providers.reference()


if __name__ == "__main__":
    print(reference(), end="")
