"""The findings in the served world, for the pages that show them: each login, each step, each line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from emulator.copies import changed_copy
from emulator.diagnosis.world_check import WorldCheck, check_world
from emulator.federation import Federation
from emulator.kernel.clock import Clock
from emulator.setup_steps.walking import SetUp, set_up_of
from emulator.workbench.worked_out import Basis, WorkedOut, basis_of
from emulator.workbench.world_findings import Finding, check_findings


class CheckedWorld:
    """The check of a federation, made once for all pages that show parts of it."""

    def __init__(self, federation: Federation) -> None:
        self._federation = federation
        self.check: WorkedOut[WorldCheck] = WorkedOut(lambda: basis_of(federation), self._check)
        self.set_up: WorkedOut[SetUp] = WorkedOut(lambda: basis_of(federation), self._set_up)
        self.findings: WorkedOut[Sequence[Finding]] = WorkedOut(self._saved, self._findings)

    def _saved(self) -> Basis:
        """Returns what the findings depend on: the file, whatever calls have changed since."""
        return replace(basis_of(self._federation), parts=(self._federation.world,), values=())

    def _set_up(self) -> SetUp:
        served = self._federation
        # The check makes calls, which must leave nothing in the running federation.
        return set_up_of(_of_both_sides(served), found=self.check.wait())

    def _check(self) -> WorldCheck:
        served = self._federation
        return check_world(served if served.only is None else _of_both_sides(served))

    def _findings(self) -> Sequence[Finding]:
        return tuple(check_findings(self.check.wait() if self._runs_as_saved() else self._checked_as_saved()))

    def _runs_as_saved(self) -> bool:
        """Returns whether no call, login or fault has changed anything: the running state is the world's."""
        basis = basis_of(self._federation)
        built = self._federation.built
        as_saved = (self._federation.world, *built.orgs.values(), *built.accounts.values())
        return (
            not basis.values
            and len(basis.parts) == len(as_saved)
            and all(one is another for one, another in zip(basis.parts, as_saved, strict=True))
        )

    def _checked_as_saved(self) -> WorldCheck:
        """Checks the file and not the running state, because changes by calls have no line."""
        served = self._federation
        saved = Federation(served.world, clock=Clock(frozen_at=served.clock.now()), keys=served.keys)
        return check_world(saved)


def _of_both_sides(served: Federation) -> Federation:
    """Returns a copy in which logins go through, though the side that is served alone has nobody to talk to."""
    copy = changed_copy(served, served.world, at=served.instants).federation
    copy.only = None
    return copy
