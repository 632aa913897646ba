"""Pennypost itself for tests: settings that point at the test servers, a visitor without a browser, a live server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.test import TestResponse

from tests.servers.people import Person
from webmail.config import Settings


def settings_for(imap_port: int, smtp_port: int, ca_file: Path, state_dir: Path, **more: Any) -> Settings:
    """Settings as an administrator of the test servers would write them; plain HTTP, because everything is loopback."""
    given: dict[str, Any] = {
        "imap_host": "localhost", "imap_port": imap_port, "smtp_host": "localhost", "smtp_port": smtp_port,
        "ca_file": str(ca_file), "state_dir": str(state_dir), "secure_cookies": False, "connect_timeout": 5,
        "command_timeout": 5, "undo_seconds": 0,
    }  # fmt: skip
    return Settings(**(given | more))


@dataclass
class Form:
    """A form of a page as a browser without script would send it."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)

    def value(self, name: str) -> str:
        """The first value of a field; KeyError when the form has none of that name."""
        for key, value in self.fields:
            if key == name:
                return value
        raise KeyError(name)

    def filled(self, **values: Any) -> dict[str, list[Any]]:
        """The data of a submission, with some fields typed anew."""
        data: dict[str, list[Any]] = {}
        for key, value in self.fields:
            data.setdefault(key, []).append(value)
        for key, value in values.items():
            data[key] = value if isinstance(value, list) else [value]
        return data


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.text: list[str] = []
        self._open: Form | None = None
        self._by_id: dict[str, Form] = {}
        self._area: tuple[str, list[str]] | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        form = self._by_id.get(given["form"]) if "form" in given else self._open
        if tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._open)
            self._by_id[given.get("id", "")] = self._open
        elif form is None:
            return
        elif tag == "input" and given.get("name") and given.get("type") not in ("file", "submit"):
            if given.get("type") not in ("checkbox", "radio") or "checked" in given:
                form.fields.append((given["name"], given.get("value", "")))
        elif tag == "textarea":
            self._area = (given.get("name", ""), [])
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and self._select and "selected" in given:
            form.fields.append((self._select, given.get("value", "")))
        elif tag == "button" and given.get("type", "submit") == "submit":
            form.buttons.append((given.get("name", ""), given.get("value", ""), given.get("formaction", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea" and self._area and self._open:
            # A browser drops one line break right behind the start tag (HTML 13.1.2.5).
            text = "".join(self._area[1])
            self._open.fields.append((self._area[0], text.removeprefix("\n")))
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area[1].append(data)
        self.text.append(data)


def forms_of(html: str) -> list[Form]:
    """Every form of a page."""
    parser = _Forms()
    parser.feed(html)
    return parser.forms


def text_of(html: str) -> str:
    """The text of a page, white space folded."""
    parser = _Forms()
    parser.feed(html)
    return " ".join(" ".join(parser.text).split())


class Visitor:
    """Somebody with a browser that runs no script: follows links and sends forms."""

    def __init__(self, app: Flask, base: str = "http://localhost") -> None:
        self.app, self.base = app, base
        self.client: FlaskClient = app.test_client()
        self.page: TestResponse | None = None

    @property
    def html(self) -> str:
        """The page that is open."""
        assert self.page is not None
        return self.page.get_data(as_text=True)

    @property
    def text(self) -> str:
        """Its text, white space folded."""
        return text_of(self.html)

    @property
    def path(self) -> str:
        """Where it is."""
        assert self.page is not None
        return self.page.request.full_path.rstrip("?")

    @property
    def status(self) -> int:
        """Its HTTP status."""
        assert self.page is not None
        return self.page.status_code

    def get(self, url: str, follow: bool = True, **more: Any) -> TestResponse:
        """Open a URL, following redirects."""
        self.page = self.client.get(url, base_url=self.base, follow_redirects=follow, **more)
        return self.page

    def form(self, action: str) -> Form:
        """The form of this page whose action begins so."""
        return next(form for form in forms_of(self.html) if urlsplit(form.action).path.startswith(action))

    def send(self, form: Form, follow: bool = True, action: str | None = None, **values: Any) -> TestResponse:
        """Send a form of this page, with some fields typed anew (a list for several values, a tuple for a file)."""
        data = form.filled(**values)
        where = urljoin(self.path, action or form.action)
        self.page = self.client.post(
            where, data=data, base_url=self.base, follow_redirects=follow, content_type="multipart/form-data"
        )
        # A large body is a temporary file of the test client, which nobody else closes.
        for answer in (*self.page.history, self.page):
            answer.request.environ["wsgi.input"].close()
        return self.page

    def sign_in(self, person: Person, **more: Any) -> TestResponse:
        """Open the sign-in page and sign in."""
        self.get("/login")
        if self.path != "/login":
            assert self.page is not None
            return self.page
        return self.send(self.form("/login"), user=person.address, password=person.password, **more)


class Live:
    """The application on a free port, served by threads, for a real browser."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._server: BaseWSGIServer = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        # A browser that leaves a page resets what is still on its way, and this server then forgets to close the
        # response and the file in it. A generator that nobody holds any more closes what it iterates.
        with closing(self.app(environ, start_response)) as response:  # type: ignore[type-var]
            yield from response

    def start(self) -> Live:
        """Serve."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and close every IMAP connection."""
        self.app.extensions["pennypost"].watcher.close()
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()
        self.app.extensions["pennypost"].pool.close()
