"""The kinds of files that a world can be filled from, and what is said of any other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from emulator.seeds.aws_answers.reader import is_answer, read_answer
from emulator.seeds.cloudformation.template import is_template, read_template
from emulator.seeds.contents import SeedContents
from emulator.seeds.other_files.refusing import refusal_of
from emulator.seeds.seed_text import Seed, SeedText


@dataclass(frozen=True, slots=True)
class SeedReader:
    """A reader of one kind of file.

    Args:
        recognises: Returns whether a text is of this kind.
        read: Returns what a seed says, given the other seeds of the world as well.
    """

    recognises: Callable[[SeedText], bool]
    read: Callable[[Seed, Sequence[Seed]], SeedContents]


# The first that recognises a text reads it.
READERS: Sequence[SeedReader] = (
    SeedReader(is_template, read_template),
    SeedReader(is_answer, read_answer),
)


def read_seed(seed: Seed, others: Sequence[Seed]) -> SeedContents:
    """Returns what a seed says.

    Args:
        seed: The seed.
        others: The other seeds of the world.

    Raises:
        SeedError: it is of no kind that is read, or cannot be used.
    """
    for reader in READERS:
        if reader.recognises(seed.text):
            return reader.read(seed, others)
    text = seed.text
    raise refusal_of(text.text, text.data, documents=text.documents, complaint=text.complaint)
