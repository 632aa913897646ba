"""The language of a message: told or given away, and never more than a tag."""

from __future__ import annotations

import pytest

from webmail.mail.language import language


@pytest.mark.parametrize(
    ("told", "charset", "tag"),
    [
        ("de", None, "de"),
        ("pt-BR, en", "utf-8", "pt-BR"),
        ("ar (Arabic)", None, "ar"),
        (None, "iso-2022-jp", "ja"),
        (None, "GB2312", "zh-Hans"),
        (None, "big5", "zh-Hant"),
        (None, "utf-8", ""),
        ('x" onload="alert(1)', "iso-8859-1", ""),
        ("english please", "ks_c_5601-1987", "ko"),
        ("", None, ""),
        ("a" * 5000, None, ""),
    ],
)
def test_the_tag(told: str | None, charset: str | None, tag: str) -> None:
    assert language(told, charset) == tag
