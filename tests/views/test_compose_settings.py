"""Name and signature of the settings, in what is written."""

from __future__ import annotations

from tests.servers.application import Visitor
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from tests.views.test_compose import parsed
from tests.views.test_message import open_first
from tests.views.test_settings import choose

SIGNED = "\n\n\n-- \nAlice\nOslo\n"


def test_a_letter_begins_with_the_signature_and_goes_out_under_the_name(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    alice.append(letter("Question", text="What time?\r\n"))
    visitor.sign_in(alice)
    choose(visitor, display_name="Alice Ähl, MD", signature="Alice\r\nOslo")
    visitor.get("/write")
    assert '"Alice Ähl, MD" <alice@example.org>' in visitor.text
    form = visitor.form("/write")
    assert form.value("body") == SIGNED
    visitor.send(form, do="save", to="bob@example.org", body="Hello" + SIGNED)
    assert visitor.form("/write").value("body").count("Oslo") == 1, "a draft that is taken up is not signed again"
    visitor.send(visitor.form("/write"), do="send")
    [taken] = submission.accepted
    message = parsed(taken.raw)
    assert message["From"] == '"Alice Ähl, MD" <alice@example.org>'
    assert taken.sender == alice.address
    assert message.get_content().replace("\r\n", "\n").endswith("-- \nAlice\nOslo\n")
    open_first(visitor, alice)
    where = visitor.path.split("?")[0]
    visitor.get(where + "/reply")
    assert visitor.form("/write").value("body").endswith("> What time?\n\n-- \nAlice\nOslo\n")
    visitor.get(where + "/forward")
    assert "Oslo" not in visitor.form("/write").value("body")


def test_without_settings_a_letter_begins_empty(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    assert visitor.form("/write").value("body") == ""
    assert "<alice@example.org>" not in visitor.text
