"""The org's management: changes to it, which the System Log records and the event hooks hear of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.failures import Failures
from emulator.kernel.limits import ReachedLimits
from emulator.kernel.outbound import Send
from idp.directory import Directory
from idp.management.events import membership_changes
from idp.management.hook_delivery import HookDelivery
from idp.model import Org
from idp.system_log.events import OrgEvent
from idp.system_log.service import SystemLog

Changed = TypeVar("Changed")


class Management:
    """Changes an org and logs what happened.

    Args:
        directory: The org.
        system_log: Where it is logged.
        send: Carries requests to event hooks.
        clock: Dates what happens.
        ids: Makes identifiers.
        failures: Hears of exceptions that nobody expected while events are delivered.
        limits: Notes that too many events wait for their delivery.
    """

    def __init__(
        self,
        directory: Directory,
        system_log: SystemLog,
        send: Send,
        *,
        clock: Clock,
        ids: Ids,
        failures: Failures,
        limits: ReachedLimits | None = None,
    ) -> None:
        self.directory = directory
        self.send = send
        self.clock = clock
        self.ids = ids
        self.hooks = HookDelivery(directory, send, clock=clock, ids=ids, failures=failures, limits=limits)
        self._system_log = system_log
        system_log.listen(self.hooks.publish)

    def change(self, make: Callable[[Org], tuple[Org, Changed]], *events: OrgEvent) -> Changed:
        """Changes the org and logs what happened, with who gained or lost an app by it.

        Args:
            make: As in ``Directory.change``.
            events: What has happened when the change succeeds.
        """
        before: list[Org] = []

        def remember(org: Org) -> tuple[Org, Changed]:
            before.append(org)
            return make(org)

        answer = self.directory.change(remember)
        self.log(*events, *membership_changes(before[-1], self.directory.org))
        return answer

    def log(self, *events: OrgEvent) -> None:
        """Puts events into the System Log, which hands them to the hooks."""
        self._system_log.log(*events)
