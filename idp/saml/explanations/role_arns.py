"""The two ARNs of a Role value, and in which part they differ from the wanted ones."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from emulator.kernel.records import dataclass

PROVIDER, ROLE = "saml-provider", "role"
_ARN = re.compile(r"\s*arn:([^:,]*):iam::([^:,]*):(saml-provider|role)/([^,;|\n]+?)\s*")


@dataclass(frozen=True, slots=True)
class RoleArn:
    """The ARN of a SAML provider or a role, in its parts."""

    partition: str
    account: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:iam::{self.account}:{self.kind}/{self.name}"

    def parts(self) -> dict[str, str]:
        """Returns the parts that may differ: partition, account and name."""
        return {"partition": self.partition, "account": self.account, "name": self.name}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A difference between a Role value and a wanted one.

    Args:
        value: The Role value.
        got: The ARN in it that differs.
        want: The ARN that was wanted instead.
        parts: The parts that differ: ``partition``, ``account``, ``name``.
    """

    value: str
    got: RoleArn
    want: RoleArn
    parts: tuple[str, ...]

    @property
    def corrected(self) -> str:
        """The value with the wanted ARN in it."""
        return self.value.replace(str(self.got), str(self.want))


def arns_in(text: str) -> tuple[RoleArn, ...]:
    """Returns the ARNs of providers and roles in a text, in order."""
    return tuple(RoleArn(*match.groups()) for part in text.split(",") if (match := _ARN.fullmatch(part)))


def is_pair(value: str) -> bool:
    """Whether a value is exactly one provider and one role."""
    return value.count(",") == 1 and sorted(arn.kind for arn in arns_in(value)) == [ROLE, PROVIDER]


def wanted_arns(wanted: Iterable[str], kind: str) -> tuple[RoleArn, ...]:
    """Returns the wanted ARNs of a kind, each once."""
    return tuple(dict.fromkeys(arn for text in wanted for arn in arns_in(text) if arn.kind == kind))


def disagreements(values: Iterable[str], wanted: tuple[str, ...]) -> Iterator[Disagreement]:
    """Yields where the values differ from the wanted ones, for each value the provider first.

    Values that are right are skipped, and nearly right ones come first: among several roles of one provider, the one
    that is spelt most like the wanted role.
    """
    known = {arn for kind in (PROVIDER, ROLE) for arn in wanted_arns(wanted, kind)}

    def nearness(value: str) -> tuple[int, float]:
        arns = arns_in(value)
        alike = [_likeness(got, want) for got in arns for want in known if got.kind == want.kind and got != want]
        return sum(arn in known for arn in arns), max((ratio for _, ratio in alike), default=0.0)

    for value in sorted(values, key=nearness, reverse=True):
        for kind in (PROVIDER, ROLE):
            candidates = wanted_arns(wanted, kind)
            got = next((arn for arn in arns_in(value) if arn.kind == kind), None)
            if got is None or not candidates or got in candidates:
                continue
            want = max(candidates, key=lambda each: _likeness(got, each))
            parts = tuple(name for name, text in got.parts().items() if want.parts()[name] != text)
            yield Disagreement(value, got, want, parts)


def _likeness(one: RoleArn, other: RoleArn) -> tuple[int, float]:
    same = sum(other.parts()[name] == text for name, text in one.parts().items())
    return same, difflib.SequenceMatcher(None, str(one), str(other)).ratio()
