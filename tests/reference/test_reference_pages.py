"""The pages that are made from the program are current, and have everything."""

from __future__ import annotations

import re

from emulator.cli import EXIT_CODES, VERBS
from tests.reference import command_page, world_page


def test_the_page_of_the_world_file_is_current() -> None:
    """docs/world.md is what the schema says now; make docs writes it."""
    assert world_page.PAGE.read_text(encoding="utf-8") == world_page.page()


def test_the_page_of_the_command_line_is_current() -> None:
    """docs/cli.md is what the commands say now; make docs writes it."""
    assert command_page.PAGE.read_text(encoding="utf-8") == command_page.page()


def test_every_verb_has_a_section() -> None:
    """A person finds each verb in the table, and below it with its usage and its exit codes."""
    page = command_page.page()
    assert re.findall(r"^## fedemu ([a-z]+)$", page, re.MULTILINE) == list(VERBS)
    for section in page.split("\n## ")[1:]:
        assert "\nExit codes: " in section
        assert re.search(r"^`fedemu ", section, re.MULTILINE)
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)] == list(EXIT_CODES)


def test_the_list_of_verbs_fits_a_terminal() -> None:
    """``fedemu --help`` prints the first sentence of each in a line of 80 columns, and cuts none."""
    (table,) = re.findall(r"\n\| verb \| does \|\n\|---\|---\|\n(.*?)\n\n", command_page.page(), re.DOTALL)
    sentences = re.findall(r"^\| \[`\w+`\]\(#[\w-]+\) \| (.*) \|$", table, re.MULTILINE)
    assert len(sentences) == len(VERBS)
    assert [each for each in sentences if len(each) > 65 or not each.endswith(".")] == []


def test_every_link_to_settings_leads_to_a_section() -> None:
    """An anchor is what GitHub makes of the heading."""
    page = world_page.page()
    headings = re.findall(r"^### (.*)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    linked = set(re.findall(r"\(#([^)]+)\)", page))
    assert linked <= anchors
    assert len(linked) == len(headings)


def test_every_setting_has_a_type_and_what_it_does() -> None:
    """No cell but the default and the example may be empty; the example is missing only where settings are below."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|.*\| ([A-Z].*?) \| (.*?) ?\|$", world_page.page(), re.MULTILINE)
    assert len(rows) == len(world_page.settings()) > 150
    assert [name for name, kind, _, example in rows if not example and "[settings]" not in kind] == []
