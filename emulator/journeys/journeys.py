"""The logins that others make in a federation: listed, and waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from emulator.journeys.gathering import Gathering
from emulator.journeys.journey import Journey
from emulator.network.hosts import Hosts
from emulator.network.trace import Exchange

if TYPE_CHECKING:
    from emulator.federation import Federation

MOST_WAITING = 32
Until = Literal["over", "accepted"]


class TooManyWaiting(Exception):
    """The maximum number of callers that wait for a login is reached."""


class Journeys:
    """A listener of the gateway: it receives every exchange, from many threads.

    Args:
        hosts: The emulated hosts.
    """

    def __init__(self, hosts: Hosts) -> None:
        self._changed = threading.Condition()
        self._gathering = Gathering(hosts)
        self._of_thread = threading.local()
        self._waiting = 0
        self._stopped = 0

    def __call__(self, exchange: Exchange) -> None:
        """Assigns an exchange to its login, and wakes those who wait for one."""
        anew = getattr(self._of_thread, "begins_anew", False)
        self._of_thread.begins_anew = False
        with self._changed:
            if self._gathering.take(exchange, anew=anew):
                self._changed.notify_all()

    @contextmanager
    def begun_anew(self) -> Iterator[None]:
        """Has the next request of this thread begin a new login, within a with block.

        A message that is posted again would otherwise be counted as part of its original login, changed or not.
        """
        self._of_thread.begins_anew = True
        try:
            yield
        finally:
            self._of_thread.begins_anew = False

    @property
    def last(self) -> int:
        """The number of the login that began last; 0 before the first."""
        with self._changed:
            return self._gathering.last

    def all(self, *, after: int = 0, user: str = "", app: str = "") -> tuple[Journey, ...]:
        """Returns the logins that are kept, in the order in which they began.

        Args:
            after: Number up to which logins are left out.
            user: Only this person's: the Okta login, or the NameID; everybody's when empty.
            app: Only logins to this app, by name or as ``org/app``; to any when empty.
        """
        with self._changed:
            return tuple(
                each for each in self._gathering.all() if each.number > after and _is_meant(each, user=user, app=app)
            )

    def holding(self, exchange: Exchange) -> Journey | None:
        """Returns the current login that an exchange belongs to; None where it belongs to none, or is not kept."""
        with self._changed:
            return self._gathering.holding(exchange)

    def forget(self) -> None:
        """Removes the logins so far; numbers continue."""
        with self._changed:
            self._gathering.forget()

    def wait(
        self,
        *,
        timeout: timedelta,
        after: int = 0,
        user: str = "",
        app: str = "",
        until: Until = "over",
        is_wanted: Callable[[Journey], bool] = lambda _: True,
    ) -> Journey | None:
        """Returns the first finished login, at once if there is one; None when the time is up.

        Args:
            timeout: How long to wait, by real time.
            after, user, app: As in ``all``.
            until: With ``accepted``, waits for a refused login to be tried again until it succeeds.
            is_wanted: Filters these logins.

        Raises:
            TooManyWaiting: the maximum number of callers is reached.
        """

        def found() -> Journey | None:
            return next(
                (
                    each
                    for each in self._gathering.all()
                    if each.number > after
                    and each.is_over
                    and (until == "over" or each.outcome == "accepted")
                    and _is_meant(each, user=user, app=app)
                    and is_wanted(each)
                ),
                None,
            )

        with self._changed:
            if self._waiting >= MOST_WAITING:
                raise TooManyWaiting
            stopped = self._stopped
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: found() is not None or self._stopped != stopped, timeout.total_seconds())
                return found()
            finally:
                self._waiting -= 1

    @property
    def waiting(self) -> int:
        """How many callers wait for a login."""
        return self._waiting

    def stop_waiting(self) -> None:
        """Wakes everybody who waits: what they wait for is not going to be served any more."""
        with self._changed:
            self._stopped += 1
            self._changed.notify_all()


def journeys_of(federation: Federation) -> Journeys:
    """Returns the logins of a federation, from the first call on and of the last requests before."""
    return federation.gateway.listener(Journeys, lambda: Journeys(federation.hosts))


def _is_meant(journey: Journey, *, user: str, app: str) -> bool:
    is_theirs = not user or user == journey.user
    # A message of somebody else's has no person of an org here: of them alone it is read whom it names.
    if not is_theirs and not journey.user and (assertion := journey.assertion) is not None:
        is_theirs = user == assertion.name_id
    return is_theirs and (not app or app in {journey.app, journey.app.partition("/")[2]})
