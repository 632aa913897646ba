"""Where the files beside the code are: templates, static files, translations, and which version this is.

In the source tree they lie beside webmail/, in an installed package inside it (pyproject.toml puts them there).
"""

from __future__ import annotations

import tomllib
from importlib import metadata
from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """name: "templates", "static" or "translations"."""
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


def version() -> str:
    """Of the tree that the code lies in, else of the package that was installed."""
    project = _PACKAGE.parent / "pyproject.toml"
    if (_PACKAGE / "templates").is_dir() or not project.is_file():
        return metadata.version("pennypost")
    return str(tomllib.loads(project.read_text("utf-8"))["project"]["version"])
