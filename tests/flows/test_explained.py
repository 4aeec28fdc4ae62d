"""What the emulator itself shows and records of a refused login is understood by explain."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from unittest import mock

import pytest

from emulator.explaining.catalogue import everything_known
from emulator.explaining.pasted import read_text
from emulator.explaining.recognition import recognise
from emulator.federation import Federation
from emulator.network.data_folder.keys import KeyFolder
from emulator.scenarios import runner
from emulator.scenarios.scenario_file import Scenario
from tests.built_in_scenarios import built_in_scenarios

KNOWN = everything_known()
SCENARIOS = [s for s in built_in_scenarios() if s.settings.expect.outcome == "refused"]

# "ARN … is not valid" is in these records, too: from the key of the caller's ARN to the words that are meant.
BY_WORDS_ALONE = frozenset({"AWS-API-40", "AWS-API-41", "AWS-TRL-02"})


def checks_of(text: str) -> set[str]:
    """Returns the checks behind everything that is recognised in a text."""
    return {check for meant in recognise(read_text(text), KNOWN) for check in meant.checks}


def shown(federation: Federation) -> Iterator[tuple[str, str]]:
    """Yields the pages, answers and events that tell of a refusal, each with the check that explains it."""
    for exchange in federation.gateway.exchanges:
        refusal = exchange.refusal
        if refusal is not None and refusal.message in html.unescape(exchange.body):
            yield exchange.body, refusal.check
    checks = [e.refusal.check for e in federation.gateway.exchanges if e.refusal is not None]
    for record in federation.aws_services.history.records():
        if record.get("errorMessage"):
            yield json.dumps({"Records": [record]}), checks[-1]
    for provider in federation.identity_providers.values():
        for event in provider.system_log.events:
            if event["outcome"]["result"] == "FAILURE":
                yield json.dumps(event), checks[-1]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_pages_answers_and_events_lead_to_the_check_that_refused(scenario: Scenario, keys: KeyFolder) -> None:
    """Saved as they are and given to explain."""
    made: list[Federation] = []

    class Kept(Federation):
        def __init__(self, *arguments: object, **settings: object) -> None:
            super().__init__(*arguments, **settings)  # type: ignore[arg-type]  # passed on as they came
            made.append(self)

    with mock.patch.object(runner, "Federation", Kept):
        runner.run_scenario(scenario, keys=keys)
    for text, check in shown(made[0]):
        if scenario.id in BY_WORDS_ALONE and text.startswith('{"Records"'):
            record = json.loads(text)["Records"][0]
            text = f"{record['errorCode']}: {record['errorMessage']}"
        assert check in checks_of(text), text[:500]
