"""About tells those who are signed in what runs here and whose work is in it."""

from __future__ import annotations

import re

from tests.servers.application import Visitor
from tests.servers.people import Person
from webmail.views.about import VERSION


def test_about_has_the_version_and_every_licence(visitor: Visitor, alice: Person) -> None:
    assert visitor.get("/about", follow=False).status_code == 303, "a version is nobody else's business"
    visitor.sign_in(alice)
    visitor.get("/about")
    assert VERSION in visitor.text
    assert "25 MB at most" in visitor.text
    licences = re.findall(r'href="(/static/[^"]+LICENSE)"', visitor.html)
    assert len(licences) == 2
    assert all(visitor.client.get(url, buffered=True).status_code == 200 for url in licences)
