"""The org's management: changes to it, which the System Log records and of which event hooks are notified."""

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
        system_log: Log to which events are added.
        send: Sends requests to event hooks.
        clock: Source of the events' dates.
        ids: Source of identifiers.
        failures: Called with unexpected exceptions during the delivery of events.
        limits: Limits that were reached; notified of too many waiting events.
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
        """Changes the org and logs what happened, including who gained or lost an app by it.

        Args:
            make: Makes the changed org, as in ``Directory.change``.
            events: Events to log when the change succeeds.
        """
        before: list[Org] = []

        def remember(org: Org) -> tuple[Org, Changed]:
            before.append(org)
            return make(org)

        answer = self.directory.change(remember)
        self.log(*events, *membership_changes(before[-1], self.directory.org))
        return answer

    def log(self, *events: OrgEvent) -> None:
        """Adds events to the System Log, which passes them to the hooks."""
        self._system_log.log(*events)
