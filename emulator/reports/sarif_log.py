"""A log of SARIF 2.1.0, as code scanning shows it: a rule for each check, a file and a line.

Spec: OASIS SARIF 2.1.0
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any
from urllib.parse import quote

from emulator.diagnosis.diagnosis import Diagnosis
from emulator.kernel.errors import Location
from emulator.network.trace import as_text

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_NO_TEXTS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class SarifResult:
    """One result of a log.

    Args:
        rule: The name of the check, or of another rule.
        level: ``error`` or ``note``.
        text: What is told.
        places: Where; what is not the first is related to it.
    """

    rule: str
    level: str
    text: str
    places: tuple[Location, ...]


def sarif_log(results: Sequence[SarifResult], *, help_texts: Mapping[str, str] = _NO_TEXTS) -> str:
    """Returns results as a log of SARIF.

    Args:
        results: The results.
        help_texts: What is said of rules that are no checks.
    """
    rules = list(dict.fromkeys(result.rule for result in results))
    run = {
        "tool": {
            "driver": {
                "name": "fedemu",
                "version": metadata.version("fedemu"),
                "rules": [
                    {"id": rule, "help": {"text": help_texts.get(rule, f"fedemu explain {rule}")}} for rule in rules
                ],
            }
        },
        "results": [_as_json(result, rules) for result in results],
    }
    return as_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def sarif_lines(told: Diagnosis) -> Iterator[str]:
    """Yields what a result says of a login: the service's words, the cause, the fix."""
    if told.refusal is not None:
        mark = " (the emulator's wording)" if told.refusal.evidence == "assumed" else ""
        yield f"{told.refusal.service}: {told.refusal.message}{mark}"
    yield told.cause or told.why
    if told.fix:
        yield f"Fix: {told.fix}"


def _as_json(result: SarifResult, rules: list[str]) -> dict[str, Any]:
    first, *others = [_place(place) for place in result.places]
    data: dict[str, Any] = {
        "ruleId": result.rule,
        "ruleIndex": rules.index(result.rule),
        "level": result.level,
        "message": {"text": result.text},
        "locations": [first],
    }
    if others:
        data["relatedLocations"] = [{"id": number, **place} for number, place in enumerate(others, 1)]
    return data


def _place(place: Location) -> dict[str, Any]:
    data: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(place.file.replace("\\", "/"))},
            "region": {"startLine": max(1, place.line)},
        }
    }
    if place.key:
        data["logicalLocations"] = [{"fullyQualifiedName": place.key}]
    return data
