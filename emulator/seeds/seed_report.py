"""What a world took from each of its seeds and what was left out, with file and line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from emulator.kernel.errors import Location, Problem
from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key, value_at
from emulator.worldfile.text.yaml_file import Said, SaidBy, key_text

if TYPE_CHECKING:
    from emulator.seeds.contents import SeedContents, SeedNote, SeedPart
    from emulator.seeds.seed_text import Seed

# What reports call the things of an account or org, by their keys in a world; for Connect instances, the things
# inside them are counted as well.
_KINDS = {
    "aws": ("saml_providers", "roles", "policies", "users", "groups", "connect"),
    "okta": ("users", "groups", "apps", "oidc_clients"),
}
_OF_ORGS = {"users": "people", "groups": "okta_groups"}
# What a file may add to an app or a person that comes from another file.
_ADDED = {"apps": ("assignments", "assignments"), "users": ("groups", "memberships")}
_OF_INSTANCES = {
    "users": "connect_users",
    "security_profiles": "security_profiles",
    "approved_origins": "approved_origins",
}
# The fields in which all kinds of files keep names.
_NAME_FIELDS = frozenset(
    {
        "name", "login", "username", "user_name", "role", "role_name", "policy_name", "label", "email", "arn",
        "rolename", "policyname", "managedpolicyname", "groupname", "instancealias", "instance_alias",
    }
)  # fmt: skip
# A mapping with more entries is a collection of things, not a single thing.
_MOST_ENTRIES = 100
_DEEPEST_NAME = 3
_NAMED = re.compile(r"(?:the )?(?:app|role|person|group|(?:IAM |Connect )?user|SAML provider) (\S+)")


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What a world took from a file, and what it did not.

    Args:
        file: The file's name in messages.
        kind: The kind of file, in words.
        taken: How many things of each kind were taken: ``{"roles": 3, "people": 12}``.
        left_out: What is in the file but not in the world.
        notes: What differs between the file and the world.
        missing: What was left out, by the names under which it may be missed.
    """

    file: str
    kind: str
    taken: Mapping[str, int]
    left_out: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    missing: Mapping[str, Problem] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeedFile:
    """A file that fills an account or org, and its contents."""

    seed: Seed
    contents: SeedContents
    part: SeedPart

    @property
    def name(self) -> str:
        """The file's name in messages."""
        return self.seed.text.name

    def said(self, key: Key) -> Said:
        """Returns where a key of the account or org comes from, or else its nearest parent."""
        place = self.part.place(key)
        written = self.contents.written(place)
        return Said(
            self.location(place), SaidBy.SEED, self.contents.text(place), key=written, source=self._source(place)
        )

    def _source(self, place: Key) -> str:
        """Returns where a correction belongs if a program writes the file."""
        if not self.contents.is_written_by_a_program:
            return ""
        return self.contents.source(place) if self.contents.source else f"what {PurePath(self.name).name} was made from"

    def location(self, place: Key) -> Location:
        """Returns the location of a place in the file, with its line."""
        shown = place[1:] if place[:1] == ("Resources",) and len(place) > 1 else place
        key = self.contents.shown(place) if self.contents.shown else key_text(shown)
        return Location(self.name, self.seed.text.lines.nearest(self.contents.written(place)) or 1, key)

    def problem(self, note: SeedNote) -> Problem:
        """Returns a note as a problem with its location."""
        return Problem(self.location(note.place), note.message, fix=note.fix)

    def names_of(self, note: SeedNote) -> Iterator[str]:
        """Yields the names of what is left out, from the note and from the file."""
        yield from note.names
        if note.names:
            return
        named = _NAMED.fullmatch(note.what)
        if named is not None:
            yield named[1]
        place = self.contents.written(note.place)
        value, depth = value_at(self.seed.text.data, place)
        if depth < len(place) or not place:
            return
        for length in range(len(place), 0, -1):
            value, _ = value_at(self.seed.text.data, place[:length])
            if isinstance(value, dict | list) and len(value) > _MOST_ENTRIES:
                return
            names = list(_names_in(value))
            if names:
                yield from names
                return


def _names_in(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, dict) and depth < _DEEPEST_NAME:
        for name, each in value.items():
            if isinstance(each, str) and str(name).lower() in _NAME_FIELDS:
                yield each.rpartition("/")[2] if each.startswith("arn:") else each
            elif isinstance(each, dict):
                yield from _names_in(each, depth + 1)


def reports_of(files: Mapping[tuple[str, str], Sequence[SeedFile]]) -> tuple[SeedReport, ...]:
    """Returns a report for each file, in the order in which the world lists them.

    Args:
        files: The files of each org and account, by ``okta`` or ``aws`` and its name.
    """
    by_name: dict[str, list[tuple[str, SeedFile]]] = {}
    listed: dict[str, set[tuple[str, str]]] = {}
    for (company, name), given in files.items():
        for file in given:
            by_name.setdefault(file.name, []).append((company, file))
            listed.setdefault(file.name, set()).add((company, name))
    return tuple(_report(given, listed[name]) for name, given in by_name.items())


