"""Files as they were in a git revision: read from its objects, and written into a separate folder.

The repository is not touched: no check-out, no index, no hooks, no filters, and nothing is fetched. Paths that lead out
of the revision, by name or by a symbolic link, are refused.
"""

from __future__ import annotations

import os
import posixpath
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from emulator.comparing.laid_out_files import MOST_BYTES, UNUSUAL, LaidOutFiles, texts_in
from emulator.kernel.errors import EnvironmentProblem, FederationError, Location, Problem, WorldError
from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_file import key_text

_MOST_LINKS = 40
_DEEPEST = 60
_KEPT_BYTES = 100_000
_LINK, _MODULE, _FOLDER = "120000", "160000", "040000"
_LFS = b"version https://git-lfs.github.com/spec/v1"
# What a hook sets for the repository that it runs in, which need not be the one that is asked about.
_OF_HOOKS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE")
_SAFE = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
}
_SETTINGS = ("core.hooksPath=/dev/null", "core.fsmonitor=false", "protocol.allow=never")


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a revision has at a path."""

    mode: str
    object_id: str


class Revision:
    """A commit of the repository around a folder.

    Args:
        name: What the person calls it: ``HEAD~1``.
        folder: A folder of the repository.

    Raises:
        FederationError: there is no repository around the folder, or no such revision in it.
        EnvironmentProblem: git is missing or refuses to work, or the clone is shallow.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._folder = folder
        self._listings: dict[str, Mapping[str, _Entry]] = {}
        self._targets: dict[str, str] = {}
        self._blobs: dict[str, bytes] = {}
        root = self._git("rev-parse", "--show-toplevel", "--show-prefix")
        if root is None:
            raise FederationError(
                f"{name} is not a file or folder, and {_shown(folder)} is in no git repository that has it",
                expected="a world file, a folder with a world.yaml, a seed, or a revision of git",
            )
        top, prefix = (*root.decode("utf-8", "surrogateescape").split("\n"), "", "")[:2]
        self._root, self._prefix = Path(top), prefix
        self._tree = self._commit()

    def path_of(self, file: Path, *, in_folder: bool) -> str:
        """Returns the path of a file in the repository.

        Args:
            file: The file.
            in_folder: Whether a relative path begins at the folder, and not at the repository's root.
        """
        if file.is_absolute():
            try:
                return file.resolve().relative_to(self._root.resolve()).as_posix()
            except ValueError:
                raise FederationError(
                    f"{file} is not in the repository {self._root}", expected="a file of the same repository"
                ) from None
        return posixpath.normpath(posixpath.join(self._prefix if in_folder else "", file.as_posix()))

    def lay_out(self, path: str, into: Path) -> Path:
        """Writes a file, and every file of the revision that it names, into a folder.

        Args:
            path: The file's path in the repository.
            into: The folder, which is the repository's root there.

        Returns:
            The file in the folder.

        Raises:
            FederationError: the revision has no such file, or it is not to be had without a filter.
            WorldError: the file names something that leads out of the revision.
        """
        try:
            entry = self._entry(path)
        except _LeadsOut as error:
            raise FederationError(f"{self.name}:{path} {error}", expected="a file of that revision") from None
        if entry is None or entry.mode == _FOLDER:
            what = "a folder, not a file" if entry is not None else "not there"
            raise FederationError(f"{self.name}:{path} is {what}", expected="a file of that revision")
        writing = LaidOutFiles(into)
        data = self._blob(entry, path)
        target = writing.file(path, data)
        for key, line, name in texts_in(data):
            place = Location(str(target), line, key_text(key))
            # A word of a world, such as somebody's name, may happen to be a folder's: only pages are in folders.
            self._lay_out_named(path, name, place, writing, may_be_folder=key[:1] == ("pages",))
        return target

    def _lay_out_named(
        self, world: str, name: str, place: Location, writing: LaidOutFiles, *, may_be_folder: bool
    ) -> None:
        if Path(name).is_absolute():
            # A path of IAM's or of a page begins so too; what is a file is of this machine, and of no revision.
            if _is_file(name):
                raise WorldError([Problem(place, f"{name} is not in the repository", "a file of the revision")])
            return
        path = posixpath.normpath(posixpath.join(posixpath.dirname(world), name))
        try:
            entry = self._entry(path)
        except _LeadsOut as error:
            raise WorldError([Problem(place, f"{name} {error}", "a file of the revision")]) from None
        if entry is not None and (may_be_folder or entry.mode != _FOLDER):
            for each, found in self._files(path, entry, writing):
                writing.file(each, self._blob(found, each))

    def _files(self, path: str, entry: _Entry, writing: LaidOutFiles) -> Iterator[tuple[str, _Entry]]:
        """Yields a file, or the files of a folder and of those inside; links inside it that lead out are left out.

        Links may lead in circles, and folders may be in each other many times over: what is looked at is counted.
        """
        left = [(path, entry)]
        while left:
            path, entry = left.pop()
            writing.count()
            if entry.mode != _FOLDER:
                yield path, entry
                continue
            for name in self._listing(entry.object_id):
                if name in {"", ".", ".."} or "/" in name or "\\" in name or path.count("/") > _DEEPEST:
                    continue
                try:
                    found = self._entry(f"{path}/{name}")
                except _LeadsOut:
                    continue
                if found is not None:
                    left.append((f"{path}/{name}", found))

    def _entry(self, path: str) -> _Entry | None:
        """Returns what the revision has at a path, links followed; None for nothing.

        Raises:
            _LeadsOut: the path leads out of the repository.
        """
        left, here, links = list(reversed(path.split("/"))), [_Entry(_FOLDER, self._tree)], 0
        names: list[str] = []
        while left:
            part = left.pop()
            if part in {"", "."}:
                continue
            if part == "..":
                if not names:
                    raise _LeadsOut("leads out of the repository")
                names.pop()
                here.pop()
                continue
            if here[-1].mode != _FOLDER:
                return None
            found = self._listing(here[-1].object_id).get(part)
            if found is None:
                return None
            if found.mode == _MODULE:
                raise _LeadsOut(f"is in the submodule {'/'.join([*names, part])}, whose files the revision has not")
            if found.mode == _LINK:
                links += 1
                target = self._target(found.object_id)
                if links > _MOST_LINKS or target.startswith("/"):
                    raise _LeadsOut(f"is a symbolic link to {target}, which leads out of the repository")
                left += reversed(target.split("/"))
                continue
            names.append(part)
            here.append(found)
        return here[-1]

    def _blob(self, entry: _Entry, path: str) -> bytes:
        data = self._blobs.get(entry.object_id)
        if data is None:
            if int(self._git_or_fail("cat-file", "-s", entry.object_id)) > MOST_BYTES:
                raise FederationError(f"{self.name}:{path} is larger than {MOST_BYTES:,} bytes")
            data = self._git_or_fail("cat-file", "blob", entry.object_id)
            if len(data) <= _KEPT_BYTES:
                self._blobs[entry.object_id] = data
        if data.startswith(_LFS):
            raise FederationError(
                f"{self.name}:{path} is kept by Git LFS, whose filters are not run here",
                fix=f"Check the revision out beside this one (git worktree add ../before {self.name}), and compare "
                "the folders.",
            )
        return data

    def _target(self, link: str) -> str:
        """Returns where a symbolic link leads."""
        if link not in self._targets:
            self._targets[link] = self._git_or_fail("cat-file", "blob", link).decode("utf-8", "surrogateescape")
        return self._targets[link]

    def _listing(self, tree: str) -> Mapping[str, _Entry]:
        """Returns what is in a folder of the repository, by name."""
        if tree not in self._listings:
            self._listings[tree] = self._listed(tree)
        return self._listings[tree]

    def _listed(self, tree: str) -> Mapping[str, _Entry]:
        found = self._git_or_fail("ls-tree", "--full-tree", "-z", tree).decode("utf-8", "surrogateescape")
        entries: dict[str, _Entry] = {}
        for line in filter(None, found.split("\0")):
            about, _, name = line.partition("\t")
            mode, _, object_id = about.split(" ")
            entries[name] = _Entry(mode, object_id)
        return entries

    def _commit(self) -> str:
        if not self.name or self.name.startswith(("-", "^")) or UNUSUAL.search(self.name):
            raise FederationError(f"{_shown(self.name)} is not a git revision")
        found = self._git("rev-parse", "--verify", "--quiet", f"{self.name}^{{tree}}")
        if found is not None:
            return found.decode().strip()
        if (self._git("rev-parse", "--is-shallow-repository") or b"").strip() == b"true":
            raise EnvironmentProblem(
                f"This clone of the repository has no revision {self.name}",
                explanation="It is shallow: only the newest commits were fetched.",
                fix="Fetch the history: git fetch --unshallow; fetch-depth: 0 for actions/checkout, GIT_DEPTH: 0 for "
                "GitLab.",
            )
        raise FederationError(
            f"There is no file or folder {self.name}, and no revision of that name in {self._root}",
            expected="a world file, a folder with a world.yaml, a seed, or a revision of git such as HEAD~1",
        )

    def _git_or_fail(self, *arguments: str) -> bytes:
        found = self._git(*arguments)
        if found is None:
            raise EnvironmentProblem(
                f"git cannot read the revision {self.name}",
                where=str(self._root),
                explanation="An object of it is missing, as in a partial clone; nothing is fetched here.",
                fix=f"Fetch it: git -C {self._root} fetch, or clone without a filter.",
            )
        return found

    def _git(self, *arguments: str) -> bytes | None:
        """Runs git, and returns what it printed; None where it says no.

        Raises:
            EnvironmentProblem: git is missing, or does not trust whoever owns the repository.
        """
        settings = [word for each in _SETTINGS for word in ("-c", each)]
        environment = {name: value for name, value in os.environ.items() if name not in _OF_HOOKS} | _SAFE
        command = ["git", *settings, "-C", str(self._folder), *arguments]
        try:
            done = subprocess.run(  # noqa: S603 - git, with a revision that does not begin as an option does
                command, capture_output=True, check=False, env=environment, stdin=subprocess.DEVNULL
            )
        except FileNotFoundError:
            raise EnvironmentProblem(
                f"There is no file or folder {self.name}, and no git on this machine that could know such a revision",
                fix="Name a file or a folder, or install git.",
            ) from None
        if done.returncode == 0:
            return done.stdout
        said = done.stderr.decode("utf-8", "replace")
        if "dubious ownership" in said:
            raise EnvironmentProblem(
                f"git does not read {_shown(self._folder)}, since somebody else owns it",
                fix=f"git config --global --add safe.directory {self._folder.resolve()}",
            )
        return None


class _LeadsOut(Exception):
    """A path leads out of a revision; the text says how."""


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except OSError:
        return False  # longer than a name can be


def _shown(value: object) -> str:
    return str(value) if str(value) != "." else "this folder"
