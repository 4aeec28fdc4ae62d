"""The lines of a JSON text's keys, found when somebody asks: large files are mostly read without their lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from emulator.worldfile.yaml_data import Key

_BLANKS = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class JsonLines:
    """The lines of a text that is JSON; it answers as ``Lines`` does."""

    text: str

    def nearest(self, key: Key) -> int:
        """Returns the line of ``key``, or of its nearest parent that is in the text; 0 where there is none."""
        offsets = list(self._along(key))
        return self.text.count("\n", 0, offsets[-1]) + 1 if offsets else 0

    def __contains__(self, key: Key) -> bool:
        return len(list(self._along(key))) == len(key)

    def _along(self, key: Key) -> Iterator[int]:
        """Yields the offset of each part of ``key``, as far as the text has them."""
        at = _after_blanks(self.text, 0)
        for part in key:
            found = _item(self.text, at, part) if isinstance(part, int) else _member(self.text, at, part)
            if found is None:
                return
            begin, at = found
            yield begin


def _member(text: str, at: int, name: str) -> tuple[int, int] | None:
    """Returns the offsets of a member's name and of its value; the last where there are several."""
    if text[at : at + 1] != "{":
        return None
    found = None
    at = _after_blanks(text, at + 1)
    while text[at : at + 1] == '"':
        begin = at
        key, at = _DECODER.raw_decode(text, at)
        at = _after_blanks(text, _after_blanks(text, at) + 1)
        if key == name:
            found = (begin, at)
        _, at = _DECODER.raw_decode(text, at)
        at = _after_comma(text, at)
    return found


def _item(text: str, at: int, index: int) -> tuple[int, int] | None:
    """Returns the offset of a list's item, twice."""
    if text[at : at + 1] != "[":
        return None
    at = _after_blanks(text, at + 1)
    while text[at : at + 1] not in {"]", ""}:
        if index == 0:
            return at, at
        _, at = _DECODER.raw_decode(text, at)
        at = _after_comma(text, at)
        index -= 1
    return None


def _after_comma(text: str, at: int) -> int:
    at = _after_blanks(text, at)
    return _after_blanks(text, at + 1) if text[at : at + 1] == "," else at


def _after_blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at
