"""The causes behind what was recognised, ranked by frequency and grouped by the side that has to act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.diagnosis.check_texts import CauseText, CheckText, Side
from emulator.explaining.recognition import Recognised
from emulator.kernel.records import dataclass

OFTEN = 60
SOMETIMES = 25
# The weight of a cause that the words themselves point to.
_SINGLED_OUT = 95


@dataclass(frozen=True, slots=True)
class RankedCause:
    """A cause with its frequency.

    Args:
        check: Check or topic that it belongs to.
        cause: One or two sentences.
        fix: What to do about it.
        side: Side that has to act.
        weight: How often it is the cause, from 0 (on purpose) to 100.
        scenarios: Ids of the scenarios that show it, the best one to run first.
    """

    check: str
    cause: str
    fix: str
    side: Side
    weight: int
    scenarios: tuple[str, ...] = ()

    @property
    def how_often(self) -> str:
        """The weight as a word."""
        if not self.weight:
            return "on purpose"
        return "often" if self.weight >= OFTEN else "sometimes" if self.weight >= SOMETIMES else "rarely"

    @property
    def reproduced_by(self) -> str:
        """The command that reproduces it; empty where there is none."""
        return f"fedemu run --builtin -k {self.scenarios[0]} -v" if self.scenarios else ""

    def as_json(self, rank: int) -> dict[str, Any]:
        """The cause as JSON data."""
        return {
            "rank": rank,
            "side": self.side,
            "weight": self.weight,
            "how_often": self.how_often,
            "check": self.check,
            "cause": self.cause,
            "fix": self.fix,
            "scenarios": list(self.scenarios),
            "reproduced_by": self.reproduced_by,
        }


@dataclass(frozen=True, slots=True)
class Group:
    """The causes on one side; without a side those that are made on purpose."""

    side: Side | None
    causes: tuple[RankedCause, ...]


def ranked(meant: Recognised, texts: Mapping[str, CheckText], weights: Mapping[str, int]) -> tuple[RankedCause, ...]:
    """Returns the causes behind what was recognised, the likeliest first, what is done on purpose last.

    Args:
        meant: What was recognised; a sentence leaves out the causes of its checks that end in another one.
        texts: The texts of the checks and topics.
        weights: How often people meet each scenario, by its id.
    """
    said = {sentence.says for sentence in meant.sentences} if meant.is_sentence else set()
    singled_out = {each for sentence in meant.sentences if meant.is_sentence for each in sentence.points_to}
    found = [
        RankedCause(
            name,
            each.cause,
            each.fix,
            each.side,
            _SINGLED_OUT if singled_out & set(each.scenarios) else weight_of(each, weights),
            each.scenarios,
        )
        for name in meant.checks
        if name in texts
        for each in texts[name].causes
        if not said or not each.says or said & set(each.says)
    ]
    return tuple(sorted(found, key=lambda cause: -cause.weight))


def without_repetition(
    found: Sequence[tuple[Recognised, tuple[RankedCause, ...]]],
) -> list[tuple[Recognised, tuple[RankedCause, ...]]]:
    """Returns what was recognised without what a later sentence repeats, so that causes are listed once."""
    return [
        (meant, causes) for at, (meant, causes) in enumerate(found) if causes not in [c for _, c in found[at + 1 :]]
    ]


def weight_of(cause: CauseText, weights: Mapping[str, int]) -> int:
    """Returns how often a cause is the one: as it says, or as the most frequent of its scenarios is met."""
    if cause.weight is not None:
        return cause.weight
    return max((weights[base_id(each, weights)] for each in cause.scenarios), default=0)


def base_id(scenario: str, known: Mapping[str, int]) -> str:
    """Returns a scenario's id without the number that its matrix gives it."""
    return scenario if scenario in known else scenario.rpartition("-")[0]


def grouped(causes: Sequence[RankedCause]) -> tuple[Group, ...]:
    """Returns ranked causes by side: the side of the likeliest cause first, deliberate ones last."""
    sides = dict.fromkeys(cause.side for cause in causes if cause.weight)
    groups = [Group(side, tuple(c for c in causes if c.weight and c.side == side)) for side in sides]
    on_purpose = tuple(cause for cause in causes if not cause.weight)
    return (*groups, Group(None, on_purpose)) if on_purpose else tuple(groups)
