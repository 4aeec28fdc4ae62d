"""YAML files that a person wrote, read with line numbers: every mistake has its place."""

from __future__ import annotations

import codecs
from dataclasses import field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

import yaml
from yaml.events import ScalarEvent
from yaml.reader import ReaderError

from emulator.kernel.errors import FileError, Location, Problem
from emulator.kernel.records import dataclass
from emulator.worldfile.text.read_files import UnreadableFile, bytes_of
from emulator.worldfile.text.yaml_data import NOT_YAML, DataBuilder, Key, Lines, ShortForms, UnreadableYaml
from emulator.worldfile.text.yaml_parser import PurePythonLoader

MAX_FILE_BYTES = 5_000_000
# A world of ten thousand people has half as many.
MAX_LINES_AND_COMMAS = 120_000
# The slower parser takes a second for a tenth of a megabyte.
_READ_TWICE = 60_000
# The last part of a key that appends to a list.
APPENDED: Final = "-"


class SaidBy(StrEnum):
    """The kind of file that states something."""

    WORLD = "world"
    SEED = "seed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Said:
    """The place where a key of a document is stated.

    Args:
        location: Its place, or that of its nearest parent.
        by: Kind of file.
        text: Description of the place; empty for the document's own file.
        is_whole: Whether the key itself is stated there, and not only a parent.
        key: Keys that lead to the place in its own file; None where they are the document's.
        source: Where to make a correction instead, if a program generates the file; otherwise empty.
    """

    location: Location
    by: SaidBy = SaidBy.WORLD
    text: str = ""
    is_whole: bool = True
    key: Key | None = None
    source: str = ""


class OtherFile(Protocol):
    """What another file has put into a document."""

    def said(self, key: Key) -> Said | None:
        """Returns where the other file states a key or its nearest parent; None where it does not."""


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """One document of a YAML file: plain data, and the lines it came from.

    Args:
        file: Name of the file.
        data: Data, including what other files have put into it.
        lines: Lines of its own keys.
        others: The other files; the last one takes precedence.
    """

    file: str
    data: Any
    lines: Lines = field(default_factory=Lines)
    others: tuple[OtherFile, ...] = ()

    def location(self, key: Key) -> Location:
        """Returns the place of ``key``, or of its nearest parent that is in a file."""
        return self.said(key).location

    def said(self, key: Key) -> Said:
        """Returns where ``key`` is stated, in this file or in another one that has put something into it."""
        for other in reversed(self.others):
            found = other.said(key)
            if found is not None:
                return found
        line = self.lines.nearest(key) or (1 if self.data is not None else 0)
        return Said(Location(self.file, line, key_text(key)), is_whole=key in self.lines)


def key_text(key: Key) -> str:
    """Returns a key path as a person writes it: ``okta.acme.apps[0]``."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def without_appending(key: Key) -> Key:
    """Returns the key of the list that a key appends to; other keys unchanged."""
    return key[:-1] if key[-1:] == (APPENDED,) else key


def shown_path(path: Path) -> str:
    """Returns a path for messages: relative if it is below the current folder."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else str(path)


def read_documents(path: Path, *, error: type[FileError]) -> list[YamlDocument]:
    """Reads every YAML document in a file.

    Raises:
        FileError: of the given class: missing, too large, not text, not YAML, or a key given twice.
    """
    name = shown_path(path)
    try:
        text = bytes_of(path, limit=MAX_FILE_BYTES).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnreadableFile as problem:
        raise error([Problem(Location(name), problem.message, problem.expected, fix=problem.fix)]) from None
    except UnicodeDecodeError as problem:
        raise error([_not_utf8(name, problem)]) from None
    return parse_documents(text, file=name, error=error)


def _not_utf8(name: str, problem: UnicodeDecodeError) -> Problem:
    """Returns what is wrong with a file's bytes: compressed, in another encoding, or with one byte out of place."""
    data: bytes = problem.object
    if data.startswith(b"\x1f\x8b"):
        return Problem(Location(name), "the file is compressed with gzip", "a YAML file", fix="Decompress it.")
    fix = "Save it as UTF-8." if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ""
    line = 0 if fix else data.count(b"\n", 0, problem.start) + 1
    return Problem(Location(name, line), "the file is not UTF-8 text", "a YAML file", fix=fix)


def parse_documents(text: str, *, file: str, error: type[FileError]) -> list[YamlDocument]:
    """Parses every YAML document in ``text``; ``file`` names it in messages.

    Raises:
        FileError: of the given class: not YAML, or a key given twice.
    """
    try:
        return [YamlDocument(file, data, lines) for data, lines in read_yaml(text)]
    except UnreadableYaml as problem:
        location = Location(file, problem.line, key_text(problem.key))
        raise error([Problem(location, problem.message, problem.expected)]) from None


def read_yaml(
    text: str, *, short_forms: ShortForms | None = None, zeros_of_ids: bool = False
) -> list[tuple[Any, Lines]]:
    """Reads every document of a text: data and lines.

    Args:
        short_forms: Makes the value of a tag such as ``!Sub`` from the tag's name and its value. Without it such tags
            are refused. With it keys need not be text: they are taken as written.
        zeros_of_ids: Whether twelve digits that begin with a zero are an account id instead of a number.

    Raises:
        UnreadableYaml: it is not YAML, gives a key twice, has a key that is not text, or is too large.
    """
    text = text.removeprefix("\ufeff")
    if text.count("\n") + text.count(",") > MAX_LINES_AND_COMMAS:
        message = f"it holds more than {MAX_LINES_AND_COMMAS:,} lines and commas"
        raise UnreadableYaml(message, expected="a smaller file")
    builder = partial(DataBuilder, short_forms, zeros_of_ids=zeros_of_ids)
    try:
        return _read(text, getattr(yaml, "CSafeLoader", PurePythonLoader), builder())
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        if len(text) > _READ_TWICE:
            raise _not_yaml(text, error) from None
    try:  # PyYAML's own parser decides in the end, so that nothing depends on whether libyaml is installed
        return _read(text, PurePythonLoader, builder())
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise _not_yaml(text, error) from None


def _not_yaml(text: str, error: Exception) -> UnreadableYaml:
    """Returns the syntax error that a parser finds in a text."""
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        message = f"{NOT_YAML}unacceptable character #x{error.character:04x}: {error.reason}"
        return UnreadableYaml(message, line=line)
    if isinstance(error, yaml.MarkedYAMLError):
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        return UnreadableYaml(f"{NOT_YAML}{error.problem}", line=line)
    return UnreadableYaml(f"{NOT_YAML}{error}")


# YAML 1.1, which both parsers speak, ends a line at these characters; to YAML 1.2 they are characters like any other.
# So they go through the parser as code points that Unicode keeps free of characters.
_STAND_INS = {0x85: 0xFDD0, 0x2028: 0xFDD1, 0x2029: 0xFDD2}
_STOOD_FOR = {stand_in: character for character, stand_in in _STAND_INS.items()}


def _read(text: str, loader: Any, builder: DataBuilder) -> list[tuple[Any, Lines]]:
    has_stand_ins = any(chr(character) in text for character in _STAND_INS)
    parser = loader(text.translate(_STAND_INS) if has_stand_ins else text)
    try:
        # What `yaml.parse` does, without its generator: it takes a quarter of the time.
        while parser.check_event():
            event = parser.get_event()
            if has_stand_ins and isinstance(event, ScalarEvent):
                event.value = event.value.translate(_STOOD_FOR)
            builder.take(event)
    finally:
        parser.dispose()
    return builder.documents()
