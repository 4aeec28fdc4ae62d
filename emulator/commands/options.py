"""What several verbs share: their options, and how text reaches the terminal."""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from emulator.federation import Federation
    from emulator.world import World

_ACTED_ON = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_STANDARD_INPUT = "standard input"
Function = TypeVar("Function", bound=Callable[..., Any])


_HERE = "./world.yaml if it exists, otherwise the built-in Amazon Connect world"


def world_option(function: Function) -> Function:
    """Adds ``--world FILE``."""
    return _world_option(function, f"The world file. Default: {_HERE}.")


def served_world_option(function: Function) -> Function:
    """Adds ``--world FILE`` to a verb that goes through the running emulator."""
    return _world_option(function, f"The world file. Default: the running emulator's; if none is running, {_HERE}.")


def _world_option(function: Function, text: str) -> Function:
    return click.option("--world", "-w", "world_file", type=click.Path(path_type=Path), help=text)(function)


def world_argument(function: Callable[..., int]) -> Callable[..., int]:
    """Adds the argument ``WORLD_FILE``, which is also taken as ``--world FILE``, as other verbs do."""

    @functools.wraps(function)
    def called(*, world_file: Path | None, named_world: Path | None, **others: Any) -> int:
        if world_file is not None and named_world is not None:
            raise click.UsageError(f"There are two world files, {world_file} and {named_world}: give one of them.")
        return function(world_file=world_file or named_world, **others)

    option = click.option("--world", "-w", "named_world", type=click.Path(path_type=Path), hidden=True)
    return click.argument("world_file", required=False, type=click.Path(path_type=Path))(option(called))


