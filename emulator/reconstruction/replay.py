"""Runs the written scenario, and compares the result with what was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from emulator.kernel.records import dataclass
from emulator.scenarios.results import Result
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.scenario_file import read_scenarios

_RECORDED = 300


@dataclass(frozen=True, slots=True)
class Received:
    """What the emulated login came to.

    Args:
        values: By the names that a scenario's expectations have.
        page: What a person reads on the last page.
        why: The reason that the emulator gives; empty where there is none.
    """

    values: dict[str, str]
    page: str = ""
    why: str = ""

    def told(self) -> str:
        """How it ended, in a few words."""
        values = self.values
        outcome = values["outcome"]
        rest = values.get("message", "") if outcome in {"refused", "stopped"} else values.get("lands_on", "")
        return f"{outcome}, {rest}" if rest else outcome


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was recorded."""

    name: str
    was: str
    now: str

    def __str__(self) -> str:
        return f"{self.name}: it was {self.was}, and the emulated login has {self.now or 'none'}"


def run_written(scenario_file: Path) -> Received:
    """Runs the scenario of a folder that was written.

    Args:
        scenario_file: The file.

    Raises:
        FederationError: the scenario cannot be run as it is written.
    """
    (scenario,) = read_scenarios(scenario_file)
    result = run_scenario(scenario, tries_fixes=False)
    shown = result.login.login.page.visible_text if result.login is not None else ""
    return Received(_values(result), shown, _why(result))


def _values(result: Result) -> dict[str, str]:
    login = result.login.login if result.login is not None else None
    values = {"outcome": "stopped" if result.stopped or login is None else login.outcome.value}
    if result.stopped:
        values["message"] = result.stopped
    if login is None or result.login is None:
        return values
    values |= {"lands_on": login.lands_on, "role": login.role, "session_name": login.session_name}
    diagnosis = result.login.diagnosis
    if diagnosis is not None and not result.stopped:
        values["check"] = diagnosis.check
        if diagnosis.refusal is not None:
            values |= {"code": diagnosis.refusal.code, "message": diagnosis.refusal.message}
    return values


def _why(result: Result) -> str:
    diagnosis = result.login.diagnosis if result.login is not None else None
    return diagnosis.why if diagnosis is not None else ""


def settled(expected: dict[str, Any], received: Received) -> dict[str, Any]:
    """Returns what is expected in the emulator's spelling, where that is the same thing.

    Args:
        expected: As it was recorded; nothing where the recording does not say how the login ended.
        received: What the emulated login came to.
    """
    values = received.values
    if not expected:
        kept = ("outcome", "lands_on", "role", "session_name", "check", "code", "message")
        return {name: values[name] for name in kept if values.get(name) and _is_said(name, values["outcome"])}
    result = dict(expected)
    if "lands_on" in result and _is_same_place(result["lands_on"], values.get("lands_on", "")):
        result["lands_on"] = values["lands_on"]
        if result["outcome"] == "accepted" and values["outcome"] == "elsewhere":
            # Nobody refused, in the recording as here: only the emulator knows that it is not where it should be.
            result["outcome"] = "elsewhere"
    if "message" in result:
        if _is_same_message(result["message"], values.get("message", "")):
            result["message"] = values["message"]
        elif result["message"] in " ".join(received.page.split()):
            # A page may word it otherwise than the service, or say more around it.
            result["page"] = result.pop("message")
    return result


def _is_said(name: str, outcome: str) -> bool:
    if outcome in {"accepted", "elsewhere"}:
        return name in {"outcome", "lands_on", "role", "session_name"}
    return name in {"outcome", "check", "code", "message"} and not (outcome == "stopped" and name != "outcome")


def differences(expected: dict[str, Any], received: Received) -> Iterator[Difference]:
    """Yields each difference from what was recorded."""
    for name, was in expected.items():
        now = received.values.get(name, "")
        if name == "page":
            continue  # it is expected where it was read
        if str(was) != now:
            yield Difference(name, str(was), now)


def _is_same_place(recorded: str, emulated: str) -> bool:
    """Returns whether two addresses are the same page, regardless of the query and the console's region.

    The console leads on from page to page, and the emulator has one page for all of them.
    """
    one, other = urlsplit(recorded), urlsplit(emulated)
    paths = (one.path.rstrip("/"), other.path.rstrip("/"))
    hosts = ((one.hostname or "").lower(), (other.hostname or "").lower())
    if all("console." in host for host in hosts) and _last(hosts[0]) == _last(hosts[1]):
        return not any("/connect/" in path for path in paths) or paths[0] == paths[1]
    return hosts[0] == hosts[1] and paths[0].removeprefix("/connect") == paths[1].removeprefix("/connect")


def _last(host: str) -> str:
    return host.partition("console.")[2]


def _is_same_message(recorded: str, emulated: str) -> bool:
    """Returns whether two messages have the same words; of a long message only the beginning was recorded."""
    one, other = _bare(recorded), _bare(emulated)
    # A browser says more of a frame than the headers do, from which a recording has it.
    is_beginning = len(one) >= _RECORDED - 1 or one.startswith(("Framing '", "Refused to display "))
    return bool(one) and (one == other or (is_beginning and other.startswith(one)))


def _bare(message: str) -> str:
    return " ".join(message.split()).rstrip(".")
