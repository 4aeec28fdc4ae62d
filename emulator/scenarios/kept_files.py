"""The folder ``.fedemu`` of a project: what runs keep for later, readable by nobody else and ignored by git."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from tempfile import mkstemp
from typing import Final

from emulator.network.private_files import make_private

KEPT: Final = ".fedemu"


def kept_folder(project: Path, *inside: str) -> Path:
    """Returns ``.fedemu`` or a folder in it, which is made where there is none.

    Args:
        project: The folder that it is in.
        inside: The names of the folders that lead to it from ``.fedemu``.

    Raises:
        OSError: it cannot be made, or is a link.
    """
    top = folder = project / KEPT
    for each in (top, *(top.joinpath(*inside[: depth + 1]) for depth in range(len(inside)))):
        if each.is_symlink():  # a checkout of somebody else's must not choose where we write
            raise NotADirectoryError(f"{each} is a link")
        with contextlib.suppress(FileExistsError):
            each.mkdir(mode=0o700)
        folder = each
    if not (top / ".gitignore").exists():
        replace_file(top / ".gitignore", "*\n")
    return folder


def replace_file(file: Path, text: str) -> None:
    """Writes a file of mode 0600 in one step, so that no other process reads half of it."""
    descriptor, name = mkstemp(prefix=".kept-", dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(text)
            make_private(handle.fileno())
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