def fault_option(function: Function) -> Function:
    """Adds ``--fault YAML``, which may be repeated; ``--fault help`` lists the faults."""

    def texts(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
        if "help" not in given:
            return given
        from emulator.building.faults import list_of_faults

        for line in list_of_faults():
            say(line)
        raise click.exceptions.Exit(0)

    option = click.option(
        "--fault",
        "faults",
        metavar="FAULT",
        multiple=True,
        is_eager=True,
        callback=texts,
        help="A fault in the assertion, as YAML: '{attribute: Role, remove: true}'. May be repeated; 'help' lists all.",
    )
    return option(function)


def allow_option(function: Function) -> Function:
    """Adds ``--allow HOST`` and ``--allow HOST:PORT``, which may be repeated."""

    def checked(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
        from emulator.kernel.errors import FederationError
        from emulator.network.allowed_hosts import AllowedHosts

        try:
            AllowedHosts(given)
        except FederationError as error:
            raise click.BadParameter(f"{error.message}; write {error.expected}") from None
        return given

    option = click.option(
        "--allow",
        "allowed_hosts",
        multiple=True,
        metavar="HOST[:PORT]",
        callback=checked,
        help="A real host that may be reached through the proxy, on all ports or on PORT only. May be repeated.",
    )
    return option(function)


def no_fixes_option(function: Function) -> Function:
    """Adds ``--no-fixes``."""
    option = click.option(
        "--no-fixes", is_flag=True, help="Do not look for changes that would let a failed login arrive."
    )
    return option(function)


def standalone_option(function: Function) -> Function:
    """Adds ``--standalone``."""
    option = click.option(
        "--standalone", is_flag=True, help="Ignore the running emulator and use a new federation for this command."
    )
    return option(function)


def world_path(world_file: Path | None) -> Path:
    """Returns the world file that a verb was asked to use."""
    from emulator.world import DEFAULT_WORLD

    here = Path("world.yaml")
    return world_file or (here if here.exists() else DEFAULT_WORLD)


def is_built_in(world_file: Path | None) -> bool:
    """Returns whether the world that a verb was asked to use is the built-in one, which must not be changed."""
    from emulator.world import DEFAULT_WORLD
    from emulator.worldfile.text.read_files import real_path

    return real_path(world_path(world_file)) == real_path(DEFAULT_WORLD)


def world_of(world_file: Path | None) -> World:
    """Loads the world a verb was asked to use."""
    from emulator.world import load_world

    return load_world(world_path(world_file))


def federation_of(world_file: Path | None) -> Federation:
    """Builds the federation a verb was asked to use."""
    from emulator.federation import Federation

    return Federation(world_of(world_file))


def instant_of(text: str, *, option: str) -> datetime:
    """Reads an instant given with an option.

    Raises:
        click.BadParameter: it is not an instant, has no time zone, or is not between 2000 and 2099.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise click.BadParameter(
            f"{text} is not an instant with a time zone; write 2026-11-23T09:30:00Z", param_hint=option
        )
    return _in_range(moment, text, option)


def _in_range(moment: datetime, text: str, option: str) -> datetime:
    from emulator.kernel.clock import YEARS, is_in_range

    if not is_in_range(moment):
        words = f"{text} cannot be used: clocks go from {YEARS[0]} to {YEARS[-1]}"
        raise click.BadParameter(words, param_hint=option)
    return moment


def instant_or_day(text: str, *, option: str) -> datetime:
    """Reads a day, which begins at midnight in UTC, or an instant.

    Raises:
        click.BadParameter: as ``instant_of``.
    """
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return instant_of(text, option=option)
    return _in_range(day, text, option)


def shown(text: str) -> str:
    """Returns a text without characters and commands that a terminal or GitHub would act on, or write backwards."""
    text = _ACTED_ON.sub("\N{REPLACEMENT CHARACTER}", text)
    if "GITHUB_ACTIONS" not in os.environ:
        return text
    from emulator.reports.workflow_commands import is_github, without_commands

    return without_commands(text) if is_github() else text


def read_input(file: Path | None) -> bytes:
    """Returns the bytes of a recording, from a file or, if none is given, standard input.

    Raises:
        FileError: it cannot be read, or is too large.
    """
    from emulator.kernel.errors import FileError, Location, Problem
    from emulator.recordings.file_text import MAX_INPUT_BYTES
    from emulator.worldfile.text.read_files import UnreadableFile, bytes_of

    name = _name_of_input(file)
    try:
        if file is None or str(file) == "-":
            data = standard_input(limit=MAX_INPUT_BYTES + 1)
        else:
            data = bytes_of(file, limit=MAX_INPUT_BYTES)
    except UnreadableFile as error:
        raise FileError([Problem(Location(name), error.message, error.expected, fix=error.fix)]) from None
    if len(data) > MAX_INPUT_BYTES:
        raise FileError([Problem(Location(name), f"it is larger than {MAX_INPUT_BYTES} bytes", "one login's HAR")])
    return data


def standard_input(*, limit: int) -> bytes:
    """Returns what is on standard input.

    Args:
        limit: Number of bytes after which nothing more is read.

    Raises:
        FileError: it is closed, or cannot be read.
    """
    from emulator.kernel.errors import FileError, Location, Problem

    try:
        if sys.stdin is not None:  # None if the process was started without it
            return sys.stdin.buffer.read(limit)
        message = "it is closed"
    except OSError as error:
        message = error.strerror or str(error)
    raise FileError([Problem(Location(_STANDARD_INPUT), message, "a file, or text on standard input")])


@contextmanager
def errors_name(file: Path | None) -> Iterator[None]:
    """Adds the name of the input to errors about what is in it, because they come from readers of bytes.

    Args:
        file: Its path; None or ``-`` for standard input.
    """
    from emulator.kernel.errors import FederationError

    try:
        yield
    except FederationError as error:
        if type(error) is FederationError and not error.where:
            error.where = _name_of_input(file).replace("\n", "\\n")
        raise


def _name_of_input(file: Path | None) -> str:
    return str(file) if file is not None and str(file) != "-" else _STANDARD_INPUT


def say(text: str = "", **style: Any) -> None:
    """Prints a line, coloured only on a terminal, and not if ``NO_COLOR`` or ``CI`` is set."""
    text = shown(text)
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and not os.environ.get("CI")
    click.echo(click.style(text, **style) if coloured and style else text)


def say_refusal(block: str) -> None:
    """Prints a refusal's block, its first line in red."""
    first, _, rest = block.partition("\n")
    say(first, fg="red", bold=True)
    if rest:
        say(rest)


def next_step(text: str) -> None:
    """Prints the last line of a verb: the next useful command."""
    say()
    say(f"next: {text}", dim=True)


def repeated(verb: str, *arguments: object, **options: object) -> str:
    """Returns a fedemu command line for a shell, with the options that have a value.

    Args:
        verb: The verb, such as ``login``.
        arguments: The positional arguments.
        options: The value of each option by name; a tuple repeats the option.
    """
    import shlex

    words = ["fedemu", verb, *map(str, arguments)]
    for name, value in options.items():
        values = value if isinstance(value, tuple) else (value,)
        words += [word for each in values if each for word in (f"--{name}", str(each))]
    return shlex.join(words)


def say_report(text: str) -> None:
    """Prints JSON, XML or HTML, in which GitHub Actions finds no workflow command."""
    from emulator.reports.workflow_commands import is_github, without_commands_in_report

    click.echo(without_commands_in_report(text) if is_github() else text, nl=False)


def write_report(text: str, file: str) -> None:
    """Writes a report to a file, or to stdout for ``-``.

    Raises:
        EnvironmentProblem: the file cannot be written.
    """
    if file == "-":
        say_report(text)
        return
    from emulator.kernel.errors import EnvironmentProblem

    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise EnvironmentProblem(f"The report cannot be written: {error.strerror}", where=file) from None
