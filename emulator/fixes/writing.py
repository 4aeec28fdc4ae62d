"""Writes tried fixes into the files that state what they change, keeping comments and layout."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import Any

from emulator.diagnosis.fix import FixedValue
from emulator.fixes.hidden_secrets import secrets_hidden
from emulator.kernel.errors import EnvironmentProblem, WorldError
from emulator.kernel.records import dataclass
from emulator.worldfile.text.read_files import UnreadableFile, bytes_of
from emulator.worldfile.text.yaml_data import UnreadableYaml, value_at
from emulator.worldfile.text.yaml_edit import CannotWrite, edited
from emulator.worldfile.text.yaml_file import read_yaml, without_appending

_MOST_BYTES = 100_000_000
_BOM = "\ufeff"


@dataclass(slots=True)
class Files:
    """Files with changes in memory; nothing is written until ``write`` is called.

    Args:
        world: The world's file: besides it only files in its folder are changed. If empty, any file may be changed.
    """

    world: str = ""
    _bytes: dict[str, bytes] = field(default_factory=dict)
    _before: dict[str, str] = field(default_factory=dict)
    _after: dict[str, str] = field(default_factory=dict)

    def change(self, values: Sequence[FixedValue]) -> str:
        """Makes all changes or none, and returns why they cannot be made; empty where they were.

        Args:
            values: The changes, each with its file.
        """
        texts: dict[str, str] = {}
        by_file: dict[str, list[FixedValue]] = {}
        for value in values:
            by_file.setdefault(value.location.file if value.location is not None else "", []).append(value)
        for file, changes in by_file.items():
            source = next((value.source for value in changes if value.source), "")
            if source:
                return f"{file} is written by a program: change {source}"
            if not self._is_own(file):
                return f"{file}: it is outside the world's folder"
            try:
                text = self.text(file)
                problem = next(filter(None, (_not_simple(text, value) for value in changes)), "")
                if problem:
                    return f"{file}: {problem}"
                pairs = [(value.key, value.value) for value in changes]
                texts[file] = edited(text, pairs, is_json=file.endswith(".json"))
            except (CannotWrite, UnreadableYaml, WorldError) as error:
                return f"{file}: {error.message}"
            except (OSError, UnicodeDecodeError, ValueError) as error:
                return f"{file}: {error}"
        self._after |= texts
        return ""

    def text(self, file: str) -> str:
        """Returns the changed text of a file.

        Raises:
            OSError: it cannot be read.
            UnicodeDecodeError: it is not UTF-8.
        """
        return self._after.get(file) or self._read(file)

    def put(self, file: str, text: str) -> None:
        """Replaces the text of a file that has been read."""
        self._after[file] = text

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of the changed files."""
        return tuple(file for file, text in self._after.items() if text != self._before[file])

    def diff(self) -> Iterator[str]:
        """Yields the lines of a unified diff, without the secrets in or near them."""
        for file in self.changed:
            before, after = secrets_hidden(self._before[file], self._after[file])
            yield from difflib.unified_diff(before.splitlines(), after.splitlines(), file, file, lineterm="")

    def write(self) -> None:
        """Writes every changed file, each as a whole or not at all.

        Raises:
            EnvironmentProblem: a file cannot be written.
        """
        for file in self.changed:
            _write(Path(file), self._after[file], before=self._bytes[file])

    def _is_own(self, file: str) -> bool:
        if not self.world or file == self.world:
            return True
        return Path(file).resolve().is_relative_to(Path(self.world).parent.resolve())

    def _read(self, file: str) -> str:
        try:
            data = bytes_of(Path(file), limit=_MOST_BYTES)
        except UnreadableFile as error:
            raise OSError(error.message) from None
        self._bytes.setdefault(file, data)
        text = data.decode("utf-8")
        self._before.setdefault(file, _plain(text))
        return _plain(text)


def _plain(text: str) -> str:
    return text.removeprefix(_BOM).replace("\r\n", "\n")


def _not_simple(text: str, value: FixedValue) -> str:
    """Returns why a value must not be written: the existing one is computed, such as a template's ``!Sub``."""
    ((data, _),) = read_yaml(text, short_forms=lambda tag, given: {f"!{tag}": given})
    plain = without_appending(value.key)
    found, depth = value_at(data, plain)
    if depth == len(plain) and plain == value.key and value.old is not None and found != value.old:
        return f"what is at {value.pointer} is worked out by the file itself"
    return f"{value.pointer} is inside what the file works out itself" if _is_worked_out(found) else ""


def _is_worked_out(found: Any) -> bool:
    return isinstance(found, dict) and any(str(key).startswith(("!", "Fn::")) or key == "Ref" for key in found)


def _write(path: Path, text: str, *, before: bytes) -> None:
    """Writes a text to a file, keeping its mode, owner, line breaks and byte order mark."""
    path = path.resolve()
    try:
        if path.read_bytes() != before:
            raise EnvironmentProblem(
                f"{path} was changed meanwhile", where=str(path), fix="Nothing was written to it: run fedemu fix again."
            )
        status = path.stat()
        if not os.access(path, os.W_OK):
            raise EnvironmentProblem(f"{path} cannot be written: it is read-only", where=str(path))
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_with_breaks(text, before.decode("utf-8")).encode())
                file.flush()
                os.fsync(file.fileno())
            with suppress(PermissionError):
                os.chown(temporary, status.st_uid, status.st_gid)
            temporary.chmod(status.st_mode & 0o7777)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be written: {error.strerror}", where=str(path)) from None


def _with_breaks(text: str, before: str) -> str:
    """Returns a text with the byte order mark and line breaks of another; new lines end like its first line."""
    mark = _BOM if before.startswith(_BOM) else ""
    lines = before.removeprefix(_BOM).split("\n")
    if not any(line.endswith("\r") for line in lines[:-1]):
        return mark + text
    new = text.split("\n")
    first_break = "\r" if lines[0].endswith("\r") else ""
    made: list[str] = []
    matcher = difflib.SequenceMatcher(None, _plain(before).split("\n"), new, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        made += lines[start:end] if kind == "equal" else [line + first_break for line in new[new_start:new_end]]
    if not before.endswith("\n"):
        made[-1] = new[-1]
    return mark + "\n".join(made)
