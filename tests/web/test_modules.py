"""Modules are joined as they are written, or the server does not start."""

from __future__ import annotations

import pytest

from tests.test_house import ROOT, SCRIPTS, TEMPLATES
from webmail.web import modules
from webmail.web.modules import Joined, Unjoinable

OURS = Joined({path.stem: path.read_text("utf-8") for path in SCRIPTS}, modules.entries(ROOT / "templates"))


def test_each_module_comes_once_and_after_what_it_needs() -> None:
    sources = {
        "a": 'import { two } from "./b.js";\nimport "./c.js";\ntwo();',
        "b": 'import { three as it } from "./c.js";\n// a remark\nexport function two() {\n  return it;\n}',
        "c": "export const three = 3; // why\n/* much\n more */\nlet four = [1, // one\n2];\nexport { four };",
    }
    script = Joined(sources, ["a"]).script("a")
    assert [line for line in script.splitlines() if "??= (() =>" in line] == [
        f"$parts.{name} ??= (() => {{" for name in "cba"
    ]
    assert "const { three: it } = $parts.c;" in script
    assert "return { three, four };" in script
    assert "remark" not in script
    assert "why" not in script
    assert "much" not in script
    assert "export" not in script, "a page asks it for nothing"


def test_what_is_fetched_later_hands_out_its_names_and_leaves_out_what_has_run() -> None:
    sources = {
        "page": 'import "./dom.js";\nconst go = () => import("./later.js");',
        "dom": "export const one = 1;",
        "later": 'import { one } from "./dom.js";\nimport "./more.js";\nexport const open = one;',
        "more": "let x;",
    }
    joined = Joined(sources, ["page"])
    assert joined.later == {"later"}
    script = joined.script("later")
    assert "$parts.dom ??=" not in script
    assert "$parts.more ??=" in script
    assert script.endswith("export const { open } = $parts.later;")
    assert '$parts.later ? Promise.resolve($parts.later) : import("./later.js")' in joined.script("page")
    assert "$parts.dom ??=" in Joined(sources, ["page", "later"]).script("later"), "a page may begin with it"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('import everything from "./b.js";', "default import"),
        ('import * as b from "./b.js";', "not understood"),
        ('import {\n  x,\n} from "./b.js";', "not understood"),
        ('import { y } from "./b.js";', "exports no y"),
        ('import "./nowhere.js";', "there is no nowhere.js"),
        ('import "https://elsewhere.example/b.js";', "not understood"),
        ('  import "./b.js";', "not understood"),
        ("export default 1;", "not understood"),
        ("export let x = 1;", "not understood"),
        ("export const x = 1, y = 2;\nexport const { z } = x;", "not understood"),
        ('export { x } from "./b.js";', "not understood"),
        ("export { x as y };", "not understood"),
        ('const x = import("./" + name);', "only import"),
        ("const x = import.meta.url;", "only import"),
        ("const x = await y;", "waits"),
        ("const $parts = 1;", "taken"),
        ("const x = `a\n// no comment\n`;", "goes on"),
        ('const x = "a\\\n// no comment";', "goes on"),
        ("/* a */ code();", "behind a comment"),
        ('import "./c.js";', "needs itself"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_name(text: str, words: str) -> None:
    sources = {"a": text, "b": "export const x = 1;", "c": 'import "./a.js";'}
    with pytest.raises(Unjoinable, match=words) as refused:
        Joined(sources, ["a"])
    assert "a.js" in str(refused.value) or "c.js" in str(refused.value)


def test_a_page_begins_with_no_script_that_leaves_something_out() -> None:
    used = modules.entries(ROOT / "templates")
    assert used
    for name in used | OURS.later:
        script = OURS.script(name)
        there = {line.split(" ")[0] for line in script.splitlines() if "??= (() =>" in line}
        missing = {f"$parts.{one}" for one in OURS.closure(name)} - there
        assert not missing or name in OURS.later - used, name


def test_a_script_is_named_where_it_is_found() -> None:
    """The list of what pages begin with is read off the templates: no other way of writing it may come up."""
    for path in TEMPLATES:
        for line in path.read_text("utf-8").splitlines():
            if "<script" in line:
                ours = line.count("<script") - line.count('src="{{ words_url() }}"')
                assert ours == len(modules._ENTRY.findall(line)) or "if beside" in line, path
