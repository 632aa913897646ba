"""What the package needs, told to the build: the lines of requirements.in and requirements-demo.in, their one home."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Needs(MetadataHookInterface):
    """The demo's needs are needs like any other: `pennypost demo` has to work without a second thought."""

    def update(self, metadata: dict[str, Any]) -> None:
        files = (Path(self.root, name) for name in ("requirements.in", "requirements-demo.in"))
        lines = (line.partition("#")[0].strip() for file in files for line in file.read_text("utf-8").splitlines())
        metadata["dependencies"] = [line for line in lines if line and not line.startswith("-")]
