"""No check is left out: each has a text for people, a scenario that ends in it, and for the assertion's a fault.

Where there can be none, the texts say why. A new check without text, scenario or reason fails here.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import replace

import pytest

from emulator.arrival import SHORTFALL_CHECKS
from emulator.diagnosis.check_texts import CheckText, read_check_texts
from emulator.explaining.catalogue import everything_known
from emulator.explaining.pasted import read_text
from emulator.explaining.ranking import ranked
from emulator.explaining.recognition import recognise
from emulator.reports.explained_text import explained_lines
from emulator.scenarios.runner import refusal_in
from emulator.scenarios.scenario_file import Scenario
from emulator.scenarios.weights import scenario_weights
from sp_mock.assertion.checks import CHECKS
from tests.built_in_scenarios import built_in_scenarios
from tests.catalogue.reasons import reasons_of
from tests.refusal_checks import ROOT, source

SCENARIOS = [s for s in built_in_scenarios() if s.settings.expect.outcome == "refused"]
TEXTS = read_check_texts()
KNOWN = everything_known()
NAMED = source().checks()


def _ending_in(check: str) -> list[Scenario]:
    """Returns the scenarios that expect a refusal by a check; tests/flows/test_catalogue.py proves them."""
    return [scenario for scenario in SCENARIOS if scenario.settings.expect.check == check]


def test_every_refusal_names_its_check() -> None:
    """No refusal of the two sides is made without one."""
    assert source().without_check() == []


@pytest.mark.parametrize("check", sorted({*NAMED, *TEXTS}))
def test_every_check_of_a_refusal_has_a_text_and_every_text_a_check(check: str) -> None:
    """A check that refusals name is explained, and no check is explained that is gone."""
    assert check in TEXTS, f"{check} is named by {', '.join(NAMED[check])} and has no text in emulator/diagnosis/checks"
    assert check in NAMED, f"no refusal names {check}"


def test_every_check_of_a_login_that_is_elsewhere_has_a_text() -> None:
    """emulator/arrival.py names them where nobody refuses; explain knows each."""
    source = (ROOT / "emulator" / "arrival.py").read_text(encoding="utf-8")
    named = {
        call.args[0].value
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Shortfall"
        and isinstance(call.args[0], ast.Constant)
    }
    assert named == SHORTFALL_CHECKS
    assert named <= KNOWN.texts.keys()
    assert named.isdisjoint(TEXTS)


def test_no_check_has_two_texts() -> None:
    """A name is a key of one file only."""
    files = (ROOT / "emulator" / "diagnosis" / "checks").glob("*.yaml")
    texts = [file.read_text(encoding="utf-8") for file in files]
    names = Counter(name for text in texts for name in re.findall(r"^ {6}([a-z0-9-]+):$", text, re.MULTILINE))
    assert names == Counter(TEXTS.keys())


@pytest.mark.parametrize("text", TEXTS.values(), ids=lambda text: text.name)
def test_explain_prints_causes_and_fixes_of_every_check(text: CheckText) -> None:
    """The question, and each cause with its fix, in whole sentences."""
    (meant,) = recognise(read_text(text.name.upper()), KNOWN)
    causes = ranked(meant, KNOWN.texts, scenario_weights())
    lines = list(explained_lines(meant, causes, KNOWN.texts, most=len(causes)))
    assert text.asks.endswith("?")
    assert lines[0] == f"{text.name}: {text.asks}"
    assert len(causes) == len(text.causes)
    for rank, each in enumerate(causes, 1):
        assert each.cause.endswith(".")
        assert each.fix.endswith(".")
        often = f"  [{each.how_often}]" if each.weight else ""
        at = lines.index(f"  {rank}. {each.cause}{often}")
        assert lines[at + 1] == f"     fix  {each.fix}"


@pytest.mark.parametrize("check", sorted(NAMED))
def test_every_check_has_a_scenario_or_a_reason_why_not(check: str) -> None:
    """The catalogue has a login or a call that ends in it; a reason that no longer holds is an error too."""
    if check in reasons_of("checks"):
        assert not _ending_in(check), f"scenarios end in {check}: its reason in tests/catalogue no longer holds"
    else:
        assert _ending_in(check), f"no scenario ends in {check}, and tests/catalogue/reasons.yaml says not why"


@pytest.mark.parametrize("check", [check.name for check in CHECKS])
def test_every_check_of_the_assertion_has_a_fault_or_a_reason_why_not(check: str) -> None:
    """A scenario with a fault ends in it, and without its fault the same scenario does not."""
    assert check in TEXTS, f"{check} has no text in emulator/diagnosis/checks"
    faulty = [scenario for scenario in _ending_in(check) if scenario.settings.faults]
    if TEXTS[check].without_fault is None:
        assert faulty, f"no scenario with a fault ends in {check}, and its text says not why"
    else:
        assert not faulty, f"scenarios with a fault end in {check}: without_fault no longer holds"
    for scenario in faulty[:1]:
        faultless = replace(scenario, settings=scenario.settings.model_copy(update={"faults": []}))
        refusal = refusal_in(faultless)
        assert refusal is None or refusal.check != check


def test_only_checks_of_the_assertion_say_why_they_have_no_fault() -> None:
    """The others are not about what an identity provider sends."""
    assert {text.name for text in TEXTS.values() if text.without_fault} <= {check.name for check in CHECKS}
