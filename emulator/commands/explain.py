"""``fedemu explain``: what can be behind an error, and what to do about it."""

from __future__ import annotations

import click

from emulator.commands.options import next_step, say


@click.command()
@click.argument("words", nargs=-1, required=True)
def command(words: tuple[str, ...]) -> int:
    """Name the causes of an error: WORDS are a check, an error code, or the sentence that was shown.

    Each cause is a scenario of the catalogue, run now; what is said and whether it is known or assumed comes from it.
    """
    from emulator.diagnosis.causes import causes_of, known_words
    from emulator.kernel.errors import FederationError
    from emulator.scenarios.scenario_file import BUILT_IN, find_scenarios
    from emulator.worldfile.schema_check import suggestion

    scenarios = find_scenarios([BUILT_IN])
    asked = " ".join(words)
    causes = list(causes_of(asked, scenarios))
    if not causes:
        known = known_words(scenarios)
        near = suggestion(asked, known)
        raise FederationError(
            f"No scenario of the catalogue ends in {asked!r}",
            expected=", ".join(known),
            fix=f"Did you mean {near}?" if near else "",
        )
    for message in dict.fromkeys(cause.refusal.message for cause in causes):
        say(message, bold=True)
        for cause in causes:
            if cause.refusal.message != message:
                continue
            refusal = cause.refusal
            say(f"  {cause.scenario.title}")
            say(f"    said by  {refusal.service}, {refusal.code} ({refusal.status}), check {refusal.check}")
            say(f"    why      {refusal.explanation}")
            if refusal.fix:
                say(f"    fix      {refusal.fix}")
            say(f"    source   {refusal.spec}; the words are {refusal.evidence}", dim=True)
        say()
    next_step(f"fedemu run -k {causes[0].scenario.id} -v")
    return 0
