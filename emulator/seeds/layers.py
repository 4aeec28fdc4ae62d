"""An account or org and the files that fill it, as separate layers before they are merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.contents import SeedContents, SeedNote, SeedPart
from emulator.worldfile.text.yaml_data import Key


@dataclass(frozen=True, slots=True)
class SeedLayer:
    """One file's part of an account or org."""

    contents: SeedContents
    part: SeedPart

    def leave_out(
        self, key: Key, what: str, reason: str, fix: str = "", *, at: Key | None = None, name: str = ""
    ) -> None:
        """Notes that something is left out.

        Args:
            key: The key of what is left out.
            what: Its kind and name: ``role Agent``.
            reason: Why it is left out.
            fix: How to get it into the world.
            at: The key of the part that is wrong, if not the whole.
            name: The name by which it may be missed, if not the last part of the key.
        """
        names = tuple(filter(None, (name or (key[-1] if isinstance(key[-1], str) else ""),)))
        self.contents.left_out.append(SeedNote(what, reason, self.part.place(at or key), fix, names))


@dataclass(frozen=True, slots=True)
class FilledPlace:
    """An account or org: its seeds and, on top of them, the world file's own settings.

    Args:
        seeds: The files' parts, lowest layer first.
        own: The world file's own settings.
    """

    seeds: Sequence[SeedLayer]
    own: Any

    def value(self, *path: str) -> Any:
        """Returns the topmost value at a path, without merging mappings; None if no layer has one."""
        for data in (self.own, *(layer.part.data for layer in reversed(self.seeds))):
            found = _at(data, path)
            if found is not None:
                return found
        return None

    def own_value(self, *path: str) -> Any:
        """Returns the world file's own value at a path; None if it has none."""
        return _at(self.own, path)

    def names(self, *path: str) -> tuple[str, ...]:
        """Returns the keys of the mappings at a path, from all layers that have one."""
        names: dict[str, None] = {}
        for data in (*(layer.part.data for layer in self.seeds), self.own):
            found = _at(data, path)
            if isinstance(found, Mapping):
                names.update(dict.fromkeys(name for name in found if isinstance(name, str)))
        return tuple(names)

    def top_layer(self, *path: str) -> SeedLayer | None:
        """Returns the seed with the topmost value at a path; None if that is the world file's, or there is none."""
        if _at(self.own, path) is not None:
            return None
        return next((layer for layer in reversed(self.seeds) if _at(layer.part.data, path) is not None), None)

    def describing_seed(self, app: str) -> SeedLayer | None:
        """Returns the seed that describes an app rather than only its assignments; the lowest seed if none does."""
        settings = ("identity_provider_arn", "catalog", "label")
        found = (self.lowest_seed("apps", app, setting) for setting in settings)
        return next((layer for layer in found if layer is not None), None) or self.lowest_seed("apps", app)

    def lowest_seed(self, *path: str) -> SeedLayer | None:
        """Returns the lowest seed with a value at a path."""
        return next((layer for layer in self.seeds if _at(layer.part.data, path) is not None), None)


def _at(data: Any, path: Sequence[str]) -> Any:
    for part in path:
        data = data.get(part) if isinstance(data, Mapping) else None
    return data
