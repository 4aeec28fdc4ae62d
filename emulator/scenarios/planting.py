"""Deliberate failures of a login that is about to be made: faults in its assertion, or a refusal by Okta."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator.building.faults import read_fault
from emulator.federation import Federation
from emulator.kernel.errors import FederationError, Problem, Refusal, ScenarioError
from emulator.scenarios.format.login_schema import LoginSettings
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import YamlDocument


def plant_faults(
    written: Sequence[dict[str, Any]], key: Key, login: LoginSettings, document: YamlDocument, federation: Federation
) -> None:
    """Adds faults to the assertion of a login, and has Okta refuse it if the login says so.

    Args:
        written: Faults as they were written.
        key: Key of the faults in the scenario.
        document: File of the scenario.
        federation: Federation in which the login is made.

    Raises:
        ScenarioError: one of them would change nothing.
    """
    provider, app = federation.find_app(login.app)
    faults = tuple(read_fault(fault) for fault in written)
    for number in range(len(faults)):
        try:
            provider.mint(login.user, app.name, faults=faults[: number + 1])
        except Refusal:
            break  # this login does not get as far as an assertion
        except FederationError as error:
            if login.user not in provider.org.users:
                break
            location = document.location((*key, number))
            raise ScenarioError([Problem(location, error.message, error.expected, fix=error.fix)]) from None
    provider.faults.inject(app.name, login.user, faults)
    if login.refused_by is not None and login.user in provider.org.users:
        federation.program_next_login(login.user, by="the scenario", refused_by=login.refused_by)
