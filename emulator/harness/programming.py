"""Programmed failures of logins, and the results of logins that others make: for tests of other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Literal

import pytest

from emulator.federation import Federation
from emulator.harness.short_errors import told_shortly
from emulator.journeys.journey import Journey, SeenLogin
from emulator.journeys.journeys import Until, journeys_of
from emulator.kernel.errors import ExpectationFailed
from emulator.kernel.records import dataclass
from emulator.network.faults.network_fault_data import read_length, read_network_fault

Length = str | float | timedelta
Faults = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Programmed:
    """Something that was planted, and how many times it has acted by now.

    Args:
        kind: Whether it happens to a login or to the network.
        number: Its number among those of its kind.
    """

    kind: Literal["next login", "network fault"]
    number: int
    _federation: Federation

    def __repr__(self) -> str:
        return f"<{self.kind} {self.number}, used {self.used} times>"

    @property
    def used(self) -> int:
        """The number of logins or requests that it has acted on."""
        if self.kind == "next login":
            return next((each.used for each in self._federation.next_logins.all if each.number == self.number), 0)
        faults = self._federation.gateway.network_faults.all
        return next((each.used for each in faults if each.number == self.number), 0)


class NextLogins:
    """Programs people's next logins."""

    def __init__(self, federation: Federation) -> None:
        self._federation = federation
        self._programmed: list[tuple[Programmed, str]] = []

    def __call__(
        self,
        user: str,
        *,
        app: str | None = None,
        faults: Faults = (),
        attributes: Mapping[str, str | Sequence[str]] | None = None,
        delay: Length | None = None,
        refused_by: Literal["mfa", "sign-on-policy", "locked-out"] | None = None,
        asks_for_mfa: bool = False,
        count: int = 1,
    ) -> Programmed:
        """Programs what happens to a person's next login, and to no other. The test fails if that is impossible.

        Args:
            user: Okta login.
            app: Name of the app, or ``org/app``; any app by default.
            faults: Faults of the assertion, as in a scenario.
            attributes: Attributes of the assertion by name, with their new values; an attribute without values is left
                out.
            delay: How much later the page with the assertion arrives: ``"2s"`` or seconds.
            refused_by: What refuses the login.
            asks_for_mfa: Whether Okta asks for a second factor.
            count: Number of logins that it applies to.
        """
        with told_shortly():
            programmed = self._federation.program_next_login(
                user,
                app=app,
                faults=list(faults),
                attributes=dict(attributes or {}),
                delay=delay,
                refused_by=refused_by,
                asks_for_mfa=asks_for_mfa,
                count=count,
            )
        made = Programmed("next login", programmed.number, self._federation)
        self._programmed.append((made, f"{user}{f' to {app}' if app else ''}"))
        return made

    def clear(self) -> None:
        """Removes everything that is programmed."""
        self._federation.next_logins.clear()
        self._programmed.clear()

    @property
    def unused(self) -> str:
        """What was programmed and no login has used, as text; empty where each was used."""
        left = [whose for made, whose in self._programmed if not made.used]
        return "\n".join(
            f"next_login: no login of {whose} has used what was programmed; next_login.clear() would forget it"
            for whose in left
        )


class NetworkFaults:
    """Plants network faults between clients and the emulated hosts."""

    def __init__(self, federation: Federation) -> None:
        self._federation = federation

    def __call__(
        self,
        host: str,
        *,
        path: str = "*",
        method: str = "",
        count: int | None = None,
        delay: Length | None = None,
        reset: bool = False,
        truncated: bool = False,
        status: int | None = None,
        retry_after: Length | None = None,
    ) -> Programmed:
        """Plants a network fault. The test fails if the host does not exist.

        Args:
            host: Real name, or a pattern such as ``sts.*``.
            path: Path, or such a pattern.
            method: Method; every method by default.
            count: How many times it acts; by default until it is cleared.
            delay: How much later the answer arrives: ``"200ms"`` or seconds.
            reset: Whether the connection is reset before the service has seen the request.
            truncated: Whether the connection ends in the middle of the service's answer.
            status: HTTP status that is answered instead of the service, such as 503.
            retry_after: Retry-After of that answer.
        """
        given: dict[str, Any] = {
            "host": host,
            "path": path,
            "method": method,
            "count": count,
            "delay": delay,
            "reset": reset,
            "truncated": truncated,
            "status": status,
            "retry_after": retry_after,
        }
        gateway = self._federation.gateway
        with told_shortly():
            (planted,) = gateway.network_faults.plant([read_network_fault(given, hosts=gateway.hosts)])
        return Programmed("network fault", planted.number, self._federation)

    def clear(self) -> None:
        """Removes all network faults."""
        self._federation.gateway.network_faults.clear()


PROGRAMMED: Final = pytest.StashKey[NextLogins]()
"""What a test has programmed by the fixture ``next_login``."""


class WaitForLogin:
    """Waits for logins of browsers and programs, and returns each once."""

    def __init__(self, federation: Federation) -> None:
        self._federation = federation
        self._journeys = journeys_of(federation)
        self._taken: set[tuple[int, str]] = set()

    def __call__(
        self, user: str = "", *, app: str = "", timeout: Length = 30, after: int = 0, until: Until = "over"
    ) -> SeenLogin:
        """Returns the next finished login that was not returned before. The test fails if none comes in time.

        Args:
            user: Only this person's logins: the Okta login, or the NameID; anybody's by default.
            app: Only logins to this app, by name or as ``org/app``; to any app by default.
            timeout: How long to wait, by real time: ``"30s"`` or seconds.
            after: Number up to which logins are skipped.
            until: ``accepted`` waits further if a login was refused and may be tried again.
        """
        with told_shortly():
            length = read_length(timeout, of="timeout")
        found = self._journeys.wait(
            timeout=length, after=after, user=user, app=app, until=until, is_wanted=self._is_new
        )
        seen = found.seen(self._federation) if found is not None else None
        if found is None or seen is None:
            raise self._none_came(length, user=user, app=app, after=after)
        self._taken.add((found.number, found.outcome))
        return seen

    def _is_new(self, journey: Journey) -> bool:
        return (journey.number, journey.outcome) not in self._taken

    def _none_came(self, length: timedelta, *, user: str, app: str, after: int) -> ExpectationFailed:
        whose = f" of {user}" if user else ""
        to = f" to {app}" if app else ""
        unfinished = [each for each in self._journeys.all(after=after, user=user, app=app) if not each.is_over]
        at = "; ".join(f"login {each.number} of {each.user} is unfinished: {each.is_at}" for each in unfinished)
        taken = len(self._taken)
        return ExpectationFailed(
            f"No login{whose}{to} came to an end within {length.total_seconds():g} s"
            + (f" ({at})" if at else f" (beside {taken} that were returned before)" if taken else ""),
        )
