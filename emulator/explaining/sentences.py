"""The sentences that Okta, AWS, Amazon Connect, browsers and clients are known to say, and the checks behind each.

``sentences/*.yaml`` holds them, with who says them and whether the words are known to be theirs. What differs from one
refusal to the next is written as ``<words in angle brackets>`` and matches anything. Codes that come without a
sentence of their own are listed below them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from emulator.explaining.plain_words import plain
from emulator.kernel.errors import FileError
from emulator.kernel.records import dataclass
from emulator.worldfile.schema.schema_check import read_settings
from emulator.worldfile.schema.settings import Settings
from emulator.worldfile.text.yaml_file import read_documents

SENTENCES = Path(__file__).parent / "sentences"
_Text = Annotated[str, Field(min_length=1)]
_Checks = Annotated[list[_Text], Field(min_length=1)]
Known = Literal["documented", "observed", "assumed"]
_ANYTHING = re.compile(r"<[a-z][a-z -]*>")
# Between two parts of a sentence: long enough for an ARN or a list of origins, short enough to stay one sentence.
_AT_MOST = 400


class SentenceSettings(Settings):
    """One sentence in the file."""

    says: _Text
    also: list[_Text] = []
    """Other wordings of the same; none unless given."""
    code: str = ""
    status: int | None = None
    checks: _Checks
    """The checks and topics that can be behind it."""
    points_to: list[str] = []
    """The scenarios whose causes these words single out among those of the checks; none unless given."""


class SpeakerSettings(Settings):
    """Sentences of one speaker, known in the same way."""

    by: _Text
    known: Known
    source: _Text
    sentences: list[SentenceSettings]


class FileSettings(Settings):
    """One file of sentences."""

    groups: list[SpeakerSettings]
    codes: dict[str, _Checks] = {}


@dataclass(frozen=True)
class Sentence:
    """What somebody says.

    Args:
        says: The words; what is in angle brackets matches anything.
        also: Other wordings of the same.
        by: Who says it.
        known: Whether the words are known to be theirs.
        source: Where they are from.
        checks: The checks and topics that can be behind it.
        code: The error code that comes with it; empty for none.
        status: The HTTP status; None where it has none or several.
        points_to: The scenarios whose causes these words single out among those of the checks.
    """

    says: str
    also: tuple[str, ...]
    by: str
    known: Known
    source: str
    checks: tuple[str, ...]
    code: str = ""
    status: int | None = None
    points_to: tuple[str, ...] = ()

    @cached_property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """What finds each wording in plain words."""
        return tuple(_pattern(words) for words in (self.says, *self.also))

    @cached_property
    def longest_parts(self) -> tuple[str, ...]:
        """The longest part of each wording that has to be there as it is, in plain words."""
        wordings = (self.says, *self.also)
        return tuple(max((plain(part) for part in _ANYTHING.split(words)), key=len) for words in wordings)

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """Each wording in plain words, without what differs."""
        return tuple(plain(_ANYTHING.sub(" ", words)) for words in (self.says, *self.also))


@dataclass(frozen=True)
class KnownSentences:
    """Every sentence, and the checks behind each code."""

    sentences: tuple[Sentence, ...]
    codes: Mapping[str, tuple[str, ...]]


def read_sentences(folder: Path = SENTENCES) -> KnownSentences:
    """Returns every sentence and code that the files have.

    Raises:
        FileError: a file cannot be used.
    """
    files = [
        read_settings(FileSettings, document, error=FileError)
        for path in sorted(folder.glob("*.yaml"))
        for document in read_documents(path, error=FileError)
    ]
    sentences = tuple(sentence for file in files for sentence in _sentences_in(file))
    codes: dict[str, list[str]] = {code: list(checks) for file in files for code, checks in file.codes.items()}
    for sentence in sentences:
        if sentence.code:
            codes.setdefault(sentence.code, []).extend(sentence.checks)
    return KnownSentences(sentences, {code: tuple(dict.fromkeys(checks)) for code, checks in codes.items()})


def of_check(check: str, sentences: Iterable[Sentence]) -> tuple[Sentence, ...]:
    """Returns the sentences that a check can be behind."""
    return tuple(sentence for sentence in sentences if check in sentence.checks)


def _sentences_in(file: FileSettings) -> Iterator[Sentence]:
    for group in file.groups:
        for each in group.sentences:
            yield Sentence(
                each.says,
                tuple(each.also),
                group.by,
                group.known,
                group.source,
                tuple(each.checks),
                code=each.code,
                status=each.status,
                points_to=tuple(each.points_to),
            )


def _pattern(words: str) -> re.Pattern[str]:
    parts = [re.escape(part) for part in (plain(part) for part in _ANYTHING.split(words)) if part]
    # What matches anything may be nothing, and touches the words beside it, as in a URL.
    between = rf"\s?.{{0,{_AT_MOST}}}?\s?"
    return re.compile(rf"(?<![a-z0-9]){between.join(parts)}(?![a-z0-9])")
