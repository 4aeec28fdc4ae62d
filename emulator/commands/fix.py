"""``fedemu fix``: changes that let logins arrive, tried and written into the world file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.commands.next_commands import after_good_world
from emulator.commands.options import is_built_in, next_step, repeated, say, world_argument, world_path

if TYPE_CHECKING:
    from emulator.access.decision import Decision
    from emulator.federation import Federation
    from emulator.fixes.attempt import Attempt
    from emulator.fixes.mending import Mended, Wanted
    from emulator.fixes.writing import Files
    from emulator.kernel.errors import FederationError


@click.command()
@world_argument
@click.option("--user", default="", help="Fix only the logins of this person.")
@click.option("--app", default="", help="Fix only the logins to this app; write org/app if several orgs have it.")
@click.option("--role", default="", help="Fix only the logins in this role, by name or ARN.")
@click.option("--relay-state", help="The relay state, in place of the app's default; needs --user and --app.")
@click.option(
    "--lands-on", metavar="URL", default="", help="The address where the login should end; needs --user and --app."
)
@click.option("--dry-run", is_flag=True, help="Print the changes as a diff, and write nothing.")
@click.option(
    "--allow-warnings",
    is_flag=True,
    help="Also write changes that give something up, such as a condition, a deny or a second factor.",
)
def command(
    world_file: Path | None,
    user: str,
    app: str,
    role: str,
    relay_state: str | None,
    lands_on: str,
    dry_run: bool,
    allow_warnings: bool,
) -> int:
    """Try changes that let failing logins arrive, and write them.

    The changes that help are written to WORLD_FILE; comments stay. A file that cannot be used is repaired too, if it is
    clear what was probably meant. Default for WORLD_FILE: ./world.yaml.

    Exit codes: 0 if every login arrives; 1 if some still do not; 2 if the file cannot be used.
    """
    from emulator.commands.options import federation_of
    from emulator.fixes.mending import Mending, Wanted

    if (relay_state is not None or lands_on) and not (user and app):
        raise click.UsageError("--relay-state and --lands-on are for a single login: add --user and --app.")
    _require_own_file(world_file, dry_run=dry_run)
    federation, files = _usable(world_file)
    if app:
        federation.find_app(app)
    wanted = Wanted(user, app, role, relay_state, lands_on)
    mending = Mending(federation, wanted, allow_warnings=allow_warnings, files=files)
    left: Mended | None = None
    for number, mended in enumerate(mending.all(), 1):
        left = left or (None if mended.is_written else mended)
        for line in _told(mended, number):
            say(line)
    if dry_run:
        say()
        for line in mending.files.diff():
            say(line, **_colour(line))
    else:
        mending.files.write()
    changed = mending.files.changed
    if changed and not dry_run:
        say()
        say(f"Written: {', '.join(changed)}")
    arriving, failing, then = _now(federation_of(world_file) if not dry_run else federation, wanted, world_file)
    name = federation.world.document.file
    if dry_run:
        say()
        failed = f"; {failing} of {arriving + failing} logins do not arrive with the file as it is" if failing else ""
        say(f"{name}: nothing was written{failed}")
    else:
        say(f"{name}: {arriving} of {arriving + failing} logins arrive")
    if dry_run and changed and not is_built_in(world_file):
        given = {"user": user, "app": app, "role": role, "relay-state": relay_state, "lands-on": lands_on}
        warned = ["--allow-warnings"] if allow_warnings else []
        next_step(repeated("fix", *filter(None, [world_file]), *warned, **given))
    else:
        shows_why = "   (shows why it does not arrive)"
        next_step(then if left is None else _login(left.attempt, world_file) + shows_why)
    return 1 if left is not None or (failing and not dry_run) else 0


def _require_own_file(world_file: Path | None, *, dry_run: bool) -> None:
    if is_built_in(world_file) and not dry_run:
        raise click.UsageError(
            "The built-in world belongs to fedemu and is never changed. Name a file of your own, such as fedemu init "
            "writes, or add --dry-run."
        )


def _usable(world_file: Path | None) -> tuple[Federation, Files]:
    """Returns the federation of a world file and the files to be written; a file that cannot be used is repaired.

    Raises:
        WorldError: nothing that was tried makes it usable.
    """
    from emulator.commands.options import federation_of, world_path
    from emulator.federation import Federation
    from emulator.fixes.writing import Files
    from emulator.kernel.errors import WorldError

    try:
        federation = federation_of(world_file)
        return federation, Files(federation.world.document.file)
    except WorldError as error:
        from emulator.fixes.bad_files.repairing import repaired

        found = repaired(world_path(world_file), error)
    for repair in found.repairs:
        say(str(repair.problem), fg="yellow")
        say(f"  fix    {repair.candidate.title}")
    say()
    return Federation(found.world), found.files


def _login(attempt: Attempt, world_file: Path | None) -> str:
    """Returns the command that makes a login."""
    others = {"relay-state": attempt.relay_state, "lands-on": attempt.lands_on}
    return repeated("login", attempt.user, attempt.app, world=world_path(world_file), role=attempt.role, **others)


def _now(federation: Federation, wanted: Wanted, world_file: Path | None) -> tuple[int, int, str]:
    """Returns how many of the selected logins arrive, how many do not, and the command that helps next."""
    from emulator.access.table import access_of
    from emulator.fixes.attempt import Attempt
    from emulator.fixes.trial import Journey, try_edits

    if wanted.is_one:
        attempt = Attempt(
            wanted.user, wanted.app, role=wanted.role or None, relay_state=wanted.relay_state, lands_on=wanted.lands_on
        )
        trial = try_edits(federation, Journey((attempt,), federation.instants), ())
        arrived = trial is not None and trial.arrived
        then = "fedemu demo" if is_built_in(world_file) else _login(attempt, world_file)
        return int(arrived), int(not arrived), then
    decisions = access_of(federation).decisions
    meant = [each for each in decisions if wanted.includes(each.who, each.role)]
    if not meant and (wanted.user or wanted.app or wanted.role):
        raise _nothing_selected(wanted, decisions, federation)
    arriving = sum(each.arrives for each in meant)
    then = after_good_world(meant, world_file)
    if arriving < len(meant):
        then = repeated("check", *([world_file] if world_file is not None else []))
    return arriving, len(meant) - arriving, then


def _nothing_selected(wanted: Wanted, decisions: Sequence[Decision], federation: Federation) -> FederationError:
    """Returns the error for options that select no login, with the names that do."""
    from emulator.kernel.differences import nearest_login
    from emulator.kernel.errors import FederationError
    from emulator.worldfile.schema.schema_check import suggestion

    people = list(dict.fromkeys(each.who.person for each in decisions))
    roles = list(dict.fromkeys(each.role.rpartition("/")[2] for each in decisions if each.role))
    unassigned = {login for provider in federation.identity_providers.values() for login in provider.org.users}
    given = {"user": wanted.user, "app": wanted.app, "role": wanted.role}
    options = repeated("", **given).removeprefix("fedemu '' ")
    near = [
        f"--{name} {found}"
        for name, value, known, near_name in (
            ("user", wanted.user, people, nearest_login),
            ("role", wanted.role, roles, suggestion),
        )
        if value and value not in {*known, *unassigned} and (found := near_name(value, known))
    ]
    hint = f"; did you mean {' '.join(near)}?" if near else ""
    return FederationError(
        f"The world has no login with {options}{hint}", fix="fedemu check lists the people, apps and roles."
    )


def _told(mended: Mended, number: int) -> Iterator[str]:
    attempt, diagnosis = mended.attempt, mended.diagnosis
    role = f" as {attempt.role.rpartition('/')[2]}" if attempt.role else ""
    yield f"{number}. {attempt.user}, {attempt.app}{role}"
    if diagnosis is None:
        yield "  why    The browser could not continue."
        return
    refusal = diagnosis.refusal
    said = f"{refusal.service} refused: {refusal.code}" if refusal is not None else "It did not arrive"
    yield f"  why    {said}, check {diagnosis.check}. {diagnosis.cause or diagnosis.why}"
    if mended.fix is None:
        yield f"  fix    {diagnosis.fix or 'No change that was tried lets it arrive.'}"
        return
    for name, text in mended.fix.rows:
        yield f"  {name:<6} {text}"
    if mended.kept_back:
        yield f"  not written: {mended.kept_back}"


def _colour(line: str) -> dict[str, str]:
    if line.startswith("+"):
        return {"fg": "green"}
    return {"fg": "red"} if line.startswith("-") else {}
