"""What is available while a file of command output is read: the file, the other seeds, and the world's settings."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from typing import Any, TypeVar

from emulator.kernel.records import dataclass
from emulator.seeds.arns import arn_of
from emulator.seeds.aws_answers.answers import Answer, answers_in
from emulator.seeds.aws_answers.fields import Fields, Malformed
from emulator.seeds.contents import HERE, SeedContents, SeedNote, SeedPart
from emulator.seeds.seed_text import Seed, SeedSettings
from emulator.worldfile.text.yaml_data import Key

_ACCOUNT_ID = re.compile(r"\d{12}", re.ASCII)
_AWSS_TAG = "aws:"
# A file name made up of these words alone gives no hint of what the output is about.
_NO_NAMES = re.compile(
    r"aws|iam|cli|sts|connect|get|list|describe|search|attached|inline|attachments?|roles?|users?|groups?|polic(?:y|ies)|"
    r"names?|documents?|versions?|default|saml|idp|identity|providers?|metadata|permissions?|approved|origins?|security|"
    r"profiles?|instances?|exports?|answers?|outputs?|results?|responses?|data|dump|file|seed|of|the|my|for|all|prod|"
    r"production|dev|stage|test|json|ya?ml|txt|text|v?\d+"
)


Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Known:
    """One command's output from any seed, and that seed's settings."""

    answer: Answer
    settings: SeedSettings


@dataclass(slots=True)
class Reading:
    """A file of command output while it is being read.

    Args:
        seed: The file's seed.
        contents: What has been read so far.
        others: The other seeds of the world.
    """

    seed: Seed
    contents: SeedContents
    others: Sequence[Seed]
    answers: Sequence[Answer] = ()
    tags_of_awss: list[str] = field(default_factory=list)

    def once(self, name: Hashable, find: Callable[[], Found]) -> Found:
        """Returns a result that requires going through all of the account's seeds, computed once for all of them."""
        key = ("aws answers", self.seed.settings.account_id, name)
        if key not in self.seed.shared:
            self.seed.shared[key] = find()
        found: Found = self.seed.shared[key]
        return found

    @property
    def known(self) -> Sequence[Known]:
        """The command outputs in all seeds that may be about the same account."""
        return self.once("known", lambda: list(self._all_known()))

    def _all_known(self) -> Iterator[Known]:
        mine = self.seed.settings
        yield from (Known(each, mine) for each in self.answers)
        for other in self.others:
            if other.settings.account_id == mine.account_id or not mine.account_id:
                yield from (Known(each, other.settings) for each in answers_in(other.text))

    def known_objects(self, *names: str) -> Iterator[Fields]:
        """Yields the objects in the given fields, from all command outputs in all seeds."""
        for each in self.known:
            yield from each.answer.objects(*names)

    @property
    def own(self) -> Mapping[str, Any]:
        """The world file's own settings of the account."""
        return self.seed.settings.own

    def own_names(self, *key: str) -> list[str]:
        """Returns the names under a key of the world file's own settings of the account."""
        data: Any = self.own
        for part in key:
            data = data.get(part) if isinstance(data, dict) else None
        return [str(name) for name in data] if isinstance(data, dict) else []

    def part(self, arn: str = "") -> SeedPart:
        """Returns the part of an ARN's account; without an ARN, of the account that the file is listed under."""
        parts = arn_of(arn)
        if parts is None or not _ACCOUNT_ID.fullmatch(parts.account_id):
            return self.contents.account(self.seed.settings.account_id or HERE)
        part = self.contents.account(parts.account_id)
        if parts.partition != "aws" and not part.has("partition"):
            part.put(("partition",), parts.partition, ())
        return part

    def leave_out(self, what: str, reason: str, place: Key, fix: str = "") -> None:
        """Notes something in the file that is left out of the world."""
        self.contents.left_out.append(SeedNote(what, reason, place, fix))

    def add_note(self, what: str, reason: str, place: Key, fix: str = "") -> None:
        """Notes, once, something that differs between the file and the world."""
        note = SeedNote(what, reason, place, fix)
        if all((each.what, each.reason) != (what, reason) for each in self.contents.notes):
            self.contents.notes.append(note)

    @contextmanager
    def leaving_out(self, fields: Fields, what: str) -> Iterator[None]:
        """Leaves an object out if it turns out not to have the form in which its command prints it."""
        try:
            yield
        except Malformed as error:
            self.leave_out(what, error.reason, error.place or fields.place, error.fix)

    def tags(self, fields: Fields, what: str) -> list[tuple[str, str, Key]]:
        """Returns the tags of an object, without those that only AWS can set and a world cannot have."""
        found = []
        for tag in fields.objects("Tags"):
            key, value = tag.text("Key"), tag.optional_text("Value")
            if key.startswith(_AWSS_TAG):
                self.tags_of_awss.append(f"{key} of {what}")
            else:
                found.append((key, value, tag.place))
        return found

    def mentioned(self, pattern: re.Pattern[str]) -> list[str]:
        """Returns the distinct matches of a pattern in the texts of all seeds."""
        return self.once(pattern, lambda: list(dict.fromkeys(self._all_mentioned(pattern))))

    def _all_mentioned(self, pattern: re.Pattern[str]) -> Iterator[str]:
        texts = {id(seed.text): seed.text.text for seed in (self.seed, *self.others)}
        for text in texts.values():
            yield from (found[1] for found in pattern.finditer(text))


def word_in(stem: str, names: Sequence[str]) -> str:
    """Returns the longest of several names that a file's name contains as a word; empty if there is none, or a tie.

    Args:
        stem: The file's name without folder and extension.
        names: The names, one of which may be part of another.
    """
    inside = {name for name in names if _has_word(stem, name)}
    longest = [name for name in inside if not any(name != other and name in other for other in inside)]
    return longest[0] if len(longest) == 1 else ""


def _has_word(stem: str, name: str) -> bool:
    if not name or name.lower() not in stem.lower():
        return False
    found = re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", stem, re.IGNORECASE)
    return found is not None


def names_nothing(stem: str) -> bool:
    """Returns whether a file's name gives only the kind of output, without naming an owner."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", stem.lower()) if word]
    return all(_NO_NAMES.fullmatch(word) for word in words)


Reader = Callable[[Reading, Answer], None]
