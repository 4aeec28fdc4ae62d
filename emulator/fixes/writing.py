"""Tried fixes, written into the files that say what they change: comments and layout stay as they are."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator.diagnosis.fix import FixedValue
from emulator.kernel.errors import EnvironmentProblem, WorldError
from emulator.worldfile.yaml_data import UnreadableYaml, value_at
from emulator.worldfile.yaml_edit import CannotWrite, edited
from emulator.worldfile.yaml_file import read_yaml, without_appending

_BOM = "\ufeff"


@dataclass(slots=True)
class Files:
    """Files as they will be; nothing is written before it is asked for."""

    _before: dict[str, str] = field(default_factory=dict)
    _after: dict[str, str] = field(default_factory=dict)

    def change(self, values: Sequence[FixedValue]) -> str:
        """Makes changes, all of them or none, and returns why they cannot be made; empty where they were.

        Args:
            values: The changes, each with the file that it is made in.
        """
        texts: dict[str, str] = {}
        by_file: dict[str, list[FixedValue]] = {}
        for value in values:
            by_file.setdefault(value.location.file if value.location is not None else "", []).append(value)
        for file, changes in by_file.items():
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
        """Returns a file's text as it will be.

        Raises:
            OSError: it cannot be read.
            UnicodeDecodeError: it is not UTF-8.
        """
        return self._after.get(file) or self._read(file)

    def put(self, file: str, text: str) -> None:
        """Has a file that was read hold another text."""
        self._after[file] = text

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of the files that will be other than they are."""
        return tuple(file for file, text in self._after.items() if text != self._before[file])

    def diff(self) -> Iterator[str]:
        """Yields the lines of a unified diff."""
        for file in self.changed:
            before, after = self._before[file].splitlines(), self._after[file].splitlines()
            yield from difflib.unified_diff(before, after, file, file, lineterm="")

    def write(self) -> None:
        """Writes every file that changed, each as a whole or not at all.

        Raises:
            EnvironmentProblem: a file cannot be written.
        """
        for file in self.changed:
            _write(Path(file), self._after[file])

    def _read(self, file: str) -> str:
        text = Path(file).read_bytes().decode("utf-8")
        self._before.setdefault(file, _plain(text))
        return _plain(text)


def _plain(text: str) -> str:
    return text.removeprefix(_BOM).replace("\r\n", "\n")


def _not_simple(text: str, value: FixedValue) -> str:
    """Returns why a value is not to be written: what is there is worked out, such as a template's ``!Sub``."""
    ((data, _),) = read_yaml(text, short_forms=lambda tag, given: {f"!{tag}": given})
    plain = without_appending(value.key)
    found, depth = value_at(data, plain)
    if depth == len(plain) and plain == value.key and value.old is not None and found != value.old:
        return f"what is at {value.pointer} is worked out by the file itself"
    return f"{value.pointer} is inside what the file works out itself" if _is_worked_out(found) else ""


def _is_worked_out(found: Any) -> bool:
    return isinstance(found, dict) and any(str(key).startswith(("!", "Fn::")) or key == "Ref" for key in found)


def _write(path: Path, text: str) -> None:
    """Puts a text into a file with the mode, the line breaks and the byte order mark that it has."""
    path = path.resolve()
    try:
        before = path.read_bytes()
        if b"\r\n" in before:
            text = text.replace("\n", "\r\n")
        if before.startswith(_BOM.encode()):
            text = _BOM + text
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(path.stat().st_mode & 0o7777)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be written: {error.strerror}", where=str(path)) from None
