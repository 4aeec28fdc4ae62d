"""The format of ``defaults.yaml``: what the scenarios of a folder have in common."""

from __future__ import annotations

from typing import Any

from emulator.scenarios.format.login_schema import LoginDefaults
from emulator.scenarios.format.values import Reason
from emulator.worldfile.schema.settings import Settings


class DefaultsSettings(Settings):
    """What the scenarios of a folder and of those inside it have in common: ``defaults.yaml``."""

    world: str | None = None
    """The world file, relative to this file; each scenario says it unless given."""
    skip: Reason | None = None
    """Why the scenarios are not run; they are run unless given."""
    xfail: Reason | None = None
    """Why the scenarios are not as expected, for now; they have to be unless given."""
    tags: list[str] = []
    """Words to choose scenarios by, beside their own; none unless given."""
    changes: dict[str, Any] = {}
    """Changes to the world, beneath those of a scenario: JSON pointers with new values; none unless given."""
    login: LoginDefaults | None = None
    """What logins take where they do not say it; a scenario without login and steps logs in with it; nothing unless
    given."""
