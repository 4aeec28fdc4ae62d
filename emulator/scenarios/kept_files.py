"""A project's ``.fedemu`` folder: files that runs keep, readable by their owner only and ignored by git."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from tempfile import mkstemp
from typing import Final

from emulator.network.data_folder.private_files import make_private

KEPT: Final = ".fedemu"


def kept_folder(project: Path, *inside: str) -> Path:
    """Returns ``.fedemu`` or a folder in it, created if necessary.

    Args:
        project: Folder that it is in.
        inside: Names of the folders that lead to it from ``.fedemu``.

    Raises:
        OSError: it cannot be created, or is a link.
    """
    top = folder = project / KEPT
    for each in (top, *(top.joinpath(*inside[: depth + 1]) for depth in range(len(inside)))):
        if each.is_symlink():  # a checkout of somebody else's project must not choose where files are written
            raise NotADirectoryError(f"{each} is a link")
        with contextlib.suppress(FileExistsError):
            each.mkdir(mode=0o700)
        folder = each
    if not (top / ".gitignore").exists():
        replace_file(top / ".gitignore", "*\n")
    return folder


def replace_file(file: Path, text: str) -> None:
    """Writes a file with mode 0600 atomically, so that no other process reads half of it."""
    descriptor, name = mkstemp(prefix=".kept-", dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(text)
            make_private(handle.fileno())
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
