"""Decides every login of a federation: each assigned person, app and role, by the functions that the pages use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from emulator.access.app_logins import AppLogins
from emulator.access.arriving import Arriving
from emulator.access.decision import Decision, Who
from emulator.access.rehearsal import Rehearsal
from emulator.federation import Federation, Instants
from emulator.kernel.client_connection import KnownAddresses
from emulator.kernel.clock import Clock


class Decider:
    """Decides the logins of a federation in its current state, without changing it.

    Args:
        at: Instant of every login, by both sides' clocks; by default now, by each clock.
    """

    def __init__(self, federation: Federation, *, at: datetime | None = None) -> None:
        self._federation = federation
        self._at = federation.instants if at is None else Instants(at, at)
        services = federation.aws_services
        self._arriving = Arriving(
            services.aws,
            services.connect.at(Clock(frozen_at=self._at.clock)),
            federation.hosts,
            known_addresses=services.services.get(KnownAddresses),
            now=self._at.clock,
        )

    def decisions(self) -> Iterator[Decision]:
        """Yields the decision about every assigned person, app and role."""
        now, idp_now = self._at.clock, self._at.idp_clock
        for provider in self._federation.identity_providers.values():
            earnest = Alike(Rehearsal(self._federation, at=self._at))
            for app in provider.org.apps.values():
                logins = AppLogins(provider, app, self._arriving, now=now, idp_now=idp_now, in_earnest=earnest.decide)
                yield from logins.decisions()


class Alike:
    """Decides by really making logins, one for all that have to end alike.

    Args:
        rehearsal: Copy in which they are made.
    """

    def __init__(self, rehearsal: Rehearsal) -> None:
        self._rehearsal = rehearsal
        self._known: dict[tuple[str, ...], Decision] = {}

    def decide(self, who: Who, role: str, same: tuple[str, ...]) -> Decision:
        """Returns the decision about a login.

        Args:
            who: Person and app.
            role: ARN of the role.
            same: What it has in common with logins that end alike; None for a login that is like no other.
        """
        if not same:
            return self._rehearsal.decide(who, role)
        if same not in self._known:
            self._known[same] = self._rehearsal.decide(who, role)
        return replace(self._known[same], who=who, role=role)
