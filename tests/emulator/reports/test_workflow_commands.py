"""Nothing that somebody else has written is a workflow command of GitHub Actions."""

from __future__ import annotations

import json

import pytest
from lxml import etree

from emulator.reports.workflow_commands import without_commands, without_commands_in_report


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("::error::x", ": :error::x"),
        ("  ::set-output name=a::b", "  : :set-output name=a::b"),
        ("a\n\t::add-mask::b\nc", "a\n\t: :add-mask::b\nc"),
        ("\u200b::error::x", ": :error::x"),
        (":\u2060:error::x", ": :error::x"),
        ("\u3000::error::x", "\u3000: :error::x"),
        ("a ##[group]b", "a # #[group]b"),
        ("a #\u200d#\ufe0f[error]b ##[", "a # #[error]b # #["),
        ("::::", ": :::"),
    ],
)
def test_a_command_is_shown_with_a_space_in_it(text: str, told: str) -> None:
    """At the beginning of a line, or in the older form anywhere, also with characters that have no width."""
    assert without_commands(text) == told


@pytest.mark.parametrize(
    "text", ["", "a", "a::b", "AWS::IAM::Role", "# heading", "## [x]", "日本語 é\n\n", "a:\u0301 b"]
)
def test_everything_else_stays_as_it_is(text: str) -> None:
    """Text with colons, headings, any language."""
    assert without_commands(text) == text
    assert without_commands_in_report(text) == text


def test_json_says_the_same() -> None:
    """The sign is written as its number."""
    data = {"title": "##[error]x #\u200b#[a] \\# ::error::", "other": "#1"}
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    told = without_commands_in_report(text)
    assert "##[" not in told
    assert "#" not in told.splitlines()[1]
    assert told.splitlines()[2] == '  "other": "#1"'
    assert json.loads(told) == data


def test_xml_says_the_same() -> None:
    """The signs are written as references."""
    root = etree.Element("failure", message="##[error]x")
    root.text = "\n::error::x\n ::debug::y &#35;"
    told = without_commands_in_report(etree.tostring(root).decode())
    assert [line.strip()[:6] for line in told.splitlines()] == ["<failu", "&#58;:", "&#58;:"]
    assert "##[" not in told
    read = etree.fromstring(told)
    assert (read.get("message"), read.text) == (root.get("message"), root.text)
