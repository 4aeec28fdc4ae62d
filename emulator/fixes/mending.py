"""Goes through every failed login, and collects the changes that let each of them arrive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field

from emulator.access.decision import Who
from emulator.access.table import access_of
from emulator.copies import changed_copy, copied
from emulator.diagnosis.diagnosis import Diagnosis
from emulator.diagnosis.fix import Fix
from emulator.federation import Federation, Instants
from emulator.fixes.attempt import Attempt
from emulator.fixes.trial import Journey, try_edits
from emulator.fixes.trying import Found, fix_of, found_changes, tried_fixes
from emulator.fixes.writing import Files
from emulator.kernel.records import dataclass

_MOST_FIXES = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which logins should arrive.

    Args:
        user: Login of the person; empty for everybody.
        app: App, as ``org/app`` or by name; empty for every app.
        role: Role; empty for each that the app gives.
        relay_state: Replaces the apps' default relay states; None keeps them.
        lands_on: Address where they should end.
    """

    user: str = ""
    app: str = ""
    role: str = ""
    relay_state: str | None = None
    lands_on: str = ""

    @property
    def is_one(self) -> bool:
        """Whether exactly one login is meant."""
        return bool(self.user and self.app)

    def includes(self, who: Who, role: str) -> bool:
        """Returns whether a login is included."""
        return (
            self.user in {"", who.person}
            and self.app in {"", who.app, f"{who.org}/{who.app}"}
            and self.role in {"", role, role.rpartition("/")[2]}
        )


@dataclass(frozen=True, slots=True)
class Mended:
    """A failed login, and the result of trying to fix it.

    Args:
        attempt: The login.
        diagnosis: Why it failed; None where the browser could not continue.
        fix: What lets it arrive; None where nothing was found.
        kept_back: Why the fix is not written; empty where it is.
    """

    attempt: Attempt
    diagnosis: Diagnosis | None
    fix: Fix | None = None
    kept_back: str = ""

    @property
    def is_written(self) -> bool:
        """Whether the fix is among the changes to the files."""
        return self.fix is not None and self.fix.tried and not self.kept_back


@dataclass(slots=True)
class Mending:
    """The changes for logins, one after the other: each is tried on top of the earlier ones.

    Args:
        original: Federation of the world as its file states it.
        wanted: Which logins should arrive.
        allow_warnings: Whether changes that give something up are made.
    """

    original: Federation
    wanted: Wanted
    allow_warnings: bool = False
    files: Files = field(default_factory=Files)
    _given_up: set[Attempt] = field(default_factory=set)

    def all(self) -> Iterator[Mended]:
        """Yields every failed login, with what lets it arrive, until none is left or nothing helps."""
        at = self.original.instants
        here = copied(self.original, at=at)
        for _ in range(_MOST_FIXES):
            attempt = next((each for each in self._failing(here) if each not in self._given_up), None)
            if attempt is None:
                return
            mended, found = self._mend(attempt, here, at)
            if mended is None or found is None or not mended.is_written:
                self._given_up.add(attempt)
            else:
                here = changed_copy(here, found.trial.federation.world, at=at, force=found.trial.changed).federation
            if mended is not None:
                yield mended

    def _failing(self, federation: Federation) -> Iterable[Attempt]:
        wanted = self.wanted
        if wanted.is_one:
            yield Attempt(
                wanted.user,
                wanted.app,
                role=wanted.role or None,
                relay_state=wanted.relay_state,
                lands_on=wanted.lands_on,
            )
            return
        for each in access_of(federation).failing:
            if wanted.includes(each.who, each.role):
                yield Attempt(each.who.person, f"{each.who.org}/{each.who.app}", role=each.role or None)

    def _mend(self, attempt: Attempt, here: Federation, at: Instants) -> tuple[Mended | None, Found | None]:
        journey = Journey((attempt,), at)
        first = try_edits(here, journey, ())
        if first is None or first.arrived:
            return None, None
        diagnosis = first.diagnosis
        if diagnosis is None:
            return Mended(attempt, None), None
        found = found_changes(diagnosis, here, journey)
        if found is None:
            return Mended(attempt, diagnosis, next(iter(tried_fixes(diagnosis, here, journey)), None)), None
        fix = fix_of(found, here)
        return Mended(attempt, diagnosis, fix, self._kept_back(fix)), found

    def _kept_back(self, fix: Fix) -> str:
        """Returns why a fix is not written; if there is no reason, changes the files."""
        if fix.call:
            return "a call has set it, and a call has to set it right"
        if fix.warning and not self.allow_warnings:
            return "it gives something up: --allow-warnings writes it"
        return self.files.change(fix.changes)
