"""The values of a world, each with its field in a console and its line: what is there, beside what belongs there."""

from __future__ import annotations

import json
from typing import Any

from emulator.diagnosis.origins import Origin, OriginKind
from emulator.kernel.errors import Location, WorldError
from emulator.setup_steps.step import Value, Verdict
from emulator.world import World, read_world_file
from emulator.worldfile.consoles import console_place
from emulator.worldfile.text.yaml_data import Key, value_at
from emulator.worldfile.text.yaml_file import SaidBy, key_text

_KINDS = {SaidBy.WORLD: OriginKind.WORLD, SaidBy.SEED: OriginKind.SEED, SaidBy.CHANGED: OriginKind.CHANGED}


class Places:
    """Makes values of the keys of a world.

    Args:
        world: The world.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def at(
        self,
        key: Key,
        now: str,
        wanted: str = "",
        *,
        below: str = "",
        console: str = "",
        field: str = "",
        verdict: Verdict | None = None,
        same_as: tuple[str, ...] = (),
        note: str = "",
        stops: bool = True,
        right: str = "",
        is_name: bool = False,
    ) -> Value:
        """Returns what a world says at a key, beside what belongs there.

        Args:
            key: The key.
            now: What is there; empty for nothing.
            wanted: What belongs there; whatever is there unless given.
            below: What a person opens below the setting's own place.
            console: The product that the console belongs to, if not the vendor's own.
            field: The field's path, where it is not that of the schema.
            verdict: Whether it is there; decided by comparing the two texts unless given.
            same_as, note, stops, right, is_name: As of ``Value``.
        """
        place = console_place(key, self._world.document.data)
        path = field or (" > ".join(place.parts) if place is not None else key_text(key[2:]))
        shown = console or (place.console if place is not None else "")
        if verdict is None:
            verdict = Verdict.MISSING if not now else Verdict.DIFFERS if wanted and now != wanted else Verdict.DONE
        is_there = verdict is Verdict.DONE or not wanted
        return Value(
            shown,
            f"{path} > {below}" if below else path,
            now if is_there and verdict is not Verdict.DIFFERS else wanted,
            verdict,
            now=now if verdict is Verdict.DIFFERS else "",
            key=key_text(key),
            origin=self.origin(key),
            same_as=same_as,
            note=note,
            stops=stops,
            right=right or wanted,
            is_name=is_name,
        )

    def origin(self, key: Key) -> Origin | None:
        """Returns where a key is set; None if neither the key nor anything around it is there."""
        said = self._world.document.said(key)
        if said.is_whole:
            return Origin(_KINDS[said.by], said.location, said.text)
        _, depth = value_at(self._world.document.data, key)
        if depth < len(key) - 1:
            return None
        by_default = "by default" if depth < len(key) else ""
        location = Location(said.location.file, said.location.line, key_text(key))
        return Origin(OriginKind.DEFAULT, location, ", ".join(filter(None, (by_default, said.text))))

    def document(self, key: Key) -> Any:
        """Returns the policy document at a key, read from its file where the world names one; None where none is."""
        value, depth = value_at(self._world.document.data, key)
        if depth != len(key):
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(read_world_file(self._world, key, value))
        except (WorldError, ValueError, RecursionError):
            return None


def shown(value: object) -> str:
    """Returns what a world has at a key as a person sees it in a console; empty for nothing."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return as_json_text(value)


def as_json_text(document: Any) -> str:
    """Returns a policy document as it is pasted into a console."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def joined(*parts: str) -> str:
    """Returns a path of a console from its parts; empty ones are left out."""
    return " > ".join(filter(None, parts))
