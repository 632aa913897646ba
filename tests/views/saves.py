"""A page of writing that saves by itself, as static/js/autosave.js does it, without a browser."""

from __future__ import annotations

import html
import re
from typing import Any

from tests.servers.application import Form, Visitor, text_of

_INPUT = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


class Tab:
    """One page that writes one letter. fields: what it would post. answer: of the last save."""

    def __init__(self, visitor: Visitor, path: str = "/write") -> None:
        self.visitor = visitor
        visitor.get(path)
        self.form: Form = visitor.form("/write")
        self.fields: dict[str, list[Any]] = self.form.filled()
        self.status, self.answer = 0, ""

    def save(self, fields: dict[str, list[Any]] | None = None, **typed: str) -> int:
        """Save what is typed now; its fields follow the answer. fields: what an older moment would have posted."""
        self.fields |= {name: [value] for name, value in typed.items()}
        data = (fields or self.fields) | {"do": ["save"]}
        page = self.visitor.client.post(
            "/write", data=data, headers={"X-Part": "draft"}, content_type="multipart/form-data"
        )
        self.status, self.answer = page.status_code, page.get_data(as_text=True)
        page.request.environ["wsgi.input"].close()
        if self.state == "saved":
            self.fields["keep"] = []
            for name, value in _INPUT.findall(self.answer):
                value = html.unescape(value)
                if name == "keep":
                    self.fields["keep"].append(value)
                else:
                    self.fields[name] = [value]
        return self.status

    def attach(self, name: str, content: bytes, kind: str = "application/octet-stream") -> int:
        """Upload a file by itself; the next save takes it along."""
        page = self.visitor.client.post(
            "/write/file", data=content, content_type=kind,
            headers={"X-Name": name, "X-CSRFToken": self.fields["csrf_token"][0]},
        )  # fmt: skip
        if page.status_code == 200:
            self.fields["keep"] = [*self.fields.get("keep", []), page.get_data(as_text=True)]
        self.status = page.status_code
        return self.status

    @property
    def state(self) -> str:
        """ "saved", "unsaved", or "" when no piece of a page came."""
        found = re.search(r'data-state="(\w+)"', self.answer)
        return found[1] if found else ""

    @property
    def text(self) -> str:
        """What the answer says."""
        return text_of(self.answer)

    @property
    def url(self) -> str:
        """Where the draft opens."""
        found = re.search(r'data-url="([^"]*)"', self.answer)
        return found[1] if found else ""
