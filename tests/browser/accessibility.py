"""axe-core in a page: what keeps people from reading or using it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.requirements import installed

AXE = Path(__file__).parents[2] / ".venv" / "clients" / "node_modules" / "axe-core" / "axe.min.js"
_SERIOUS = frozenset({"serious", "critical"})
_IS_LOADED = "typeof axe === 'object'"
_IS_AT_REST = "document.querySelector('[aria-busy=true]') === null"
_RUN = "async (options) => (await axe.run(document, {resultTypes: ['violations'], ...options})).violations"
_OF_COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}


def findings(page: Page, *, only_colours: bool = False) -> list[str]:
    """Returns the serious findings on a page, each with the elements that it is about, once no part is being loaded.

    Args:
        page: The page.
        only_colours: Whether to ask only about colours: nothing else has changed since the page was asked.
    """
    if not page.evaluate(_IS_LOADED):
        page.evaluate(_axe())
    page.wait_for_load_state()
    page.wait_for_function(_IS_AT_REST)  # what is about to be replaced is paler
    violations: list[dict[str, Any]] = page.evaluate(_RUN, _OF_COLOURS if only_colours else {})
    return [
        f"{each['id']}: {each['help']}: {node['html'][:200]}"
        for each in violations
        if each["impact"] in _SERIOUS
        for node in each["nodes"]
    ]


@cache
def _axe() -> str:
    return installed(AXE).read_text(encoding="utf-8")
