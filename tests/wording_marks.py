"""Where people read what is assumed of a service's words, and whether the mark of the emulator's wording is there.

A refusal of every class is shown by every view that needs no server. The scenarios that end in refusals are run, and
of each exchange with assumed words the page, the block, the JSON and the workbench are read. What the APIs of the
services answer has no mark: programs read it, and it has to be as the services write it.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast
from unittest import mock

from emulator.diagnosis.diagnosis import Diagnosis
from emulator.explaining.sentences import Known, Sentence
from emulator.federation import Federation
from emulator.inspection.verdicts import Finding, Verdict
from emulator.kernel.errors import AwsRefusal, Refusal
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.trace import Exchange, refusal_as_json
from emulator.network.wsgi import call, make_environ
from emulator.reports.errors import error_text
from emulator.reports.explained_text import said_by
from emulator.reports.run import html_message
from emulator.reports.run.page_words import english
from emulator.reports.sarif_log import sarif_lines
from emulator.reports.text import refusal_block
from emulator.running.control_site import control_site
from emulator.scenarios import runner
from emulator.scenarios.scenario_file import Scenario
from emulator.workbench.report_words import why_rows
from emulator.workbench.workbench import Workbench
from tests.assumed_words import with_subclasses
from tests.built_in_scenarios import built_in_scenarios

TERMINAL_MARK = "(the emulator's wording)"
JSON_MARK = '"evidence": "assumed"'
PAGE_MARK = "the emulator's own"
_WORDS = "Words that nobody has seen."


@dataclass(frozen=True, slots=True)
class View:
    """A way to show a refusal, and the mark that has to be in it."""

    show: Callable[[Refusal, Scenario], str]
    mark: str


VIEWS: Mapping[str, View] = {
    "block": View(lambda refusal, _: refusal_block(refusal), TERMINAL_MARK),
    "error": View(lambda refusal, _: error_text(refusal), TERMINAL_MARK),
    "JSON": View(lambda refusal, _: json.dumps(refusal_as_json(refusal)), JSON_MARK),
    "SARIF": View(lambda refusal, _: "\n".join(sarif_lines(Diagnosis.of_refusal(refusal))), TERMINAL_MARK),
    "HTML": View(lambda refusal, _: html_message.failed_check(_finding(refusal), "r", english), TERMINAL_MARK),
    "a login's page": View(lambda refusal, _: str(why_rows(Diagnosis.of_refusal(refusal), english)), TERMINAL_MARK),
    "explain": View(lambda refusal, _: said_by(_sentence(refusal)), "the words are assumed"),
}


def _finding(refusal: Refusal) -> Finding:
    """Returns a refusal as what a check says of a message."""
    return Finding(refusal.check, Verdict.FAILED, refusal.message, cast("AwsRefusal", refusal))


def _sentence(refusal: Refusal) -> Sentence:
    """Returns a refusal's words as a sentence that explain knows."""
    known: Known = "assumed" if refusal.evidence == "assumed" else "documented"
    return Sentence(refusal.message, (), refusal.service, known, "a test", (refusal.check,), refusal.code)


@dataclass(frozen=True, slots=True)
class Shown:
    """One place that shows assumed words: what it is, its text, the mark it needs."""

    place: str
    text: str
    mark: str

    @property
    def is_marked(self) -> bool:
        """Whether the mark is there."""
        return self.mark in html.unescape(self.text)


def unmarked(shown: Iterator[Shown]) -> list[str]:
    """Returns the places without their mark, each once."""
    return list(dict.fromkeys(f"{each.place}: {each.mark} is missing" for each in shown if not each.is_marked))


def of_every_class() -> Iterator[Shown]:
    """Yields each view of an assumed refusal of each class."""
    scenario = built_in_scenarios()[0]
    for kind in with_subclasses(Refusal):
        for name, view in VIEWS.items():
            refusal = Refusal.__new__(kind)
            Refusal.__init__(refusal, _WORDS, check="signature", evidence="assumed")
            yield Shown(f"{name} of {kind.__name__}", view.show(refusal, scenario), view.mark)


@cache
def everything_shown(scenarios: frozenset[str]) -> Sequence[Shown]:
    """Returns every place, found once in each process.

    Args:
        scenarios: The ids of the scenarios to run; none for all that are not accepted.
    """
    return [*of_every_class(), *of_scenarios(scenarios)]


def of_scenarios(scenarios: frozenset[str]) -> Iterator[Shown]:
    """Yields what is shown of each exchange with assumed words in the scenarios that are not accepted.

    Args:
        scenarios: The ids of those to run; none for all.
    """
    keys = KeyFolder()
    for scenario in built_in_scenarios():
        if scenario.settings.expect.outcome == "accepted" or (scenarios and scenario.id not in scenarios):
            continue
        federation = _run(scenario, keys)
        if federation is None:
            continue
        exchanges = [e for e in federation.gateway.exchanges if e.refusal and e.refusal.evidence == "assumed"]
        for exchange in exchanges:
            yield from _of_exchange(exchange, scenario)
        if exchanges:
            yield Shown(f"workbench after {scenario.id}", _workbench(federation), TERMINAL_MARK)


def _run(scenario: Scenario, keys: KeyFolder) -> Federation | None:
    """Runs a scenario and returns its federation."""
    made: list[Federation] = []

    class Kept(Federation):
        def __init__(self, *arguments: object, **settings: object) -> None:
            super().__init__(*arguments, **settings)  # type: ignore[arg-type]  # passed on as they came
            made.append(self)

    with mock.patch.object(runner, "Federation", Kept):
        runner.run_scenario(scenario, keys=keys)
    return made[0] if made else None


def _of_exchange(exchange: Exchange, scenario: Scenario) -> Iterator[Shown]:
    refusal = exchange.refusal
    assert refusal is not None
    place = f"{scenario.id}, check {refusal.check}"
    for name, view in VIEWS.items():
        yield Shown(f"{name} of {place}", view.show(refusal, scenario), view.mark)
    # A page that the browser will not show in its frame says nothing itself.
    is_page = exchange.body.lstrip().lower().startswith("<!doctype html")
    if is_page and refusal.message in html.unescape(exchange.body):
        yield Shown(f"page of {place}", exchange.body, PAGE_MARK)


def _workbench(federation: Federation) -> str:
    return call(control_site(Workbench(federation)), make_environ("GET", "/", [], b"", scheme="http")).body.decode()
