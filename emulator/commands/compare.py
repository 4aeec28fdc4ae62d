"""``fedemu compare``: whose logins a change takes, changes or gives, before it is applied."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.commands.options import next_step, no_fixes_option, repeated, say, say_refusal

if TYPE_CHECKING:
    from emulator.comparing.comparison import Comparison, Side
    from emulator.comparing.sides import OpenedSide, OpenedSides

_FAIL_ON = ("refused", "loss", "gain", "never")


@click.command()
@click.argument("before")
@click.argument("after", required=False)
@click.option(
    "--world",
    "-w",
    "world_file",
    type=click.Path(path_type=Path),
    help="The world that seeds are for; the world file in a folder or revision. Default: ./world.yaml.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option(
    "--fail-on",
    type=click.Choice(_FAIL_ON),
    default="loss",
    show_default=True,
    help="What makes the exit code 1: a login that does not arrive any more (refused), or that ends elsewhere as well "
    "(loss), or that somebody gains as well (gain), or nothing (never).",
)
@click.option("--at", metavar="DATE", help="Make the logins at this instant or day: 2027-01-31, 2027-01-31T09:00:00Z.")
@no_fixes_option
def command(
    before: str,
    after: str | None,
    world_file: Path | None,
    as_json: bool,
    fail_on: str,
    at: str | None,
    no_fixes: bool,
) -> int:
    """Tell whose logins change from BEFORE to AFTER, and why.

    BEFORE and AFTER are each a world file, a folder with a world.yaml, a git revision (HEAD~1, HEAD~1:FILE) or a seed:
    a template, a Terraform state or plan, an answer of AWS's or Okta's. A Terraform plan alone compares what there is
    with what is planned. Exit code 0 when nobody loses a login, 1 when somebody does, 2 when a file cannot be used.
    """
    from emulator.commands.options import instant_or_day
    from emulator.comparing.comparison import compare_sides
    from emulator.comparing.sides import opened_sides
    from emulator.fixes.proof import with_tried_fixes

    with opened_sides(before, after, world=world_file) as sides:
        old, new = _federations(sides.before, sides.after)
        found = compare_sides(
            old,
            new,
            shown=sides.shown,
            at=instant_or_day(at, option="--at") if at else None,
            explain=None if no_fixes else with_tried_fixes,
        )
        if as_json:
            from emulator.reports.compare_json import compare_json

            click.echo(compare_json(found), nl=False)
        else:
            _print(found)
            _next(found, sides, world_file)
    return _status(found, fail_on)


def _federations(before: OpenedSide, after: OpenedSide) -> tuple[Side, Side]:
    """Makes both worlds real at one instant, with the same keys: what is made is no difference between them."""
    from emulator.comparing.comparison import Side
    from emulator.federation import Federation
    from emulator.kernel.clock import Clock
    from emulator.network.keys import KeyFolder, KeysInMemory

    keys = KeysInMemory(KeyFolder().folder, {})
    now = Clock().now()
    old, new = (Federation(each.world, clock=Clock(frozen_at=now), keys=keys) for each in (before, after))
    return Side(before.name, before.file, old), Side(after.name, after.file, new)


def _status(found: Comparison, fail_on: str) -> int:
    from emulator.comparing.comparison import Kind

    failing = {
        "refused": (Kind.LOST,),
        "loss": (Kind.LOST, Kind.CHANGED),
        "gain": tuple(Kind),
        "never": (),
    }[fail_on]
    return int(any(found.logins(kind) for kind in failing))


def _print(found: Comparison) -> None:
    from emulator.comparing.comparison import Kind
    from emulator.reports.compare_text import compare_paragraphs, compare_summary

    for paragraph in compare_paragraphs(found):
        if paragraph.kind is Kind.LOST:
            say_refusal(paragraph.text)
        else:
            say(paragraph.text, **({"fg": "yellow"} if paragraph.kind is Kind.CHANGED else {}))
        say()
    say(compare_summary(found))


def _next(found: Comparison, sides: OpenedSides, world_file: Path | None) -> None:
    """Prints the next useful command: what lets the logins arrive again, or whatever shows the world after."""
    from emulator.comparing.comparison import Kind

    after, own = sides.after, sides.after.is_own_file
    lost = [group.proof for group in found.groups if group.proof is not None and group.proof.result is not None]
    told = [proof.result.diagnosis for proof in lost if proof.result is not None]
    if own and any(fix.is_written for each in told if each is not None for fix in each.fixes):
        next_step(repeated("fix", after.file, "--dry-run"))
    elif own and lost:
        first = lost[0].first
        app = f"{first.who.org}/{first.who.app}"
        next_step(repeated("login", first.who.person, app, world=after.file, role=first.role))
    elif own:
        next_step(repeated("check", after.file))
    elif found.logins(Kind.LOST) or found.logins(Kind.CHANGED):
        again = (
            [sides.before.argument]
            if sides.before.argument == after.argument
            else [sides.before.argument, after.argument]
        )
        next_step("correct what is named above, then " + repeated("compare", *again, world=world_file))
    else:
        next_step(repeated("check", *([world_file] if world_file else [])))
