"""In which language a page speaks: who decides, what the answer says about it, and that nothing kept speaks another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from tests.servers.application import Visitor
from tests.servers.people import Person, letter
from tests.words import pseudo
from tests.words.pseudo import LONG, MIRRORED
from webmail.languages import OFFERED
from webmail.mail import preferences
from webmail.web import words


@pytest.fixture
def spoken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An application that has two more languages, which a reader can set."""
    pseudo.install(app, LONG, MIRRORED)
    option = preferences.OPTIONS["language"]
    more = {**option.choices, LONG.tag: LONG.name, MIRRORED.tag: MIRRORED.name}
    monkeypatch.setitem(preferences.OPTIONS, "language", replace(option, choices=more))
    monkeypatch.setattr("webmail.views.settings.SHOWN", tuple(preferences.OPTIONS.values()))
    return app


@pytest.mark.parametrize(
    ("asked", "tag"),
    [
        ("", "en"), ("nl-BE,nl;q=0.9", "en"), ("en-XA", "en-XA"), ("ar-XB,en;q=0.5", "ar-XB"), ("ar-EG", "ar"),
        ("en-GB,en;q=0.9,ar;q=0.1", "en"), ("xx;q=nonsense,,;", "en"), ("*", "en"), ("ar-XB;q=0", "en"),
    ],
)  # fmt: skip
def test_the_browser_is_answered_in_the_language_it_asks_for(spoken: Flask, asked: str, tag: str) -> None:
    answer = spoken.test_client().get("/login", headers={"Accept-Language": asked} if asked else {})
    html = answer.get_data(as_text=True)
    assert answer.headers["Content-Language"] == tag
    assert f'<html lang="{tag}"' in html
    assert ('dir="rtl"' in html.partition("<body")[0]) == tag.startswith("ar")
    assert "Accept-Language" in answer.vary
    assert ("<h1>Sign in</h1>" in html) == (tag == "en")
    assert (pseudo.said("Email address") in html) == tag.endswith(("-XA", "-XB"))


def test_languages_are_offered_by_their_own_names_and_each_speaks(app: Flask, alice: Person) -> None:
    visitor = Visitor(app)
    for one in OFFERED:
        visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = one.tag
        visitor.get("/login")
        assert f'<html lang="{one.tag}"' in visitor.html
        assert all(other.name in visitor.text for other in OFFERED)
        assert ("Sign in" in visitor.text) == (one.tag == "en")
    visitor.sign_in(alice)
    visitor.get("/settings")
    assert all(other.name in visitor.text for other in OFFERED)


def test_what_was_chosen_on_the_sign_in_page_holds_and_the_readers_own_setting_counts_more(
    spoken: Flask, alice: Person
) -> None:
    alice.append(letter("Hello"))
    visitor = Visitor(spoken)
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    visitor.get("/login?next=/m/INBOX")
    visitor.send(visitor.form("/login/language"), language=LONG.tag)
    assert visitor.path == "/login?next=/m/INBOX", "and the way on is not lost"
    cookie = visitor.client.get_cookie(words.COOKIE)
    assert cookie
    assert (cookie.value, cookie.http_only, cookie.same_site) == (LONG.tag, True, "Lax")
    visitor.send(visitor.form("/login"), user=alice.address, password="wrong")
    assert pseudo.said("The mail server did not accept this address and password.") in visitor.text
    visitor.send(visitor.form("/login"), user=alice.address, password=alice.password)
    # What was drawn and kept is drawn anew in another language: rows of the list, folders beside it.
    assert pseudo.said("Inbox") in visitor.text
    assert pseudo.said("Today") in visitor.text
    visitor.get("/settings")
    visitor.send(visitor.form("/settings"), language=MIRRORED.tag)
    assert 'lang="ar-XB" dir="rtl"' in visitor.html
    at_work = Visitor(spoken)
    at_work.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    at_work.sign_in(alice)
    assert 'lang="ar-XB" dir="rtl"' in at_work.html, "it roams"
    assert at_work.get("/m/Nowhere").headers["Content-Language"] == "ar-XB", "also where something failed"
    answer = at_work.client.post("/m/INBOX/do", data={"csrf_token": "x"})
    assert answer.headers["Content-Language"] == "ar-XB"
    assert pseudo.said("This page is too old") in answer.get_data(as_text=True)


@pytest.mark.parametrize("chosen", ["xx", "", "en-XA\r\nX: y", "../../etc", "é" * 5000])
def test_nonsense_is_no_language(spoken: Flask, chosen: str) -> None:
    visitor = Visitor(spoken)
    visitor.get("/login")
    visitor.send(visitor.form("/login/language"), language=chosen)
    assert visitor.status == 200
    assert visitor.client.get_cookie(words.COOKIE) is None
    visitor.client.set_cookie(words.COOKIE, "nonsense")
    assert visitor.get("/login").headers["Content-Language"] == "en"


def test_words_are_text_and_only_marked_passages_are_markup(spoken: Flask) -> None:
    """R29: what a catalogue or a value brings is escaped; a passage keeps its own markup and escapes what is put in."""
    with spoken.test_request_context(headers={"Accept-Language": "en-XA"}):
        env = spoken.jinja_env
        said = env.from_string('{{ _("Error %(status)s", status="<b>") }}').render()
        assert said == pseudo.said("Error %(status)s").replace("%(status)s", "&lt;b&gt;")
        passage = (
            "{% trans address=x %}You sign in to <bdi>{{ address }}</bdi> there, and come back here.{% endtrans %}"
        )
        assert "<bdi>&lt;i&gt;</bdi>" in env.from_string(passage).render(x="<i>")
        assert env.from_string('{{ _("50 % off") }}').render() == "50 % off"
    with spoken.test_request_context():
        passage = (
            "{% trans count=n, name=x %}{{ count }} of <b>{{ name }}</b>, 1 %{% pluralize %}"
            "{{ count }} of <b>{{ name }}</b>, 9 %{% endtrans %}"
        )
        said = [spoken.jinja_env.from_string(passage).render(n=n, x="<i>") for n in (1, 2)]
        assert said == ["1 of <b>&lt;i&gt;</b>, 1 %", "2 of <b>&lt;i&gt;</b>, 9 %"]


def test_outside_a_request_there_is_english(app: Flask) -> None:
    assert words._("Sign in") == "Sign in"
    assert words.ngettext("%(count)s letter", "%(count)s letters", 1204) == "1,204 letters"
    assert words.listed(["Nora", "Dora", "Boris"]) == "Nora, Dora and Boris"
    assert words.listed(["Nora"], among=True) == "Nora"
