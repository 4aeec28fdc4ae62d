"""Command lines as pages show them: those of fedemu are run in this process, others are recognised."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import click

from emulator.cli import VERBS, fedemu
from tests.documents.blocks import ROOT

How = Literal["run", "checked", "foreign"]
Run = Callable[[list[str]], tuple[int, str]]
# They serve or open something until they are stopped: only their options are looked at.
_GO_ON: Final = frozenset({"up", "browser", "exec", "load", "env"})
_FEDEMU: Final = re.compile(r"(?<![\w./-])fedemu((?: +(?:\"[^\"]*\"|'[^']*'|[^\s|&;()\"']+))+)")
_SERVING: Final = re.compile(r"[|<>`]|\$\(|&$")


@dataclass(frozen=True, slots=True)
class Line:
    """One command of a block.

    Args:
        text: The command, without its comment.
        how: Whether it is run, looked at, or somebody else's.
    """

    text: str
    how: How


def lines_of(text: str) -> Iterator[Line]:
    """Yields the commands of a shell block: continued lines are one, and ``&&`` separates two."""
    for line in text.replace("\\\n", " ").splitlines():
        for command in _without_comment(line).split(" && "):
            if command.strip():
                yield Line(command.strip(), _how(command.strip()))


def _without_comment(line: str) -> str:
    return re.sub(r"(^|\s)#\s.*$", "", line)


def _how(command: str) -> How:
    words = command.split()
    if words[0] == "make":
        return "checked"
    if not _FEDEMU.search(command):
        return "run" if words[0] == "cd" else "foreign"
    if words[0] != "fedemu" or _SERVING.search(command) or words[1] in _GO_ON:
        return "checked"
    return "run"


def run_line(line: Line, run: Run, *, chdir: Callable[[Path], None]) -> tuple[int, str]:
    """Runs a command in this process.

    Args:
        line: The command.
        run: Runs fedemu with arguments; returns exit code and output.
        chdir: Changes the folder until the test ends.
    """
    program, *words = shlex.split(line.text)
    if program == "cd":
        chdir(Path(words[0]))
        return 0, ""
    expanded = [path for word in words for path in _expanded(word)]
    return run(expanded)


def filtered(text: str, command: str) -> str:
    """Returns what ``grep WORD`` or ``sed -n '/FIRST/,/LAST/p'`` prints of a text."""
    program, *words = shlex.split(command)
    lines = text.splitlines(keepends=True)
    if program == "grep":
        return "".join(line for line in lines if words[0] in line)
    assert (program, words[0]) == ("sed", "-n"), command
    found = re.fullmatch(r"/(.+?)/,/(.+?)/p", words[1])
    assert found is not None, command
    printed, is_inside = "", False
    for line in lines:
        begins = not is_inside and re.search(found[1], line) is not None
        if is_inside or begins:
            printed += line
            # As in sed, the last line is looked for from the line after the first.
            is_inside = begins or re.search(found[2], line.rstrip("\n")) is None
    return printed


def _expanded(word: str) -> list[str]:
    """Returns what a shell makes of a word with a pattern."""
    return sorted(map(str, Path().glob(word))) if re.search(r"[*?]", word) else [word]


def check_line(line: Line) -> None:
    """Looks whether a command could be run: a target that make has, options that the verbs have."""
    if line.text.startswith("make "):
        target = line.text.split()[1]
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE), line.text
    for found in _FEDEMU.finditer(line.text):
        check_options(shlex.split(found[1]))


def check_options(words: list[str]) -> None:
    """Parses the arguments of fedemu without doing anything.

    Raises:
        click.UsageError: the verb does not know them.
    """
    verb = fedemu.get_command(click.Context(fedemu), words[0])
    assert verb is not None, f"{words[0]} is none of {VERBS}"
    if os.fspath(words[0]) != "load":
        verb.make_context(words[0], list(words[1:]), resilient_parsing=False)
