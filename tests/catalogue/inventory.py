"""Everything that the catalogue has to show, read from the sources, with the scenarios that show it.

A part is a list of things of one sort, each with its name, the ids of its scenarios, and for what no scenario can show
the reason from ``reasons.yaml``. Something without scenario and reason is a hole, which a test refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from emulator.diagnosis.check_texts import read_check_texts
from emulator.explaining.catalogue import TOPICS, everything_known
from emulator.explaining.plain_words import plain
from emulator.explaining.recognition import Known
from emulator.kernel.partitions import PARTITIONS
from idp.saml.faults import FAULTS
from idp.saml.styles import PRESETS
from sp_mock.assertion.checks import CHECKS
from tests.catalogue import kinds, settings
from tests.catalogue.cases import Case, all_cases
from tests.catalogue.reasons import Reason, read_reasons, reasons_of
from tests.catalogue.said_in_tests import is_in, tests_that_say
from tests.refusal_checks import source

SIGN_IN, STS = "AWS sign-in", "AWS STS"


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that the catalogue has to show.

    Args:
        part: What sort of thing it is.
        name: Its name in the sources.
        scenarios: The ids of the scenarios that show it.
        reason: Why none does; None where some do, or where it is a hole.
        tests: The test files that assert the words, where it is said to programs that no login is made by.
    """

    part: str
    name: str
    scenarios: tuple[str, ...]
    reason: Reason | None = None
    tests: tuple[str, ...] = ()

    @property
    def is_hole(self) -> bool:
        """Whether nothing shows it and nothing says why."""
        return not self.scenarios and not self.tests and self.reason is None

    @property
    def is_excused_in_vain(self) -> bool:
        """Whether scenarios show it, and a reason says that none can."""
        return bool(self.scenarios) and self.reason is not None


@cache
def parts() -> Mapping[str, tuple[Shown, ...]]:
    """Returns every part of the catalogue by its name, with what it has to show."""
    readers: Mapping[str, Callable[[], Iterator[tuple[str, Iterable[Case]]]]] = {
        "checks": _checks,
        "checks by service": _checks_by_service,
        "sentences": _sentences,
        "faults": _faults,
        "styles": _styles,
        "partitions": _partitions,
        "values of settings": _values,
        "kinds of mistakes": _kinds,
    }
    found = {part: tuple(_shown(part, name, _ids(cases)) for name, cases in read()) for part, read in readers.items()}
    proven = settings.covering()
    found["settings"] = tuple(
        _shown("settings", str(setting), [proven[setting]] if setting in proven else [])
        for setting in settings.all_settings()
        if not settings.holds_others(setting)
    )
    found["causes"] = tuple(_shown("causes", name, ids) for name, ids in _causes())
    found["pains"] = tuple(
        Shown("pains", each.pain, tuple(each.scenarios), Reason(why=each.why) if each.why else None)
        for each in read_reasons().pains
    )
    return found


def holes() -> list[Shown]:
    """Returns what nothing shows, and nothing says why."""
    return [each for part in parts().values() for each in part if each.is_hole]


def _shown(part: str, name: str, scenarios: Iterable[str]) -> Shown:
    found = tuple(scenarios)
    tests = _tests_of(part, name) if not found else ()
    return Shown(part, name, found, reasons_of(part).get(name), tests)


def _tests_of(part: str, name: str) -> tuple[str, ...]:
    """Returns the tests that assert a sentence, or one of those that a check ends in."""
    said = [each for each in _known().sentences.sentences if name == each.says or name in each.checks]
    return tests_that_say(said) if part in {"checks", "sentences"} else ()


@cache
def _known() -> Known:
    """Returns all that ``explain`` knows, read once and not for each part."""
    return everything_known()


def _ids(cases: Iterable[Case]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(case.base_id for case in cases))


def _checks() -> Iterator[tuple[str, Iterable[Case]]]:
    """Every check that a refusal of the two sides names."""
    for check in sorted(source().checks()):
        yield check, (case for case in all_cases() if case.refused_by == check)


def _checks_by_service() -> Iterator[tuple[str, Iterable[Case]]]:
    """Every check of an assertion where it comes in: at the sign-in page and at STS."""
    for check in CHECKS:
        for service in (SIGN_IN, STS):
            cases = (case for case in all_cases() if case.refused_by == check.name and case.service == service)
            yield f"{check.name} at {service}", cases


def _sentences() -> Iterator[tuple[str, Iterable[Case]]]:
    """Every sentence that the services, the browsers and the clients are known to say."""
    said = [(case, [plain(words) for words in case.words]) for case in all_cases()]
    for sentence in _known().sentences.sentences:
        found = [case for case, texts in said if any(is_in(sentence, text) for text in texts)]
        yield sentence.says, found


def _faults() -> Iterator[tuple[str, Iterable[Case]]]:
    """Every form of a fault."""
    for form in FAULTS:
        yield form.form, (case for case in all_cases() if form in case.faults)


def _styles() -> Iterator[tuple[str, Iterable[Case]]]:
    """Every identity provider's style: a login that arrives in Amazon Connect, and one that AWS refuses."""
    for style in PRESETS:
        own = [case for case in all_cases() if case.app is not None and case.app.style == style]
        yield f"{style} arrives", (c for c in own if c.arrives and "connect.aws" in c.final_address)
        yield f"{style} is refused", (c for c in own if c.service in {SIGN_IN, STS})


def _partitions() -> Iterator[tuple[str, Iterable[Case]]]:
    """Every partition of AWS: a login that arrives there, and one that is refused."""
    for partition in PARTITIONS:
        own = [case for case in all_cases() if case.app is not None and partition in case.partitions]
        yield f"{partition} arrives", (case for case in own if case.arrives)
        yield f"{partition} is refused", (case for case in own if case.service in {SIGN_IN, STS})


def _values() -> Iterator[tuple[str, Iterable[Case]]]:
    """Every value that a setting can have and does not have by default."""
    given: dict[str, list[Case]] = {}
    for case in all_cases():
        for name in settings.values_given(case.scenario):
            given.setdefault(name, []).append(case)
    for name in settings.possible_values():
        yield name, given.get(name, ())


def _kinds() -> Iterator[tuple[str, Iterable[Case]]]:
    """Every kind of mistake that ``make diagnose`` makes."""
    for kind in kinds.KINDS:
        yield kind, (case for case in all_cases() if kinds.shows(case, kind))


def _causes() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every cause of what is not a refusal: a login that is elsewhere, a page of one's own around the CCP."""
    for text in read_check_texts(TOPICS).values():
        for cause in text.causes if text.not_emulated is None else ():
            yield f"{text.name}: {cause.cause}", cause.scenarios
