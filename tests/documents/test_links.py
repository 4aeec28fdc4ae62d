"""Every link of every page leads to a file that is there, and to a heading that it has."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.documents.blocks import ROOT, pages

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)


@cache
def _anchors(page: Path) -> frozenset[str]:
    """Returns what GitHub makes of a page's headings."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return frozenset(re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings)


@pytest.mark.parametrize("page", [path.relative_to(ROOT).as_posix() for path in pages()])
def test_the_links_of_a_page_lead_somewhere(page: str) -> None:
    """Pages on the web are not asked for; the changelog's headings are those of their time."""
    here = ROOT / page
    broken = []
    for link in _LINK.findall(_FENCED.sub("", here.read_text(encoding="utf-8"))):
        path, _, anchor = link.partition("#")
        there = (here.parent / path).resolve() if path else here
        if re.match(r"[a-z]+:", link):
            continue
        if not there.exists() or (anchor and here.name != "CHANGELOG.md" and anchor not in _anchors(there)):
            broken.append(link)
    assert broken == []
