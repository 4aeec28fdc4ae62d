"""Logins made in earnest on a copy of a federation, of which nothing is left: for what is not decided without HTTP."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from emulator.access.decision import Decision, Who
from emulator.federation import Federation
from emulator.flow import Login, Outcome, log_in
from emulator.kernel.clock import Clock
from emulator.kernel.errors import FederationError


class Rehearsal:
    """A copy of a federation: the same orgs and accounts, with a store, a trace and identifiers of its own.

    Args:
        federation: What is copied, as it is now.
        now: The instant, by AWS's clock.
        idp_now: The instant, by the identity providers' clock.
    """

    def __init__(self, federation: Federation, *, now: datetime, idp_now: datetime) -> None:
        self._federation = federation
        self._now = now
        self._idp_now = idp_now

    def decide(self, who: Who, role: str) -> Decision:
        """Makes a login and returns what it came to."""
        try:
            login = self.log_in(who, role)
        except FederationError as error:
            return Decision(who, role, Outcome.REFUSED, problem=error.message)
        is_aws = any(note.service.startswith(("AWS", "Amazon")) for each in login.exchanges for note in each.notes)
        return Decision(who, role, login.outcome, login.lands_on, login.refusal, login.shortfall, is_aws=is_aws)

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
            clock=Clock(frozen_at=self._now),
            idp_clock=Clock(frozen_at=self._idp_now),
            keys=original.keys,
            only=original.only,
        )
        for name, provider in original.identity_providers.items():
            copy.identity_providers[name].directory.replace(provider.org)
        copy.aws.replace(original.aws.accounts.values())
        copy.loaded_state = original.loaded_state
        return copy
