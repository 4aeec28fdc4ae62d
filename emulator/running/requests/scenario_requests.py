"""Scenarios played in a running federation: sent to the emulator, with each result sent back.

A scenario is sent as it was read, with its lines, and without its world, because the served world is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from emulator.federation import Federation
from emulator.kernel.errors import EnvironmentProblem, Location, Problem, ScenarioError
from emulator.kernel.records import dataclass
from emulator.running.requests.result_codec import result_as_data, result_from_data
from emulator.running.requests.running_emulator import ASK_EMULATOR, ASK_SCENARIO, NotCarriedOut, OtherWorld, ask
from emulator.scenarios.results import Result
from emulator.scenarios.runner import run_all
from emulator.scenarios.runs import HowToRun, Unusable
from emulator.scenarios.scenario_file import Scenario
from emulator.scenarios.scenario_schema import ScenarioSettings
from emulator.worldfile.schema.schema_check import read_settings
from emulator.worldfile.text.yaml_data import Key, Lines
from emulator.worldfile.text.yaml_file import Said, YamlDocument

_OTHERWISE = "leave --against out"


@dataclass(frozen=True, slots=True)
class ScenarioRequest:
    """A scenario to play.

    Args:
        file: File, as messages name it.
        data: Data of the scenario, including what it takes over from others.
        lines: Lines of the data: ``[[key, line or null, lines inside or null], …]``.
        elsewhere: What other files have put into the data: ``[[keys, file, line, place], …]``.
        world: Full path of the world file that has to be served.
        fixes: Whether to try fixes for a login that was expected to arrive.
        judges: Whether to run every check on each posted message.
    """

    file: str
    data: dict[str, Any]
    lines: list[Any]
    elsewhere: list[Any]
    world: str
    fixes: bool = True
    judges: bool = False


def play_as_asked(request: ScenarioRequest, federation: Federation) -> dict[str, Any]:
    """Plays a scenario, and returns its result as ``result``.

    Its faults affect the assertions of its own logins only.

    Raises:
        ScenarioError: it is not a scenario that can be run in this world.
    """
    others = (_Elsewhere.read(request.elsewhere),) if request.elsewhere else ()
    document = YamlDocument(request.file, request.data, _lines_from(request.lines), others)
    settings = read_settings(ScenarioSettings, document, error=ScenarioError)
    if settings.changes:
        place = document.location(("changes",))
        raise ScenarioError([Problem(place, "a running emulator's world is not changed for a scenario")])
    scenario = Scenario(settings, federation.world, document)
    with ExitStack() as apart:
        for provider in federation.identity_providers.values():
            apart.enter_context(provider.faults.apart())
        (result,) = run_all([scenario], tries_fixes=request.fixes, judges=request.judges, federation=federation)
    return {"result": result_as_data(result)}


@dataclass(frozen=True, slots=True)
class EmulatorThatRuns:
    """A running emulator in which scenarios are played.

    Args:
        url: Address of the emulator.
        served: What it says about itself.
    """

    url: str
    served: Mapping[str, Any]

    @classmethod
    def at(cls, url: str) -> EmulatorThatRuns:
        """Asks an emulator what it serves.

        Raises:
            EnvironmentProblem: none answers there.
        """
        return cls(url, ask(url, "GET", ASK_EMULATOR, otherwise=_OTHERWISE))

    def outcome(self, scenario: Scenario, how: HowToRun) -> Result | Unusable:
        """Plays a scenario, and returns its result; a scenario of another world is skipped.

        Args:
            how: How to run it; identifiers are the emulator's, whatever the seed.

        Raises:
            EnvironmentProblem: the emulator no longer answers.
        """
        reason = scenario.settings.skip or self._not_here(scenario)
        return Result(scenario, (), 0.0, skipped=reason) if reason else self._played(scenario, how)

    def moved_note(self) -> str:
        """Returns a line that says how far the emulator's clock was moved meanwhile; empty where it was not."""
        now = ask(self.url, "GET", ASK_EMULATOR, otherwise=_OTHERWISE)
        moved = float(now["moved_seconds"]) - float(self.served["moved_seconds"])
        if not moved:
            return ""
        back = f"curl -X PUT {self.url}/fedemu/clock -d {-moved:g}s"
        return f"the clock of the running emulator was moved by {moved:g}s; back: {back}"

    def _not_here(self, scenario: Scenario) -> str:
        """Returns why a scenario cannot be played in this emulator; empty where it can."""
        reason = ""
        if self.served["only"]:
            reason = f"that emulates the {self.served['only']} side only"
        elif scenario.settings.changes:
            reason = "the scenario changes its world"
        elif _whole(scenario.world.document.file) != self.served["world"]:
            reason = f"that serves {self.served['world']}"
        return reason and f"not run in the running emulator: {reason}"

    def _played(self, scenario: Scenario, how: HowToRun) -> Result | Unusable:
        document = scenario.document
        request = {
            "file": document.file,
            "data": document.data,
            "lines": _lines_as_data(document.lines),
            "elsewhere": list(_elsewhere_as_data(document)) if document.others else [],
            "world": _whole(scenario.world.document.file),
            "fixes": how.tries_fixes,
            "judges": how.judges,
        }
        try:
            answer = ask(self.url, "POST", ASK_SCENARIO, request, otherwise=_OTHERWISE)
            return replace(result_from_data(answer["result"], scenario), played_in=self.url)
        except OtherWorld as other:
            return Result(scenario, (), 0.0, skipped=f"not run in the running emulator: {other}")
        except NotCarriedOut as error:
            return Unusable(scenario, ScenarioError(list(_problems(error, scenario))))
        except (ValueError, KeyError) as error:
            raise EnvironmentProblem(
                f"What the running emulator at {self.url} answers cannot be read",
                explanation=str(error),
                fix="Stop it and start it again with fedemu up: it is of another version.",
            ) from None


