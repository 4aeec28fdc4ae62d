"""Runs a scenario with steps, up to the first step that is not as expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from emulator.diagnosis.asked import asked_in_step
from emulator.diagnosis.login_result import LoginResult
from emulator.diagnosis.origins import Origin
from emulator.federation import Federation
from emulator.kernel.errors import FederationError, Problem, ScenarioError
from emulator.kernel.records import dataclass
from emulator.scenarios.comparing import compare, compare_answer, compare_events
from emulator.scenarios.format.expectation_schema import Expectation
from emulator.scenarios.format.placeholders import filled, names_in, texts_in
from emulator.scenarios.format.step_schema import OF_CALLS, OF_EVENTS, StepSettings
from emulator.scenarios.planting import plant_faults
from emulator.scenarios.playing.matching import has
from emulator.scenarios.playing.player import Made, Player
from emulator.scenarios.results import Compared, Mismatch
from emulator.scenarios.scenario_file import Scenario
from emulator.scenarios.scenario_schema import ScenarioSettings
from emulator.worldfile.schema.schema_check import read_settings
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import YamlDocument, key_text

ARRIVES: Final = Expectation(outcome="accepted")
# Settings of steps that reports show as written.
_SHOWN: Final = frozenset({"open", "frame", "login"})
_OF_LOGINS: Final = ("role", "session_name", "lands_on", "saml_response")


@dataclass(frozen=True, slots=True)
class StepsMade:
    """The results of a scenario's steps.

    Args:
        logins: Explained results of each login, page and call.
        compared: Every expectation of the steps that were run.
        mismatches: Expectations that were not met.
        stopped: Why the browser could not continue; empty where it could.
        asked: For each of ``logins``, where requested values come from.
        is_to_arrive: Whether the last login was expected to arrive and did not, so that fixes are worth trying.
        player: The player that ran the steps.
    """

    logins: tuple[LoginResult, ...]
    asked: tuple[Mapping[str, Origin], ...]
    compared: tuple[Compared, ...]
    mismatches: tuple[Mismatch, ...]
    stopped: str
    is_to_arrive: bool
    player: Player


def run_steps(scenario: Scenario, federation: Federation) -> StepsMade:
    """Runs a scenario's steps and compares each result; stops at the first that is not as expected.

    Raises:
        ScenarioError: a step cannot be run as it is written.
    """
    player = Player(federation, scenario.settings.steps)
    try:
        return _run(scenario, federation, player)
    finally:
        player.close()


def _run(scenario: Scenario, federation: Federation, player: Player) -> StepsMade:
    logins: list[LoginResult] = []
    found: list[Compared] = []
    mismatches: list[Mismatch] = []
    asked: list[Mapping[str, Origin]] = []
    stopped, is_to_arrive = "", False
    for index in range(len(scenario.settings.steps)):
        step, document = _filled(scenario, index, player)
        key: Key = ("steps", index)
        made = _make(step, document, index, player, federation)
        stopped = made.stopped
        if made.result is not None:
            logins.append(replace(made.result, step=key_text((*key, step.deed))))
            asked.append(asked_in_step(document, index))
        expect = step.expect if step.expect is not None else _final(scenario, index)
        for inside, each in _compare(step, expect, made, player):
            is_own = step.expect is not None or expect is ARRIVES or inside[0] != "expect"
            place = (*key, *inside) if is_own else inside
            shown = _shown(each, key_text(place), player)
            found.append(shown)
            if shown.mismatch:
                mismatches.append(Mismatch(document.location(place), shown.mismatch))
        if mismatches:
            is_to_arrive = made.result is not None and step.deed not in OF_CALLS and expect.outcome == "accepted"
            break
    return StepsMade(tuple(logins), tuple(asked), tuple(found), tuple(mismatches), stopped, is_to_arrive, player)


def _final(scenario: Scenario, index: int) -> Expectation:
    """Returns the expectation of a step without its own: for the last step the scenario's."""
    outcomes = [n for n, step in enumerate(scenario.settings.steps) if step.deed and step.deed not in OF_EVENTS]
    is_last = bool(outcomes) and outcomes[-1] == index
    return scenario.settings.expect if is_last and "expect" in scenario.document.data else ARRIVES


