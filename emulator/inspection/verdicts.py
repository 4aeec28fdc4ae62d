"""The result of an inspection: each check's finding, the remarks, and one outcome for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from emulator.kernel.clock import instant
from emulator.kernel.errors import AwsRefusal
from emulator.kernel.records import dataclass
from emulator.network.trace import refusal_as_json

if TYPE_CHECKING:
    from emulator.diagnosis.diagnosis import Diagnosis

FORMAT = 2
"""The version of the JSON format that docs/result.md describes."""


class Verdict(StrEnum):
    """The result of a check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_ASKED = "not asked"


_REFUSED_BUT: Mapping[Verdict, str] = {
    Verdict.PASSED: "The check {check} refused the login, and has passed here.",
    Verdict.FAILED: "The check {check} refused the login, and has failed here.",
    Verdict.NOT_ASKED: "The check {check} refused the login, and was not asked here.",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, with values for the names in braces."""

    text: str
    values: Mapping[str, str]


class Outcome(StrEnum):
    """The outcome for a message or a login as a whole."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNDECIDED = "undecided"

    @property
    def exit_code(self) -> int:
        """The command's exit code."""
        return {Outcome.ACCEPTED: 0, Outcome.REFUSED: 1, Outcome.UNDECIDED: 4}[self]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's verdict.

    Args:
        check: Name of the check.
        verdict: Its result.
        text: What was asked, or why it was not.
        refusal: AWS's refusal.
        line: Line of the place in the indented message; 0 where there is none.
        diagnosis: The refusal explained from a world; None without one.
        after: The failed check that kept this one from running; empty otherwise.
    """

    check: str
    verdict: Verdict
    text: str
    refusal: AwsRefusal | None = None
    line: int = 0
    diagnosis: Diagnosis | None = None
    after: str = ""

    @property
    def plain(self) -> Finding:
        """The finding as data alone, without what explanations are derived from."""
        refusal = self.refusal.plain if self.refusal is not None else None
        return replace(self, refusal=refusal, diagnosis=self.diagnosis.plain if self.diagnosis is not None else None)

    @property
    def place(self) -> str:
        """The place in the message, with its line where that is known."""
        where = self.refusal.where if self.refusal is not None else ""
        return f"{where}:{self.line}" if self.line else where

    def as_json(self) -> dict[str, Any]:
        """The finding as JSON data."""
        data: dict[str, Any] = {"check": self.check, "verdict": self.verdict.value, "text": self.text}
        if self.diagnosis is not None:
            data |= {"line": self.line, "refusal": self.diagnosis.as_json()}
        elif self.refusal is not None:
            data |= {"line": self.line, "refusal": {**refusal_as_json(self.refusal), "where": self.place}}
        elif self.line:
            data["line"] = self.line
        return data


@dataclass(frozen=True, slots=True)
class Inspection:
    """Every check's finding on one message, the facts in it, and the indented message.

    Args:
        findings: One for each check, in the order in which AWS asks.
        facts: What the message says, by name.
        laid_out: Message with one element per line.
        judged_at: Instant at which it was judged.
        at_because: Reason for that instant, as a phrase; empty where it is unknown when the message was made.
        role_arn: Role that was asked about; empty where the message names none.
        remarks: Remarks outside the checks.
    """

    findings: tuple[Finding, ...]
    facts: Mapping[str, str]
    laid_out: str
    judged_at: datetime
    at_because: str = ""
    role_arn: str = ""
    remarks: tuple[str, ...] = field(default=())

    @property
    def plain(self) -> Inspection:
        """The inspection as data alone, which can be sent to another process."""
        return replace(self, findings=tuple(finding.plain for finding in self.findings))

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The failed checks; AWS would show the first one's message."""
        return self._with(Verdict.FAILED)

    @property
    def passed(self) -> tuple[Finding, ...]:
        """The checks that passed."""
        return self._with(Verdict.PASSED)

    @property
    def not_asked(self) -> tuple[Finding, ...]:
        """The checks that could not run."""
        return self._with(Verdict.NOT_ASKED)

    @property
    def outcome(self) -> Outcome:
        """Refused if a check failed; accepted only if every check ran and passed."""
        if self.failed:
            return Outcome.REFUSED
        return Outcome.UNDECIDED if self.not_asked else Outcome.ACCEPTED

    def differs_from(self, check: str) -> str:
        """Returns how a login's result differs from the checks; empty where the first failed check refused it.

        Args:
            check: Name of the check that refused the login; empty where none did.
        """
        told = self.difference_from(check)
        return told.text.format(**told.values) if told is not None else ""

    def difference_from(self, check: str) -> Sentence | None:
        """Returns the same as a sentence that can be translated; None where nothing differs.

        Args:
            check: As in ``differs_from``.
        """
        failed = [finding.check for finding in self.failed]
        if failed[:1] == [check] or not (failed or check):
            return None
        if not check:
            return Sentence("The login was not refused, though {checks} would fail.", {"checks": ", ".join(failed)})
        own = next((finding for finding in self.findings if finding.check == check), None)
        if own is None:
            other = "The check {check} refused the login: it is asked of something else than the message."
            return Sentence(other, {"check": check})
        return Sentence(_REFUSED_BUT[own.verdict], {"check": check})

    def as_json(self) -> dict[str, Any]:
        """The inspection as JSON data."""
        return {
            "format": FORMAT,
            "verdict": self.outcome.value,
            "accepted": self.outcome is Outcome.ACCEPTED,
            "judged_at": instant(self.judged_at),
            "judged_role": self.role_arn,
            "facts": dict(self.facts),
            "checks": [finding.as_json() for finding in self.findings],
            "remarks": list(self.remarks),
        }

    def _with(self, verdict: Verdict) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.verdict is verdict)
