"""The two sides of a comparison: BEFORE and AFTER as the person names them, each read as a world.

Each is a world file, a folder with a world.yaml, a revision of git (``HEAD~1``, ``HEAD~1:infra/world.yaml``), or a seed
that takes the place of the world's own. A revision alone means the other side's file as it was then.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import current_thread, main_thread
from typing import Final, NoReturn

from emulator.comparing.revisions import Revision
from emulator.comparing.seed_sides import SeedPlace, is_plan, is_seed, place_of, why_unread, world_with_seed
from emulator.kernel.errors import FederationError, FileError, Problem, WorldError
from emulator.kernel.records import dataclass
from emulator.seeds.contents import SeedError
from emulator.seeds.seed_text import SeedText, read_seed_text
from emulator.world import World, load_world

WORLD_FILE: Final = Path("world.yaml")


@dataclass(frozen=True, slots=True)
class OpenedSide:
    """One side.

    Args:
        argument: What the person wrote.
        name: What it is called.
        file: World file of the side, as it is shown.
        world: Its world.
        is_own_file: Whether the world is a file of this machine, which ``fedemu fix`` could write.
    """

    argument: str
    name: str
    file: str
    world: World
    is_own_file: bool = False


class OpenedSides:
    """Both sides, while the files of revisions are there."""

    def __init__(self, folders: list[tuple[str, Path]]) -> None:
        self._folders = folders
        self.before: OpenedSide
        self.after: OpenedSide

    def refused(self, which: str, argument: str, error: FileError) -> SideError:
        """Returns the error of a world that cannot be used, with the side and the files as the person knows them."""
        return SideError(which, argument, [_reworded(each, self.shown) for each in error.problems])

    def shown(self, text: str) -> str:
        """Returns a text with the files of revisions as the person knows them: ``HEAD~1:world.yaml``."""
        for name, folder in self._folders:
            for path in dict.fromkeys((str(folder), os.path.relpath(folder))):
                text = text.replace(f"{path}{os.sep}", f"{name}:").replace(path, f"{name}:")
        return text


def _exit(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)


@contextmanager
def opened_sides(before: str, after: str | None, *, world: Path | None) -> Iterator[OpenedSides]:
    """Opens what is compared; the files of revisions are in a temporary folder until the end.

    Args:
        before: The argument BEFORE.
        after: AFTER; None compares a Terraform plan's before with what is planned.
        world: ``--world``: the world that seeds are for, and the world file of folders and revisions.

    Raises:
        FederationError: one of them is nothing that can be compared, or a world of it cannot be used.
    """
    folder = Path(tempfile.mkdtemp(prefix="fedemu-compare-"))  # mkdtemp makes it 0700
    # A CI job that is cancelled is sent SIGTERM, of which nothing else would take the folder away.
    takes_over = current_thread() is main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if takes_over:
        signal.signal(signal.SIGTERM, _exit)
    try:
        yield _Opening(folder, world).sides(before, after)
    finally:
        if takes_over:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Named:
    """What an argument leads to: a file, and how it is shown."""

    argument: str
    path: Path
    shown: str
    is_own: bool = True


class _Opening:
    def __init__(self, folder: Path, world: Path | None) -> None:
        self._folder = folder
        self._world = world
        self._revisions: list[tuple[str, Path]] = []
        self._opened = OpenedSides(self._revisions)

    def sides(self, before: str, after: str | None) -> OpenedSides:
        opened = self._opened
        if after is None:
            opened.before, opened.after = self._plan(before)
            return opened
        old, new = self._named("BEFORE", before, other=after), self._named("AFTER", after, other=before)
        place = self._common_place(old, new)
        opened.before = self._side("BEFORE", old, other=new, place=place)
        opened.after = self._side("AFTER", new, other=old, place=place)
        return opened

    def _common_place(self, old: _Named, new: _Named) -> SeedPlace | None:
        """Returns the seed of the world whose place both sides take, where both are seeds; None where there is none.

        What it is called before and after may differ, and it is the same seed nevertheless.
        """
        places = []
        for named, seed in ((old, _seed(old)), (new, _seed(new))):
            if seed is None:
                return None
            with suppress(FederationError):  # the other may have the name of the world's own
                places.append(place_of(self._base(named, other=None), seed))
        return next((place for place in places if place.file), None)

    def _named(self, which: str, argument: str, *, other: str) -> _Named:
        """Returns the file that an argument leads to; that of a revision is laid out."""
        path = Path(argument)
        if not _is_there(path):
            if _is_a_files_name(argument):
                raise FederationError(f"There is no file {argument}", expected="a world, a seed or a revision of git")
            try:
                return self._in_revision(argument, Path(other))
            except WorldError as error:
                raise self._opened.refused(which, argument, error) from None
        if path.is_dir():
            file = path / (self._world if self._world is not None else WORLD_FILE)
            if not file.is_file():
                fix = "Name the world with --world, relative to the folder" if self._world is None else ""
                raise FederationError(f"There is no {file}", expected="a folder with a world file", fix=fix)
            return _Named(argument, file, str(file))
        return _Named(argument, path, str(path))

    def _in_revision(self, argument: str, other: Path) -> _Named:
        name, colon, inside = argument.partition(":")
        if colon:
            revision = Revision(name, Path())
            path = revision.path_of(Path(inside), in_folder=inside.startswith("."))
        elif _is_there(other) and not other.is_dir():
            revision = Revision(name, other.parent)
            path = revision.path_of(Path(other.name), in_folder=True)
        else:
            revision = Revision(name, other if _is_there(other) else Path())
            path = revision.path_of(self._world or WORLD_FILE, in_folder=True)
        root = self._folder / str(len(self._revisions))
        root.mkdir(mode=0o700)
        self._revisions.append((name, root))
        return _Named(argument, revision.lay_out(path, root), f"{name}:{path}", is_own=False)

    def _side(self, which: str, named: _Named, *, other: _Named, place: SeedPlace | None) -> OpenedSide:
        seed = _seed(named)
        try:
            if seed is None:
                return OpenedSide(named.argument, named.argument, named.shown, load_world(named.path), named.is_own)
            base = self._base(named, other=other)
            return OpenedSide(
                named.argument, named.argument, named.shown, world_with_seed(base, seed, place or place_of(base, seed))
            )
        except WorldError as error:
            raise self._opened.refused(which, named.argument, error) from None

    def _plan(self, argument: str) -> tuple[OpenedSide, OpenedSide]:
        path = Path(argument)
        if not _is_there(path) or path.is_dir():
            raise FederationError(
                f"{argument} alone is nothing to compare", expected="BEFORE and AFTER, or one Terraform plan"
            )
        named = _Named(argument, path, str(path))
        seed = _seed(named)
        if seed is None or not is_plan(seed):
            explanation, fix = why_unread(path)
            raise FederationError(
                f"{argument} alone is nothing to compare: it is not a Terraform plan",
                explanation=explanation,
                expected="BEFORE and AFTER, or what terraform show -json prints of a plan",
                fix=fix,
            )
        base = self._base(named, other=None)
        place, sides = place_of(base, seed), []
        for which, moment, name in (("BEFORE", "before", "as it is"), ("AFTER", "after", "as it is planned")):
            try:
                world = world_with_seed(base, seed, place, moment=moment)
            except WorldError as error:
                raise self._opened.refused(which, argument, error) from None
            sides.append(OpenedSide(argument, f"{argument}, {name}", str(path), world))
        return sides[0], sides[1]

    def _base(self, named: _Named, *, other: _Named | None) -> Path:
        """Returns the world that a seed is for."""
        if self._world is not None:
            return self._world
        if other is not None and _seed(other) is None:
            return other.path
        if not WORLD_FILE.is_file():
            raise FederationError(
                f"{named.argument} says what there is, and not who logs in: it needs a world",
                expected="a world.yaml in this folder, or --world FILE",
                fix=f"fedemu init --from {named.argument} begins one with what the file says.",
            )
        return WORLD_FILE


class SideError(FileError):
    """The world of one side cannot be used; the message says which side."""

    def __init__(self, which: str, argument: str, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.message = f"{which} ({argument}) cannot be used"

    def __str__(self) -> str:
        return f"{self.message}:\n{super().__str__()}"


def _seed(named: _Named) -> SeedText | None:
    """Returns a file as a seed; None for a world.

    Raises:
        FederationError: it is neither, as where it is a plan that terraform show has not been asked to print.
    """
    try:
        text = read_seed_text(named.path, name=named.shown)
    except SeedError as error:
        if named.path.suffix.lower() in {".yaml", ".yml"}:
            return None  # whoever reads it as a world says what is wrong with it
        raise FederationError(f"{named.shown}: {error.message}", expected=error.expected, fix=error.fix) from None
    return text if is_seed(text) else None


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False  # longer than a name can be, or of characters that none has


def _is_a_files_name(argument: str) -> bool:
    is_of_a_drive = len(argument) > 2 and argument[1] == ":" and argument[2] in "/\\"
    known = {".yaml", ".yml", ".json", ".tfstate", ".template", ".tf", ".xml", ".txt", ".tfplan"}
    return is_of_a_drive or (":" not in argument and Path(argument).suffix.lower() in known)


def _reworded(problem: Problem, shown: Callable[[str], str]) -> Problem:
    """Returns a problem with the files of revisions as the person knows them."""
    place = problem.location
    return replace(
        problem,
        location=replace(place, file=shown(place.file)),
        message=shown(problem.message),
        expected=shown(problem.expected),
        fix=shown(problem.fix),
    )
