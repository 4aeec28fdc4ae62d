"""A seed in the place of a world's own: what the world would be if this were what there is."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from typing import Any

from emulator.kernel.errors import FederationError
from emulator.seeds.contents import HERE, SeedContents, SeedError
from emulator.seeds.readers import READERS, read_seed
from emulator.seeds.seed_text import Seed, SeedSettings, SeedText, read_seed_text
from emulator.world import World, read_world, world_document
from emulator.worldfile.yaml_file import YamlDocument

_COMPANIES = ("aws", "okta")


def is_seed(text: SeedText) -> bool:
    """Returns whether a file is something that a world is filled from, and no world itself."""
    if isinstance(text.data, dict) and {"okta", "aws"} & text.data.keys() and "version" in text.data:
        return False
    is_yaml = PurePath(text.name).suffix.lower() in {".yaml", ".yml"}
    return _reader(text) is not None or not is_yaml


def is_plan(text: SeedText) -> bool:
    """Returns whether a seed is a Terraform plan: what there is and what is planned."""
    return isinstance(text.data, dict) and "format_version" in text.data and "planned_values" in text.data


def world_with_seed(world_file: Path, seed: SeedText, *, moment: str = "") -> World:
    """Returns a world with a seed in the place of its own.

    Its own is the only one of the same kind; of several the one with the same file name. A world that has none is
    given it in the accounts and orgs that the seed speaks of.

    Args:
        world_file: The world.
        seed: The seed.
        moment: Of a Terraform plan what it stands for: ``before`` or ``after``.

    Raises:
        WorldError: the world cannot be used.
        FederationError: it is not clear where in the world the seed belongs, or it is of no kind that is read.
    """
    document = world_document(world_file)
    data = copy.deepcopy(document.data)
    listed = list(_listed(data))
    replaced = _replaced(document, seed, listed)
    if replaced:
        for owner, index, file in listed:
            if file == replaced and moment:
                given = owner["seed"][index]
                owner["seed"][index] = {**({"file": given} if isinstance(given, str) else given), "moment": moment}
    else:
        replaced = seed.name
        for owner in _owners(data, seed, world_file):
            given = owner.setdefault("seed", [])
            given.append({"file": replaced, **({"moment": moment} if moment else {})})
    return read_world(YamlDocument(document.file, data, document.lines, document.others), texts={replaced: seed})


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
        if _reader(text) == mine and _kind(text) == kind:
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
    try:
        kind = read_seed(Seed(text, SeedSettings(text.name, account_id="123456789012")), ()).kind
    except SeedError:
        return ""
    return kind.split()[0] if kind.startswith("Terraform") else kind


def _owners(data: Any, seed: SeedText, world_file: Path) -> list[Any]:
    """Returns the accounts and orgs of a world that a seed speaks of."""
    accounts, orgs = (data.get(company) if isinstance(data.get(company), dict) else {} for company in _COMPANIES)
    only = next(iter(accounts), "")
    try:
        contents = read_seed(Seed(seed, SeedSettings(seed.name, account_id=str(only))), ())
    except SeedError as error:
        raise FederationError(f"{seed.name}: {error.message}", expected=error.expected) from None
    found = [*_named(accounts, contents, "account"), *_named(orgs, contents, "org")]
    if found:
        return found
    said = [*contents.accounts, *contents.orgs]
    where = f"it speaks of {', '.join(filter(None, said[:5]))}" if any(said) else "it does not say whose it is"
    raise FederationError(
        f"Nothing of {seed.name} has a place in {world_file}: {where}",
        expected="an account or org of the world that lists it as a seed",
        fix=f"Add {PurePath(seed.name).name} to the seeds of an account or org in {world_file}.",
    )


def _named(owners: dict[str, Any], contents: SeedContents, kind: str) -> list[Any]:
    said = contents.accounts if kind == "account" else contents.orgs
    found = [owner for name, owner in owners.items() if name in said and isinstance(owner, dict)]
    if found or HERE not in said:
        return found
    return list(owners.values()) if len(owners) == 1 else []
