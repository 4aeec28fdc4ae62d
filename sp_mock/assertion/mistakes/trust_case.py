"""A denial by a role's trust policy, with everything that its explanation needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.kernel.explanations import Asked, Cause, Sent
from emulator.kernel.records import dataclass
from sp_mock.accounts.model import Role
from sp_mock.assertion.mistakes.registered import Accounts, setting
from sp_mock.assertion.values import AssertionValues
from sp_mock.policies.evaluation import Mismatch, Verdict
from sp_mock.policies.places import Place, value_at


@dataclass(frozen=True, slots=True)
class TrustCase:
    """A denial by a role's trust policy or by a resource control policy, with the request that was denied.

    Args:
        verdict: The denial.
        action: Such as ``sts:TagSession``.
        role: The role that was to be assumed.
        provider_arn: The SAML provider, which exists.
        values: What the assertion says.
        url: Sign-in URL of the partition.
        at_sign_in: Whether this happened at sign-in, where the Recipient has to be AWS's.
        sent: The part of the message or request that the deciding condition is about.
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
        """Returns the statement that a mismatch is in, and the role it belongs to."""
        return f"{mismatch.statement.removeprefix('trust policy, ')} of the trust policy of role {self.role.name}"

    @property
    def lacking(self) -> dict[str, Any]:
        """The statement that would allow the login."""
        return {"Effect": "Allow", "Principal": {"Federated": self.provider_arn}, "Action": self.action}

    @property
    def told(self) -> str:
        """The decision as a sentence, without its full stop."""
        return f"{self.action} on role {self.role.name}: {self.verdict.explanation}"


def statement_place(place: Place) -> Place:
    """Returns the place of the statement that contains a place."""
    return place[:2] if len(place) > 1 and isinstance(place[1], int) else place[:1]


def principals_of(mismatch: Mismatch) -> Mapping[str, list[str]]:
    """Returns the principals of a statement by their kind."""
    if mismatch.document is None:
        return {}
    given: Any = value_at(mismatch.document, statement_place(mismatch.place)).get("Principal", {})
    if not isinstance(given, Mapping):
        return {str(given): [str(given)]}
    return {kind: [*members] if isinstance(members, list) else [members] for kind, members in given.items()}
