"""Where each value of an issued assertion comes from, and why one is absent: worked out from the record of its issuing.

A record holds the frozen org that it was issued by, so an explanation is right however the org has changed since.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from emulator.kernel.explanations import RELAY_STATE, Asked, Explanation, Sent, Setting, message_digest
from idp.model import App, Org, User
from idp.saml.derived_roles import explain_roles

AWS_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/"


@dataclass(frozen=True)
class IssuingRecord:
    """What an assertion was issued from.

    Args:
        org: The org at that instant.
        app: To whom.
        user: About whom.
        saml_response: The form field that was sent.
        relay_state: What was sent beside it.
        relay_state_was_asked_for: Whether the request asked for it; the app's default otherwise.
        planted: The faults that were put into it, each as it is written.
    """

    org: Org
    app: App
    user: User
    saml_response: str
    relay_state: str = ""
    relay_state_was_asked_for: bool = False
    planted: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """The digest of the form field as it was sent."""
        return message_digest(self.saml_response)

    def explain(self, sent: Sent) -> Explanation | None:
        """Returns where something that was sent comes from, or why it is absent; None where nothing is known of it."""
        for part, explain in _EXPLANATIONS:
            if part in sent.place:
                return explain(self, sent)
        return None

    def setting(self, *path: str | int) -> Setting:
        """Returns a setting of the app."""
        return Setting(self.org, ("apps", self.app.name, *path))


def _relay_state(record: IssuingRecord, sent: Sent) -> Explanation:
    if record.relay_state_was_asked_for:
        return Explanation(
            "The relay state came with the request for the app, in place of the app's default.",
            (Asked(RELAY_STATE),),
            want=" or ".join(sent.wanted),
            got=record.relay_state,
        )
    return Explanation(
        f"The relay state is the Default Relay State of {record.app.label}.",
        (record.setting("default_relay_state"),),
        want=" or ".join(sent.wanted),
        got=record.relay_state,
        fix=f"Set the app's Default Relay State to {sent.wanted[0]}." if sent.wanted else "",
    )


def _roles(record: IssuingRecord, sent: Sent) -> Explanation:
    return explain_roles(record.org, record.app, record.user, wanted=sent.wanted)


_EXPLANATIONS: tuple[tuple[str, Callable[[IssuingRecord, Sent], Explanation | None]], ...] = (
    (RELAY_STATE, _relay_state),
    (f"{AWS_ATTRIBUTE}Role'", _roles),
)
