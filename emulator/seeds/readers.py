"""The kinds of files that can fill a world, and the refusal of any other file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.aws_answers.reader import is_answer, read_answer
from emulator.seeds.cloudformation.files import is_cloudformations
from emulator.seeds.cloudformation.template import read_template
from emulator.seeds.contents import SeedContents, SeedError
from emulator.seeds.okta_answers.reader import is_okta_answer, read_okta_answer
from emulator.seeds.other_files.refusing import refusal_of
from emulator.seeds.saml_metadata import is_metadata, read_metadata
from emulator.seeds.seed_text import Seed, SeedText
from emulator.seeds.terraform.reading import is_terraform, read_terraform
from emulator.seeds.terraform.source import is_source, refuse_source


@dataclass(frozen=True, slots=True)
class SeedReader:
    """A reader of one kind of file.

    Args:
        recognises: Returns whether a text is of this kind of file.
        read: Returns a seed's contents; it is also given the other seeds of the world.
    """

    recognises: Callable[[SeedText], bool]
    read: Callable[[Seed, Sequence[Seed]], SeedContents]


# A text is read by the first reader that recognises it.
READERS: Sequence[SeedReader] = (
    SeedReader(is_cloudformations, read_template),
    SeedReader(is_answer, read_answer),
    SeedReader(is_terraform, read_terraform),
    SeedReader(is_source, refuse_source),
    SeedReader(is_okta_answer, read_okta_answer),
    SeedReader(is_metadata, read_metadata),
)


MOST_LISTED = 20_000
"""The maximum length of a list or mapping in a seed, for example of people: twice that of a large world."""
# The resources of a Terraform plan are nested in planned_values and root_module.
_LISTS_ARE_WITHIN = 3


def read_seed(seed: Seed, others: Sequence[Seed]) -> SeedContents:
    """Reads a seed.

    Args:
        seed: The seed to be read.
        others: The other seeds of the world.

    Raises:
        SeedError: the file is of an unknown kind, is too large, or cannot be used.
    """
    for reader in READERS:
        if reader.recognises(seed.text):
            _refuse_too_many(seed.text.data)
            return reader.read(seed, others)
    text = seed.text
    raise refusal_of(text.text, text.data, documents=text.documents, complaint=text.complaint)


def _refuse_too_many(data: Any, depth: int = 0) -> None:
    if not isinstance(data, (dict, list)):
        return
    if len(data) > MOST_LISTED:
        raise SeedError(
            f"a list or mapping in it has {len(data):,} entries",
            expected=f"at most {MOST_LISTED:,}",
            fix="Export less: only the people, roles or resources that the logins need.",
        )
    if depth < _LISTS_ARE_WITHIN:
        for value in data.values() if isinstance(data, dict) else ():
            _refuse_too_many(value, depth + 1)
