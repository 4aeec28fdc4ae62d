"""Files and folders that only their owner can read, whatever the umask: keys, addresses, states.

Such a file is written under another name beside its place and moved there, so that whoever reads it, and whatever ends
the process, finds the old file or the new one. Where the place is a symbolic link, the file that it leads to is
written, and the link stays a link.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from pathlib import Path

_OWNER_ONLY, _OWNERS_FOLDER = 0o600, 0o700
# What ``tempfile.mkstemp`` makes of a prefix.
_RANDOM = "[a-z0-9_]{8}"


def make_private_folder(folder: Path) -> None:
    """Makes a folder of mode 0700 where there is none; folders above it that are missing get the same mode.

    Raises:
        OSError: it cannot be made.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
        each.chmod(_OWNERS_FOLDER)


def write_privately(path: Path, data: bytes) -> None:
    """Puts ``data`` into a file of mode 0600, all of it or nothing, so that it is on disk when this returns.

    Where the path leads to a pipe or a device, the data is written there instead.

    Raises:
        OSError: the file cannot be written.
    """
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    make_private_folder(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=_prefix(path))
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            temporary.chmod(_OWNER_ONLY)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def make_private(descriptor: int) -> None:
    """Gives an open file the mode 0600; Windows has no such modes."""
    if hasattr(os, "fchmod") and stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.fchmod(descriptor, _OWNER_ONLY)


def remove_leftovers(path: Path) -> None:
    """Deletes what processes that were killed while they wrote a file have left beside it.

    Only for a file that no other process writes meanwhile. Files of the version before this one had no mark in their
    names: of these only such as begin as a state does, or are empty, are deleted.
    """
    ours = re.compile(re.escape(_prefix(path)) + _RANDOM)
    before = re.compile(re.escape(f".{path.name}.") + _RANDOM)
    for each in path.parent.iterdir():
        if not stat.S_ISREG(each.lstat().st_mode):
            continue
        if ours.fullmatch(each.name) or (before.fullmatch(each.name) and _begins_as_a_state(each)):
            each.unlink(missing_ok=True)


def _prefix(path: Path) -> str:
    return f".{path.name}.new-"


def _begins_as_a_state(path: Path) -> bool:
    with path.open("rb") as file:
        begin = file.read(12)
    return b'{\n "version"'.startswith(begin)


def _sync_folder(folder: Path) -> None:
    """Makes the move itself last, where folders can be synchronised; on Windows they cannot."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
