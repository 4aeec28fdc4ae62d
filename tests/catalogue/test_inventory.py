"""The catalogue covers: everything that the sources have is shown by a scenario, or says why it is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.built_in_scenarios import built_in_scenarios
from tests.catalogue.inventory import Shown, parts
from tests.catalogue.page import PAGE, page
from tests.catalogue.reasons import Reason, read_reasons
from tests.refusal_checks import ROOT

PARTS = (
    "checks",
    "checks by service",
    "sentences",
    "faults",
    "styles",
    "partitions",
    "values of settings",
    "kinds of mistakes",
    "settings",
    "causes",
    "pains",
)


@pytest.mark.parametrize("part", PARTS)
def test_everything_has_a_scenario_or_a_reason(part: str) -> None:
    """A new check, sentence, fault, style, setting or cause without one fails here, with what there is to add."""
    assert tuple(parts()) == PARTS
    for each in parts()[part]:
        assert not each.is_hole, _what_to_add(each)
        assert not each.is_excused_in_vain, (
            f"{each.part}: {each.name} is shown by {', '.join(each.scenarios)}: take its reason out of "
            "tests/catalogue/reasons.yaml"
        )


def _what_to_add(hole: Shown) -> str:
    return (
        f"{hole.part}: nothing shows {hole.name}. Add a scenario below scenarios/, with its oracle and a weight, or "
        "say in tests/catalogue/reasons.yaml why there can be none, and write docs/catalogue.md again with make docs"
    )


def test_what_a_hole_is() -> None:
    """Neither a scenario nor a test nor a reason; and a reason beside a scenario is one too many."""
    reason = Reason(why="No login can come to this one here.")
    assert Shown("faults", "payload: new", ()).is_hole
    assert not Shown("faults", "payload: new", ("AWS-OK-01",)).is_hole
    assert not Shown("faults", "payload: new", (), reason).is_hole
    assert not Shown("sentences", "No", (), tests=("tests/test_docs.py",)).is_hole
    assert Shown("faults", "payload: new", ("AWS-OK-01",), reason).is_excused_in_vain
    assert _what_to_add(Shown("faults", "payload: new", ())) == (
        "faults: nothing shows payload: new. Add a scenario below scenarios/, with its oracle and a weight, or say in "
        "tests/catalogue/reasons.yaml why there can be none, and write docs/catalogue.md again with make docs"
    )


def test_reasons_are_about_what_there_is() -> None:
    """Each is of a part and a name that the sources have, and names scenarios and tests that there are."""
    names = {part: {each.name for each in shown} for part, shown in parts().items()}
    for part, reasons in read_reasons().reasons.items():
        assert set(reasons) <= names[part], f"{part}: {sorted(set(reasons) - names[part])}"
    for test in (test for reason in _reasons() for test in reason.tests):
        assert (ROOT / test).is_file(), test
    written = {scenario.id for scenario in built_in_scenarios()}
    known = written | {name.rpartition("-")[0] for name in written}
    given = [name for reason in _reasons() for name in reason.scenarios]
    given += [name for pain in read_reasons().pains for name in pain.scenarios]
    assert set(given) <= known, sorted(set(given) - known)


def _reasons() -> Iterator[Reason]:
    for reasons in read_reasons().reasons.values():
        yield from reasons.values()


def test_the_page_is_current() -> None:
    """docs/catalogue.md is what the catalogue covers now; make docs writes it."""
    assert PAGE.read_text(encoding="utf-8") == page()
