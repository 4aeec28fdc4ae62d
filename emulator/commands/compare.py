"""``fedemu compare``: who loses, changes or gains a login by a change, before it is applied."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.commands.options import next_step, no_fixes_option, repeated, say, say_refusal, write_report

if TYPE_CHECKING:
    from collections.abc import Collection

    from emulator.comparing.comparison import Comparison, Kind, Side
    from emulator.comparing.sides import OpenedSides

# What a report is never written over: --markdown takes the next word for its file.
_INPUTS = {
    "json": frozenset[str](),
    "junit": frozenset({".yaml", ".yml", ".json", ".tfstate", ".template", ".tf"}),
    "markdown": frozenset({".yaml", ".yml", ".json", ".tfstate", ".template", ".tf", ".xml"}),
}
_FAIL_ON = ("refused", "loss", "gain", "never")


@click.command()
@click.argument("before")
@click.argument("after", required=False)
@click.option(
    "--world",
    "-w",
    "world_file",
    type=click.Path(path_type=Path),
    help="The world that seeds belong to; in a folder or revision, the name of the world file. Default: ./world.yaml.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("--junit", metavar="FILE", help="Write the result as JUnit XML to FILE (- for stdout).")
@click.option(
    "--markdown",
    metavar="[FILE]",
    is_flag=False,
    flag_value="-",
    help="Write Markdown for a pull request to FILE, or to stdout if none is named.",
)
@click.option(
    "--fail-on",
    type=click.Choice(_FAIL_ON),
    default="loss",
    show_default=True,
    help="When to exit with 1: if a login no longer arrives (refused), also if one ends elsewhere (loss), also if "
    "somebody gains one (gain), or never.",
)
@click.option(
    "--at", metavar="DATE", help="Make the logins on this day or at this instant: 2027-01-31, 2027-01-31T09:00:00Z."
)
@no_fixes_option
def command(
    before: str,
    after: str | None,
    world_file: Path | None,
    as_json: bool,
    junit: str | None,
    markdown: str | None,
    fail_on: str,
    at: str | None,
    no_fixes: bool,
) -> int:
    """Show whose logins change between two worlds, and why.

    BEFORE and AFTER are each a world file, a folder with a world.yaml, a git revision (HEAD~1, HEAD~1:FILE) or a seed:
    a template, a Terraform state or plan, or an answer from the AWS CLI or Okta's API. A Terraform plan alone is
    compared with the state it starts from.

    Exit codes: 0 if nobody loses a login; 1 if somebody does; 2 if a file cannot be used or a revision does not exist;
    3 if git is missing or the clone lacks the history.
    """
    from emulator.commands.options import instant_or_day
    from emulator.comparing.comparison import compare_sides
    from emulator.comparing.sides import opened_sides

    forms = _forms(as_json=as_json, junit=junit, markdown=markdown)
    with opened_sides(before, after, world=world_file) as sides:
        old, new = _made_real(sides)
        found = compare_sides(
            old,
            new,
            shown=sides.shown,
            at=instant_or_day(at, option="--at") if at else None,
            tries_fixes=not no_fixes,
        )
        failing = _failing(fail_on)
        for form, file in forms.items():
            write_report(_text_of(found, form, failing), file)
        if "-" not in forms.values():
            _print(found)
            _next(found, sides, world_file)
    return int(any(found.logins(kind) for kind in failing))


def _made_real(sides: OpenedSides) -> tuple[Side, Side]:
    """Builds both worlds at one instant and with the same keys, so that generated values do not differ."""
    from emulator.comparing.comparison import Side
    from emulator.federation import Federation
    from emulator.kernel.clock import Clock
    from emulator.kernel.errors import WorldError
    from emulator.network.data_folder.keys import KeyFolder, KeysInMemory

    keys = KeysInMemory(KeyFolder().folder, {})
    now = Clock().now()
    made = []
    for which, each in (("BEFORE", sides.before), ("AFTER", sides.after)):
        try:
            made.append(Side(each.name, each.file, Federation(each.world, clock=Clock(frozen_at=now), keys=keys)))
        except WorldError as error:
            raise sides.refused(which, each.argument, error) from None
    return made[0], made[1]


def _failing(fail_on: str) -> tuple[Kind, ...]:
    """Returns the kinds of changes that make the exit code 1."""
    from emulator.comparing.comparison import Kind

    kinds = {"refused": (Kind.LOST,), "loss": (Kind.LOST, Kind.CHANGED), "gain": tuple(Kind)}
    return kinds.get(fail_on, ())


def _forms(*, as_json: bool, junit: str | None, markdown: str | None) -> dict[str, str]:
    """Returns the requested formats, each with its file.

    Raises:
        click.UsageError: two of them go to stdout, or a file that is not a report would be overwritten.
    """
    asked = {"json": "-" if as_json else None, "junit": junit, "markdown": markdown}
    forms = {form: file for form, file in asked.items() if file is not None}
    if list(forms.values()).count("-") > 1:
        raise click.UsageError("Only one report can go to stdout: name a file for --junit or --markdown.")
    for form, file in forms.items():
        if Path(file).suffix.lower() in _INPUTS[form] and Path(file).exists():
            raise click.UsageError(f"--{form} would overwrite {file}; write --{form}=FILE, or put it last.")
    return forms


def _text_of(found: Comparison, form: str, failing: Collection[Kind]) -> str:
    if form == "json":
        from emulator.reports.compare.compare_json import compare_json

        return compare_json(found)
    if form == "junit":
        from emulator.reports.compare.compare_junit import compare_junit

        return compare_junit(found, failing=failing)
    from emulator.reports.compare.compare_markdown import compare_markdown

    return compare_markdown(found)


def _print(found: Comparison) -> None:
    from emulator.comparing.comparison import Kind
    from emulator.reports.compare.compare_text import compare_paragraphs, compare_summary

    for paragraph in compare_paragraphs(found):
        if paragraph.kind is Kind.LOST:
            say_refusal(paragraph.text)
        else:
            say(paragraph.text, **({"fg": "yellow"} if paragraph.kind is Kind.CHANGED else {}))
        say()
    say(compare_summary(found))


def _next(found: Comparison, sides: OpenedSides, world_file: Path | None) -> None:
    """Prints the next useful command: the fix for the lost logins, or a command that shows the world after."""
    from emulator.comparing.comparison import Kind
    from emulator.comparing.restoring import PUT_BACK

    after, own = sides.after, sides.after.is_own_file
    lost = [group.proof for group in found.groups if group.proof is not None and group.proof.result is not None]
    told = [proof.result.diagnosis for proof in lost if proof.result is not None]
    fixes = [fix for each in told if each is not None for fix in each.fixes]
    # What puts back is known to who compares, and not to who has the world after alone.
    if own and any(fix.is_written and fix.title != PUT_BACK for fix in fixes):
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