def _filled(scenario: Scenario, index: int, player: Player) -> tuple[StepSettings, YamlDocument]:
    """Returns a step with the values that earlier ones captured.

    Raises:
        ScenarioError: with these values it is no longer a valid step.
    """
    values = player.captures.values
    document = scenario.document
    if not values:
        return scenario.settings.steps[index], document
    _require_hidden(document, index, player)
    steps = list(document.data["steps"])
    steps[index] = filled(steps[index], values)
    if steps[index] == document.data["steps"][index]:
        return scenario.settings.steps[index], document
    fresh = YamlDocument(document.file, {**document.data, "steps": steps}, document.lines, document.others)
    try:
        return read_settings(ScenarioSettings, fresh, error=ScenarioError).steps[index], fresh
    except ScenarioError as error:
        told = [replace(each, message=player.captures.shown(each.message)) for each in error.problems]
        raise ScenarioError(told) from None


def _require_hidden(document: YamlDocument, index: int, player: Player) -> None:
    """Refuses secrets in what reports show: URLs, and what a login asks for.

    Raises:
        ScenarioError: a secret would be shown.
    """
    for key, text in texts_in(document.data["steps"][index]):
        name = next((each for each in names_in(text) if player.captures.is_secret(each)), None)
        if name is not None and (key[0] in _SHOWN or key[-1] == "path"):
            place = document.location(("steps", index, *key))
            expected = "a parameter of a call, a body, or an expectation"
            raise ScenarioError([Problem(place, f"{name} is a secret, and this is shown in reports", expected)])


def _make(step: StepSettings, document: YamlDocument, index: int, player: Player, federation: Federation) -> Made:
    key: Key = ("steps", index)
    if step.login is not None:
        plant_faults(step.faults, (*key, "faults"), step.login, document, federation)
    try:
        return player.make(step, asked_in_step(document, index))
    except ScenarioError:
        raise
    except FederationError as error:
        place = document.location((*key, step.deed))
        raise ScenarioError(
            [Problem(place, player.captures.shown(error.message), error.expected, fix=error.fix)]
        ) from None


def _compare(step: StepSettings, expect: Expectation, made: Made, player: Player) -> Iterator[tuple[Key, Compared]]:
    """Yields each expectation of a step with its key in it, and captures values for later steps."""
    if not step.deed:
        return
    answer, is_met = made.answer, True
    if made.events is not None:
        wanted: dict[str, Any] = getattr(step, step.deed)
        each = compare_events(step.deed, wanted, made.events, expect)
        yield (("expect", "count") if expect.count is not None else (step.deed,)), each
        answer, is_met = next((event for event in reversed(made.events) if has(event, wanted)), None), not each.mismatch
    else:
        of_program = {"code": made.code, "message": made.message} if made.code or made.message else {}
        for each in compare(expect, made.result, made.stopped, of_program=of_program):
            is_met = is_met and not each.mismatch
            yield ("expect", each.name), each
        if expect.answer is not None and is_met:
            for each in compare_answer(expect.answer, answer):
                is_met = is_met and not each.mismatch
                yield ("expect", *_parts(each.name)), each
    if is_met:
        for name, what in step.capture.items():
            each = _capture(name, what, step, Made(made.result, answer), player)
            yield ("capture", name), each


def _parts(name: str) -> Key:
    """Returns the keys of a text such as ``answer.Roles[0]``."""
    parts: list[str | int] = []
    for part in name.split("."):
        head, *indices = part.split("[")
        parts += [head, *(int(each.rstrip("]")) for each in indices)]
    return tuple(parts)


def _capture(name: str, what: str, step: StepSettings, made: Made, player: Player) -> Compared:
    login = made.result.login if made.result is not None else None
    if step.deed in OF_EVENTS | OF_CALLS:
        value = _search(what, made.answer)
    elif what == "credentials":
        value = made.answer
    else:
        value = getattr(login, what) if login is not None and what in _OF_LOGINS else None
    if value is None or value in ("", {}):
        told = f"capture.{name}: there is no {what} to capture"
        return Compared(f"capture.{name}", what, "", told)
    player.captures.keep(name, value)
    return Compared(f"capture.{name}", what, what)


def _search(expression: str, answer: Any) -> Any:
    import jmespath  # type: ignore[import-untyped]  # botocore brings it, and it has no types

    return jmespath.search(expression, answer)


def _shown(each: Compared, name: str, player: Player) -> Compared:
    shown = player.captures.shown
    return Compared(name, shown(each.want), shown(each.got), shown(each.mismatch))
