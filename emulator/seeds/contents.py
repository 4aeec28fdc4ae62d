"""What a seed contributes to a world, where in the seed each part of it comes from, and what was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Any, Final

from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key

HERE: Final = ""
"""Represents the account or org that a seed is listed under, when the file itself does not name the owner."""


class SeedError(FederationError):
    """A file cannot be used as a seed: its kind is not supported, it cannot be read, or it has nothing usable."""


@dataclass(frozen=True, slots=True)
class SeedPart:
    """The data of one account or org, in the form of a world file.

    Args:
        data: The account's or org's settings.
        places: For keys of the data, the keys in the seed that they come from. Deeper values have the same keys below
            that in both.
    """

    data: dict[str, Any] = field(default_factory=dict)
    places: dict[Key, Key] = field(default_factory=dict)

    def put(self, key: Key, value: Any, place: Key) -> None:
        """Sets a value, creating the mappings that lead to it."""
        *parents, last = key
        node: Any = self.data
        for part in parents:
            node = node.setdefault(part, {})
        node[last] = value
        self.places[key] = place

    def append(self, key: Key, value: Any, place: Key) -> None:
        """Appends a value to a list unless it is already there."""
        *parents, last = key
        node: Any = self.data
        for part in parents:
            node = node.setdefault(part, {})
        values = node.setdefault(last, [])
        if value not in values:
            self.places[(*key, len(values))] = place
            values.append(value)

    def has(self, *key: str | int) -> bool:
        """Returns whether a key exists."""
        node: Any = self.data
        for part in key:
            if not isinstance(node, dict) or part not in node:
                return False
            node = node[part]
        return True

    def remove(self, key: Key) -> None:
        """Removes a value, for example when part of it turns out not to be known."""
        *parents, last = key
        node: Any = self.data
        for part in parents:
            node = node.get(part, {})
        value = node.pop(last, None)
        for inside in _keys_in(value):
            self.places.pop((*key, *inside), None)

    def remove_item(self, key: Key, index: int) -> Any:
        """Removes an item from the list at a key, and returns it."""
        items: Any = self.data
        for part in key:
            items = items[part]
        inside = [(number, each) for number in range(index, len(items)) for each in _keys_in(items[number])]
        moved = {(number, each): self.places.pop((*key, number, *each), None) for number, each in inside}
        for (number, each), place in moved.items():
            if number > index and place is not None:
                self.places[(*key, number - 1, *each)] = place
        return items.pop(index)

    def place(self, key: Key) -> Key:
        """Returns where a key comes from, or else its nearest parent with a known place."""
        for length in range(len(key), -1, -1):
            if key[:length] in self.places:
                return (*self.places[key[:length]], *key[length:])
        return ()


@dataclass(frozen=True, slots=True)
class SeedNote:
    """Something in a seed that its user has to know.

    Args:
        what: What the note is about, as the file calls it: ``Resources.Idp (Custom::SAMLProvider)``.
        reason: Why it was left out, or what was put in its place. Never contains a secret.
        place: The keys in the seed that lead to it.
        fix: How to get it into the world, if there is a way.
        names: Its names in the world, to recognise it when it is missed later: a role's name, a person's login.
            The names that the file has at the place need not be listed.
    """

    what: str
    reason: str
    place: Key = ()
    fix: str = ""
    names: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """The note as one line of text."""
        return f"{self.what}: {self.reason}"


def _keys_in(value: Any) -> Iterator[Key]:
    """Yields the keys of everything inside a value, and the empty key for the value itself."""
    yield ()
    if isinstance(value, dict | list):
        for part, inside in value.items() if isinstance(value, dict) else enumerate(value):
            yield from ((part, *each) for each in _keys_in(inside))


def _as_it_is(place: Key) -> Key:
    return place


@dataclass(frozen=True, slots=True)
class SeedContents:
    """What a seed contributes to a world.

    Args:
        kind: The kind of file, in words: ``CloudFormation template``.
        accounts: Its parts of AWS accounts, by account id; ``HERE`` for the account that the seed is listed under.
        orgs: Its parts of Okta orgs, by subdomain; ``HERE`` for the org that the seed is listed under.
        left_out: What is in the file but not in the world, with the reasons.
        notes: What differs between the file and the world, such as an access key with a generated secret.
        text: Describes a place in the file in words: ``CloudFormation resource Idp``.
        written: Maps a place to the keys of what is written for it in the file.
        is_written_by_a_program: Whether corrections belong in another file or a console rather than in this file.
        source: Where such a correction belongs: ``aws_iam_role.agent in the Terraform source (.tf)``.
        shown: How messages refer to a place if not by its keys: ``aws_iam_role.agent.name``.
        certificates: The apps' signing certificates, by the apps' issuers, each in base64 without whitespace.
        excluded: What no seed may add to the world because something that denies or restricts it is not known: its
            account (``HERE`` for the account that the seed is listed under), its kind in a world, and its name.
        everyone_groups: The org's groups that include everybody, such as Okta's Everyone, and their places.
    """

    kind: str
    accounts: dict[str, SeedPart] = field(default_factory=dict)
    orgs: dict[str, SeedPart] = field(default_factory=dict)
    left_out: list[SeedNote] = field(default_factory=list)
    notes: list[SeedNote] = field(default_factory=list)
    text: Callable[[Key], str] = field(default=str)
    written: Callable[[Key], Key] = field(default=_as_it_is)
    is_written_by_a_program: bool = False
    source: Callable[[Key], str] | None = None
    shown: Callable[[Key], str] | None = None
    certificates: dict[str, set[str]] = field(default_factory=dict)
    excluded: list[tuple[str, str, str]] = field(default_factory=list)
    everyone_groups: dict[str, Key] = field(default_factory=dict)

    def account(self, account_id: str = HERE) -> SeedPart:
        """Returns an account's part, creating it on first use."""
        return self.accounts.setdefault(account_id, SeedPart())

    def org(self, subdomain: str = HERE) -> SeedPart:
        """Returns an org's part, creating it on first use."""
        return self.orgs.setdefault(subdomain, SeedPart())
