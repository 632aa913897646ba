"""Which test holds which promise of security: docs/security-tests.md, made from the tests themselves.

A test names a rule of the house in its own name (`test_r13_…`), and a line of ASVS 5.0 by the marker `asvs`. Without a
test a line is a wish, so tests/test_security.py fails for every line of the two tables below that no test names.

    python -m tests.security > docs/security-tests.md
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "security-tests.md"

RULES: Final = {
    1: "A message is never part of our page: its own answer, a frame without scripts, a policy without network.",
    2: "Cleaning rebuilds from an allow list until a second pass changes nothing; depth is capped, no text is lost.",
    3: "Nothing edits cleaned HTML afterwards: links, folds and marks are made before it is written.",
    4: "CSS is read as tokens; only known properties with known values are written again.",
    5: "A message causes no request to anybody else before its reader agrees.",
    6: "A link goes where it says; one that poses as another is named.",
    7: "A part is a download, or one of a few kinds that its octets prove, and never a page of ours.",
    8: "A file name is well formed, short, without marks that hide, and never a path.",
    9: "One room talks IMAP; no text of anybody's ends a command.",
    10: "Outgoing octets are made once, checked, and have the fields and recipients that were meant, no others.",
    11: "TLS with the certificate checked, never downgraded; where a password goes is never up to a form.",
    12: "A sign-in: a new id, a sealed password, limits in time, nothing left when it ends; data is never code.",
    13: "Only a form of ours changes anything, with its token and from our origin; looking changes nothing.",
    14: "Every answer says what a browser may do with it: policy, no sniffing, no referrer, no storing.",
    15: "Everything that a stranger can make large has a budget before the work is begun.",
    16: "One parse decides: what is shown of a part is what is served.",
    17: "A log holds ids and names of errors: no password, address, subject or word of a letter.",
    18: "Guessing is slow, locks nobody else out, and tells no user from nobody; what a reader does has limits, too.",
    19: "The address is always seen beside the name; what a name hides is taken out or said.",
    20: "An invitation is text within budgets; nothing is answered without a press.",
    21: "A mail link fills in five fields of a letter and sends nothing.",
    22: "Leaving a list: after a question, one post over HTTPS, and only where the message proves who offers it.",
    23: "The server itself asks mail servers, and for what a reader agreed to; never an address inside.",
    24: "A way back is a path of ours.",
    25: "What is encrypted is never opened here, so no part of a message can leak another.",
    26: "No field or button of a message survives; our own say what a browser may fill in.",
    27: "What is quoted or passed on is what was seen; hidden words are gone or shown.",
    28: "Errors say nothing of our inside; a server's own words are text, cut and marked as its.",
    29: "Text is escaped where it is printed; one type is HTML, made by the gate alone.",
    30: "The site answers to its names; a proxy's word counts exactly as often as there are proxies.",
    31: "Every library is pinned by hash; what browsers run of others is vendored, named and unchanged.",
    32: "No shell, no SQL, no code made of text, no name that loads a module.",
    33: "Every connection to elsewhere has limits of time, for each step and in all.",
    34: "An id in an address means something inside its own reader's mailbox only.",
}
"""Of docs/house.md and SECURITY.md: what has to hold, in one line each."""

ASVS: Final = {
    "1.1.1": "A body is decoded once: what is still escaped after that stays text.",
    "1.2.1": "Text in HTML is escaped for where it stands, whoever wrote it.",
    "1.2.2": "Addresses in links are encoded, and of a scheme that is allowed.",
    "1.2.3": "No data is written into a script.",
    "1.2.9": "Text of a reader in a pattern is only text.",
    "1.3.1": "HTML that a person writes passes the same gate as HTML that arrives.",
    "1.3.4": "SVG and other documents with scripts are not shown.",
    "1.3.5": "Sheets and expressions of others are not taken over.",
    "1.3.6": "The server asks no address that a stranger chose, without a list of what is allowed.",
    "1.3.11": "Mail commands cannot be injected.",
    "1.5.1": "XML is read without document types, entities or anything from elsewhere.",
    "1.5.2": "Nothing that is read becomes an object with behaviour.",
    "2.2.1": "What a form sends is checked against what is expected.",
    "2.2.2": "The check is on the server.",
    "2.3.1": "A deed of several steps takes them in order, none left out.",
    "2.3.3": "A deed is done whole, or what was there before comes back.",
    "2.3.4": "The same deed twice is done once.",
    "2.4.1": "What could be done without end by a program has a limit.",
    "3.2.1": "A file opened as a page is not run as one.",
    "3.2.2": "Text is put into the page as text.",
    "3.3.1": "Cookies are Secure, by name __Host-.",
    "3.3.2": "Cookies say SameSite.",
    "3.3.3": "Cookies have the __Host- prefix.",
    "3.3.4": "A session's cookie is out of reach of scripts and in no address.",
    "3.4.1": "HSTS for a year and subdomains.",
    "3.4.2": "No CORS.",
    "3.4.3": "A policy that names no foreign source.",
    "3.4.4": "nosniff.",
    "3.4.5": "No referrer.",
    "3.4.6": "Nobody frames our pages.",
    "3.5.1": "A post from elsewhere is refused.",
    "3.5.3": "What changes something is no GET.",
    "3.5.5": "Messages between windows are not listened to.",
    "3.7.2": "No redirect leaves the site.",
    "5.2.1": "A file that is too large is refused before it is read.",
    "5.2.3": "Archives are not unpacked.",
    "5.3.2": "No file name becomes a path.",
    "5.4.1": "The name of a download is ours to check.",
    "5.4.2": "The name of a download is encoded for its header.",
    "6.1.1": "How guesses are slowed is written down.",
    "6.2.6": "The password field is one.",
    "6.2.7": "Pasting and password managers work.",
    "6.2.8": "The password is taken exactly as it was typed.",
    "6.2.9": "Long passwords work.",
    "6.3.1": "Guessing a password is slowed, by account and by address, and locks its owner out nowhere else.",
    "6.3.3": "A second factor can be asked for, or has to be.",
    "6.3.8": "Nobody finds out who has an account, by words, numbers or time.",
    "6.5.1": "A code, a recovery code and a proof by a passkey open the door once.",
    "7.1.1": "Limits of quiet time and of age are written down.",
    "7.2.3": "A session's id has at least 128 bits.",
    "7.2.4": "It is new at every sign-in.",
    "7.3.1": "A quiet session ends.",
    "7.3.2": "An old session ends.",
    "7.4.1": "After signing out nothing of the session is of use.",
    "7.4.3": "All other sessions can be ended at once, after a password was changed too.",
    "7.4.4": "Signing out is on every page.",
    "7.4.5": "An administrator ends the sessions of one person, or of all.",
    "7.5.2": "Everybody sees where they are signed in, and ends it there.",
    "8.2.2": "Nobody reaches another's data by its id.",
    "8.4.1": "What is kept in memory is kept for its own reader.",
    "11.3.2": "The cipher is an approved one.",
    "11.3.3": "What is sealed is authenticated: one changed bit opens nothing.",
    "11.5.1": "Ids come from the system's source of chance.",
    "12.1.1": "TLS 1.2 at least.",
    "12.3.1": "Every connection to a mail server is TLS.",
    "12.3.2": "Its certificate is checked.",
    "13.2.4": "The server connects to an allow list.",
    "13.3.1": "Secrets come from files or the environment, and are not in the tree.",
    "13.4.2": "No debugging in production.",
    "13.4.5": "Monitoring is open to nobody by accident.",
    "14.2.1": "Nothing of a letter or a person is in an address.",
    "14.3.1": "The browser is told to forget at the end.",
    "14.3.2": "Pages behind the sign-in are not stored.",
    "14.3.3": "No mail lies in a browser's storage.",
    "15.1.2": "There is a list of everything that is built in.",
    "15.2.2": "What takes long is bounded.",
    "15.3.2": "No redirect of another server is followed unseen.",
    "15.3.4": "The reader's network address is not believed from a header.",
    "15.3.5": "A field that comes twice, or of another type, is no fault.",
    "16.2.1": "A line of the log says when, where, and in which request.",
    "16.2.5": "Logs hold no secrets.",
    "16.3.1": "Every sign-in is logged, taken or not.",
    "16.3.4": "Failures of TLS are logged.",
    "16.4.1": "What is logged cannot begin a line of its own.",
    "16.5.1": "An error page says nothing of the inside.",
    "16.5.2": "A mail server that is away is a page that says so, and nobody is let in.",
    "16.5.3": "A fault of ours fails closed.",
}  # fmt: skip
"""The requirements of ASVS 5.0, level 2, that a webmail without accounts of its own can meet, in our words."""

_IN_NAME: Final = re.compile(r"_r([1-9][0-9]?)(?=_)")


def promises() -> Iterator[tuple[str, str, frozenset[int], frozenset[str]]]:
    """File, name, rules and ASVS lines of every test that names some."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        module = ast.parse(path.read_text("utf-8"), str(path))
        of_all = {line for node in module.body for line in _marked(_pytestmark(node))}
        for node in module.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                rules = frozenset(map(int, _IN_NAME.findall(node.name)))
                lines = frozenset(of_all | {line for mark in node.decorator_list for line in _marked(mark)})
                if rules or lines:
                    yield path.relative_to(ROOT).as_posix(), node.name, rules, lines


