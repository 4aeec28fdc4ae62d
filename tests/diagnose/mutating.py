"""Writes a mutated world as a file, so that the lines in explanations are real ones."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from emulator.kernel.errors import WorldError
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import read_documents
from tests.diagnose.mutants import WORLDS, Mutant, MutantFile, key_of


class Plain(yaml.CSafeDumper):
    """Writes every value in its own place, without aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  PyYAML calls it with the value
        """Nothing is written as an alias."""
        return True


def prepare(folder: Path) -> None:
    """Copies what the worlds refer to into a folder: key files and pages."""
    for source in WORLDS.iterdir():
        if source.is_dir():
            shutil.copytree(source, folder / source.name)
        elif source.suffix in {".pem", ".xml"}:
            shutil.copyfile(source, folder / source.name)


def write(folder: Path, file: MutantFile, mutant: Mutant | None) -> Path:
    """Writes a world, mutated or as it is, into a prepared folder, and returns the file."""
    path = folder / (f"{mutant.id}.yaml" if mutant is not None else f"{file.world}.yaml")
    text = file.path.read_text(encoding="utf-8")
    if mutant is not None and mutant.edit is not None:
        assert text.count(mutant.edit.find) == 1, f"{mutant.id}: {mutant.edit.find!r} is not once in the file"
        text = text.replace(mutant.edit.find, mutant.edit.put)
    elif mutant is not None:
        data = mutated(file, mutant)
        text = yaml.dump(data, Dumper=Plain, sort_keys=False, allow_unicode=True, width=1000)
    path.write_text(text, encoding="utf-8")
    return path


def mutated(file: MutantFile, mutant: Mutant) -> Any:
    """Returns the data of a world after a mutant's changes."""
    return change(copy.deepcopy(data_of(file.path)), file.changes(mutant))


def change(data: Any, changes: Mapping[str, Any]) -> Any:
    """Changes data in place: JSON pointers with new values, where null takes a key out. A later one may lead into what
    an earlier one put in."""
    for pointer, value in changes.items():
        *parents, last = key_of(pointer)
        node: Any = data
        for part in parents:
            node = node[int(part)] if isinstance(node, list) else node.setdefault(part, {})
        if value is None:
            del node[last]
        else:
            node[last] = copy.deepcopy(value)
    return data


@cache
def data_of(path: Path) -> Any:
    """Returns the data of a world file."""
    (document,) = read_documents(path, error=WorldError)
    return document.data


def leaves(data: Any, key: Key = ()) -> Iterator[Key]:
    """Yields the key of every value that holds no others, of an empty list or mapping too."""
    inside = enumerate(data) if isinstance(data, list) else data.items() if isinstance(data, dict) else ()
    count = 0
    for part, value in inside:
        count += 1
        yield from leaves(value, (*key, part))
    if not count:
        yield key
