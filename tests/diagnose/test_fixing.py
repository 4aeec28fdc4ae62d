"""The benchmark's stable mutants are restored by the fix that is tried first, and nobody else notices."""

from __future__ import annotations

import pytest

from emulator.fixes.candidate import REMOVED, Edit
from emulator.worldfile.text.yaml_data import Key
from tests.diagnose.fixing import FixBench, Verdict, count, is_about_all, side_of
from tests.diagnose.mutants import Mutant, mutant_files
from tests.diagnose.mutating import prepare

SAMPLE = [mutant.id for file in mutant_files() for mutant in file.mutants if mutant.stable][::2]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> FixBench:
    """A bench with a folder of its own."""
    folder = tmp_path_factory.mktemp("fixing")
    prepare(folder)
    return FixBench(folder)


def _mutant(name: str) -> tuple[int, Mutant]:
    found = ((i, each) for i, file in enumerate(mutant_files()) for each in file.mutants if each.id == name)
    return next(found)


def test_the_stable_mutants_are_restored(bench: FixBench) -> None:
    """Each by a change of what was mutated; every second of them is tried."""
    files = mutant_files()
    results = [bench.judge(files[number], mutant) for number, mutant in map(_mutant, SAMPLE)]
    wrong = {result.mutant.id: result.verdict.value for result in results if result.verdict is not Verdict.RESTORED}
    assert wrong == {}
    assert count(results)[1] == len(SAMPLE)


def test_a_fix_of_another_setting_does_not_count() -> None:
    """What restores the login has to be what was mutated, a part of it, or what it was mistaken for beside it."""
    app: Key = ("okta", "harbor", "apps", "contact-centre")
    wrong = [(*app, "joinAllRoles")]
    assert is_about_all([Edit((*app, "join_all_roles"), True), Edit((*app, "joinAllRoles"), REMOVED)], wrong)
    assert not is_about_all([Edit((*app, "join_all_roles"), True)], wrong)
    assert not is_about_all([Edit(("okta", "harbor", "mfa"), "off"), Edit((*app, "joinAllRoles"), REMOVED)], wrong)
    assert is_about_all([Edit((*app, "assignments", 0, "group"), "Agents")], [(*app, "assignments")])


def test_whose_mistake_it_is() -> None:
    """The first setting that is blamed decides."""
    assert side_of(("aws.1.roles", "okta.a.apps")) == "aws"
    assert side_of(("asked:", "okta.a.apps")) == "okta"
    assert side_of(("line:4",)) == ""
