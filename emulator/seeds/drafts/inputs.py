"""Reads the files from which a world is started, and determines their accounts and orgs."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Final

from emulator.kernel.errors import FileError, Location, Problem, first_problems
from emulator.kernel.records import dataclass
from emulator.seeds.contents import SeedContents, SeedError
from emulator.seeds.drafts.template_values import (
    exports_of,
    imports_asked,
    parameters_asked,
    placeholder_at,
    values_asked,
)
from emulator.seeds.other_files.kinds import WHAT_IS_READ
from emulator.seeds.readers import read_seed
from emulator.seeds.seed_text import Seed, SeedSettings, SeedText, read_seed_text

NO_ACCOUNT: Final = "000000000000"
NO_ORG: Final = "example"
_ARN = re.compile(r"arn:(aws[a-z-]*):[a-z0-9-]+:[a-z0-9-]*:([0-9]{12}):")
_ORG = re.compile(r"https?://([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\.(?:okta|oktapreview|okta-emea|okta-gov)\.com\b")
_NOT_ORGS = frozenset({"www", "developer", "help", "support", "login", "status"})
# The file extensions of exports; other files in a folder are ignored.
_ENDINGS = frozenset(
    {".json", ".yaml", ".yml", ".xml", ".tfstate", ".template", ".txt", ".tf", ".har", ".csv", ".tfplan"}
)
_ADMIN = "-admin"


@dataclass(frozen=True, slots=True)
class Input:
    """A file from which a world is started.

    Args:
        path: Where the file is.
        name: The file's name in the world file, relative to the world's folder.
        text: The file's parsed text.
        contents: What the file contributes.
        accounts: The ids of the accounts that will list it; ``NO_ACCOUNT`` if none is known.
        orgs: The names of the orgs that will list it.
        parameters: A template's parameters without a value, with a placeholder for each.
        imports: Exports that a template imports and no other file has, with a placeholder for each.
        values: Values that only a template's deployed resources have, with a placeholder for each.
    """

    path: Path
    name: str
    text: SeedText
    contents: SeedContents
    accounts: tuple[str, ...]
    orgs: tuple[str, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inputs:
    """All files from which a world is started.

    Args:
        files: The files that contribute something.
        passed_over: The files in a folder that are of an unsupported kind, with the reason.
        partitions: The partition of each account, by account id.
        org: The org to which most URLs in the files belong; empty if there are none.
    """

    files: tuple[Input, ...]
    passed_over: tuple[Problem, ...] = ()
    partitions: Mapping[str, str] = field(default_factory=dict)
    org: str = ""


def read_inputs(given: Sequence[Path], folder: Path) -> Inputs:
    """Reads the files from which a world is to be started.

    Args:
        given: Files, folders, and patterns such as ``exports/*.json``.
        folder: The folder that the world file will be in.

    Raises:
        FileError: a file that was named cannot be read or is of an unsupported kind; or there is no file.
    """
    problems: list[Problem] = []
    passed_over: list[Problem] = []
    texts: dict[Path, tuple[SeedText, bool]] = {}
    for path, is_named in _files(given, problems):
        if path in texts:
            continue
        try:
            texts[path] = (read_seed_text(path, name=str(path)), is_named)
        except SeedError as error:
            (problems if is_named else passed_over).append(_problem(path, error))
    guess = _guess(text for text, _ in texts.values())
    exported = {name for text, _ in texts.values() for name in exports_of(text)}
    orgs = {path: _first(Counter(_orgs_in(text))) for path, (text, _) in texts.items()}
    seeds = {path: _seed(path, text, folder, guess, exported) for path, (text, _) in texts.items()}
    files: list[Input] = []
    for path, (_, is_named) in texts.items():
        seed = seeds[path]
        # The names in a file of another org must not be mixed up with this org's.
        others = [seeds[other] for other in seeds if other != path and len({orgs[path], orgs[other]} - {None}) < 2]
        try:
            contents = read_seed(seed, others)
            values = values_asked(seed, contents)
            if values:
                seed = Seed(seed.text, replace(seed.settings, values=values))
                contents = read_seed(seed, others)
        except SeedError as error:
            (problems if is_named else passed_over).append(_problem(path, error))
            continue
        files.append(_input(path, seed, contents, guess))
    if problems:
        raise FileError(first_problems(problems))
    if not files:
        problem = Problem(Location(str(given[0])), "it contains no file that a world can be started from", WHAT_IS_READ)
        raise FileError(first_problems([problem, *passed_over]))
    return Inputs(tuple(files), tuple(passed_over), guess.partitions, guess.org or "")


def _files(given: Sequence[Path], problems: list[Problem]) -> Iterator[tuple[Path, bool]]:
    """Yields the files, and whether each was named explicitly rather than found in a folder."""
    for path in given:
        if path.is_dir():
            inside = (each for each in sorted(path.rglob("*")) if each.is_file() and each.suffix.lower() in _ENDINGS)
            yield from ((each, False) for each in inside if not any(p.startswith(".") for p in each.parts[1:]))
        elif path.exists() or not set("*?[") & set(path.name):
            yield path, True
        else:
            found = sorted(each for each in path.parent.glob(path.name) if each.is_file())
            if not found:
                problems.append(Problem(Location(str(path)), "no file matches this pattern", "at least one file"))
            yield from ((each, True) for each in found)


def _problem(path: Path, error: SeedError) -> Problem:
    found = f"{error.message}: {error.received}" if error.received else error.message
    return Problem(Location(str(path)), found, error.expected, fix=error.fix)


@dataclass(frozen=True, slots=True)
class _Guess:
    """The owners suggested by all files together.

    Args:
        account: The id of the account in most ARNs; None if there are no ARNs.
        org: The org in most URLs; None if there are no URLs.
        partitions: The partition of each account, by account id.
    """

    account: str | None
    org: str | None
    partitions: Mapping[str, str]


def _guess(texts: Iterator[SeedText]) -> _Guess:
    accounts: Counter[str] = Counter()
    orgs: Counter[str] = Counter()
    partitions: dict[str, str] = {}
    for text in texts:
        for found in _ARN.finditer(text.text):
            accounts[found[2]] += 1
            partitions.setdefault(found[2], found[1])
        orgs.update(_orgs_in(text))
    return _Guess(_first(accounts), _first(orgs), partitions)


def _orgs_in(text: SeedText) -> Iterator[str]:
    for found in _ORG.finditer(text.text):
        name = found[1].removesuffix(_ADMIN)
        if name not in _NOT_ORGS:
            yield name


def _first(counted: Counter[str]) -> str | None:
    return counted.most_common(1)[0][0] if counted else None


def _account_of(text: SeedText, guess: _Guess) -> str:
    """Returns the account of a file that does not name its own: by the ARNs in it, or else in the other files."""
    return _first(Counter(found[2] for found in _ARN.finditer(text.text))) or guess.account or NO_ACCOUNT


def _seed(path: Path, text: SeedText, folder: Path, guess: _Guess, exported: set[str]) -> Seed:
    name = os.path.relpath(path, folder).replace(os.sep, "/")
    account = _account_of(text, guess)
    settings = SeedSettings(
        name,
        account_id=account,
        partition=guess.partitions.get(account, "aws"),
        parameters={each: placeholder_at(where, account) for each, where in parameters_asked(text)},
        imports={each: placeholder_at(where, account) for each, where in imports_asked(text) if each not in exported},
    )
    return Seed(text, settings)


def _input(path: Path, seed: Seed, contents: SeedContents, guess: _Guess) -> Input:
    accounts = [name or _account_of(seed.text, guess) for name, part in contents.accounts.items() if part.data]
    own_org = _first(Counter(_orgs_in(seed.text))) or guess.org or NO_ORG
    orgs = [name or own_org for name, part in contents.orgs.items() if part.data]
    if not accounts and not orgs:
        # It contributes nothing, which is reported when the world is read.
        of_org = bool(contents.orgs) and not contents.accounts
        (orgs if of_org else accounts).append(own_org if of_org else _account_of(seed.text, guess))
    settings = seed.settings
    return Input(
        path,
        settings.file,
        seed.text,
        contents,
        tuple(dict.fromkeys(accounts)),
        tuple(dict.fromkeys(orgs)),
        settings.parameters,
        settings.imports,
        settings.values,
    )
