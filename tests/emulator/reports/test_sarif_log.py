"""SARIF's rules say what they are about, and files are found whichever way they are named."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from emulator.kernel.errors import Location
from emulator.reports.check.check_sarif import RULES
from emulator.reports.sarif_log import SarifResult, sarif_log

ROOT = Path(__file__).parents[3]


def _log(rule: str, file: str = "a.yaml") -> dict[str, Any]:
    result = SarifResult(rule, "error", "x", (Location(file, 3),))
    return dict(json.loads(sarif_log([result], texts=RULES))["runs"][0])


def test_a_check_is_described_by_its_question() -> None:
    """And its help is the command that tells the causes."""
    (rule,) = _log("audience")["tool"]["driver"]["rules"]
    assert rule["id"] == "audience"
    assert rule["shortDescription"] == rule["fullDescription"]
    assert rule["shortDescription"]["text"].endswith("?")
    assert rule["help"]["text"] == "fedemu explain audience"


def test_a_rule_that_is_no_check_is_described_itself() -> None:
    """Nothing is explained of it that explain does not know."""
    (rule,) = _log("no-app")["tool"]["driver"]["rules"]
    assert rule["help"]["text"] == rule["shortDescription"]["text"] == "Somebody has no app, or an app has nobody."


def test_every_remark_of_a_check_is_described() -> None:
    """The source is read: a new rule needs a sentence."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "emulator").rglob("*.py")]
    rules = {name for text in sources for name in re.findall(r'\bRemark\(\s*"([a-z-]+)"', text)}
    assert len(rules) > 6
    assert rules <= RULES.keys()


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("scenarios/a b.yaml", "scenarios/a%20b.yaml"),
        ("../ä.yaml", "../%C3%A4.yaml"),
        ("/srv/a b.yaml", "file:///srv/a%20b.yaml"),
    ],
)
def test_files_are_uris(file: str, uri: str) -> None:
    """Relative as they were given, else absolute."""
    (result,) = _log("audience", file)["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}
