"""A log of SARIF 2.1.0 for code scanning: a rule for each check, a file and a line.

Spec: OASIS SARIF 2.1.0
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from emulator.diagnosis.check_texts import CheckText, read_check_texts
from emulator.diagnosis.diagnosis import Diagnosis
from emulator.explaining.catalogue import TOPICS
from emulator.kernel.errors import Location
from emulator.kernel.records import dataclass
from emulator.kernel.version import version
from emulator.network.trace import as_text

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_NO_TEXTS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class SarifResult:
    """One result of a log.

    Args:
        rule: Name of the check, or of another rule.
        level: ``error`` or ``note``.
        text: Message of the result.
        places: Places; all except the first are related places.
    """

    rule: str
    level: str
    text: str
    places: tuple[Location, ...]


def sarif_log(results: Sequence[SarifResult], *, texts: Mapping[str, str] = _NO_TEXTS) -> str:
    """Returns results as a log of SARIF.

    There is no ``informationUri``, because fedemu has no web page.

    Args:
        texts: Descriptions of rules other than checks, by name.
    """
    rules = list(dict.fromkeys(result.rule for result in results))
    known = {**read_check_texts(), **read_check_texts(TOPICS)} if rules else {}
    run = {
        "tool": {
            "driver": {
                "name": "fedemu",
                "version": version(),
                "rules": [_rule(rule, known.get(rule), texts) for rule in rules],
            }
        },
        "results": [_as_json(result, rules) for result in results],
    }
    return as_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(name: str, check: CheckText | None, texts: Mapping[str, str]) -> dict[str, Any]:
    """Returns a rule: for a check its question, and the command that lists its causes."""
    said = check.asks if check is not None else texts.get(name, name)
    help_text = f"fedemu explain {name}" if check is not None else said
    return {
        "id": name,
        "shortDescription": {"text": said},
        "fullDescription": {"text": said},
        "help": {"text": help_text},
    }


def sarif_lines(told: Diagnosis) -> Iterator[str]:
    """Yields the lines about a login: the service's words, the cause, the fix."""
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
            "artifactLocation": {"uri": _uri(place.file)},
            "region": {"startLine": max(1, place.line)},
        }
    }
    if place.key:
        data["logicalLocations"] = [{"fullyQualifiedName": place.key}]
    return data


def _uri(file: str) -> str:
    """Returns a file as a URI: relative as it was given, so that a repository has it, or else absolute."""
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
