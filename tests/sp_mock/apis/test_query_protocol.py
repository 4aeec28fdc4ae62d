"""The XML that the Query protocol answers with."""

from __future__ import annotations

import pytest

from sp_mock.apis.query_protocol import QueryService

VALUES = {
    "plain": "plain",
    "a&b <c> \"d\" 'e'": "a&amp;b &lt;c&gt; \"d\" 'e'",
    "tab\tline\nreturn\r": "tab\tline\nreturn\r",
    "a\x00b\x1fc": "a?b?c",
    "a\x7fb": "a\x7fb",
    "佐藤": "佐藤",
    "佐\x01\ud800\ufffe藤": "佐???藤",
}


@pytest.mark.parametrize("value", VALUES)
def test_what_xml_has_no_character_for_is_a_question_mark(value: str) -> None:
    """Markup is escaped; tabs and line breaks stay."""
    answer = QueryService("sts").answer("AssumeRoleWithSAML", {"Subject": value, "Issuer": None}, request_id="1")
    inner = f"<AssumeRoleWithSAMLResult><Subject>{VALUES[value]}</Subject></AssumeRoleWithSAMLResult>"
    assert inner in answer
    assert "Issuer" not in answer
