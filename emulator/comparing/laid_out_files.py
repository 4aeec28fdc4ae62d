"""The files of a revision in a folder of their own, and the texts of a world that may name such files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from emulator.kernel.errors import FederationError
from emulator.worldfile.text.yaml_data import Key, UnreadableYaml
from emulator.worldfile.text.yaml_file import MAX_FILE_BYTES, read_yaml

MOST_FILES: Final = 2_000
MOST_BYTES: Final = 200_000_000
UNUSUAL: Final = re.compile(r"[\x00-\x1f\x7f]")


class LaidOutFiles:
    """Writes files of a revision into a folder, up to as many and as much as a world can need."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._written: set[str] = set()
        self._looked_at = self._bytes = 0

    def count(self) -> None:
        """Counts a file or folder that is looked at.

        Raises:
            FederationError: there are too many.
        """
        self._looked_at += 1
        if self._looked_at > MOST_FILES or self._bytes > MOST_BYTES:
            raise FederationError(
                f"The world names more than {MOST_FILES:,} files or {MOST_BYTES:,} bytes of a revision",
                fix="Check the revision out beside this one with git worktree add, and compare the folders.",
            )

    def file(self, path: str, data: bytes) -> Path:
        """Writes a file that only its owner may read.

        Raises:
            FederationError: this machine has no file of such a name.
        """
        target = self._root.joinpath(*path.split("/"))
        if path in self._written:
            return target
        self._written.add(path)
        self._bytes += len(data)
        self.count()
        try:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
        except OSError as error:
            raise FederationError(f"{path} of the revision cannot be written here: {error.strerror}") from None
        return target


def texts_in(data: bytes) -> Iterator[tuple[Key, int, str]]:
    """Yields every text in a world with its key and line; any of them may be the name of a file. A seed names none."""
    if len(data) > MAX_FILE_BYTES or not _may_be_world(data):
        return
    try:
        documents: Sequence[tuple[Any, Any]] = read_yaml(data.decode("utf-8"))
    except (UnicodeDecodeError, UnreadableYaml):
        return  # whoever reads it will say so
    for value, lines in documents:
        for key, text in _inside(value, ()):
            yield key, lines.nearest(key) or 1, text


def _may_be_world(data: bytes) -> bool:
    """Returns whether a file may be a world, without reading it as one: seeds may be large, and are no YAML."""
    return re.search(rb"""(?m)^\s*["']?(okta|aws)["']?\s*:""", data) is not None or b"{version" in data


def _inside(value: Any, key: Key) -> Iterator[tuple[Key, str]]:
    if isinstance(value, str) and 0 < len(value) < 1_000 and not UNUSUAL.search(value):
        yield key, value
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, each in inside:
        yield from _inside(each, (*key, part))
