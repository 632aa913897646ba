"""Files that are uploaded one by one: taken, refused early, kept apart, and gone when they are not wanted."""

from __future__ import annotations

import http.client
import io
import os
import re
import resource
import signal
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from tests.flows.tabs import Browser, Site
from tests.servers.application import Visitor, forms_of
from tests.servers.people import Person
from tests.servers.submission import Submission
from tests.views.saves import Tab
from tests.views.test_compose import DATA, files, parsed
from webmail.config import Settings
from webmail.views import _gathered
from webmail.web.services import Services

MakeApp = Callable[[Settings], Flask]


def waiting(app: Flask) -> list[Path]:
    services: Services = app.extensions["pennypost"]
    return sorted(Path(services.settings.state_dir, "uploads").glob("*/*"))


def test_a_file_is_uploaded_once_and_stays_in_the_draft(
    app: Flask, visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    assert tab.attach("St%C3%BChle%20%F0%9F%AA%91.ods", DATA) == 200
    assert len(waiting(app)) == 2
    assert {path.stat().st_mode & 0o777 for path in waiting(app)[0].parents[:2]} == {0o700}
    assert tab.save(subject="Chairs", body="One") == 200
    assert waiting(app) == [], "it is in the mailbox now"
    for words in ("Two", "Three"):
        assert tab.save(body=words) == 200
    [draft] = alice.messages("Drafts")
    assert files(parsed(draft.raw)) == {"Stühle 🪑.ods": DATA}
    assert "Three" in parsed(draft.raw).get_body().get_content()  # type: ignore[union-attr]
    visitor.get(tab.url)
    visitor.send(visitor.form("/write"), do="send", to="bob@example.org")
    assert files(parsed(submission.accepted[0].raw)) == {"Stühle 🪑.ods": DATA}
    assert alice.messages("Drafts") == []


def test_a_file_that_waits_goes_out_with_a_letter_that_was_never_saved(
    app: Flask, visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    tab.attach("a.bin", DATA)
    visitor.send(tab.form, do="send", to="bob@example.org", subject="A file", keep=tab.fields["keep"])
    assert files(parsed(submission.accepted[0].raw)) == {"a.bin": DATA}


def test_r15_what_is_too_large_is_not_read(settings: Settings, make_app: MakeApp, alice: Person) -> None:
    app = make_app(replace(settings, upload_limit_mb=1))
    visitor = Visitor(app)
    visitor.sign_in(alice)
    tab = Tab(visitor)

    class Unread(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("read")

    page = visitor.client.post(
        "/write/file", input_stream=Unread(b""), content_type="application/pdf",
        headers={"X-CSRFToken": tab.fields["csrf_token"][0]}, environ_overrides={"CONTENT_LENGTH": "2000000"},
    )  # fmt: skip
    assert page.status_code == 413
    assert page.headers["Connection"] == "close"
    assert waiting(app) == []
    assert tab.attach("fits.bin", b"x" * 900_000) == 200
    assert tab.attach("fits.bin", b"x" * 900_000) == 200
    assert tab.save(body="Kept") == 413, "each fits, both together do not"
    assert "1 MB" in tab.text
    assert tab.state == "unsaved"


def test_an_upload_that_is_cut_off_leaves_nothing(app: Flask, visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    page = visitor.client.post(
        "/write/file", input_stream=io.BytesIO(b"half"), content_type="application/pdf",
        headers={"X-CSRFToken": tab.fields["csrf_token"][0]}, environ_overrides={"CONTENT_LENGTH": "4000"},
    )  # fmt: skip
    assert page.status_code == 400
    assert waiting(app) == []


@pytest.fixture
def small_disk() -> Iterator[Callable[[int], None]]:
    """No file of this process grows beyond so many octets: the write fails, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda octets: resource.setrlimit(resource.RLIMIT_FSIZE, (octets, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_says_so_and_loses_no_word(
    app: Flask, visitor: Visitor, alice: Person, small_disk: Callable[[int], None]
) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    data = tab.fields | {
        "do": ["save"],
        "body": ["My words"],
        "att": [FileStorage(io.BytesIO(b"x" * 2_000_000), "big.bin")],
    }
    boundary, body = encode_multipart(MultiDict((name, v) for name, values in data.items() for v in values))
    small_disk(600_000)
    assert tab.attach("big.bin", b"x" * 2_000_000) == 507
    assert waiting(app) == []
    # Without script the file comes with its letter: the words behind it arrive all the same, and are saved.
    page = visitor.client.post("/write", data=body, content_type=f"multipart/form-data; boundary={boundary}")
    assert page.status_code == 507
    assert "The disk of this site is full" in page.get_data(as_text=True)
    [draft] = alice.messages("Drafts")
    assert b"My words" in draft.raw


def test_a_full_disk_stops_a_letter_before_it_is_handed_over(
    visitor: Visitor, alice: Person, submission: Submission, small_disk: Callable[[int], None]
) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    tab.attach("big.bin", b"x" * 2_000_000)
    tab.save(subject="Large", body="My words", to="x@example.net")
    visitor.get(tab.url)
    small_disk(600_000)
    visitor.send(visitor.form("/write"), do="send")
    assert visitor.status == 507
    assert "The disk of this site is full" in visitor.text
    assert submission.accepted == []
    [draft] = alice.messages("Drafts")
    assert files(parsed(draft.raw)) == {"big.bin": b"x" * 2_000_000}
    assert "$SubmitPending" not in draft.flags
    assert visitor.form("/write").value("body").strip() == "My words"


def test_an_upload_belongs_to_whoever_made_it(app: Flask, visitor: Visitor, alice: Person, charlie: Person) -> None:
    """Another person's token finds nothing, and neither does a made-up one."""
    visitor.sign_in(alice)
    tab = Tab(visitor)
    tab.attach("secret.txt", b"secret")
    stranger = Visitor(app)
    stranger.sign_in(charlie)
    theirs = Tab(stranger)
    for token in (tab.fields["keep"][0], "u" + "0" * 32, "u../../secret-key", "u" + "a" * 31 + "/"):
        theirs.fields["keep"] = [token]
        theirs.save(body="x")
    assert all(b"secret" not in draft.raw for draft in charlie.messages("Drafts"))
    assert len(waiting(app)) == 2


def test_r13_an_upload_needs_a_sign_in_and_the_token_of_the_page(visitor: Visitor, app: Flask, alice: Person) -> None:
    for _ in range(2):
        page = visitor.client.post("/write/file", data=b"x" * 9000, content_type="text/plain")
        assert page.status_code in (400, 401)
        visitor.sign_in(alice)
    assert waiting(app) == []


def test_r10_a_hostile_name_or_type_is_only_a_name(visitor: Visitor, alice: Person) -> None:
    names = ("%00", "..%2F..%2Fetc%2Fpasswd", "a%0D%0AX-Evil:%201", "%E2%80%AEfdp.exe", "%FF%FE", "")
    kinds = ("text/plain", "message/rfc822", "multipart/mixed; boundary=x", "nonsense", "a/b\tc", "text/html")
    visitor.sign_in(alice)
    tab = Tab(visitor)
    for name, kind in zip(names, kinds, strict=True):
        assert tab.attach(name, b"From: evil\r\n\r\nx", kind) == 200
    assert tab.save(body="x") == 200, tab.text
    assert tab.save(body="y") == 200, tab.text
    [draft] = alice.messages("Drafts")
    message = parsed(draft.raw)
    assert draft.raw.count(b"\r\nX-Evil") == 0
    told = [part.get_filename() for part in message.iter_attachments()]
    assert len(told) == len(names)
    assert all(name and not set("/\r\n\0\u202e") & set(name) for name in told)


def test_what_waits_for_an_hour_is_swept_away_and_one_person_cannot_fill_the_disk(
    settings: Settings, make_app: MakeApp, alice: Person
) -> None:
    app = make_app(replace(settings, upload_limit_mb=1))
    visitor = Visitor(app)
    visitor.sign_in(alice)
    tab = Tab(visitor)
    for _ in range(5):
        assert tab.attach("a.bin", b"x" * 900_000) == 200
    assert sum(path.stat().st_size for path in waiting(app)) <= 3_000_000
    for path in waiting(app):
        os.utime(path, (0, 0))
    tab.attach("b.bin", b"y")
    assert len(waiting(app)) == 2


class Scale:
    """What the processes of a site weigh (RSS, octets) while somebody works with it."""

    def __init__(self, pid: int) -> None:
        self._main = psutil.Process(pid)
        self.before = self.highest = self._now()
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()

    def _now(self) -> int:
        return sum(each.memory_info().rss for each in (self._main, *self._main.children(recursive=True)))

    def _watch(self) -> None:
        while not self._over.wait(0.01):
            self.highest = max(self.highest, self._now())

    def grown(self) -> int:
        """Octets, at most."""
        self._over.set()
        self._watcher.join()
        return self.highest - self.before


@pytest.mark.timeout(300)
@pytest.mark.parametrize("undo", [0, 1], ids=["at once", "after the time to undo"])
def test_twenty_five_megabytes_leave_the_memory_of_the_server_flat(
    settings: Settings, alice: Person, submission: Submission, tmp_path: Path, undo: int
) -> None:
    """Upload, save, send: the process that does it grows by less than 25 MB, which is less than the file once."""
    submission.deliver, deliver = None, submission.deliver
    site = Site(tmp_path / "log", imap_host="localhost", imap_port=settings.imap_port, smtp_host="localhost",
        smtp_port=settings.smtp_port, ca_file=settings.ca_file, state_dir=tmp_path / "state",
        undo_seconds=undo, command_timeout=60)  # fmt: skip
    scale = None
    try:
        browser = Browser(site.port, alice)
        [form] = [form for form in forms_of(browser.get("/write")) if form.action.startswith("/write")]
        fields = form.filled(to="bob@example.org", subject="Large", body="Words")
        scale = Scale(site.process.pid)
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        link = http.client.HTTPConnection("127.0.0.1", site.port, timeout=120)

        def post(more: dict[str, list[str]], **headers: str) -> tuple[int, str]:
            body = urllib.parse.urlencode(fields | more, doseq=True)
            link.request("POST", "/write", body, {
                "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", **headers,
            })  # fmt: skip
            answer = link.getresponse()
            return answer.status, answer.read().decode()

        link.request("POST", "/write/file", iter([b"\xa5" * 100_000] * 249), {
            "Cookie": cookie, "X-CSRFToken": fields["csrf_token"][0], "X-Name": "big.bin",
            "Content-Type": "application/octet-stream", "Content-Length": "24900000",
        })  # fmt: skip
        token = link.getresponse().read().decode()
        assert token.startswith("u")
        assert post({"keep": [token], "do": ["save"]}, **{"X-Part": "draft"})[0] == 200
        [draft] = alice.messages("Drafts")
        page = browser.get(f"/m/Drafts/{alice.uidvalidity('Drafts')}.{draft.uid}/edit")
        [form] = [form for form in forms_of(page) if form.action.startswith("/write")]
        fields = form.filled()
        status, page = post({"do": ["send"]})
        link.close()
        assert status == 303, page
        for _ in range(600):
            if alice.messages("Sent") and not alice.messages("Drafts"):
                break
            time.sleep(0.1)
        grown = scale.grown()
        print(f"RSS {scale.before / 1e6:.0f} MB before, {grown / 1e6:.0f} MB more at most")
        [taken], [copy] = submission.accepted, alice.messages("Sent")
        assert taken.raw == copy.raw
        assert list(files(parsed(copy.raw)).values()) == [b"\xa5" * 24_900_000]
        assert grown < 25_000_000
    finally:
        submission.deliver = deliver
        if scale is not None:
            scale.grown()
        site.stop()


def test_what_the_submission_server_takes_is_told_before_a_file_travels(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    submission.size_limit = 4_000_000
    visitor.sign_in(alice)
    visitor.get("/write")
    [told] = re.findall(r"files, ([\d.]+) MB at most", visitor.html)
    assert 2 < float(told) < 3, "less than SIZE, because files travel encoded"
    tab = Tab(visitor)
    assert tab.attach("large.bin", bytes(3_000_000)) == 413
    assert tab.attach("small.bin", bytes(1_000_000)) == 200


def test_a_draft_that_is_saved_again_in_the_moment_of_sending_takes_no_file_with_it(
    visitor: Visitor, alice: Person, submission: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file lies in the next copy then: looked for again, and sent."""
    visitor.sign_in(alice)
    tab, ready, saved = Tab(visitor), _gathered.ready, []
    tab.attach("a.bin", DATA)
    assert tab.save(subject="Files", body="Words", to="x@example.net") == 200

    def meanwhile(*given: Any) -> Any:
        if not saved:
            saver = threading.Thread(target=lambda: saved.append(tab.save(body="Words", subject="Files, again")))
            saver.start()
            saver.join()
        return ready(*given)

    monkeypatch.setattr(_gathered, "ready", meanwhile)
    visitor.send(tab.form, **(tab.fields | {"do": ["send"]}))
    assert saved == [200]
    assert "Sent." in visitor.text
    [taken] = submission.accepted
    assert files(parsed(taken.raw)) == {"a.bin": DATA}
