"""A seed in the place of a world's own: what the world would be if this were what there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from typing import Any

from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from emulator.seeds.aws_answers.reader import read_answer
from emulator.seeds.contents import HERE, SeedError
from emulator.seeds.okta_answers.reader import read_okta_answer
from emulator.seeds.readers import READERS, read_seed
from emulator.seeds.seed_text import Seed, SeedSettings, SeedText, read_seed_text
from emulator.seeds.terraform.reading import is_terraform
from emulator.world import World, read_world, world_document
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import YamlDocument

_COMPANIES = ("aws", "okta")
# Readers of answers, which are about one thing or a few.
_ANSWERS = frozenset(index for index, each in enumerate(READERS) if each.read in {read_answer, read_okta_answer})
_ANY = {"aws": "123456789012", "okta": "acme"}


def is_seed(text: SeedText) -> bool:
    """Returns whether a file is something that a world is filled from, and no world itself."""
    if isinstance(text.data, dict) and {"okta", "aws"} & text.data.keys() and "version" in text.data:
        return False
    is_yaml = PurePath(text.name).suffix.lower() in {".yaml", ".yml"}
    return _reader(text) is not None or not is_yaml


def is_plan(text: SeedText) -> bool:
    """Returns whether a seed is a Terraform plan: what there is and what is planned."""
    return isinstance(text.data, dict) and "format_version" in text.data and "planned_values" in text.data


def why_unread(path: Path) -> tuple[str, str]:
    """Returns why a file is not a seed, and what to give; nothing where it is one, or a world."""
    try:
        text = read_seed_text(path, name=str(path))
        if is_seed(text):
            read_seed(Seed(text, _settings(text, "aws", _ANY["aws"])), ())
    except SeedError as error:
        return f"{error.message}.", error.fix or f"Give {error.expected}."
    return "", ""


@dataclass(frozen=True, slots=True)
class SeedPlace:
    """Where in a world a seed belongs.

    Args:
        file: The world's own seed whose place it takes; empty where there is none.
        owners: The accounts and orgs that it is added to, where there is none.
    """

    file: str = ""
    owners: tuple[Key, ...] = ()


def place_of(world_file: Path, seed: SeedText) -> SeedPlace:
    """Returns where in a world a seed belongs.

    It takes the place of the world's only seed of the same kind; of several of the one with the same file name. A world
    that has none is given it in the accounts and orgs that the seed speaks of.

    Raises:
        WorldError: the world is not YAML.
        FederationError: it is not clear where the seed belongs, or it is of no kind that is read.
    """
    document = world_document(world_file)
    file = _replaced(document, seed, list(_listed(document.data)))
    return SeedPlace(file) if file else SeedPlace(owners=tuple(_owners(document.data, seed, world_file)))


def world_with_seed(world_file: Path, seed: SeedText, place: SeedPlace, *, moment: str = "") -> World:
    """Returns a world with a seed in the place of its own.

    Args:
        world_file: The world.
        seed: The seed.
        place: Where it belongs.
        moment: For a Terraform plan, the state to use: ``before`` or ``after``.

    Raises:
        WorldError: the world cannot be used.
    """
    document = world_document(world_file)
    said = {"moment": moment} if moment else {}
    for owner, index, file in _listed(document.data):
        if file == place.file and said:
            given = owner["seed"][index]
            owner["seed"][index] = {**({"file": given} if isinstance(given, str) else given), **said}
    for company, name in place.owners:
        document.data[company][name].setdefault("seed", []).append({"file": seed.name, **said})
    return read_world(document, texts={place.file or seed.name: seed})


def _reader(text: SeedText) -> int | None:
    return next((index for index, each in enumerate(READERS) if each.recognises(text)), None)


def _listed(data: Any) -> Iterator[tuple[Any, int, str]]:
    """Yields every seed that a world names: the account or org, its index there, and the file."""
    for company in _COMPANIES:
        owners = data.get(company)
        for owner in owners.values() if isinstance(owners, dict) else ():
            given = owner.get("seed") if isinstance(owner, dict) else None
            for index, each in enumerate(given if isinstance(given, list) else ()):
                file = each.get("file") if isinstance(each, dict) else each
                if isinstance(file, str):
                    yield owner, index, file


def _replaced(document: YamlDocument, seed: SeedText, listed: Sequence[tuple[Any, int, str]]) -> str:
    """Returns the file of a world whose place a seed takes; empty where there is none."""
    mine, kind = _reader(seed), _kind(seed)
    alike = []
    for file in dict.fromkeys(file for _, _, file in listed):
        try:
            text = read_seed_text(Path(document.file).parent / file, name=file)
        except SeedError:
            continue  # the world is going to say so, unless this is the one that is replaced
        if _reader(text) == mine and _kind(text) == kind and _is_about_the_same(text, seed):
            alike.append(file)
    same_name = [file for _, _, file in listed if PurePath(file).name == PurePath(seed.name).name]
    if len(alike) == 1:
        return alike[0]
    named = [file for file in alike or same_name if file in same_name]
    if named:
        return named[0]
    if alike:
        raise FederationError(
            f"The world {document.file} has several seeds of this kind, and none of the name of {seed.name}",
            expected=" or ".join(alike[:5]),
            fix="Give the file the name of the one whose place it takes.",
        )
    return ""


def _kind(text: SeedText) -> str:
    """Returns what kind of file a seed is, as far as one takes the place of another."""
    if is_terraform(text):
        return "Terraform"
    for company in _COMPANIES:
        try:
            kind = read_seed(Seed(text, _settings(text, company, _ANY[company])), ()).kind
        except SeedError:
            continue
        return kind
    return ""


def _is_about_the_same(text: SeedText, other: SeedText) -> bool:
    """Returns whether two answers of AWS's or Okta's have anything in common; one about another role is another one."""
    if _reader(text) not in _ANSWERS:
        return True
    mine, theirs = _names(text), _names(other)
    return not mine or not theirs or not mine.isdisjoint(theirs)


def _names(text: SeedText) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for company in _COMPANIES:
        try:
            contents = read_seed(Seed(text, _settings(text, company, _ANY[company])), ())
        except SeedError:
            continue
        for part in (contents.accounts if company == "aws" else contents.orgs).values():
            found |= {(kind, name) for kind, things in part.data.items() for name in things if isinstance(things, dict)}
    return found


def _settings(text: SeedText, company: str, name: str, moment: str = "after") -> SeedSettings:
    account_id, org = (name, "") if company == "aws" else ("", name)
    return SeedSettings(text.name, account_id=account_id, org=org, moment=moment)


def _owners(data: Any, seed: SeedText, world_file: Path) -> list[Key]:
    """Returns the accounts and orgs of a world that a seed speaks of."""
    found: list[Key] = []
    said: list[str] = []
    refused: SeedError | None = None
    for company in _COMPANIES:
        owners = data.get(company) if isinstance(data, dict) else None
        owners = owners if isinstance(owners, dict) else {}
        # A plan may speak of an account before it is applied, or after it only.
        for moment in ("after", "before") if is_plan(seed) else ("after",):
            try:
                contents = read_seed(Seed(seed, _settings(seed, company, str(next(iter(owners), "")), moment)), ())
            except SeedError as error:
                refused = error
                continue
            parts = contents.accounts if company == "aws" else contents.orgs
            names = [name for name, part in parts.items() if part.data]
            said += names
            mine = [name for name in owners if name in names]
            if not mine and HERE in names and len(owners) == 1:
                mine = list(owners)
            found += [(company, name) for name in mine if isinstance(owners[name], dict)]
            if len(mine) == len(owners):
                break
    if found:
        return list(dict.fromkeys(found))
    if refused is not None:
        raise FederationError(f"{seed.name}: {refused.message}", expected=refused.expected, fix=refused.fix)
    names = list(dict.fromkeys(filter(None, said)))
    where = f"it speaks of {', '.join(names[:5])}" if names else "it does not say whose it is"
    raise FederationError(
        f"Nothing of {seed.name} has a place in {world_file}: {where}",
        expected="an account or org of the world that the file speaks of",
        fix=f"Add {PurePath(seed.name).name} to the seeds of an account or org in {world_file}.",
    )
