"""Makes docs/fidelity.md from the Evidence lines of docstrings: what imitates a real service, and how it is known."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
_HEAD = """# Fidelity

Every rule that imitates Okta, AWS or Amazon Connect says where it comes from and how it is known: *documented* by the
vendor or a specification, *observed* in public answers and messages of the real service, or *assumed*, because nothing
public says. What is assumed is marked on pages and in refusals as the emulator's wording.

This page is made by `make docs` from the docstrings.

| rule | where | source | evidence |
|---|---|---|---|
"""


def rules() -> Iterator[tuple[str, str, str, str]]:
    """Yields every rule: its first sentence, its module, its source, its evidence."""
    for package in ("idp", "sp_mock"):
        for path in sorted((ROOT / package).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                    documentation = ast.get_docstring(node) or ""
                    evidence = re.search(r"^Evidence: (.*(?:\n(?!\n).*)*)", documentation, re.MULTILINE)
                    source = re.search(r"^Spec: (.*)$", documentation, re.MULTILINE)
                    if evidence:
                        first = documentation.splitlines()[0]
                        yield first, f"`{module}`", source[1] if source else "", " ".join(evidence[1].split())


def page() -> str:
    """Returns the whole page."""
    return _HEAD + "".join(f"| {' | '.join(cell.replace('|', '/') for cell in rule)} |\n" for rule in rules())


if __name__ == "__main__":
    (ROOT / "docs" / "fidelity.md").write_text(page(), encoding="utf-8")
