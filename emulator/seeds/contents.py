"""What a seed says of a world, where in the seed each part of it is said, and what was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Any, Final

from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key

HERE: Final = ""
"""The account, or the org, that a seed is listed under: the file itself does not say who owns what it holds."""


class SeedError(FederationError):
    """A file cannot be a seed: it is of another kind, cannot be read, or nothing in it can be used."""


@dataclass(frozen=True, slots=True)
class SeedPart:
    """The data of one account or of one org as a world would have it.

    Args:
        data: The data.
        places: By keys of the data, the keys in the seed that they come from. What lies deeper is at the same keys
            below.
    """

    data: dict[str, Any] = field(default_factory=dict)
    places: dict[Key, Key] = field(default_factory=dict)

    def put(self, key: Key, value: Any, place: Key) -> None:
        """Adds a value; mappings on the way to it are made."""
        *parents, last = key
        node: Any = self.data
        for part in parents:
            node = node.setdefault(part, {})
        node[last] = value
        self.places[key] = place

    def append(self, key: Key, value: Any, place: Key) -> None:
        """Adds a value to a list, unless it is in it."""
        *parents, last = key
        node: Any = self.data
        for part in parents:
            node = node.setdefault(part, {})
        values = node.setdefault(last, [])
        if value not in values:
            self.places[(*key, len(values))] = place
            values.append(value)

    def has(self, *key: str | int) -> bool:
        """Returns whether there is something at a key."""
        node: Any = self.data
        for part in key:
            if not isinstance(node, dict) or part not in node:
                return False
            node = node[part]
        return True

    def remove(self, key: Key) -> None:
        """Takes a value out again, as where something of it turns out not to be known."""
        *parents, last = key
        node: Any = self.data
        for part in parents:
            node = node.get(part, {})
        value = node.pop(last, None)
        for inside in _keys_in(value):
            self.places.pop((*key, *inside), None)

    def remove_item(self, key: Key, index: int) -> Any:
        """Takes an item out of the list at a key, and returns it."""
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
        """Returns where a key comes from, or its nearest parent of which that is known."""
        for length in range(len(key), -1, -1):
            if key[:length] in self.places:
                return (*self.places[key[:length]], *key[length:])
        return ()


@dataclass(frozen=True, slots=True)
class SeedNote:
    """Something in a seed that a person has to know.

    Args:
        what: What it is about, as the file calls it: ``Resources.Idp (Custom::SAMLProvider)``.
        reason: Why it was left out, or what was made in its place. No secret is ever in it.
        place: Where in the seed it is.
        fix: What to do to have it, where something can be done.
        names: What it would be called in the world, by which somebody may miss it: a role's name, a person's login.
            Names that the file has at the place are found without.
    """

    what: str
    reason: str
    place: Key = ()
    fix: str = ""
    names: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """One line for a person."""
        return f"{self.what}: {self.reason}"


def _keys_in(value: Any) -> Iterator[Key]:
    """Yields the keys of what is inside a value, and the empty one of the value itself."""
    yield ()
    if isinstance(value, dict | list):
        for part, inside in value.items() if isinstance(value, dict) else enumerate(value):
            yield from ((part, *each) for each in _keys_in(inside))


def _as_it_is(place: Key) -> Key:
    return place


@dataclass(frozen=True, slots=True)
class SeedContents:
    """What a seed says.

    Args:
        kind: What kind of file it is, as a person calls it: ``CloudFormation template``.
        accounts: What it says of AWS accounts, by their ids; ``HERE`` for the one that the seed is listed under.
        orgs: What it says of Okta orgs, by their subdomains; ``HERE`` for the one that the seed is listed under.
        left_out: What the file holds and the world does not, each named with its reason.
        told: What is in the world otherwise than in the file: an access key whose secret was made, for one.
        text: What a place in the file is, for a person: ``CloudFormation resource Idp``.
        written: The keys that lead, in the file as it is written, to what a place means.
        is_written_by_a_program: Whether a correction belongs into another file or a console, and not into this one.
        source: Where the correction of a place belongs then: ``aws_iam_role.agent in the Terraform source (.tf)``.
        shown: How a place is called in messages, where that is not by its keys: ``aws_iam_role.agent.name``.
        certificates: The certificates that apps sign with, by the apps' issuers, each in base64 without blanks.
        withheld: What is kept away in every seed, since something that denies or narrows is not known of it: each by
            its account (``HERE`` for the one that the seed is listed under), its kind in a world, and its name.
        everybodys: The groups of an org that everybody is a member of, as Okta's Everyone, and their places.
    """

    kind: str
    accounts: dict[str, SeedPart] = field(default_factory=dict)
    orgs: dict[str, SeedPart] = field(default_factory=dict)
    left_out: list[SeedNote] = field(default_factory=list)
    told: list[SeedNote] = field(default_factory=list)
    text: Callable[[Key], str] = field(default=str)
    written: Callable[[Key], Key] = field(default=_as_it_is)
    is_written_by_a_program: bool = False
    source: Callable[[Key], str] | None = None
    shown: Callable[[Key], str] | None = None
    certificates: dict[str, set[str]] = field(default_factory=dict)
    withheld: list[tuple[str, str, str]] = field(default_factory=list)
    everybodys: dict[str, Key] = field(default_factory=dict)

    def account(self, account_id: str = HERE) -> SeedPart:
        """Returns the part of an account, which is made when it is first asked for."""
        return self.accounts.setdefault(account_id, SeedPart())

    def org(self, subdomain: str = HERE) -> SeedPart:
        """Returns the part of an org, which is made when it is first asked for."""
        return self.orgs.setdefault(subdomain, SeedPart())
