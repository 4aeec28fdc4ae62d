"""People whom no org knows, where only a refusal is expected: a misspelt name would bring it about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from emulator.kernel.differences import nearest_login
from emulator.kernel.errors import Problem
from emulator.scenarios.format.expectation_schema import Expectation
from emulator.scenarios.format.login_schema import LoginSettings
from emulator.scenarios.format.placeholders import names_in
from emulator.scenarios.format.step_schema import OF_EVENTS, AppAssignment, GroupMember, OktaSettings, StepSettings
from emulator.scenarios.scenario_schema import ScenarioSettings
from emulator.world import World
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import YamlDocument

_SAYS_WHY = frozenset({"service", "check", "code", "status", "message", "why", "setting", "page", "note"})


def unknown_people(settings: ScenarioSettings, world: World, document: YamlDocument) -> Iterator[Problem]:
    """Yields the logins and changes of people whom the world does not know, and of which only ``refused`` is expected.

    Somebody may be meant to be unknown: then the expectation says so, by its check, code or message.

    Args:
        document: The scenario.
    """
    if any(_may_make_people(step) for step in settings.steps):
        return
    known = list(dict.fromkeys(login for org in world.settings.okta.values() for login in org.users))
    folded = {login.casefold() for login in known}
    for key, person, expect in _people(settings):
        is_bare = expect.outcome == "refused" and not any(getattr(expect, name) is not None for name in _SAYS_WHY)
        if not is_bare or person.casefold() in folded or names_in(person):
            continue
        message = f"the world has no user {person}, which alone is a reason to refuse"
        fix = "If that is what is tested, expect its check or code, too."
        yield Problem(document.location(key), message, "a user of the world", nearest_login(person, known), fix)


def _people(settings: ScenarioSettings) -> Iterator[tuple[Key, str, Expectation]]:
    if not settings.steps:
        yield from _of_login(settings.login, ("login",), settings.expect)
    for index, step in enumerate(settings.steps):
        key: Key = ("steps", index)
        is_last = all(not later.deed or later.deed in OF_EVENTS for later in settings.steps[index + 1 :])
        expect = step.expect or (settings.expect if is_last else None)
        if expect is None:
            continue
        yield from _of_login(step.login, (*key, "login"), expect)
        if step.okta is not None:
            yield from ((place, person, expect) for place, person in _of_change(step.okta, (*key, "okta")))


def _of_login(login: LoginSettings | None, key: Key, expect: Expectation) -> Sequence[tuple[Key, str, Expectation]]:
    return [((*key, "user"), login.user, expect)] if login is not None else []


def _of_change(asked: OktaSettings, key: Key) -> Iterator[tuple[Key, str]]:
    given = getattr(asked, asked.change)
    if isinstance(given, str):
        yield (*key, asked.change), given
    elif isinstance(given, (GroupMember, AppAssignment)) and given.user is not None:
        yield (*key, asked.change, "user"), given.user


def _may_make_people(step: StepSettings) -> bool:
    return step.okta is not None and step.okta.request is not None
