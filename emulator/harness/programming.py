"""Logins that go wrong on purpose, and what came of logins that others make: for tests of other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

import pytest

from emulator.federation import Federation
from emulator.harness.short_errors import told_shortly
from emulator.journeys.journey import Journey, SeenLogin
from emulator.journeys.journeys import Until, journeys_of
from emulator.kernel.errors import ExpectationFailed
from emulator.network.network_fault_data import read_length, read_network_fault

Length = str | float | timedelta
Faults = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Programmed:
    """Something that was planted, and how often it has acted by now.

    Args:
        kind: Whether it happens to a login or to the network.
        number: Which one it is of its kind.
    """

    kind: Literal["next login", "network fault"]
    number: int
    _federation: Federation

    def __repr__(self) -> str:
        return f"<{self.kind} {self.number}, used {self.used} times>"

    @property
    def used(self) -> int:
        """How many logins have taken it, or on how many requests it has acted."""
        if self.kind == "next login":
            return next((each.used for each in self._federation.next_logins.all if each.number == self.number), 0)
        faults = self._federation.gateway.network_faults.all
        return next((each.used for each in faults if each.number == self.number), 0)


class NextLogins:
    """Programs people's next logins.

    Args:
        federation: Whose.
    """

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
        """Has something happen to a person's next login, and to no other. The test fails where that cannot be.

        Args:
            user: The Okta login.
            app: The app's name, or ``org/app``; any app by default.
            faults: What goes wrong with the assertion, as in a scenario.
            attributes: Attributes of the assertion by name, with the values that they get; none leaves one out.
            delay: How much later the page with the assertion arrives: ``"2s"`` or seconds.
            refused_by: What refuses the login.
            asks_for_mfa: Whether Okta asks for a second factor.
            count: For how many logins it is.
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
        """Forgets what is programmed."""
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
    """Plants network faults between clients and the emulated hosts.

    Args:
        federation: Whose hosts.
    """

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
        """Plants a network fault. The test fails where there is no such host.

        Args:
            host: The real name, or a pattern such as ``sts.*``.
            path: The path, or such a pattern.
            method: The method; every one by default.
            count: How often it acts; until it is cleared by default.
            delay: How much later the answer arrives: ``"200ms"`` or seconds.
            reset: Resets the connection, before the service has seen the request.
            truncated: Ends the connection in the middle of the service's answer.
            status: Answers with this HTTP status, such as 503, in place of the service.
            retry_after: That answer's Retry-After.
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
        """Takes all network faults away."""
        self._federation.gateway.network_faults.clear()


PROGRAMMED: Final = pytest.StashKey[NextLogins]()
"""What a test has programmed by the fixture ``next_login``."""


class WaitForLogin:
    """Waits for logins of browsers and programs, and gives each once.

    Args:
        federation: Where they are made.
    """

    def __init__(self, federation: Federation) -> None:
        self._federation = federation
        self._journeys = journeys_of(federation)
        self._taken: set[tuple[int, str]] = set()

    def __call__(
        self, user: str = "", *, app: str = "", timeout: Length = 30, after: int = 0, until: Until = "over"
    ) -> SeenLogin:
        """Returns the next login that is over and was not returned before. The test fails where none is in time.

        Args:
            user: Of this person: the Okta login, or the NameID; of anybody by default.
            app: To this app, by name or as ``org/app``; to any by default.
            timeout: How long to wait, by real time: ``"30s"`` or seconds.
            after: Leaves out logins up to this number.
            until: ``accepted`` waits on where a login was refused and may be tried again.
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
