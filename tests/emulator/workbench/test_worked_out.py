"""What takes long is worked out once, beside the requests, and kept while nothing that it depends on changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from emulator.building.faults import read_faults
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.errors import FederationError
from emulator.workbench import worked_out
from emulator.workbench.checked_world import CheckedWorld
from emulator.workbench.worked_out import WorkedOut, basis_of
from tests.conftest import APP, USER


@pytest.fixture(autouse=True)
def _nothing_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has everything kept, however small the world."""
    monkeypatch.setattr(worked_out, "_QUICK_SECONDS", 0)


class _Counted:
    """Counts how often it is asked; it may be held up."""

    def __init__(self) -> None:
        self.count = 0
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def __call__(self) -> int:
        self.may_go_on.wait(10)
        self.count += 1
        return self.count


@pytest.fixture
def counted() -> Iterator[_Counted]:
    """Returns what is worked out."""
    work = _Counted()
    yield work
    work.may_go_on.set()


def test_it_is_kept_until_what_it_depends_on_is_another(federation: Federation, counted: _Counted) -> None:
    """A fault that is planted, an org that an administrator changes, an hour that goes by."""
    found = WorkedOut(lambda: basis_of(federation), counted)
    assert [found.wait(), found.wait(), found.get().found] == [1, 1, 1]
    provider = federation.identity_providers["acme"]
    provider.faults.inject(APP, USER, read_faults(["{attribute: Role, remove: true}"]))
    assert found.wait() == 2
    provider.directory.replace(replace(provider.org, name="acme"))
    assert found.wait() == 3
    federation.clock.advance(timedelta(hours=1))
    assert [found.wait(), found.wait()] == [4, 4]


def test_nobody_waits_longer_than_a_moment(federation: Federation, counted: _Counted) -> None:
    """At first nothing is known, later what was known before; and never are two at work."""
    found = WorkedOut(lambda: basis_of(federation), counted)
    counted.may_go_on.clear()
    for _ in range(3):
        told = found.get(patience_seconds=0)
        assert (told.found, told.is_current) == (None, False)
    counted.may_go_on.set()
    assert found.wait() == 1
    counted.may_go_on.clear()
    federation.clock.advance(timedelta(hours=1))
    told = found.get(patience_seconds=0)
    assert (told.found, told.is_current) == (1, False)
    counted.may_go_on.set()
    assert found.wait() == 2


def test_what_changes_while_it_is_worked_out_is_worked_out_again(federation: Federation) -> None:
    """Once more, and not for ever."""
    count = 0

    def work() -> int:
        nonlocal count
        count += 1
        if count == 1:
            federation.clock.advance(timedelta(hours=1))
        return count

    assert WorkedOut(lambda: basis_of(federation), work).wait() == 2


def test_what_is_quick_is_worked_out_for_each_page(
    federation: Federation, counted: _Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may depend on files that nobody watches."""
    monkeypatch.setattr(worked_out, "_QUICK_SECONDS", 60)
    found = WorkedOut(lambda: basis_of(federation), counted)
    assert [found.wait(), found.wait(), found.get().found] == [1, 2, 3]


def test_what_goes_wrong_reaches_whoever_asks(federation: Federation) -> None:
    """Everybody who asks gets the exception."""

    def fail() -> int:
        raise FederationError("There is nothing to set up")

    found = WorkedOut(lambda: basis_of(federation), fail)
    for ask in (found.wait, found.get):
        with pytest.raises(FederationError, match="There is nothing to set up"):
            ask()


def test_logins_of_the_file_are_checked_where_faults_are_planted(federation: Federation) -> None:
    """The findings are about the file, the check is about what runs; without a fault one check serves both."""
    checked = CheckedWorld(federation)
    first = checked.check.wait()
    assert first.failing == ()
    kinds = [each.kind for each in checked.findings.wait()]
    assert set(kinds) == {"note"}
    federation.identity_providers["acme"].faults.inject(APP, USER, read_faults(["{attribute: Role, remove: true}"]))
    assert [group.people for group in checked.check.wait().failing] == [(USER,)]
    assert [each.kind for each in checked.findings.wait()] == kinds
    assert checked.set_up.wait().stops


def test_a_login_is_no_other_world(federation: Federation) -> None:
    """Nothing is worked out again because somebody was there."""
    log_in(federation, user=USER, app=APP)
    before = basis_of(federation)
    log_in(federation, user=USER, app=APP)
    assert before.holds_for(basis_of(federation))
