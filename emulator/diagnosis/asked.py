"""Where the requested values of a login come from: a command's option, a scenario's line, or the person's settings.

The names are those of ``Asked``; planted faults are included under their text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from emulator.building.faults import fault_text
from emulator.diagnosis.origins import Origin, OriginKind
from emulator.kernel.client_connection import DEFAULT_SOURCE_IP
from emulator.kernel.errors import FederationError, Location
from emulator.kernel.explanations import ADDRESS, DURATION, RELAY_STATE, ROLE_ASKED_FOR, SOURCE_IP
from emulator.worldfile.text.yaml_data import Key, value_at
from emulator.worldfile.text.yaml_file import SaidBy, YamlDocument, key_text

if TYPE_CHECKING:
    from emulator.federation import Federation

_OPTIONS = {"--relay-state": RELAY_STATE, "--role": ROLE_ASKED_FOR, "--source-ip": SOURCE_IP}
_OF_SCENARIOS = {
    "relay_state": RELAY_STATE,
    "destination": RELAY_STATE,
    "role": ROLE_ASKED_FOR,
    "source_ip": SOURCE_IP,
    "duration_seconds": DURATION,
}


def asked_on_command_line(given: Mapping[str, str | None]) -> dict[str, Origin]:
    """Returns the origins of what options ask for.

    Args:
        given: Values of the options ``--relay-state``, ``--role`` and ``--source-ip``; None for one that was not given.
    """
    return {
        _OPTIONS[option]: Origin(OriginKind.ASKED, text=f"the option {option}")
        for option, value in given.items()
        if value is not None
    }


def asked_in_scenario(document: YamlDocument) -> dict[str, Origin]:
    """Returns the origins of what a scenario's last login and last page ask for, and of its faults."""
    found: dict[str, Origin] = {}
    for index, fault in enumerate(document.data.get("faults") or ()):
        location = document.location(("faults", index))
        found[fault_text(fault)] = Origin(OriginKind.FAULT, location, "planted by the scenario")
    for index, step in enumerate(document.data.get("then") or ()):
        step_key: Key = ("then", index, "frame", "url") if step.get("frame") else ("then", index, "open")
        if step.get("frame") or step.get("open"):
            location = document.location(step_key)
            found[ADDRESS] = Origin(OriginKind.ASKED, location, "asked for by the scenario")
    here = _last_login(document)
    login = value_at(document.data, here)[0] if here else {}
    for setting, asked in _OF_SCENARIOS.items():
        if login.get(setting) is not None:
            location = document.location((*here, setting))
            found[asked] = Origin(OriginKind.ASKED, location, "asked for by the scenario")
    return found


def asked_in_step(document: YamlDocument, index: int) -> dict[str, Origin]:
    """Returns the origins of what a scenario's step asks for: its faults, its page, and its login or the one before.

    Args:
        index: Index in ``steps``.
    """
    found: dict[str, Origin] = {}
    steps = document.data["steps"]
    for number, fault in enumerate(steps[index].get("faults") or ()):
        location = document.location(("steps", index, "faults", number))
        found[fault_text(fault)] = Origin(OriginKind.FAULT, location, "planted by the scenario")
    page: Key = ("frame", "url") if steps[index].get("frame") else ("open",)
    if steps[index].get(page[0]):
        location = document.location(("steps", index, *page))
        found[ADDRESS] = Origin(OriginKind.ASKED, location, "asked for by the scenario")
    logins = [number for number, step in enumerate(steps[: index + 1]) if step.get("login")]
    here: Key = ("steps", logins[-1], "login") if logins else ()
    login = value_at(document.data, here)[0] if here else {}
    for setting, asked in _OF_SCENARIOS.items():
        if login.get(setting) is not None:
            location = document.location((*here, setting))
            found[asked] = Origin(OriginKind.ASKED, location, "asked for by the scenario")
    return found


def _last_login(document: YamlDocument) -> Key:
    steps = document.data.get("then") or ()
    last = max((index for index, step in enumerate(steps) if step.get("login")), default=None)
    if last is not None:
        return ("then", last, "login")
    return ("login",) if document.data.get("login") else ()


def asked_by_person(federation: Federation, *, user: str, app: str) -> dict[str, Origin]:
    """Returns the origin of a person's address, where no login chooses another.

    Args:
        user: Login of the person.
        app: App that they open.
    """
    try:
        provider, _ = federation.find_app(app)
    except FederationError:
        return {}
    key: Key = ("okta", provider.org.name, "users", user, "source_ip")
    said = federation.world.document.said(key)
    if said.is_whole:
        kind = OriginKind.CHANGED if said.by is SaidBy.CHANGED else OriginKind.WORLD
        return {SOURCE_IP: Origin(kind, said.location, said.text)}
    location = Location(said.location.file, said.location.line, key_text(key))
    return {SOURCE_IP: Origin(OriginKind.DEFAULT, location, f"left at its default ({DEFAULT_SOURCE_IP})")}
