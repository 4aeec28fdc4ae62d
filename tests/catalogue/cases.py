"""The scenarios of the catalogue, each with its result: who refused, by which check, in whose style."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from emulator.scenarios.results import Result
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.scenario_file import BUILT_IN, Scenario
from emulator.scenarios.scenario_schema import LoginSettings
from emulator.worldfile.schema.okta_app_schema import OktaApp
from idp.saml.draft import FaultForm
from idp.saml.faults import parse_fault
from tests.built_in_scenarios import built_in_scenarios


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario with its result.

    Args:
        scenario: The scenario.
        result: The result.
    """

    scenario: Scenario
    result: Result

    @property
    def id(self) -> str:
        """The scenario's id; that of a variant of a matrix has its number."""
        return self.scenario.id

    @property
    def base_id(self) -> str:
        """The id that its file has."""
        return self.id.rpartition("-")[0] if self.scenario.settings.matrix else self.id

    @property
    def file(self) -> str:
        """Its file, below the folder of scenarios."""
        return Path(self.scenario.document.file).resolve().relative_to(BUILT_IN).as_posix()

    @property
    def check(self) -> str:
        """The check that it expects to refuse, or to find that the login is elsewhere; empty for none."""
        return self.scenario.settings.expect.check or self.refused_by

    @property
    def refused_by(self) -> str:
        """The check that refused; empty where nobody did."""
        login = self.result.login
        return login.login.refusal.check if login is not None and login.login.refusal is not None else ""

    @property
    def service(self) -> str:
        """The service that refused; empty where nobody did."""
        login = self.result.login
        return str(login.login.refusal.service) if login is not None and login.login.refusal is not None else ""

    @property
    def arrives(self) -> bool:
        """Whether it expects that the login arrives."""
        return self.scenario.settings.expect.outcome == "accepted"

    @property
    def oracle(self) -> str:
        """How it is known that the real services do so; empty where it says nothing of it."""
        return self.scenario.settings.expect.oracle or ""

    @property
    def words(self) -> tuple[str, ...]:
        """The words of a service or a browser that it expects, on the page or as the refusal's."""
        expect = self.scenario.settings.expect
        inner = [step.expect for step in self.scenario.settings.steps if step.expect is not None]
        return tuple(text for each in (expect, *inner) for text in (each.message, each.page) if text)

    @property
    def logins(self) -> Iterator[LoginSettings]:
        """Its logins, in order."""
        settings = self.scenario.settings
        steps = (*settings.then, *settings.steps)
        yield from (each for each in (settings.login, *(step.login for step in steps)) if each is not None)

    @property
    def app(self) -> OktaApp | None:
        """The app of its first login; None where it begins with a page."""
        login = next(self.logins, None)
        if login is None:
            return None
        for org, settings in self.scenario.world.settings.okta.items():
            for name, app in settings.apps.items():
                if login.app in {name, f"{org}/{name}"}:
                    return app
        return None

    @property
    def style(self) -> str:
        """In whose manner the first login's assertion is written; empty where the scenario begins with a page."""
        return self.app.style if self.app is not None else ""

    @property
    def final_address(self) -> str:
        """The address of the browser at the end; empty if it cannot go on."""
        return self.result.login.login.lands_on if self.result.login is not None else ""

    @property
    def partitions(self) -> frozenset[str]:
        """The partitions of AWS whose roles or providers the app of its first login is for."""
        app = self.app
        arn = app.identity_provider_arn if app is not None else None
        return frozenset({arn.split(":")[1]} if arn else {"aws"})

    @property
    def faults(self) -> tuple[FaultForm, ...]:
        """The forms of its faults."""
        return tuple(parse_fault(fault).form for fault in self.scenario.settings.faults)


@cache
def all_cases() -> tuple[Case, ...]:
    """Runs the whole catalogue, once per process; tests/flows/test_catalogue.py judges the results."""
    return tuple(Case(each, run_scenario(each, tries_fixes=False)) for each in built_in_scenarios())
