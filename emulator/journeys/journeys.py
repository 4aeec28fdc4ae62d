"""The logins of a federation that others make: listed, and waited for."""

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
    """So many wait for a login already that another one may not."""


class Journeys:
    """A listener of the gateway: it hears of every exchange, from many threads.

    Args:
        hosts: Whose host is whose.
    """

    def __init__(self, hosts: Hosts) -> None:
        self._changed = threading.Condition()
        self._gathering = Gathering(hosts)
        self._of_thread = threading.local()
        self._waiting = 0
        self._stopped = 0

    def __call__(self, exchange: Exchange) -> None:
        """Puts an exchange to its login, and wakes whoever waits for one."""
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
            after: Leaves out those up to this number.
            user: Those of this person: the login at Okta, or the NameID; everybody's when empty.
            app: Those to this app, by name or as ``org/app``; to any when empty.
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
        """Forgets the logins so far; the next one has the next number."""
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
        """Returns the first login that is over, at once where there is one; None when the time is.

        Args:
            timeout: How long to wait, by real time.
            after, user, app: As in ``all``.
            until: Whether a login that was refused is waited for to be tried again, until it is ``accepted``.
            is_wanted: Chooses among those.

        Raises:
            TooManyWaiting: as many wait as may.
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

    def stop_waiting(self) -> None:
        """Has everybody who waits return now: what they wait for is not going to be served any more."""
        with self._changed:
            self._stopped += 1
            self._changed.notify_all()


def journeys_of(federation: Federation) -> Journeys:
    """Returns the logins of a federation; from when it is first asked, and of the last requests before."""
    return federation.gateway.listener(Journeys, lambda: Journeys(federation.hosts))


def _is_meant(journey: Journey, *, user: str, app: str) -> bool:
    is_theirs = not user or user == journey.user
    # A message of somebody else's has no person of an org here: of them alone it is read whom it names.
    if not is_theirs and not journey.user and (assertion := journey.assertion) is not None:
        is_theirs = user == assertion.name_id
    return is_theirs and (not app or app in {journey.app, journey.app.partition("/")[2]})
