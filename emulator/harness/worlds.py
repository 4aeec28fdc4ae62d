"""The world of a test's federation: the nearest marker's file, or else the project's, with all markers' changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from emulator.world import DEFAULT_WORLD, UnusablePointer, World, change_world, load_world
from emulator.worldfile.text.read_files import real_path

WORLDS: Final = pytest.StashKey[dict[Path, World]]()


def project_world(config: pytest.Config) -> World:
    """Returns the world of ``world.yaml`` in the rootdir, or else the built-in one.

    Raises:
        WorldError: the world is invalid.
    """
    own = config.rootpath / "world.yaml"
    return _loaded(own if own.is_file() else DEFAULT_WORLD, config)


def world_of(request: pytest.FixtureRequest) -> World:
    """Returns the world that the markers of a test select: the nearest path, and all changes, the nearest last.

    Raises:
        WorldError: the world is invalid.
    """
    path: Path | None = None
    changes: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("world"))):
        given = marker.kwargs.get("changes", {})
        is_path = all(isinstance(each, str | Path) for each in marker.args) and len(marker.args) <= 1
        if not is_path or not isinstance(given, Mapping) or set(marker.kwargs) - {"changes"}:
            pytest.fail("@pytest.mark.world takes a path and changes={pointer: value}", pytrace=False)
        if marker.args:
            path = request.path.parent / marker.args[0]
        changes |= given
    world = project_world(request.config) if path is None else _loaded(path, request.config)
    try:
        return change_world(world, changes) if changes else world
    except UnusablePointer as error:
        pytest.fail(f"@pytest.mark.world: {error}", pytrace=False)
    except (KeyError, ValueError, IndexError) as error:
        pytest.fail(f"@pytest.mark.world: a pointer of changes leads nowhere: {error}", pytrace=False)


def _loaded(path: Path, config: pytest.Config) -> World:
    worlds = config.stash.setdefault(WORLDS, {})
    path = real_path(path)
    return worlds.get(path) or worlds.setdefault(path, load_world(path))
