"""A step of a set-up: its values, each with its field in a console, and whether it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from enum import StrEnum
from typing import Any

from emulator.diagnosis.origins import Origin
from emulator.kernel.errors import Location
from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key


class Verdict(StrEnum):
    """Whether something is set up."""

    DONE = "done"
    MISSING = "missing"
    DIFFERS = "differs"
    UNKNOWN = "unknown"
    OPTIONAL = "optional"

    @property
    def is_open(self) -> bool:
        """Whether something is left to do."""
        return self in {Verdict.MISSING, Verdict.DIFFERS}


@dataclass(frozen=True, slots=True)
class Value:
    """A value and the field of a console that it belongs in.

    Args:
        console: ``Okta``, ``AWS``, ``Amazon Connect``, or the name of another identity provider.
        field: What a person opens, one after the other: ``IAM > Roles > Agent > Trust relationships``.
        value: What belongs there, to be copied; empty where only what is there is known.
        verdict: Whether it is there.
        now: What is there, where that is something else.
        key: The world's key, as text; empty where a world does not say it.
        origin: Where it is said.
        same_as: The other places that have to have the same value.
        note: A sentence on it.
        stops: Whether logins do not arrive without it.
        right: What would be right there, should it turn out that what is there stops somebody.
        is_name: Whether it merely names the thing at the key, whose settings are values of their own.
    """

    console: str
    field: str
    value: str
    verdict: Verdict = Verdict.DONE
    now: str = ""
    key: str = ""
    origin: Origin | None = None
    same_as: tuple[str, ...] = ()
    note: str = ""
    stops: bool = True
    right: str = ""
    is_name: bool = False

    def differing(self, *, stops: bool) -> Value:
        """Returns the value as one that somebody found to be wrong."""
        if self.verdict.is_open:
            return replace(self, stops=self.stops or stops)
        is_known = bool(self.right) and self.right != self.value
        verdict = Verdict.DIFFERS if self.value else Verdict.MISSING
        return replace(self, verdict=verdict, now=self.value, value=self.right if is_known else "", stops=stops)

    def as_json(self) -> dict[str, Any]:
        """The value as JSON data; empty parts are left out."""
        data: dict[str, Any] = {
            "console": self.console,
            "field": self.field,
            "verdict": self.verdict.value,
            "value": self.value,
            "now": self.now,
            "origin": self.origin.as_json() if self.origin is not None else None,
            "same_as": list(self.same_as),
            "note": self.note,
        }
        return {name: each for name, each in data.items() if each}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a step is not done: what stops a login, or contradicts something else.

    Args:
        rows: Names and texts, as a refusal's explanation has them: ``why``, ``cause``, ``want``, ``got``, ``from``,
            ``fix``.
        keys: The keys behind it, as text, the likeliest first.
        stops: Whether logins do not arrive because of it.
        lacking: The login of a person who should have the app and does not.
        settings: The settings behind it, as the world's keys by their texts, each with what would be right.
        location: The place that it is about, where that is all that is known.
    """

    rows: tuple[tuple[str, str], ...]
    keys: tuple[str, ...] = ()
    stops: bool = True
    lacking: str = ""
    settings: Mapping[str, tuple[Key, str]] = field(default_factory=dict)
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the walk through the consoles.

    Args:
        number: Its number in the walk: ``3a``; ``+`` for what comes beside it.
        step_id: Its name for programs: ``role``.
        title: What is set up.
        values: The values, in the order in which a person comes to them.
        notes: Sentences on what to know about it.
        reasons: Why it is not done, beyond what its values say.
    """

    number: str
    step_id: str
    title: str
    values: tuple[Value, ...] = ()
    notes: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Whether it is done: what differs goes before what is missing, and what nobody can know counts for nothing."""
        found = [value.verdict for value in self.values]
        if self.reasons and not any(each.is_open for each in found):
            return Verdict.DIFFERS
        known = [each for each in found if each not in {Verdict.UNKNOWN, Verdict.OPTIONAL}]
        order = (Verdict.DIFFERS, Verdict.MISSING, Verdict.DONE) if known else (Verdict.UNKNOWN, Verdict.OPTIONAL)
        return next((each for each in order if each in found), Verdict.DONE)

    @property
    def stops(self) -> bool:
        """Whether something is left to do without which logins do not arrive."""
        return any(value.verdict.is_open and value.stops for value in self.values) or any(
            reason.stops for reason in self.reasons
        )

    def with_reason(self, reason: Reason) -> Step:
        """Returns the step with one more reason, unless it has that reason already."""
        return self if reason in self.reasons else replace(self, reasons=(*self.reasons, reason))

    def as_json(self) -> dict[str, Any]:
        """The step as JSON data."""
        return {
            "id": self.step_id,
            "number": self.number,
            "title": self.title,
            "verdict": self.verdict.value,
            "stops_logins": self.stops,
            "places": [value.as_json() for value in self.values],
            "reasons": [dict(reason.rows) for reason in self.reasons],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Walk:
    """The set-up of one app: every step in order.

    Args:
        title: What is set up, in a line.
        app: The app as ``org/app``; empty where its identity provider is not in the world.
        accounts: The ids of the AWS accounts that it is for.
        instances: The ids of the Amazon Connect instances that it leads to.
        steps: The steps.
    """

    title: str
    app: str
    accounts: tuple[str, ...]
    instances: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def stops(self) -> bool:
        """Whether something is left to do without which logins do not arrive."""
        return any(step.stops for step in self.steps)

    def as_json(self) -> dict[str, Any]:
        """The walk as JSON data."""
        return {
            "title": self.title,
            "app": self.app,
            "accounts": list(self.accounts),
            "instances": list(self.instances),
            "steps": [step.as_json() for step in self.steps],
        }


def counted_verdicts(steps: Iterable[Step]) -> dict[Verdict, int]:
    """Returns how many steps there are of each verdict."""
    found = [step.verdict for step in steps]
    return {verdict: found.count(verdict) for verdict in Verdict if verdict in found}
