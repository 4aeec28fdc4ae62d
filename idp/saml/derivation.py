"""Where each value of an issued assertion comes from, and why one is absent, derived from the record of its issuing.

A record holds the immutable org that issued it, so an explanation stays right however the org has changed since. What
explains is imported when somebody asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from emulator.kernel.explanations import Explanation, Sent, message_digest
from emulator.kernel.records import dataclass
from idp.saml.explanations.message import IssuedMessage


@dataclass(frozen=True)
class IssuingRecord(IssuedMessage):
    """The record of an issued assertion: only references, until somebody asks."""

    @cached_property
    def digest(self) -> str:
        """The digest of the form field as it was sent."""
        return message_digest(self.saml_response)

    def without_faults(self, saml_response: str) -> IssuingRecord:
        """Returns the record of the same message as it is without the planted faults."""
        return replace(self, saml_response=saml_response, planted=(), planted_by="")

    def explain(self, sent: Sent) -> Explanation | None:
        """Returns where something that was sent comes from, or why it is absent; None where nothing is known."""
        from idp.saml.explanations.sent_places import explain_sent

        return explain_sent(self, sent)

    def withheld_roles(self) -> Mapping[str, Explanation]:
        """Returns the Role values that the person would have with other settings, each with why it was not sent."""
        from idp.saml.explanations.sent_places import withheld_roles

        return withheld_roles(self)


@dataclass(frozen=True)
class StatusRecord:
    """The record of a Response that carries a status instead of an assertion.

    Args:
        saml_response: The form field as it was sent.
        explanation: Why there is no assertion.
    """

    saml_response: str
    explanation: Explanation
    planted: tuple[str, ...] = ()
    planted_by: str = ""
    person: str = ""
    sent_by: str = ""
    asked_relay_state: str | None = None

    @cached_property
    def digest(self) -> str:
        """The digest of the form field as it was sent."""
        return message_digest(self.saml_response)

    def without_faults(self, saml_response: str) -> StatusRecord:
        """Returns the record of the same Response; no fault is planted in one without an assertion."""
        return replace(self, saml_response=saml_response, planted=(), planted_by="")

    def explain(self, _sent: Sent) -> Explanation:
        """Returns why there is no assertion, whatever place is asked about."""
        return self.explanation
