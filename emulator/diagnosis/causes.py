"""What can be behind a refusal: the catalogue's scenarios that end in it, each with its reason and fix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from emulator.kernel.errors import Refusal
from emulator.scenarios.runner import refusal_in
from emulator.scenarios.scenario_file import Scenario


@dataclass(frozen=True, slots=True)
class Cause:
    """One way to come to a refusal."""

    scenario: Scenario
    refusal: Refusal


def causes_of(words: str, scenarios: Sequence[Scenario]) -> Iterator[Cause]:
    """Yields what can lead to a refusal, each reason once.

    Args:
        words: A check's name, an error code, or part of the sentence that was shown; case does not matter.
        scenarios: Where to look.
    """
    wanted = " ".join(words.lower().split())
    told: set[tuple[str, str]] = set()
    for scenario in scenarios:
        expect = scenario.settings.expect
        if expect.outcome != "refused" or not _is_meant(wanted, expect.check, expect.code, expect.message):
            continue
        refusal = refusal_in(scenario)
        if refusal is None:
            continue
        reason = (refusal.check, refusal.explanation)
        if reason not in told:
            told.add(reason)
            yield Cause(scenario, refusal)


def _is_meant(wanted: str, check: str | None, code: str | None, message: str | None) -> bool:
    sentence = (message or "").lower()
    in_words = bool(sentence) and len(wanted) > 3 and (wanted in sentence or sentence.rstrip(".") in wanted)
    return in_words or wanted in {(check or "").lower(), (code or "").lower()}


def known_words(scenarios: Sequence[Scenario]) -> list[str]:
    """Returns the checks and codes that the scenarios name."""
    words = {word for s in scenarios for word in (s.settings.expect.check, s.settings.expect.code) if word}
    return sorted(words)
