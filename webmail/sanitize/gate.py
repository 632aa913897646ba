"""The gate: nh3 (html5ever) parses what we wrote, rebuilds it from the allow lists, and nothing touches it afterwards.

Orderly mail is only compared: what comes back as it was given consists, byte for byte, of what the judges of this room
wrote for this very message. Where the parser had to mend something it trusts no text, only a list: each attribute value
must be one that a judge has issued.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from html import escape, unescape
from typing import Any

import nh3

from .rules import ATTRIBUTES, COLOURED, ELEMENTS, EVERYWHERE
from .writing import REL

_OURS = {("rel", REL), ("target", "_blank")}  # nh3 shows the filter what it sets itself, too
_LISTS: dict[str, Any] = {
    "tags": ELEMENTS,
    "clean_content_tags": {"script", "style", "title", "textarea", "svg", "math", "template"},
    "attributes": {
        "*": {*EVERYWHERE, "class", "style"},
        "a": {"href"},
        "img": {*ATTRIBUTES["img"], "src"},
        **{name: {*ATTRIBUTES.get(name, ()), *COLOURED.get(name, ())} for name in {*ATTRIBUTES, *COLOURED} - {"img"}},
    },
    "link_rel": REL,
    "set_tag_attribute_values": {"a": {"target": "_blank"}},
    "url_schemes": {"http", "https", "mailto", "tel", "data"},
}
_PLAIN = nh3.Cleaner(**_LISTS, url_relative="pass_through")
_TAG = re.compile("<[^>]*>")


def at_rest(html: str, tags: int) -> bool:
    """Whether the parser gives back exactly what it was given. tags: how many html was written with.

    Then each value in it is one that we issued, without asking for each: no other hand has written here. That no text
    or value has opened a tag of its own is counted.
    """
    return html.count("<") == tags and _PLAIN.clean(html) == html


def through(html: str, issued: AbstractSet[tuple[str, str]], own_paths: AbstractSet[str]) -> str:
    """html, rebuilt. issued: (attribute, value) pairs that may stand; own_paths: the relative addresses among them."""

    def issued_only(_tag: str, name: str, value: str) -> str | None:
        return value if (name, value) in issued or (name, value) in _OURS else None

    cleaner = nh3.Cleaner(
        **_LISTS, attribute_filter=issued_only, url_relative=lambda url: url if url in own_paths else None
    )
    return cleaner.clean(html)


def words_only(html: str) -> str:
    """The text of html without any element: for what does not come to rest."""
    return links_only(escape(unescape(_TAG.sub(" ", html)), quote=False))


_LINKS = nh3.Cleaner(
    tags={"a"},
    clean_content_tags=set(),
    attributes={"a": {"href"}},
    link_rel=REL,
    set_tag_attribute_values={"a": {"target": "_blank"}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
)


def links_only(html: str) -> str:
    """The gate for escaped text in which only links were set."""
    return _LINKS.clean(html)
