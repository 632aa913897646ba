"""What has been marked stays so: a sentence that is added to it in English alone is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.words.scripted import in_script
from tests.words.unmarked import in_module, in_template
from webmail.wordlist import SAYERS

ROOT = Path(__file__).resolve().parents[2]

MARKED = [
    "base.html", "_macros.html", "_nav.html", "_groups.html", "_words.html", "error.html", "login",
    "panes.html", "sheet.html", "plain.html", "message", "talk", "inner", "trust", "printout", "part", "source",
    "redirect", "winmail", "invitation", "folders",
    "factor", "passkey", "sessions", "about", "keys", "people", "server", "help", "shell",
    "settings", "compose",
    "mailbox", "search", "act", "cleanup", "snoozed", "outbox", "folder",
]  # fmt: skip
"""Templates, and directories of them. It grows until it is all of them (docs/languages.md)."""

MARKED_MODULES = [
    "web/errors.py", "web/filters.py", "web/nav.py", "web/words.py", "views/login.py",
    "web/cards.py", "web/rsvp.py", "web/recurring.py", "web/trust.py", "web/people.py", "web/letter.py",
    "web/talk.py", "web/tiles.py", "web/neighbours.py", "views/message.py", "views/talk.py", "views/inner.py",
    "views/trust.py", "views/printout.py", "views/part.py", "views/source.py", "views/redirect.py", "views/winmail.py",
    "views/invitation.py", "views/_receipt.py", "views/_notes.py", "views/mailbox.py",
    "web/handed.py", "web/ceremony.py", "web/door.py", "views/factor.py", "views/_factor.py", "views/passkey.py",
    "views/sessions.py", "views/about.py", "views/people.py", "views/server.py", "views/help.py", "views/share.py",
    "views/arrived.py", "views/shell.py",
    "mail/preferences.py", "views/settings.py", "views/compose.py", "views/_saving.py", "views/_sending.py",
    "views/_drafts.py", "views/_questions.py", "views/_identity.py", "views/_later.py", "views/_templates.py",
    "views/_beginnings.py", "views/_rich.py", "views/_problems.py", "views/_answer.py", "views/_gathered.py",
    "views/_place.py", "views/draft.py", "views/_origin.py",
    "web/listing.py", "web/rows.py", "web/labels.py", "mail/snoozed.py",
    "views/search.py", "views/_chips.py", "views/_search_form.py", "views/_search_walk.py", "views/_results.py",
    "views/act.py", "views/_acts.py", "views/_told.py", "views/_wanted.py", "views/_snooze.py", "views/_archive.py",
    "views/cleanup.py", "mail/piles.py", "views/snoozed.py", "views/outbox.py", "views/folder.py", "views/folders.py",
    "views/_folders.py", "views/_search_beside.py",
    "views/arrived.py", "views/shell.py", "features.py",
]  # fmt: skip
"""The same of modules."""

SAME = {
    "Snoozed",  # the name of a folder on the server (mail/snoozed.py); pages say it by web/nav.py
    "Lax",
    "Connection",
    "Refresh",
    "This site does not answer to that name.\n",
    "no fresh proof",
    "second factor in the making 1",
    "from:nora OR from:otto",
    "(oslo OR bergen) from:nora",
    "one line, at most ",
    "text, at most ",
    "addresses, at most ",
}
"""Not words of a page of ours."""


@pytest.mark.parametrize("name", MARKED)
def test_every_word_of_these_templates_can_be_translated(name: str) -> None:
    place = ROOT / "templates" / name
    paths = sorted(place.glob("*.html")) if place.is_dir() else [place]
    assert paths
    found = {path.name: in_template(path.read_text("utf-8")) for path in paths}
    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.parametrize("name", MARKED_MODULES)
def test_every_sentence_of_these_modules_can_be_translated(name: str) -> None:
    assert [text for text in in_module(ROOT / "webmail" / name, SAYERS) if text not in SAME] == []


SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda one: one.stem)
def test_every_sentence_of_the_scripts_can_be_translated(path: Path) -> None:
    assert in_script(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Sign in</p>", ["Sign in"]),
        ('<p>{{ _("Sign in") }}</p>', []),
        ('<a aria-label="Close {{ it }}" class="big red">{{ it }}</a>', ["Close 0"]),
        ('<a aria-label="{{ _("Close") }}">×</a>', []),
        ("{% trans name=x %}Dear <b>{{ name }}</b>{% endtrans %}<i>soon</i>", ["soon"]),
        ('{{ "Read" if x else "Unread" }}', ["Read", "Unread"]),
        ('{{ icon("folder") }}<b class="{{ "btn btn-primary" if x }}">{{ act("x", class="btn large thing") }}</b>', []),
        ("{# a word #}<kbd>Ctrl k</kbd><hr>", []),
        ('<input placeholder="Search mail">{{ x|default("nobody is there") }}', ["Search mail", "nobody is there"]),
    ],
)  # fmt: skip
def test_the_reader_of_templates_finds_words_and_nothing_else(source: str, words: list[str]) -> None:
    assert in_template(source) == words


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('say("Saved.");', ["Saved."]),
        ('say(_("Saved."));', []),
        ('const it = element("p", "note warn away", "gone", more);', ["gone"]),
        ('set(ngettext("%(count)s letter", "%(count)s letters", n));', []),
        ("box.textContent = some ? `All ${some}` : `${n} chosen`;", ["All ", " chosen"]),
        ('say(`${_("Two are here.")} ${n === 1 ? "One is" : `${n} are`} gone`);', ["One is", " are", " gone"]),
        (
            'if (key === "Enter") fetch(url, { method: "POST", headers: { "X-Part": "list of these" } });',
            ["list of these"],
        ),
        ('row.querySelector(".open, .row and more").matches("button, summary, input");', []),
        ('it.setAttribute("aria-label", "rows"); it.setAttribute("role", "list");', ["rows"]),
        ('// say("Nothing here.")\nconst one = /say("[^/]* Nothing")/.test(text) / 2; // "Nor here"', []),
    ],
)
def test_the_reader_of_scripts_finds_words_and_nothing_else(source: str, words: list[str]) -> None:
    assert in_script(source) == words
