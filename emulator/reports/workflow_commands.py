"""Text for the log of a GitHub Actions job, in which text from others never becomes a workflow command.

The runner treats a line as a command if it begins with ``::`` or, in the older form, has ``##[`` anywhere in it. It
ignores zero-width characters in between.

Spec: actions/runner src/Runner.Common/ActionCommand.cs
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Final

_BEGIN: Final = "::"
_ANYWHERE: Final = "##["
_WITHOUT_WIDTH: Final = frozenset({"Cc", "Cf", "Mn", "Me"})
_IN_MARKUP: Final = {":": "&#58;", "#": "&#35;"}


def is_github() -> bool:
    """Returns whether GitHub Actions reads the output."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def without_commands(text: str) -> str:
    """Returns a text for people in which no line is a command: a space is inserted where one would be."""
    return _changed(text, lambda line: _parted(line, ": :", "# #["))


def without_commands_in_report(text: str) -> str:
    """Returns a report in which no line is a command, with the same meaning in its format.

    Args:
        text: JSON, XML or HTML; anything else is treated as text for people.
    """
    if text[:1] == "{":
        return _changed(text, lambda line: line.replace("#", "\\u0023"))
    if text[:1] == "<":
        return _changed(text, partial(_parted, begin=f"{_IN_MARKUP[':']}:", anywhere=f"#{_IN_MARKUP['#']}["))
    return without_commands(text)


def _changed(text: str, change: Callable[[str], str]) -> str:
    if _BEGIN[0] not in text and _ANYWHERE[0] not in text:
        return text
    return "\n".join(change(line) if _is_command(line) else line for line in text.split("\n"))


def _is_command(line: str) -> bool:
    if line.count(_BEGIN[0]) < len(_BEGIN) and line.count("#") < _ANYWHERE.count("#"):
        return False
    seen = _seen(line)
    return seen.lstrip().startswith(_BEGIN) or _ANYWHERE in seen


def _parted(line: str, begin: str, anywhere: str) -> str:
    seen = _seen(line)
    start = len(seen) - len(seen.lstrip())
    if seen.startswith(_BEGIN, start):
        seen = seen[:start] + begin + seen[start + len(_BEGIN) :]
    return seen.replace(_ANYWHERE, anywhere)


def _seen(line: str) -> str:
    """Returns a line without zero-width characters."""
    return line if line.isascii() else "".join(c for c in line if unicodedata.category(c) not in _WITHOUT_WIDTH)
