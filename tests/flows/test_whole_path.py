"""The whole path in a real browser against real servers, once with JavaScript and once without: the same sentences."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.flows.hands import sign_in
from tests.servers.application import Live
from tests.servers.people import Person
from tests.servers.submission import Submission
from tests.servers.witness import Witness
from tests.views.test_compose import files, parsed
from tests.views.test_message import PNG

DATA = bytes(range(256)) * 300


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def newsletter(bob: Person) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = (
        f"Bob Brown <{bob.address}>",
        "alice@example.org",
        "Summer news",
    )
    message["Message-ID"] = "<summer@example.org>"
    message.set_content("The summer news as text.")
    message.add_alternative(
        '<html><body style="background:#eee"><table width="600"><tr><td><h1 style="color:#a00">Summer news</h1>'
        '<img src="cid:pic@1" width="40" alt="A picture">'
        '<img src="https://pics.example/big.jpg" width="600" alt="Far away">'
        '<img src="https://track.example/o.gif" width="1" height="1"><p><a href="https://shop.example/">Shop</a></p>'
        "<script>document.title='hacked'</script><form action='https://evil.example'><input name=p></form>"
        "<div style='position:fixed;top:0;left:0;width:100vw;height:100vh;background:url(https://bg.example/x)'>Over</div>"
        "</td></tr></table></body></html>",
        subtype="html",
    )
    message.get_payload()[1].add_related(PNG, "image", "png", cid="<pic@1>")  # type: ignore[union-attr, index]
    return message.as_bytes()


def test_alice_reads_answers_and_signs_out(
    page: Page, live: Live, alice: Person, bob: Person, submission: Submission,
    witness: Callable[[Person], Witness], tmp_path: Path,
) -> None:  # fmt: skip
    alice.create("Choir")
    alice.append(newsletter(bob), "Choir")
    uid = alice.append(newsletter(bob))
    device = witness(alice)
    device.sync()
    attachment = tmp_path / "Stühle.ods"
    attachment.write_bytes(DATA)

    sign_in(page, live, alice)
    folders = page.get_by_role("navigation", name="Folders")
    expect(folders.get_by_role("link", name=re.compile("Inbox.*1.*unread"))).to_be_visible()
    expect(folders.get_by_role("link", name=re.compile("Choir.*1.*unread"))).to_be_visible()

    page.get_by_role("link", name=re.compile("Unread.*Bob Brown.*Summer news")).click()
    expect(page.get_by_role("heading", name="Summer news")).to_be_visible()
    expect(page.get_by_text("3 remote images are hidden")).to_be_visible()
    expect(page.get_by_text(bob.address).first).to_be_visible()
    body = page.frame_locator("iframe")
    expect(body.get_by_role("heading", name="Summer news")).to_be_visible()
    expect(body.get_by_alt_text("A picture")).to_be_visible()
    assert body.locator("form, input, script").count() == 0
    assert "hacked" not in page.title()
    assert "\\Seen" in alice.flags(uid)

    page.get_by_role("link", name="Reply", exact=True).first.click()
    expect(page.get_by_label("Subject")).to_have_value("Re: Summer news")
    text = page.get_by_label("Message", exact=True)
    text.fill("Dear Bob,\n\nhere are the chairs. 🪑\n" + text.input_value())
    page.set_input_files("input[type=file]", attachment)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Sent.", exact=True).first).to_be_visible(timeout=20_000)

    [arrived] = bob.messages()
    assert files(parsed(arrived.raw)) == {"Stühle.ods": DATA}
    assert parsed(arrived.raw)["In-Reply-To"] == "<summer@example.org>"
    assert submission.accepted[0].login == alice.login

    seen = {(s.folder, s.subject): s for s in device.sync()}
    assert {"\\Seen", "\\Answered"} <= set(seen["INBOX", "Summer news"].flags)
    assert ("Sent", "Re: Summer news") in seen
    assert "\\Seen" not in seen["Choir", "Summer news"].flags

    alice.mark(uid, "\\Flagged")
    page.goto(live.url)
    expect(page.get_by_role("button", name=re.compile("Star: Summer news"))).to_have_attribute("aria-pressed", "true")

    page.locator("header details.menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("signed out").first).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_text("Summer news")).to_have_count(0)


def test_what_is_refused_comes_back_with_its_file(
    page: Page, live: Live, alice: Person, submission: Submission, tmp_path: Path
) -> None:
    attachment = tmp_path / "a.bin"
    attachment.write_bytes(DATA)
    sign_in(page, live, alice)
    page.get_by_role("link", name="Write").first.click()
    page.wait_for_url("**/write")  # loaded: the script has put its own field in place of the plain one
    page.get_by_label("To", exact=True).fill("reject@example.net")
    page.get_by_label("Subject").fill("Kept")
    page.get_by_label("Message", exact=True).fill("My words")
    page.set_input_files("input[type=file]", attachment)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text(re.compile("User unknown|delivers only to"))).to_be_visible()
    expect(page.get_by_label("Message", exact=True)).to_have_value("My words")
    expect(page.get_by_text("a.bin").first).to_be_visible()
    page.get_by_label("To", exact=True).fill("bob@example.org")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_label("Subject")).to_have_count(0)
    expect(page.get_by_text(re.compile(r"^Sent\.")).first).to_be_visible()
    assert files(parsed(submission.accepted[0].raw)) == {"a.bin": DATA}
