"""Logins made in earnest on a copy of a federation, of which nothing is left: for what is not decided without HTTP."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from emulator.access.decision import Decision, Who
from emulator.federation import Federation
from emulator.flow import Login, Outcome, log_in
from emulator.kernel.clock import Clock
from emulator.kernel.errors import FederationError
from emulator.kernel.trace_notes import NO_FACTS


def rehearsal_of(federation: Federation, *, at: datetime | None = None) -> Rehearsal:
    """Returns a copy of a federation in which logins can be made.

    Args:
        federation: The federation.
        at: The instant of every login, by both sides' clocks; the present by each side's own clock unless given.
    """
    clocks = [provider.services.get(Clock) for provider in federation.identity_providers.values()]
    idp_now = at or (clocks[0] if clocks else federation.clock).now()
    return Rehearsal(federation, now=at or federation.clock.now(), idp_now=idp_now)


class Rehearsal:
    """A copy of a federation: the same orgs and accounts, with a store, a trace and identifiers of its own.

    Args:
        federation: What is copied, as it is now.
        now: The instant, by AWS's clock.
        idp_now: The instant, by the identity providers' clock.
    """

    def __init__(self, federation: Federation, *, now: datetime, idp_now: datetime) -> None:
        self._federation = federation
        self.now = now
        self.idp_now = idp_now

    def decide(self, who: Who, role: str) -> Decision:
        """Makes a login and returns what it came to."""
        try:
            login = self.log_in(who, role)
        except FederationError as error:
            return Decision(who, role, Outcome.REFUSED, problem=error.message)
        notes = [note for each in login.exchanges for note in each.notes]
        federated = next((note.facts for note in notes if note.facts.instance and note.facts.caller), NO_FACTS)
        return Decision(
            who,
            role,
            login.outcome,
            login.lands_on,
            login.refusal,
            login.shortfall,
            is_aws=any(note.service.startswith(("AWS", "Amazon")) for note in notes),
            instance_id=(federated.instance or "").rpartition("/")[2],
            connect_user=federated.user or "",
        )

    def log_in(self, who: Who, role: str) -> Login:
        """Makes a login in the copy.

        Raises:
            FlowError: the browser cannot go on.
        """
        return log_in(self.copy, user=who.person, app=f"{who.org}/{who.app}", role=role or None)

    @cached_property
    def copy(self) -> Federation:
        """The copy."""
        original = self._federation
        copy = Federation(
            original.world,
            clock=Clock(frozen_at=self.now),
            idp_clock=Clock(frozen_at=self.idp_now),
            keys=original.keys,
            only=original.only,
        )
        for name, provider in original.identity_providers.items():
            copy.identity_providers[name].directory.replace(provider.org)
            copy.identity_providers[name].faults.take(provider.faults)
        copy.aws.replace(original.aws.accounts.values())
        copy.loaded_state = original.loaded_state
        return copy
