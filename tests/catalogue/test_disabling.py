"""Every check is killed by the scenarios that name it: without the check they fail, and with it they pass.

And every check lets pass: a scenario that arrives fails where a check of the assertion refuses whatever it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from emulator.kernel.errors import FederationError
from emulator.network.data_folder.keys import KeyFolder
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.scenario_file import Scenario
from sp_mock.assertion import checks
from tests.built_in_scenarios import built_in_scenarios
from tests.catalogue.disabling import Disabling
from tests.refusal_checks import source

# Code without a check may break, which the log says.
pytestmark = pytest.mark.usefixtures("caplog")
SCENARIOS = built_in_scenarios()
NAMED = source().checks()


def _ending_in(check: str) -> list[Scenario]:
    """Returns the first variant of every scenario that expects a check to refuse."""
    found: dict[tuple[str, int], Scenario] = {}
    for each in SCENARIOS:
        if each.settings.expect.check == check and each.settings.expect.outcome == "refused":
            found.setdefault((each.document.file, each.document.lines.own["scenario"]), each)
    return list(found.values())


def _passes(scenario: Scenario, keys: KeyFolder) -> bool:
    """Returns whether a scenario comes out as it says; code that breaks without a check is none that passes."""
    try:
        return run_scenario(scenario, keys=keys, tries_fixes=False).passed
    except (FederationError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        return False


@pytest.fixture(scope="module")
def disabling() -> Iterator[Disabling]:
    """Yields the code of the two sides with every check in it, each of which can be disabled."""
    with Disabling() as disabling:
        yield disabling


def test_with_every_check_the_scenarios_pass(disabling: Disabling, keys: KeyFolder) -> None:
    """The code in which checks can be disabled is the code that runs otherwise: one of every file passes in it."""
    firsts = {each.document.file: each for each in reversed(SCENARIOS)}
    assert len(firsts) > 20
    assert [each.id for each in firsts.values() if not _passes(each, keys)] == []


@pytest.mark.parametrize("check", sorted(name for name in NAMED if _ending_in(name)))
def test_without_a_check_its_scenarios_fail(check: str, disabling: Disabling, keys: KeyFolder) -> None:
    """Every scenario that expects the check to refuse notices that it is gone."""
    with disabling.without(check):
        survivors = [each.id for each in _ending_in(check) if _passes(each, keys)]
    assert survivors == [], f"{check} is disabled, and these pass all the same"


@pytest.mark.parametrize("scenario", ["AWS-OK-01", "AWS-STS-01"])
@pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.name)
def test_a_check_that_refuses_whatever_comes_is_noticed(
    check: checks.Check[Any], scenario: str, keys: KeyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A login that arrives by the browser, and one by STS, are asked every check: none is left out on the way."""
    arriving = next(each for each in SCENARIOS if each.id == scenario)
    monkeypatch.setattr(check.ask, "__code__", _refuse.__code__)
    assert not _passes(arriving, keys), f"nobody asks {check.name}"


def _refuse(*_: Any, **__: Any) -> None:
    from emulator.kernel.errors import AwsRefusal  # this code runs in another module, which may not have it

    raise AwsRefusal("Refused, whatever it is.", check="whatever")


def test_the_code_is_what_it_was_afterwards(keys: KeyFolder) -> None:
    """Whatever is disabled is enabled again, also for tests that run in this process later."""
    audience = next(each for each in SCENARIOS if each.id == "AWS-AUD-01")
    with Disabling() as disabling, disabling.without("audience"):
        assert not _passes(audience, keys)
    assert _passes(audience, keys)