def _report(given: Sequence[tuple[str, SeedFile]], listed: set[tuple[str, str]]) -> SeedReport:
    first = given[0][1]
    taken: dict[str, int] = {}
    left_out_names: dict[Problem, list[str]] = {}
    notes: dict[Problem, None] = {}
    for company, file in given:
        for kind, number in things_in(company, file.part.data).items():
            taken[kind] = taken.get(kind, 0) + number
        for note in file.contents.left_out:
            left_out_names.setdefault(file.problem(note), []).extend(file.names_of(note))
        notes.update(dict.fromkeys(map(file.problem, file.contents.notes)))
    for problem in dict.fromkeys(each for _, file in given for each in _of_others(file, listed)):
        left_out_names.setdefault(problem, [])
    # A name that was taken elsewhere is not missing, even if something of that name was left out here.
    there = {name for company, file in given for name in _names_taken(company, file.part.data)}
    missing: dict[str, Problem] = {}
    for problem, names in left_out_names.items():
        for name in names:
            if name not in there:
                missing.setdefault(name, problem)
    return SeedReport(first.name, first.contents.kind, taken, tuple(left_out_names), tuple(notes), missing)


def _names_taken(company: str, data: Mapping[str, Any]) -> Iterator[str]:
    for kind in _KINDS[company]:
        things = data.get(kind)
        yield from (each for each in things if isinstance(each, str)) if isinstance(things, dict | list) else ()
    instances = data.get("connect")
    for instance in instances.values() if company == "aws" and isinstance(instances, dict) else ():
        users = instance.get("users") if isinstance(instance, dict) else None
        yield from users if isinstance(users, dict) else ()


def with_left_out(seeds: Iterable[SeedReport], left_out: Mapping[tuple[str, str], Problem]) -> tuple[SeedReport, ...]:
    """Returns the reports with what was left out later added to them.

    Args:
        seeds: The reports so far.
        left_out: What was left out later, by its kind in the world and its name, with its location in a seed.
    """
    return tuple(_without(seed, left_out) for seed in seeds)


def _without(seed: SeedReport, left_out: Mapping[tuple[str, str], Problem]) -> SeedReport:
    own = {key: problem for key, problem in left_out.items() if problem.location.file == seed.file}
    taken, already = dict(seed.taken), set(seed.left_out)
    for (kind, _), problem in own.items():
        taken[kind] = taken.get(kind, 0) - (problem not in already)
    return replace(
        seed,
        taken={kind: number for kind, number in taken.items() if number > 0},
        left_out=tuple(dict.fromkeys((*seed.left_out, *own.values()))),
        missing={**seed.missing, **{name: problem for (_, name), problem in own.items()}},
    )


def left_out_of(seeds: Iterable[SeedReport], text: str) -> Problem | None:
    """Returns what was left out of a seed, if a text says that it does not exist.

    Args:
        seeds: The world's seeds.
        text: A message with the name of what is missing.
    """
    for seed in seeds:
        for name in sorted((name for name in seed.missing if name in text), key=len, reverse=True):
            if re.search(rf"(?<![\w@-]){re.escape(name)}(?![\w@-])", text):
                return seed.missing[name]
    return None


def as_left_out(problem: Problem) -> str:
    """Returns a sentence about something that was left out: what it is, at which line, and why."""
    what, _, reason = problem.message.partition(": ")
    place = f"{problem.location.file}:{problem.location.line}"
    return f"{what} was left out of {place}: {reason}."


def things_in(company: str, data: Mapping[str, Any]) -> dict[str, int]:
    """Returns how many things of each kind an account or org has, by the words that reports use.

    Args:
        company: ``okta`` or ``aws``.
        data: The account or org, in the form of a world file.
    """
    found: dict[str, int] = {}
    for kind in _KINDS[company]:
        things = data.get(kind)
        name = _OF_ORGS.get(kind, kind) if company == "okta" else kind
        found[name] = len(things) if isinstance(things, dict | list) else 0
        if company == "okta" and kind in _ADDED and isinstance(things, dict):
            added, word = _ADDED[kind]
            lists = [each[added] for each in things.values() if isinstance(each, dict) and added in each]
            found[word] = sum(len(each) for each in lists if isinstance(each, list))
            # A file of assignments only does not have the app itself, and a file of memberships only not the people.
            found[name] -= sum(1 for each in things.values() if isinstance(each, dict) and set(each) == {added})
    instances = data.get("connect")
    for instance in instances.values() if company == "aws" and isinstance(instances, dict) else ():
        for kind, name in _OF_INSTANCES.items():
            things = instance.get(kind) if isinstance(instance, dict) else None
            found[name] = found.get(name, 0) + (len(things) if isinstance(things, dict | list) else 0)
    found["alias"] = int(company == "aws" and isinstance(data.get("alias"), str))
    return {kind: number for kind, number in found.items() if number}


def _of_others(file: SeedFile, listed: set[tuple[str, str]]) -> Iterator[Problem]:
    """Yields what a file has for accounts and orgs that it is not listed under."""
    companies = {company for company, _ in listed}
    for company, parts in (("aws", file.contents.accounts), ("okta", file.contents.orgs)):
        for name, part in parts.items():
            things = sum(things_in(company, part.data).values())
            if not things or (company, name) in listed or (not name and company in companies):
                continue
            kind = "account" if company == "aws" else "org"
            whose = f"{kind} {name}" if name else f"an {'AWS account' if company == 'aws' else 'Okta org'}"
            where = f"{company}.{name}.seed" if name else f"{company}.<{kind}>.seed"
            message = f"{things:,} {'thing' if things == 1 else 'things'} of {whose}: the file is not among its seeds"
            yield Problem(Location(file.name, 1), message, fix=f"List {file.seed.settings.file} under {where} too.")
