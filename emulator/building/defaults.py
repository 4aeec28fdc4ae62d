"""The values that apply where a world says nothing: whose default it is, and the value, for explanations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from emulator.building.comparison import NOTHING, value_of
from emulator.kernel.explanations import Setting
from emulator.world import World
from emulator.worldfile.text.yaml_data import Key, value_at
from idp.model import App, Org

_LONGEST_VALUE = 100
# Settings that neither Okta nor AWS has, by their keys in a world.
EMULATORS_OWN = frozenset(
    {
        "accept_sha1",
        "after_polls",
        "answer",
        "catalog",
        "cookie_same_site",
        "layout",
        "load_delay",
        "origin_propagation_delay",
        "role_binding",
        "source_ip",
        "sp_metadata",
        "style",
    }
)


def default_text(setting: Setting, key: Key, world: World) -> str:
    """Returns the value that applies where a world omits a key: ``left at Okta's default (3600)``.

    Secrets, long texts and values other than texts are not shown in full.

    Args:
        key: Key of the setting in the world.
    """
    vendor = "Okta's" if key[0] == "okta" else "AWS's"
    whose = "its" if key[-1] in EMULATORS_OWN or (key[0] == "aws" and key[-1] == "email") else vendor
    said, hidden = _setting(world.settings, key)
    if hidden:
        return f"left at {whose} default"
    shown = _shown(said)
    if shown in {None, "none"}:
        shown = _shown(_effective(setting))
    return f"left at {whose} default" + (f" ({shown})" if shown is not None else "")


def _setting(settings: BaseModel, key: Key) -> tuple[Any, bool]:
    """Returns the value of the settings at a key, defaults included, and whether it is a secret."""
    here: Any = settings
    hidden = False
    for part in key:
        if isinstance(here, BaseModel) and part in type(here).model_fields:
            hidden = hidden or not type(here).model_fields[str(part)].repr
            here = getattr(here, str(part))
        else:
            here, depth = value_at(here, (part,))
            if not depth:
                return None, hidden
    return here, hidden


def is_secret(settings: BaseModel, key: Key) -> bool:
    """Returns whether the value of a key in a world, given or not, must never be shown."""
    return _setting(settings, key)[1]


def _effective(setting: Setting) -> Any:
    """Returns what an empty default means: the value in the model, or its meaning."""
    held = value_of(setting)
    path = setting.path
    app = setting.owner.apps.get(str(path[1])) if isinstance(setting.owner, Org) and len(path) > 2 else None
    if held == "" and path[0] == "apps" and isinstance(app, App):
        meant: dict[tuple[str | int, ...], str] = {
            ("recipient",): app.acs_url,
            ("destination",): app.acs_url,
            ("style", "issuer"): app.issuer,
            ("style", "name_id"): app.username_format,
        }
        return meant.get(path[2:], held)
    return held


def _shown(value: Any) -> str | None:
    """Returns a value in readable form, or None when there is nothing to show."""
    if value is None or value is NOTHING or (not value and isinstance(value, str | bytes | list | tuple | Mapping)):
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | frozenset) and all(isinstance(each, str) for each in value):
        return _folded(", ".join(value))
    return _folded(str(value)) if isinstance(value, str | int | float) else None


def _folded(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
