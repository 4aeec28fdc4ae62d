"""Logins really made on a discarded copy of a federation, for what cannot be decided without HTTP."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from emulator.access.decision import Decision, Who
from emulator.copies import copied
from emulator.federation import Federation, Instants
from emulator.flow import Login, Outcome, log_in
from emulator.kernel.errors import FederationError
from emulator.kernel.trace_notes import NO_FACTS


def rehearsal_of(federation: Federation, *, at: datetime | None = None) -> Rehearsal:
    """Returns a copy of a federation in which logins can be made.

    Args:
        at: Instant of every login, by both sides' clocks; by default now, by each side's own clock.
    """
    return Rehearsal(federation, at=federation.instants if at is None else Instants(at, at))


class Rehearsal:
    """A copy of a federation: the same orgs and accounts, with its own store, trace and identifiers.

    Args:
        federation: Federation to copy, in its current state.
        at: The time in the copy.
    """

    def __init__(self, federation: Federation, *, at: Instants) -> None:
        self._federation = federation
        self._at = at

    def decide(self, who: Who, role: str) -> Decision:
        """Makes a login and returns its result."""
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
            FlowError: the browser cannot continue.
        """
        return log_in(self.copy, user=who.person, app=f"{who.org}/{who.app}", role=role or None)

    @cached_property
    def copy(self) -> Federation:
        """The copy."""
        return copied(self._federation, at=self._at)
