"""``fedemu explain``: what can be behind an error, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from emulator.commands.options import next_step, say

if TYPE_CHECKING:
    from emulator.diagnosis.check_texts import CheckText
    from emulator.scenarios.causes import Example


@click.command()
@click.argument("words", nargs=-1, required=True)
def command(words: tuple[str, ...]) -> int:
    """Name the causes of an error: WORDS are a check, an error code, or the sentence that was shown.

    The causes of a check come first, the most frequent one on top. The examples below are scenarios of the catalogue,
    run now; what is said in them, and whether the words are known or assumed, comes from there.
    """
    from emulator.diagnosis.check_texts import read_check_texts
    from emulator.kernel.errors import FederationError
    from emulator.scenarios.causes import examples_of, known_words, texts_of
    from emulator.scenarios.scenario_file import BUILT_IN, find_scenarios
    from emulator.worldfile.schema_check import suggestion

    scenarios, all_texts = find_scenarios([BUILT_IN]), read_check_texts()
    asked = " ".join(words)
    examples = list(examples_of(asked, scenarios))
    texts = texts_of(asked, examples, all_texts)
    if not texts and not examples:
        known = known_words(scenarios, all_texts)
        near = suggestion(asked, known)
        raise FederationError(
            f"No scenario of the catalogue ends in {asked!r}",
            expected=", ".join(known),
            fix=f"Did you mean {near}?" if near else "",
        )
    for line in explanation(texts, examples):
        say(line, bold=not line.startswith(" "), dim=line.startswith("    source"))
    next_step(
        f"fedemu run -k {examples[0].scenario.id} -v"
        if examples
        else "fedemu up   (then make the call again: its refusal is printed with reason, place and fix)"
    )
    return 0


def explanation(texts: Sequence[CheckText], examples: Sequence[Example]) -> Iterator[str]:
    """Yields what is printed: the causes of each check, then the examples under the sentence that they end in."""
    for text in texts:
        yield f"check {text.name}: {text.asks}"
        for number, each in enumerate(text.causes, 1):
            yield f"  {number}. {each.cause}"
            yield f"     fix  {each.fix}"
        yield ""
    for message in dict.fromkeys(example.refusal.message for example in examples):
        yield message
        for example in examples:
            if example.refusal.message == message:
                yield from _example(example)
        yield ""


def _example(example: Example) -> Iterator[str]:
    refusal = example.refusal
    yield f"  {example.scenario.title}"
    yield f"    said by  {refusal.service}, {refusal.code} ({refusal.status}), check {refusal.check}"
    yield f"    why      {refusal.explanation}"
    if refusal.fix:
        yield f"    fix      {refusal.fix}"
    yield f"    source   {refusal.spec}; the words are {refusal.evidence}"
