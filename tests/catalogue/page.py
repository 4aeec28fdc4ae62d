"""Makes docs/catalogue.md: what the built-in catalogue covers, as a person reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby

from idp.saml.styles import PRESETS
from tests.catalogue.cases import Case, all_cases
from tests.catalogue.inventory import Shown, parts
from tests.refusal_checks import ROOT

PAGE = ROOT / "docs" / "catalogue.md"
_MOST = 4
_HEAD = """# The catalogue

`fedemu run --builtin` runs {variants} scenarios from {files} files in [scenarios](../scenarios): {ids} that are
written out, and the others from matrices. `make docs` makes this page from the scenarios, from their results, and from
the sources of the checks, faults, styles and settings; a test fails if it is not current.

Everything listed here has a scenario, or a reason why it cannot have one. A test disables the checks in the running
code, one after the other, and each scenario that names the check must fail without it.

## Checks

Which service refuses by which check, how many scenarios end that way, and in which identity provider's style the
assertion was written. `oracle` says how this is known: documented, observed, by a specification, or assumed.

"""
_PARTS = (
    ("styles", "Identity providers' styles", "Each has a login that arrives in Amazon Connect, and refusals by AWS."),
    ("partitions", "Partitions", "Commercial AWS, GovCloud (US) and China."),
    (
        "faults",
        "Faults",
        "What can be made wrong with a Response; [scenarios.md](scenarios.md#faults) lists them.",
    ),
    (
        "settings",
        "Settings",
        "Each setting of a world with a scenario that ends differently without it, or with another value.",
    ),
    ("values of settings", "Values of settings", "Each value that a setting can have besides its default."),
    ("kinds of mistakes", "Kinds of mistakes", "The kinds of mistakes that `make diagnose` makes in three worlds."),
    ("pains", "What people report about Amazon Connect", "Each with the issues that report it."),
    (
        "causes",
        "Logins that nobody refuses",
        "The causes that `fedemu explain` names for logins that no service refuses.",
    ),
    (
        "sentences",
        "Sentences",
        "What services, browsers and clients are known to say, with the scenarios that expect these words.",
    ),
)


def page() -> str:
    """Returns the whole page."""
    return "".join(_text())


def _text() -> Iterator[str]:
    cases = all_cases()
    bases = {case.base_id for case in cases}
    yield _HEAD.format(variants=len(cases), files=len({case.file for case in cases}), ids=len(bases))
    yield from _checks(cases)
    yield from _list(
        "Checks that no scenario ends in", "", [*_without(parts()["checks"]), *_without(parts()["checks by service"])]
    )
    for part, title, about in _PARTS:
        yield from _list(title, about, parts()[part])


def _checks(cases: Sequence[Case]) -> Iterator[str]:
    """Yields the table of checks, services and styles."""
    names = [preset.product.partition(",")[0] for preset in PRESETS.values()]
    yield f"| service | check | oracle | all | {' | '.join(names)} | scenarios |\n"
    yield f"|---|---|---|---|{'---|' * len(names)}---|\n"
    refused = sorted((case for case in cases if case.refused_by), key=lambda case: (case.service, case.refused_by))
    for (service, check), group in groupby(refused, key=lambda case: (case.service, case.refused_by)):
        of_check = list(group)
        styles = [sum(case.style == style for case in of_check) for style in PRESETS]
        oracles = ", ".join(sorted({case.oracle for case in of_check}))
        cells = [service, f"`{check}`", oracles, str(len(of_check)), *(str(count or "") for count in styles)]
        yield f"| {' | '.join(cells)} | {_ids(dict.fromkeys(case.base_id for case in of_check))} |\n"


def _list(title: str, about: str, shown: Sequence[Shown]) -> Iterator[str]:
    """Yields a table of things and the scenarios that show them."""
    yield f"\n## {title}\n\n{about}\n\n" if about else f"\n## {title}\n\n"
    yield "| what | shown by |\n|---|---|\n"
    for each in shown:
        yield f"| {_cell(each.name)} | {_evidence(each)} |\n"


def _without(shown: Iterable[Shown]) -> list[Shown]:
    return [each for each in shown if not each.scenarios]


def _evidence(shown: Shown) -> str:
    if shown.scenarios:
        return _ids(shown.scenarios)
    reason = shown.reason
    if reason is None:
        return _files(shown.tests)
    more = [_ids(reason.scenarios)] if reason.scenarios else []
    return " ".join([_cell(reason.why), *more, *([_files(reason.tests)] if reason.tests else [])])


def _ids(ids: Iterable[str]) -> str:
    """Returns the first few ids, and how many more there are."""
    listed = list(ids)
    more = f" and {len(listed) - _MOST} more" if len(listed) > _MOST else ""
    return ", ".join(_link(each) for each in listed[:_MOST]) + more


def _link(name: str) -> str:
    return f"[{name}](../scenarios/{_files_of_scenarios()[name]})"


@cache
def _files_of_scenarios() -> Mapping[str, str]:
    """Returns the file of every scenario by its id, and by that of its matrix."""
    return {name: case.file for case in all_cases() for name in (case.id, case.base_id)}


def _files(tests: Sequence[str]) -> str:
    return "tests: " + ", ".join(f"[{test.rpartition('/')[2]}](../{test})" for test in tests[:2])


def _cell(text: str) -> str:
    """Returns a text as the cell of a table has it."""
    return re.sub(r"([<>|])", r"\\\1", " ".join(text.split()))
