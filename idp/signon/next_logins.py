"""Programmed logins: what goes wrong with a person's next login, for tests of other programs.

This is not a setting of an org: the next matching login uses a programmed behaviour once, at one of its steps, and the
login after that follows the settings again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from emulator.kernel.errors import FederationError
from emulator.kernel.explanations import Planted
from emulator.kernel.records import dataclass

MOST_WAITING = 1000
_MOST_KEPT = 200
_MOST_PASSES = 1000


class Step(StrEnum):
    """The step of a login at which something programmed happens."""

    PASSWORD = "a password is given"  # noqa: S105 - the name of a step
    SIGNED_IN = "the password is right"
    APP_OPENED = "the app is opened"
    ISSUED = "the assertion is issued"


class RefusedBy(StrEnum):
    """What refuses a login that is programmed to be refused."""

    MFA = "mfa"
    SIGN_ON_POLICY = "sign-on-policy"
    LOCKED_OUT = "locked-out"


REFUSALS: Final[Mapping[RefusedBy, str]] = {
    RefusedBy.MFA: "the second factor is refused",
    RefusedBy.SIGN_ON_POLICY: "the sign-on policy refuses",
    RefusedBy.LOCKED_OUT: "the account is locked out",
}


@dataclass(frozen=True, slots=True)
class NextLogin:
    """What happens to a person's next logins.

    Args:
        org: Name of the org.
        login: Login of the person.
        app: App that has to be opened; empty for any.
        apps: Apps of the org whose assertions can be changed this way; empty where no assertion is to be changed.
        refused_by: What refuses the login; None where nothing does.
        asks_for_mfa: Whether a second factor is asked for, whatever the settings say.
        faults: Faults of the assertion, from ``idp.saml``; sign-on treats them as opaque.
        delay: How much later the page with the assertion arrives.
        count: Number of logins that it applies to.
        by: Who programmed it, for the trace: ``the control API``.
        number: Its number among everything that was programmed.
        used: How many logins have used it.
    """

    org: str
    login: str
    app: str = ""
    apps: frozenset[str] = frozenset()
    refused_by: RefusedBy | None = None
    asks_for_mfa: bool = False
    faults: tuple[Any, ...] = ()
    delay: timedelta = timedelta()
    count: int = 1
    by: str = "a test"
    number: int = 0
    used: int = 0

    @property
    def what(self) -> str:
        """What happens, for a person."""
        parts = [REFUSALS[self.refused_by]] if self.refused_by is not None else []
        parts += ["a second factor is asked for"] if self.asks_for_mfa else []
        parts += [f"fault {each}" for each in self.faults]
        parts += [f"the assertion is {self.delay.total_seconds():g} s late"] if self.delay else []
        return ", ".join(parts)

    @property
    def planted(self) -> Planted:
        """The cause given for whatever results from it."""
        return Planted(f"programmed by {self.by} (next login {self.number}): {self.what}")

    @property
    def left(self) -> int:
        """How many logins it still applies to."""
        return self.count - self.used

    def as_json(self) -> dict[str, Any]:
        """What is programmed as JSON data, without empty parts."""
        data: dict[str, Any] = {
            "number": self.number,
            "user": self.login,
            "app": f"{self.org}/{self.app}" if self.app else "",
            "refused_by": self.refused_by.value if self.refused_by is not None else "",
            "asks_for_mfa": self.asks_for_mfa,
            "faults": [str(each) for each in self.faults],
            "delay": f"{self.delay.total_seconds():g}s" if self.delay else "",
            "by": self.by,
        }
        return {name: value for name, value in data.items() if value} | {"left": self.left, "used": self.used}

    def is_for(self, org: str, login: str, *, step: Step, app: str) -> bool:
        """Returns whether it applies to a login at a step."""
        if (self.org, self.login) != (org, login) or step not in self._steps:
            return False
        if step is Step.ISSUED:
            return app in self.apps
        return not self.app or self.app == app

    @property
    def _steps(self) -> frozenset[Step]:
        if self.refused_by is RefusedBy.LOCKED_OUT:
            return frozenset({Step.PASSWORD})
        if self.refused_by is None and not self.asks_for_mfa:
            return frozenset({Step.ISSUED})
        return frozenset({Step.SIGNED_IN, Step.APP_OPENED})


class NextLogins:
    """What is programmed in every org. It is thread-safe: an entry for one login is used by one login only."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[NextLogin] = []
        self._used_up: deque[NextLogin] = deque(maxlen=_MOST_KEPT)
        self._passes: OrderedDict[str, None] = OrderedDict()
        self._numbered = 0

    @property
    def all(self) -> tuple[NextLogin, ...]:
        """The pending entries and the last used-up ones, in the order of their numbers."""
        with self._lock:
            return tuple(sorted((*self._used_up, *self._waiting), key=lambda each: each.number))

    def program(self, *next_logins: NextLogin) -> tuple[NextLogin, ...]:
        """Adds entries after the existing ones for the same people, and returns them with their numbers.

        Raises:
            FederationError: there would be too many; none was added.
        """
        with self._lock:
            if len(self._waiting) + len(next_logins) > MOST_WAITING:
                raise FederationError(
                    "Too many logins are programmed",
                    expected=f"at most {MOST_WAITING} that wait",
                    fix="Clear those that are not needed.",
                )
            numbered = tuple(replace(each, number=self._numbered + at) for at, each in enumerate(next_logins, 1))
            self._numbered += len(numbered)
            self._waiting.extend(numbered)
            return numbered

    def clear(self) -> None:
        """Removes all entries, used up or not."""
        with self._lock:
            self._waiting.clear()
            self._used_up.clear()

    def take(self, org: str, login: str, *, step: Step, app: str = "", session_id: str = "") -> NextLogin | None:
        """Returns what is programmed for a login at a step and uses it up once; None where nothing is programmed.

        Args:
            org: Name of the org.
            login: Login of the person.
            step: Current step of the login.
            app: App that is opened; empty where none is yet.
            session_id: Session that opens it.
        """
        with self._lock:
            if step is Step.APP_OPENED and session_id in self._passes:
                del self._passes[session_id]
                return None
            for at, each in enumerate(self._waiting):
                if each.is_for(org, login, step=step, app=app):
                    taken = replace(each, used=each.used + 1)
                    if taken.left:
                        self._waiting[at] = taken
                    else:
                        del self._waiting[at]
                        self._used_up.append(taken)
                    return taken
        return None

    def let_pass(self, session_id: str) -> None:
        """Exempts the next app that a session opens: it belongs to the login that has already used an entry."""
        with self._lock:
            self._passes[session_id] = None
            while len(self._passes) > _MOST_PASSES:
                self._passes.popitem(last=False)
