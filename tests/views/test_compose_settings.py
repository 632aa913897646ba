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
    visitor.send(form, do="save", to="bob@example.org", subject="Hello", body="Hello" + SIGNED)
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
    body = visitor.form("/write").value("body")
    assert body.startswith("\n\nAlice\nOslo\n\nOn "), "above the quote, where the answer ends"
    assert body.endswith("> What time?\n")
    visitor.get(where + "/forward")
    assert "Oslo" not in visitor.form("/write").value("body")


def test_an_answer_can_have_its_place_below_the_quote(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("Question", text="What time?\r\n"))
    visitor.sign_in(alice)
    choose(visitor, answer="below", signature="Alice\r\nOslo")
    open_first(visitor, alice)
    visitor.get(visitor.path.split("?")[0] + "/reply")
    body = visitor.form("/write").value("body")
    assert body.startswith("On ")
    assert body.endswith("> What time?\n\n\n\n-- \nAlice\nOslo\n")
    assert "data-below" in visitor.html
    choose(visitor, signature="")
    open_first(visitor, alice)
    visitor.get(visitor.path.split("?")[0] + "/reply")
    assert visitor.form("/write").value("body").endswith("> What time?\n\n\n")


def test_each_question_before_sending_can_be_switched_off(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    many = ", ".join(f"p{n}@example.net" for n in range(25))
    asks = {"ask_many": "25 people will see", "ask_file": "You wrote", "ask_subject": "It has no subject."}
    for off in [None, *asks]:
        if off:
            choose(visitor, **{off: ""})
        visitor.get("/write")
        visitor.send(visitor.form("/write"), do="send", to=many, body="See the attachment.")
        left = {name for name, words in asks.items() if words in visitor.text}
        asks.pop(off or "", None)
        assert left == set(asks), off
        assert bool(submission.accepted) == (not asks)


def test_without_settings_a_letter_begins_empty(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    assert visitor.form("/write").value("body") == ""
    assert "<alice@example.org>" not in visitor.text
