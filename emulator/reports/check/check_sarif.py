"""The findings of ``fedemu check`` as SARIF 2.1.0.

Spec: OASIS SARIF 2.1.0
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from emulator.access.remarks import Remark
from emulator.diagnosis.diagnosis import Diagnosis
from emulator.diagnosis.login_groups import LoginGroup
from emulator.diagnosis.world_check import WorldCheck, origins_of
from emulator.kernel.errors import Location
from emulator.reports.check.check_report import group_headline
from emulator.reports.sarif_log import SarifResult, sarif_lines, sarif_log

RULES: Mapping[str, str] = MappingProxyType(
    {
        "login": "A login does not arrive, and no service has refused it.",
        "login-note": "A login arrives, but something differs from the settings.",
        "certificate-ends": "A signing certificate ends soon, or has ended.",
        "custom-page": "A page with the contact control panel has settings that keep it from working.",
        "left-out": "Something in a file that the world is filled from is not in the world.",
        "metadata-ends": "The metadata of a SAML provider ends soon, or has ended.",
        "no-app": "Somebody has no app, or an app has nobody.",
        "no-ccp": "Somebody may not open the contact control panel.",
        "no-login": "A user of Amazon Connect is reached by no login.",
        "page-not-read": "A file of a page that may show the contact control panel was not read.",
        "settings-differ": "Two settings that belong together contradict each other.",
        "unused-assignment": "A setting of an assignment has no effect.",
        "unused-group": "A group that should give roles gives none.",
        "unused-role": "A role trusts a SAML provider, and nobody is offered it.",
    }
)
"""The descriptions of rules other than a service's checks."""


def check_sarif(found: WorldCheck) -> str:
    """Returns the findings: an error for each group of logins and each other finding, a note for each note."""
    results = [
        *(_of_group(group, found.file) for group in found.failing),
        *(_of_remark(remark, "error") for remark in found.findings),
        *(_of_remark(remark, "note") for remark in found.notes),
        *(_of_note(note, found.file) for note in found.login_notes),
    ]
    return sarif_log(results, texts=RULES)


def _of_group(group: LoginGroup, file: str) -> SarifResult:
    told = group.result.diagnosis if group.result is not None else None
    lines = [group_headline(group), *(sarif_lines(told) if told is not None else [group.problem])]
    places = tuple(origin.location for origin in origins_of(group) if origin.location and origin.location.file)
    return SarifResult(
        group.first.check or "login", "error", "\n".join(filter(None, lines)), places or (Location(file, 1),)
    )


def _of_remark(remark: Remark, level: str) -> SarifResult:
    problem = remark.problem
    wanted = f"Expected: {problem.expected}" if problem.expected else ""
    fix = f"Fix: {problem.fix}" if problem.fix else ""
    text = "\n".join(filter(None, (problem.message, wanted, fix)))
    return SarifResult(remark.rule, level, text, (problem.location,))


def _of_note(note: Diagnosis, file: str) -> SarifResult:
    places = tuple(origin.location for origin in note.origins if origin.location and origin.location.file)
    return SarifResult("login-note", "note", note.cause or note.why, places or (Location(file, 1),))
