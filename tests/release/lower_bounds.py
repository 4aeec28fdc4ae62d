"""Prints what ``make lower-bounds`` installs: every dependency at the oldest version that is allowed.

Of the test extra, only what the core tests need is taken: Okta's SDK and the browsers' driver ask for newer versions of
what fedemu itself uses, and would hide its own lower bounds.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
TEST_TOOLS = ("boto3", "hypothesis", "jsonschema", "junitparser", "pytest", "pytest-xdist", "python3-saml")


def project() -> dict[str, Any]:
    """Returns the ``project`` table of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def name_of(requirement: str) -> str:
    """Returns the name of the distribution that a requirement asks for, without its extras."""
    return re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]


def lowest(requirement: str) -> str:
    """Returns the requirement of exactly the oldest version that is allowed.

    Raises:
        ValueError: the requirement has no lower bound.
    """
    bound = re.search(r">=\s*([\w.]+)", requirement)
    if bound is None:
        raise ValueError(f"pyproject.toml: {requirement} has no lower bound")
    return f"{name_of(requirement)}=={bound[1]}"


def requirements() -> list[str]:
    """Returns each dependency of fedemu, and each tool that the core tests need, at its lower bound."""
    table = project()
    tools = [each for each in table["optional-dependencies"]["test"] if name_of(each) in TEST_TOOLS]
    return [lowest(each) for each in (*table["dependencies"], *tools)]


if __name__ == "__main__":
    print("\n".join(requirements()))
