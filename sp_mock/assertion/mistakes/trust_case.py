"""A no of a role's trust policy, with everything that its explanation needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.kernel.explanations import Asked, Cause, Sent
from sp_mock.accounts.model import Role
from sp_mock.assertion.mistakes.registered import Accounts, setting
from sp_mock.assertion.values import AssertionValues
from sp_mock.policies.evaluation import Mismatch, Verdict
from sp_mock.policies.places import Place, value_at


@dataclass(frozen=True, slots=True)
class TrustCase:
    """A no of a role's trust policy, or of a resource control policy, with what was asked.

    Args:
        verdict: The no.
        action: Such as ``sts:TagSession``.
        role: The role.
        provider_arn: The SAML provider, which exists.
        values: What the assertion says.
        accounts: The accounts, by id.
        url: The sign-in URL of the partition.
        at_sign_in: Whether it was asked at sign-in, where the Recipient has to be AWS's.
        sent: The place in the message, or what was asked for, that the condition that decided is about.
    """

    verdict: Verdict
    action: str
    role: Role
    provider_arn: str
    values: AssertionValues
    accounts: Accounts
    url: str
    at_sign_in: bool
    sent: Sent | Asked | None

    def of_policy(self, inside: Place) -> tuple[Cause, ...]:
        """Returns a place in the role's trust policy as a cause."""
        return setting(self.accounts, "roles", str(self.role.arn), "trust", inside=inside)

    def statement(self, mismatch: Mismatch) -> str:
        """Returns the statement that a mismatch is in, and whose it is."""
        return f"{mismatch.statement.removeprefix('trust policy, ')} of the trust policy of role {self.role.name}"

    @property
    def lacking(self) -> dict[str, Any]:
        """The statement that would let the login in."""
        return {"Effect": "Allow", "Principal": {"Federated": self.provider_arn}, "Action": self.action}

    @property
    def told(self) -> str:
        """What was decided, as a sentence without its full stop."""
        return f"{self.action} on role {self.role.name}: {self.verdict.explanation}"


def statement_place(place: Place) -> Place:
    """Returns the place of the statement that a place is in."""
    return place[:2] if len(place) > 1 and isinstance(place[1], int) else place[:1]


def principals_of(mismatch: Mismatch) -> Mapping[str, list[str]]:
    """Returns the principals of a statement by their kind."""
    if mismatch.document is None:
        return {}
    given: Any = value_at(mismatch.document, statement_place(mismatch.place)).get("Principal", {})
    if not isinstance(given, Mapping):
        return {str(given): [str(given)]}
    return {kind: [*members] if isinstance(members, list) else [members] for kind, members in given.items()}
