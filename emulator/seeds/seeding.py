"""Fills a world's accounts and orgs from existing files.

    okta:
      acme:
        seed: [exports/apps.json, exports/users.json]
    aws:
      "123456789012":
        seed:
          - federation.yaml                                   # a template
          - {file: roles.yaml, parameters: {Stage: prod}}
          - terraform.json                                    # terraform show -json
          - exports/okta.json                                 # aws iam get-saml-provider --saml-provider-arn …

The world file's own settings go on top of what the files contain.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from emulator.kernel.errors import Problem, WorldError
from emulator.seeds.seed_report import SeedFile, SeedReport, reports_of
from emulator.worldfile.sources import Layer, Seeded, merged
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import OtherFile, YamlDocument

if TYPE_CHECKING:
    from emulator.seeds.contents import SeedError
    from emulator.seeds.seed_text import Seed, SeedSettings, SeedText

# The settings of a seed, as in the schema.
SEED_SETTINGS = frozenset({"file", "parameters", "region", "stack_name", "imports", "values", "moment"})
_MAPPINGS = ("parameters", "imports", "values")
_A_SEED = "a file, or {file: …, parameters: {…}}"
NO_TEXTS: Mapping[str, SeedText] = MappingProxyType({})


def seeded(
    document: YamlDocument, *, texts: Mapping[str, SeedText] = NO_TEXTS
) -> tuple[YamlDocument, tuple[SeedReport, ...]]:
    """Returns a world's document with its seeds merged in, and a report for each file.

    Args:
        document: The world file's document.
        texts: Seeds to use in place of files on disk, by the names in the document.

    Raises:
        WorldError: a file cannot be read, or its kind is not supported.
    """
    listed = list(_listed(document))
    if not listed:
        return document, ()
    data = copy.deepcopy(document.data)
    seeds = _read_seeds(document, listed, texts)
    files = {(company, name): list(_files(document, seeds, company, name)) for company, name, _ in listed}
    for company, name in files:
        del data[company][name]["seed"]
    _join(data, files)
    filled: list[OtherFile] = []
    for (company, name), given in files.items():
        own = data[company][name]
        layers = (*(Layer(file.part.data, file.said) for file in given), _own_layer(document, (company, name), own))
        filled.append(Seeded((company, name), layers))
        data[company][name] = reduce(merged, (layer.data for layer in layers))
    reports = reports_of(files)
    return YamlDocument(document.file, data, document.lines, (*document.others, *filled)), reports


def _listed(document: YamlDocument) -> Iterator[tuple[str, str, list[Any]]]:
    """Yields the accounts and orgs with a valid list of seeds; the schema reports what is wrong with others."""
    for company in ("okta", "aws"):
        places = document.data.get(company)
        for name, place in places.items() if isinstance(places, dict) else ():
            seed = place.get("seed") if isinstance(place, dict) else None
            if isinstance(seed, list):
                yield company, name, seed
            elif isinstance(seed, str) or (isinstance(seed, dict) and "file" in seed):
                yield company, name, [seed]


def _read_seeds(
    document: YamlDocument, listed: Sequence[tuple[str, str, list[Any]]], given_texts: Mapping[str, SeedText]
) -> dict[Key, Seed]:
    from emulator.seeds.seed_text import Seed

    texts = dict(given_texts)
    seeds: dict[Key, Seed] = {}
    shared: dict[Any, Any] = {}
    for company, name, given in listed:
        for index, each in enumerate(given):
            key: Key = (company, name, "seed", index)
            settings = {"file": each} if isinstance(each, str) else each
            mistake, expected = _mistake_in(settings)
            if mistake:
                raise _mistake(document, key, mistake, expected)
            file = settings["file"]
            if file not in texts:
                texts[file] = _text(document, key, file)
            seeds[key] = Seed(texts[file], _settings(settings, company, name, document.data[company][name]), shared)
    return seeds


def _mistake_in(settings: Any) -> tuple[str, str]:
    """Returns what is wrong with a listed seed, and what is expected; two empty strings if nothing is wrong."""
    if not isinstance(settings, dict):
        return "this is not a seed", _A_SEED
    unknown = [str(name) for name in settings if name not in SEED_SETTINGS]
    if unknown:
        return f"a seed has no setting {unknown[0]}", f"one of {', '.join(sorted(SEED_SETTINGS))}"
    if not isinstance(settings.get("file"), str) or not settings["file"]:
        return "a seed must name its file", _A_SEED
    odd = [name for name in _MAPPINGS if not isinstance(settings.get(name) or {}, dict)]
    if odd:
        return f"{odd[0]} of a seed is not a mapping", f"{odd[0]}: {{NAME: VALUE}}"
    if settings.get("moment", "after") not in ("before", "after"):
        return "moment of a seed is neither before nor after", "moment: before, or moment: after"
    return "", ""


def _settings(given: Mapping[str, Any], company: str, name: str, own: Mapping[str, Any]) -> SeedSettings:
    from emulator.seeds.seed_text import SeedSettings

    texts = {setting: str(value) for setting, value in given.items() if setting not in _MAPPINGS}
    mappings = {
        setting: {str(each): str(value) for each, value in (given.get(setting) or {}).items()} for setting in _MAPPINGS
    }
    listed = {"org": name} if company == "okta" else {"account_id": name}
    partition = {"partition": str(own["partition"])} if company == "aws" and "partition" in own else {}
    settings: dict[str, Any] = {**texts, **mappings, **listed, **partition, "own": own}
    return SeedSettings(**settings)


def _text(document: YamlDocument, key: Key, file: str) -> SeedText:
    from emulator.seeds.contents import SeedError
    from emulator.seeds.seed_text import read_seed_text

    path = Path(document.file).parent / file
    # The system cannot resolve ".." after a folder that does not exist, and messages read better without it.
    plain = Path(os.path.normpath(path))
    try:
        return read_seed_text(path if path.exists() else plain, name=str(plain))
    except SeedError as error:
        raise _refused(document, key, file, error) from None


def _files(document: YamlDocument, seeds: Mapping[Key, Seed], company: str, name: str) -> Iterator[SeedFile]:
    from emulator.seeds.contents import HERE, SeedError, SeedPart
    from emulator.seeds.readers import read_seed

    for key, seed in seeds.items():
        if key[:2] != (company, name):
            continue
        try:
            contents = read_seed(seed, [other for other in seeds.values() if other is not seed])
        except SeedError as error:
            raise _refused(document, key, _name_of(seed), error) from None
        parts = contents.accounts if company == "aws" else contents.orgs
        for part in (HERE, name):
            if part in parts:
                yield SeedFile(seed, contents, parts[part])
        if not {HERE, name} & parts.keys():
            yield SeedFile(seed, contents, SeedPart())


def _name_of(seed: Seed) -> str:
    """Returns the file's name in the world, or the name of the text that is used in its place."""
    file = seed.settings.file
    return file if PurePath(file).name == PurePath(seed.text.name).name else seed.text.name


