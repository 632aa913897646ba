"""The page of keys has those that docs/keys.md has, which tests/flows/test_keys.py walks."""

from __future__ import annotations

import re
from pathlib import Path

from tests.servers.application import Visitor
from webmail.views.keys import TABLE

DOC = Path(__file__).resolve().parents[2] / "docs" / "keys.md"


def test_the_page_and_the_document_have_the_same_keys(visitor: Visitor) -> None:
    sections = re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", DOC.read_text("utf-8"), re.M | re.S)
    told = {title: tuple(re.findall(r"^\| `(.+?)` \| (.+?) \|$", rows, re.M)) for title, rows in sections}
    assert {title: rows for title, rows in told.items() if rows} == dict(TABLE)
    assert visitor.get("/keys").status_code == 200
    assert "as j , once a row has the focus" in visitor.text
    assert visitor.html.count('<th scope="row">') == sum(map(len, TABLE.values()))
