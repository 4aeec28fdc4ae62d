"""File names for a client that works in another folder than the emulator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from emulator.diagnosis.diagnosis import Diagnosis
from emulator.diagnosis.fix import Fix
from emulator.diagnosis.login_result import LoginResult
from emulator.diagnosis.origins import Origin, OriginKind
from emulator.kernel.errors import Location

_OF_THE_WORLD = frozenset({OriginKind.WORLD, OriginKind.DEFAULT, OriginKind.SEED})
_SEED = "seed:"


def seen_from(result: LoginResult, folder: str) -> LoginResult:
    """Returns a result with the world's files named as they are reached from a folder.

    Args:
        result: Result of a login, with names relative to this process's folder.
        folder: Full path of the other folder.
    """
    if Path(folder) == this_folder():
        return result
    diagnosis = _diagnosis(result.diagnosis, folder) if result.diagnosis is not None else None
    return replace(result, diagnosis=diagnosis, notes=tuple(_diagnosis(note, folder) for note in result.notes))


def file_seen_from(file: str, folder: str) -> str:
    """Returns a file name of this process's folder as seen from another: the shorter form below that folder."""
    path = this_folder() / file
    return str(path.relative_to(folder)) if folder and path.is_relative_to(folder) else str(path)


def this_folder() -> Path:
    """Returns the folder that this process's names of world files are relative to."""
    return Path.cwd()


def _diagnosis(diagnosis: Diagnosis, folder: str) -> Diagnosis:
    return replace(
        diagnosis,
        origins=tuple(_origins(diagnosis.origins, folder)),
        fixes=tuple(_fix(fix, folder) for fix in diagnosis.fixes),
    )


def _origins(origins: Iterable[Origin], folder: str) -> Iterable[Origin]:
    for origin in origins:
        is_known = origin.location is not None and origin.kind in _OF_THE_WORLD
        yield replace(origin, location=_location(origin.location, folder)) if is_known else origin


def _fix(fix: Fix, folder: str) -> Fix:
    place = fix.place
    if place.startswith(_SEED):
        place = _SEED + file_seen_from(place.removeprefix(_SEED), folder)
    changes = tuple(replace(each, location=_location(each.location, folder)) for each in fix.changes)
    return replace(fix, place=place, changes=changes)


def _location(location: Location | None, folder: str) -> Location | None:
    if location is None or not location.file:
        return location
    return replace(location, file=file_seen_from(location.file, folder))
