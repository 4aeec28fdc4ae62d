"""What can be behind a refusal: the causes written down for its checks, and the scenarios of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from emulator.diagnosis.check_texts import CheckText
from emulator.kernel.errors import Refusal
from emulator.scenarios.runner import refusal_in
from emulator.scenarios.scenario_file import Scenario


@dataclass(frozen=True, slots=True)
class Example:
    """A scenario of the catalogue that was run, and the refusal it ended in."""

    scenario: Scenario
    refusal: Refusal


def examples_of(words: str, scenarios: Sequence[Scenario]) -> Iterator[Example]:
    """Yields scenarios that end in a refusal, each reason once.

    Args:
        words: A check's name, an error code, or part of the sentence that was shown; case does not matter.
        scenarios: Where to look.
    """
    wanted = _plain(words)
    seen: set[tuple[str, str]] = set()
    for scenario in scenarios:
        expect = scenario.settings.expect
        if expect.outcome != "refused" or not _is_meant(wanted, expect.check, expect.code, expect.message):
            continue
        refusal = refusal_in(scenario)
        if refusal is None:
            continue
        reason = (refusal.check, refusal.explanation)
        if reason not in seen:
            seen.add(reason)
            yield Example(scenario, refusal)


def texts_of(words: str, examples: Sequence[Example], texts: Mapping[str, CheckText]) -> list[CheckText]:
    """Returns the texts of the check that the words name, or else of those that the examples end in."""
    named = texts.get(_plain(words))
    if named is not None:
        return [named]
    return [texts[check] for check in dict.fromkeys(example.refusal.check for example in examples) if check in texts]


def known_words(scenarios: Sequence[Scenario], texts: Mapping[str, CheckText]) -> list[str]:
    """Returns every check, and the codes that the scenarios name."""
    return sorted({*texts, *(s.settings.expect.code for s in scenarios if s.settings.expect.code)})


def _plain(words: str) -> str:
    return " ".join(words.lower().split())


def _is_meant(wanted: str, check: str | None, code: str | None, message: str | None) -> bool:
    sentence = (message or "").lower()
    in_words = bool(sentence) and len(wanted) > 3 and (wanted in sentence or sentence.rstrip(".") in wanted)
    return in_words or wanted in {(check or "").lower(), (code or "").lower()}
