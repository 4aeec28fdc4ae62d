"""The lines of a JSON text's keys, found on demand, because large files are mostly read without their lines."""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterator
from dataclasses import field

from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key

_BLANKS = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class JsonLines:
    """The lines of a JSON text, with the interface of ``Lines``.

    What was scanned once is not scanned again, because large files may have one line, and many keys are looked up.
    """

    text: str
    _inside: dict[int, dict[str | int, tuple[int, int]]] = field(default_factory=dict, repr=False, compare=False)
    _line_ends: list[int] = field(default_factory=list, repr=False, compare=False)

    def nearest(self, key: Key) -> int:
        """Returns the line of ``key``, or of its nearest parent that is in the text; 0 where there is none."""
        if not self._line_ends:
            self._line_ends.extend(end.start() for end in re.finditer("\n", self.text))
            self._line_ends.append(len(self.text))
        if len(self._line_ends) == 1:
            return min(len(key), 1)  # programs print megabytes in one line
        offsets = list(self._along(key))
        return bisect.bisect_left(self._line_ends, offsets[-1]) + 1 if offsets else 0

    def __contains__(self, key: Key) -> bool:
        return len(list(self._along(key))) == len(key)

    def _along(self, key: Key) -> Iterator[int]:
        """Yields the offset of each part of ``key``, as far as it exists."""
        at = _after_blanks(self.text, 0)
        for part in key:
            if at not in self._inside:
                self._inside[at] = dict(
                    _members(self.text, at) if self.text[at : at + 1] == "{" else _items(self.text, at)
                )
            if part not in self._inside[at]:
                return
            begin, at = self._inside[at][part]
            yield begin


def _members(text: str, at: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yields the names of an object, each with the offsets of the name and of its value."""
    at = _after_blanks(text, at + 1)
    while text[at : at + 1] == '"':
        begin = at
        key, at = _DECODER.raw_decode(text, at)
        at = _after_blanks(text, _after_blanks(text, at) + 1)
        yield key, (begin, at)
        _, at = _DECODER.raw_decode(text, at)
        at = _after_comma(text, at)


def _items(text: str, at: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yields the indexes of a list, each with the offset of the item, twice; nothing for other values."""
    if text[at : at + 1] != "[":
        return
    at = _after_blanks(text, at + 1)
    index = 0
    while text[at : at + 1] not in {"]", ""}:
        yield index, (at, at)
        _, at = _DECODER.raw_decode(text, at)
        at = _after_comma(text, at)
        index += 1


def _after_comma(text: str, at: int) -> int:
    at = _after_blanks(text, at)
    return _after_blanks(text, at + 1) if text[at : at + 1] == "," else at


def _after_blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at