def _pytestmark(node: ast.stmt) -> ast.expr | None:
    named = isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)
    return node.value if isinstance(node, ast.Assign) and named else None


def _marked(mark: ast.expr | None) -> Iterator[str]:
    """The lines in `pytest.mark.asvs("3.5.1", …)`, alone or in a list."""
    if isinstance(mark, ast.List):
        for one in mark.elts:
            yield from _marked(one)
    elif isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.asvs":
        yield from (arg.value for arg in mark.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


_INTRO: Final = """# What is promised, and which test holds it

Made from the tests: `python -m tests.security > docs/security-tests.md`; `tests/test_security.py` holds the two equal,
and fails for a line without a test. A test names a rule in its name (`test_r13_…`), and a requirement of the OWASP
Application Security Verification Standard 5.0 (level 2) by a marker. The sentences are what it means here.

"""


def page() -> str:
    """docs/security-tests.md as text."""
    of_rule: dict[int, list[str]] = defaultdict(list)
    of_line: dict[str, list[str]] = defaultdict(list)
    for file, name, rules, lines in promises():
        told = f"`{name}` ([{file.removeprefix('tests/')}](../{file}))"
        for rule in rules:
            of_rule[rule].append(told)
        for line in lines:
            of_line[line].append(told)
    pieces = [_INTRO, "## The rules of the house\n\n| rule | holds | tests |\n|---|---|---|\n"]
    pieces += [f"| R{rule} | {text} | {'<br>'.join(of_rule[rule])} |\n" for rule, text in RULES.items()]
    pieces.append("\n## ASVS 5.0, level 2\n\n| line | holds | tests |\n|---|---|---|\n")
    pieces += [f"| {line} | {text} | {'<br>'.join(of_line[line])} |\n" for line, text in ASVS.items()]
    return "".join(pieces)


if __name__ == "__main__":
    print(page(), end="")