def _problems(error: NotCarriedOut, scenario: Scenario) -> Iterator[Problem]:
    """Yields the problems of a scenario that the emulator has reported."""
    told = error.data["error"]
    for each in told.get("problems", ()):
        place = Location(each.get("file", ""), each.get("line", 0), each.get("key", ""))
        yield Problem(place, each["message"], each.get("want", ""), each.get("did_you_mean", ""), each.get("fix", ""))
    if not told.get("problems"):
        yield Problem(scenario.document.location(()), str(error))


def _whole(file: str) -> str:
    return str(Path(file).resolve())


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """What other files have put into a scenario, as an ``OtherFile``."""

    places: Mapping[Key, Location]

    @classmethod
    def read(cls, data: Iterable[Any]) -> _Elsewhere:
        return cls({tuple(keys): Location(file, line, place) for keys, file, line, place in data})

    def said(self, key: Key) -> Said | None:
        return Said(self.places[key]) if key in self.places else None


def _elsewhere_as_data(document: YamlDocument) -> Iterator[list[Any]]:
    for key in _keys_of(document.data, ()):
        place = document.location(key)
        if place.file != document.file:
            yield [list(key), place.file, place.line, place.key]


def _keys_of(data: Any, key: Key) -> Iterator[Key]:
    """Yields the keys of everything inside."""
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for part, value in pairs:
        yield (*key, part)
        yield from _keys_of(value, (*key, part))


def _lines_as_data(lines: Lines) -> list[Any]:
    keys = dict.fromkeys((*lines.own, *lines.inside))
    return [
        [key, lines.own.get(key), _lines_as_data(lines.inside[key]) if key in lines.inside else None] for key in keys
    ]


def _lines_from(data: Any) -> Lines:
    lines = Lines()
    for key, line, inside in data:
        if line is not None:
            lines.own[key] = line
        if inside is not None:
            lines.inside[key] = _lines_from(inside)
    return lines
