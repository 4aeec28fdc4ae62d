"""``fedemu explain``: the possible causes of an error, and what to do about them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.commands.next_commands import after_good_world
from emulator.commands.options import next_step, repeated, say, standard_input, world_option

if TYPE_CHECKING:
    from emulator.explaining.pasted import Pasted
    from emulator.explaining.ranking import RankedCause
    from emulator.explaining.recognition import Known, Recognised
    from emulator.setup_steps.walking import SetUp

_MOST_CAUSES = 8
_MOST_SENTENCES = 3
_LONGEST_PATH = 1000
_MOST_SHOWN = 100


@click.command()
@click.argument("words", nargs=-1)
@click.option("--all", "show_all", is_flag=True, help="Show every cause and sentence, not only the most likely.")
@click.option("--list", "show_list", is_flag=True, help="List every check and topic that can be explained.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option(
    "--setup",
    "show_setup",
    is_flag=True,
    help="Instead of an error, show the set-up of a world: which value belongs in which field of the Okta, AWS and "
    "Amazon Connect consoles, step by step, and whether it is there.",
)
@world_option
@click.option("--app", metavar="ORG/APP", help="With --setup: show this app only.")
def command(
    words: tuple[str, ...],
    show_all: bool,
    show_list: bool,
    as_json: bool,
    show_setup: bool,
    world_file: Path | None,
    app: str | None,
) -> int:
    """Explain an error: its likely causes, and the fixes.

    WORDS are what you were shown: a sentence, with or without the text around it, an error code, an address that
    contains an error, the name of a check, or a few words such as 'relay state'. WORDS may also name a file: a saved
    page, terminal output, an event from CloudTrail or Okta's System Log. - reads standard input.

    Exit codes: 0 if the error is known; 2 if it is not, with the nearest sentences. With --setup: 0 if everything is
    there that logins need, 1 if something is missing.
    """
    if show_setup:
        return _set_up(words, world_file, app or "", as_json=as_json)
    if world_file is not None or app:
        raise click.UsageError("--world and --app go with --setup.")
    from emulator.explaining.catalogue import everything_known
    from emulator.explaining.ranking import ranked, without_repetition
    from emulator.explaining.recognition import recognise
    from emulator.reports.explained_text import explained_json, explained_lines, list_of_checks
    from emulator.scenarios.weights import scenario_weights

    known = everything_known()
    if show_list:
        for line in list_of_checks(known.texts.values()):
            say(line, bold=bool(line) and not line.startswith(" "))
        return 0
    pasted, weights = _given(words), scenario_weights()
    found = without_repetition([(each, ranked(each, known.texts, weights)) for each in recognise(pasted, known)])
    if not found:
        _refuse(words, pasted, known)
    if as_json:
        click.echo(explained_json(found, known.texts), nl=False)
        return 0
    shown = found if show_all else found[:_MOST_SENTENCES]
    for meant, causes in shown:
        for line in explained_lines(meant, causes, known.texts, most=len(causes) if show_all else _MOST_CAUSES):
            say(line, bold=bool(line) and not line.startswith(" "), dim=line.startswith("     see"))
        if (meant, causes) != shown[-1]:
            say()
    if len(found) > len(shown):
        say()
        more = len(found) - len(shown)
        say(f"{more} more error{'' if more == 1 else 's'} in it: paste one alone, or add --all")
    next_step(_next(shown, known))
    return 0


def _set_up(words: Sequence[str], world_file: Path | None, app: str, *, as_json: bool) -> int:
    """Shows the steps of a world's set-up."""
    from emulator.commands.options import federation_of
    from emulator.reports.setup_text import setup_json, summary, walk_lines
    from emulator.setup_steps.walking import set_up_of

    if words:
        raise click.UsageError("--setup takes no words; name the world with --world.")
    found = set_up_of(federation_of(world_file), app=app)
    if as_json:
        click.echo(setup_json(found), nl=False)
        return 1 if found.stops else 0
    for walk in found.walks:
        for number, line in enumerate(walk_lines(walk)):
            say(line, bold=not number or line[3:4] == "[")
        say()
    for problem in found.others:
        say(str(problem), fg="yellow")
        say()
    say(summary(found))
    next_step(_after_set_up(found, world_file))
    return 1 if found.stops else 0


def _after_set_up(found: SetUp, world_file: Path | None) -> str:
    """Returns the next useful command: the check if logins do not arrive, otherwise a login that does."""
    if found.stops:
        world = [world_file] if world_file is not None else []
        return repeated("check", *world) + "   (every login, and the tried fix)"
    return after_good_world(found.decisions, world_file)


def _given(words: Sequence[str]) -> Pasted:
    """Returns what the words refer to: standard input, a file, or the words themselves.

    Raises:
        click.UsageError: there are none.
    """
    from emulator.explaining.pasted import MOST_BYTES, read_bytes, read_file, read_text

    if not words:
        raise click.UsageError("Give the words of an error, the name of a file, or - for standard input.")
    if list(words) == ["-"]:
        return read_bytes(standard_input(limit=MOST_BYTES + 1), name="standard input")
    if len(words) == 1 and _is_there(words[0]):
        return read_file(Path(words[0]))
    return read_text(" ".join(words))


def _is_there(word: str) -> bool:
    try:
        return len(word) <= _LONGEST_PATH and Path(word).exists() and not Path(word).is_dir()
    except (OSError, ValueError):
        return False


def _refuse(words: Sequence[str], pasted: Pasted, known: Known) -> None:
    """Reports that the error is unknown, with the nearest known sentences.

    Raises:
        FederationError: always.
    """
    from emulator.explaining.recognition import nearest
    from emulator.kernel.errors import FederationError

    if pasted.succeeded:
        raise FederationError(
            f"There is no error in this text: it holds {pasted.succeeded}",
            fix="`fedemu inspect FILE` judges a SAML Response or a whole recorded login.",
        )
    asked = " ".join(words)
    shown = asked if len(asked) <= _MOST_SHOWN else f"{asked[:_MOST_SHOWN]}…"
    near = nearest(pasted, known)
    is_no_file = not pasted.name and len(words) == 1 and " " not in asked and "." in asked.strip(".")
    raise FederationError(
        f"No known error is in {pasted.name}" if pasted.name else f"Nothing is known of {shown!r}",
        explanation="There is no file of this name, so it was read as words." if is_no_file else "",
        expected="" if near else "a sentence as it was shown, an error code, or the name of a check",
        fix=f"Did you mean: {' | '.join(near)}" if near else "`fedemu explain --list` lists every check and topic.",
    )


def _next(found: Sequence[tuple[Recognised, Sequence[RankedCause]]], known: Known) -> str:
    """Returns the next useful command."""
    see = next((cause.reproduced_by for _, causes in found for cause in causes if cause.reproduced_by), "")
    if see:
        return see
    checks = [name for meant, _ in found for name in meant.checks]
    if any(known.texts[name].not_emulated for name in checks if name in known.texts):
        return "fedemu check   (what stops the logins of your world)"
    return "fedemu up   (then repeat the call: its refusal is printed with reason, place and fix)"
