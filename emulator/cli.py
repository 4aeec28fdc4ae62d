"""The command line, ``fedemu``: one module of ``emulator.commands`` for each verb.

Verbs import what they need when they run, so that ``fedemu --help`` answers at once.
"""

from __future__ import annotations

import atexit
import errno
import gc
import importlib
import sys
from collections.abc import Mapping
from typing import Any, Final

import click

VERBS = (
    "demo",
    "up",
    "env",
    "exec",
    "browser",
    "login",
    "mint",
    "run",
    "load",
    "inspect",
    "record",
    "explain",
    "check",
    "fix",
    "compare",
    "init",
    "schema",
    "ca",
    "doctor",
)

EXIT_CODES: Final[Mapping[int, str]] = {
    0: "everything is as it should be",
    1: "a login or an expectation failed",
    2: "wrong usage, or a file that cannot be used",
    3: "something is missing on this machine, such as a running emulator or a free port",
    4: "undecided: inspect could not ask every check",
    5: "there was nothing to run",
    130: "interrupted with Ctrl-C",
    141: "the program that reads the output has gone away",
}
"""What the exit codes mean. Each verb's help says which of them it ends with, and when."""


class _Verbs(click.Group):
    """Finds the verbs by name, and lists the exit codes below them."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), meaning) for code, meaning in EXIT_CODES.items()])

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"emulator.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], VERBS, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            ctx.fail(f"There is no command {args[0]}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="fedemu", prog_name="fedemu")
def fedemu() -> None:
    """A local SAML federation emulator: Okta, AWS sign-in, STS and Amazon Connect on this machine.

    Start with: fedemu demo
    """


def main(arguments: list[str] | None = None) -> None:
    """Runs the command line and exits."""
    from emulator.commands.standard_streams import READER_LEFT, OutputFailed, checked_streams

    # A start makes a hundred thousand objects that stay; to look for garbage among them again and again costs a tenth.
    gc.set_threshold(200_000, 20, 20)
    # At the end Python looks through them all several times, which costs a fifth; what is frozen, it does not look at.
    atexit.register(gc.freeze)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    try:
        with checked_streams():
            code = _exit_code_of(arguments)
    except OutputFailed as error:
        code = READER_LEFT if error.has_no_reader else 3
        if not error.has_no_reader:
            click.echo(f"fedemu: standard output cannot be written: {error}", err=True)
    sys.exit(code)


def _exit_code_of(arguments: list[str] | None) -> int:
    """Runs the command line, prints errors, and returns the exit code."""
    from emulator.kernel.errors import FederationError

    wants_json = "--json" in (arguments if arguments is not None else sys.argv[1:])
    try:
        status = _status_of(arguments)
    except click.ClickException as error:
        if wants_json:
            from emulator.reports.errors import usage_json

            click.echo(usage_json(error.format_message()), nl=False)
        else:
            error.show()
        return 2
    except click.Abort:
        return 130
    except FederationError as error:
        from emulator.commands.options import say_report, shown
        from emulator.reports.errors import error_json, error_text, exit_code_of

        if wants_json:
            say_report(error_json(error))
        else:
            click.echo(shown(error_text(error)), err=True)
        return exit_code_of(error)
    return status if isinstance(status, int) else 0


def _status_of(arguments: list[str] | None) -> Any:
    """Runs the command line; a file name that is too long for the system is a usage error, whichever verb uses it."""
    from emulator.kernel.errors import FederationError

    try:
        return fedemu.main(args=arguments, prog_name="fedemu", standalone_mode=False)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        raise FederationError(f"{error.filename!s:.80}…: {error.strerror}", expected="a shorter name") from None
