"""``fedemu check``: every login of a world, decided before anybody makes it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.commands.next_commands import after_good_world
from emulator.commands.options import (
    is_built_in,
    next_step,
    no_fixes_option,
    repeated,
    say,
    say_refusal,
    shown,
    world_argument,
    world_path,
)

if TYPE_CHECKING:
    from emulator.access.decision import Decision
    from emulator.diagnosis.login_groups import LoginGroup
    from emulator.diagnosis.login_result import LoginResult
    from emulator.diagnosis.world_check import WorldCheck
    from emulator.federation import Federation
    from emulator.flow import Login
    from emulator.kernel.errors import WorldError

_FAIL_ON = ("refused", "note", "never")


@click.command()
@world_argument
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--sarif", "as_sarif", is_flag=True, help="Print the findings as SARIF 2.1.0.")
@click.option(
    "--fail-on",
    type=click.Choice(_FAIL_ON),
    default="refused",
    show_default=True,
    help="When to exit with 1: if a login does not arrive (refused), also if there is a note (note), or never.",
)
@click.option(
    "--at", metavar="DATE", help="Make the logins on this day or at this instant: 2027-01-31, 2027-01-31T09:00:00Z."
)
@click.option("--verbose", "-v", is_flag=True, help="List everything that was left out of the world's seeds.")
@no_fixes_option
def command(
    world_file: Path | None,
    as_json: bool,
    as_sarif: bool,
    fail_on: str,
    at: str | None,
    verbose: bool,
    no_fixes: bool,
) -> int:
    """Decide every login of a world, and explain those that fail.

    Every assigned person is judged with each app and role: who arrives where, and what stops the others. Of logins that
    end alike, one is actually made, as proof. Default for WORLD_FILE: ./world.yaml if it exists, otherwise the built-in
    Amazon Connect world.

    Exit codes: 0 if every login arrives; 1 if one does not; 2 if the file cannot be used.
    """
    from emulator.commands.options import federation_of, instant_or_day
    from emulator.diagnosis.world_check import check_world
    from emulator.kernel.errors import WorldError

    if as_json and as_sarif:
        raise click.UsageError("--json and --sarif are two formats of the same findings: choose one.")
    try:
        federation = federation_of(world_file)
    except WorldError as error:
        if as_json or as_sarif or not _is_repairable(error, world_file):
            raise
        click.echo(shown(str(error)), err=True)
        next_step(repeated("fix", *([world_file] if world_file else []), "--dry-run"))
        return 2
    found = check_world(
        federation,
        at=instant_or_day(at, option="--at") if at else None,
        explain=None if no_fixes else _with_tried_fixes,
    )
    status = _status(found, fail_on)
    if as_json:
        from emulator.reports.check.check_report import check_json

        click.echo(check_json(found), nl=False)
    elif as_sarif:
        from emulator.reports.check.check_sarif import check_sarif

        click.echo(check_sarif(found), nl=False)
    else:
        _print(found, world_file, verbose, is_now=at is None)
    return status


def _with_tried_fixes(login: Login, federation: Federation, decision: Decision) -> LoginResult:
    """Explains a login, with fixes unless it arrived: a good world does not wait for what makes them."""
    from emulator.flow import Outcome

    if login.outcome is Outcome.ACCEPTED:
        from emulator.diagnosis.login_result import result_of

        return result_of(login, federation)
    from emulator.fixes.proof import with_tried_fixes

    return with_tried_fixes(login, federation, decision)


def _is_repairable(error: WorldError, world_file: Path | None) -> bool:
    """Returns whether ``fedemu fix`` would repair a file; only slips for which there is a near name are tried."""
    from emulator.fixes.bad_files.repairing import repaired
    from emulator.kernel.errors import FederationError

    if is_built_in(world_file) or not all(problem.did_you_mean for problem in error.problems):
        return False
    try:
        repaired(world_path(world_file), error)
    except FederationError:
        return False
    return True


def _status(found: WorldCheck, fail_on: str) -> int:
    if fail_on == "never":
        return 0
    return 1 if found.stops_somebody or (fail_on == "note" and (found.notes or found.login_notes)) else 0


def _is_mended(group: LoginGroup) -> bool:
    """Returns whether a tried change lets a group's login arrive and can be written by ``fedemu fix``."""
    told = group.result.diagnosis if group.result is not None else None
    return told is not None and any(fix.is_written for fix in told.fixes)


def _print(found: WorldCheck, world_file: Path | None, verbose: bool, *, is_now: bool) -> None:
    from emulator.reports.check.check_report import check_paragraphs, check_summary

    for paragraph in check_paragraphs(found, all_of_it=verbose):
        if paragraph.is_refusal:
            say_refusal(paragraph.text)
        else:
            say(paragraph.text, **({"fg": "yellow"} if paragraph.is_finding else {}))
        say()
    say(check_summary(found))
    if not found.stops_somebody:
        # What arrives at another instant may not arrive now.
        next_step(after_good_world(found.access.decisions if is_now else (), world_file))
    elif any(_is_mended(group) for group in found.failing) and not is_built_in(world_file):
        next_step(repeated("fix", *([world_file] if world_file else []), "--dry-run"))
    elif found.failing and found.failing[0].result is not None:
        first = found.failing[0].first
        app = f"{first.who.org}/{first.who.app}"
        next_step(repeated("login", first.who.person, app, world=world_file, role=first.role))
    else:
        next_step("correct the lines above, then " + repeated("check", *([world_file] if world_file else [])))