def _join(data: Mapping[str, Any], places: Mapping[tuple[str, str], Sequence[SeedFile]]) -> None:
    """Connects what is in different files, people to groups, providers to apps, and removes what has no counterpart."""
    from emulator.seeds.filled_orgs import complete_org
    from emulator.seeds.layers import FilledPlace, SeedLayer
    from emulator.seeds.linking import link_providers
    from emulator.seeds.settling.settle import settle

    orgs, accounts = (
        {
            name: FilledPlace([SeedLayer(f.contents, f.part) for f in places.get((company, name), ())], own)
            for name, own in (data[company].items() if isinstance(data.get(company), dict) else ())
        }
        for company in ("okta", "aws")
    )
    for org in orgs.values():
        complete_org(org, accounts)
    link_providers(orgs, accounts)
    settle(orgs, accounts)


def _own_layer(document: YamlDocument, key: Key, own: dict[str, Any]) -> Layer:
    """Returns the world file's own settings of an account or org."""
    return Layer(own, lambda inside: document.said((*key, *inside)))


def _refused(document: YamlDocument, key: Key, file: str, error: SeedError) -> WorldError:
    return WorldError([Problem(document.location(key), f"{file}: {error.message}", error.expected, fix=error.fix)])


def _mistake(document: YamlDocument, key: Key, message: str, expected: str) -> WorldError:
    return WorldError([Problem(document.location(key), message, expected)])
