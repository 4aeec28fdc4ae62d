"""An account or an org with everything that fills it, before it is laid over each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.contents import SeedContents, SeedNote, SeedPart
from emulator.worldfile.text.yaml_data import Key


@dataclass(frozen=True, slots=True)
class SeedLayer:
    """What one file says of an account or an org."""

    contents: SeedContents
    part: SeedPart

    def leave_out(
        self, key: Key, what: str, reason: str, fix: str = "", *, at: Key | None = None, name: str = ""
    ) -> None:
        """Notes that something is left out.

        Args:
            key: Where it was.
            what: What it is: ``role Agent``.
            reason: Why it is left out.
            fix: What to do to have it.
            at: What of it is at fault; the whole unless given.
            name: By what name it is missed; the last of the key unless given.
        """
        names = tuple(filter(None, (name or (key[-1] if isinstance(key[-1], str) else ""),)))
        self.contents.left_out.append(SeedNote(what, reason, self.part.place(at or key), fix, names))


@dataclass(frozen=True, slots=True)
class FilledPlace:
    """An account or an org: what its seeds say, and over it what the world says itself.

    Args:
        seeds: What the files say, the lowest first.
        own: What the world file says.
    """

    seeds: Sequence[SeedLayer]
    own: Any

    def value(self, *path: str) -> Any:
        """Returns what is said last at a path; None where nothing is. Mappings are not united."""
        for data in (self.own, *(layer.part.data for layer in reversed(self.seeds))):
            found = _at(data, path)
            if found is not None:
                return found
        return None

    def own_value(self, *path: str) -> Any:
        """Returns what the world file says itself at a path; None where it says nothing."""
        return _at(self.own, path)

    def names(self, *path: str) -> tuple[str, ...]:
        """Returns the keys of the mappings at a path, of all who say something there."""
        names: dict[str, None] = {}
        for data in (*(layer.part.data for layer in self.seeds), self.own):
            found = _at(data, path)
            if isinstance(found, Mapping):
                names.update(dict.fromkeys(name for name in found if isinstance(name, str)))
        return tuple(names)

    def top_layer(self, *path: str) -> SeedLayer | None:
        """Returns the seed whose word at a path counts; None where the world file's does, or nobody says anything."""
        if _at(self.own, path) is not None:
            return None
        return next((layer for layer in reversed(self.seeds) if _at(layer.part.data, path) is not None), None)

    def describing_seed(self, app: str) -> SeedLayer | None:
        """Returns the seed that describes an app, and not only who has it; the lowest where none does."""
        settings = ("identity_provider_arn", "catalog", "label")
        found = (self.lowest_seed("apps", app, setting) for setting in settings)
        return next((layer for layer in found if layer is not None), None) or self.lowest_seed("apps", app)

    def lowest_seed(self, *path: str) -> SeedLayer | None:
        """Returns the first seed that says something at a path."""
        return next((layer for layer in self.seeds if _at(layer.part.data, path) is not None), None)


def _at(data: Any, path: Sequence[str]) -> Any:
    for part in path:
        data = data.get(part) if isinstance(data, Mapping) else None
    return data
