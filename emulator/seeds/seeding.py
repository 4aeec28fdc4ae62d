"""A world's accounts and orgs filled from what exists.

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

What the world file says itself is laid over what the files say.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.kernel.errors import Location, Problem, WorldError
from emulator.worldfile.sources import Layer, Seeded, merged
from emulator.worldfile.yaml_data import Key
from emulator.worldfile.yaml_file import OtherFile, Said, SaidBy, YamlDocument, key_text

if TYPE_CHECKING:
    from emulator.seeds.contents import SeedContents, SeedError, SeedNote, SeedPart
    from emulator.seeds.seed_text import Seed, SeedSettings, SeedText

# What a seed is read with, as the schema describes it.
SEED_SETTINGS = frozenset({"file", "parameters", "region", "stack_name", "imports", "values", "moment"})
_MAPPINGS = ("parameters", "imports", "values")


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What a world has taken from a file, and what it has not.

    Args:
        file: The file, as messages name it.
        kind: What kind of file it is.
        taken: How many things of each kind were taken, by the world's words: ``{"roles": 3}``.
        left_out: What the file holds and the world does not.
        told: What is in the world otherwise than in the file.
    """

    file: str
    kind: str
    taken: Mapping[str, int]
    left_out: tuple[Problem, ...] = ()
    told: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class SeedFile:
    """A file that an account or an org is filled from, and what it says."""

    seed: Seed
    contents: SeedContents
    part: SeedPart

    @property
    def name(self) -> str:
        """The file, as messages name it."""
        return self.seed.text.name

    def said(self, key: Key) -> Said:
        """Returns where a key of the account or the org is said, or its nearest parent."""
        place = self.part.place(key)
        return Said(self.location(place), SaidBy.SEED, self.contents.text(place), key=self.contents.written(place))

    def location(self, place: Key) -> Location:
        """Returns a place in the file with its line."""
        shown = place[1:] if place[:1] == ("Resources",) and len(place) > 1 else place
        return Location(self.name, self.seed.text.lines.nearest(self.contents.written(place)) or 1, key_text(shown))

    def problem(self, note: SeedNote) -> Problem:
        """Returns what a person has to be told, with its place."""
        return Problem(self.location(note.place), note.message, fix=note.fix)


def seeded(document: YamlDocument) -> tuple[YamlDocument, tuple[SeedReport, ...]]:
    """Returns a world's document with its seeds worked in, and what became of each file.

    Raises:
        WorldError: a file cannot be read, or is of no kind that is read.
    """
    listed = list(_listed(document))
    if not listed:
        return document, ()
    data = copy.deepcopy(document.data)
    seeds = _read_seeds(document, listed)
    filled: list[OtherFile] = []
    reports: list[SeedReport] = []
    for company, name in dict.fromkeys((company, name) for company, name, _ in listed):
        own = data[company][name]
        del own["seed"]
        files = list(_files(document, seeds, company, name))
        reports += map(_report, files)
        layers = [*(Layer(file.part.data, file.said) for file in files), _own_layer(document, (company, name), own)]
        if company == "aws":
            _settle_policies(name, [layer.data for layer in layers])
        filled.append(Seeded((company, name), tuple(layers)))
        data[company][name] = reduce(merged, (layer.data for layer in layers))
    return YamlDocument(document.file, data, document.lines, (*document.others, *filled)), tuple(reports)


def _listed(document: YamlDocument) -> Iterator[tuple[str, str, list[Any]]]:
    """Yields the accounts and orgs that have seeds; of others the schema says what is wrong with them."""
    for company in ("okta", "aws"):
        places = document.data.get(company)
        for name, place in places.items() if isinstance(places, dict) else ():
            seed = place.get("seed") if isinstance(place, dict) else None
            if isinstance(seed, list):
                yield company, name, seed
            elif isinstance(seed, str) or (isinstance(seed, dict) and "file" in seed):
                yield company, name, [seed]


def _read_seeds(document: YamlDocument, listed: Sequence[tuple[str, str, list[Any]]]) -> dict[Key, Seed]:
    from emulator.seeds.seed_text import Seed

    texts: dict[str, SeedText] = {}
    seeds: dict[Key, Seed] = {}
    for company, name, given in listed:
        for index, each in enumerate(given):
            key: Key = (company, name, "seed", index)
            settings = {"file": each} if isinstance(each, str) else each
            mistake = _mistake_in(settings)
            if mistake:
                raise _mistake(document, key, mistake, "a file, or {file: …, parameters: {…}}")
            file = settings["file"]
            if file not in texts:
                texts[file] = _text(document, key, file)
            seeds[key] = Seed(texts[file], _settings(settings, company, name, document.data[company][name]))
    return seeds


def _mistake_in(settings: Any) -> str:
    """Returns what is wrong with a seed as it is listed; nothing where it can be used."""
    if not isinstance(settings, dict):
        return "this is no seed"
    unknown = [str(name) for name in settings if name not in SEED_SETTINGS]
    if unknown:
        return f"a seed has no setting {unknown[0]}"
    if not isinstance(settings.get("file"), str) or not settings["file"]:
        return "a seed has to name its file"
    odd = [name for name in _MAPPINGS if not isinstance(settings.get(name) or {}, dict)]
    return f"{odd[0]} of a seed is no mapping" if odd else ""


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
    try:
        return read_seed_text(path, name=str(path))
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
            raise _refused(document, key, seed.settings.file, error) from None
        parts = contents.accounts if company == "aws" else contents.orgs
        for part in (HERE, name):
            if part in parts:
                yield SeedFile(seed, contents, parts[part])
        if not {HERE, name} & parts.keys():
            yield SeedFile(seed, contents, SeedPart())


def _report(file: SeedFile) -> SeedReport:
    contents = file.contents
    return SeedReport(
        file.name,
        contents.kind,
        {kind: len(things) for kind, things in file.part.data.items() if isinstance(things, (dict, list)) and things},
        tuple(map(file.problem, contents.left_out)),
        tuple(map(file.problem, contents.told)),
    )


def _own_layer(document: YamlDocument, key: Key, own: dict[str, Any]) -> Layer:
    """Returns what the world says itself of an account or an org."""
    return Layer(own, lambda inside: document.said((*key, *inside)))


def _settle_policies(account_id: str, layers: Sequence[dict[str, Any]]) -> None:
    """Names the account's own policies by name; AWS's keep their ARNs."""
    policies = [layer.get("policies") for layer in layers]
    own = frozenset(name for each in policies if isinstance(each, dict) for name in each)
    for holder in (holder for layer in layers for holder in _holders(layer)):
        if isinstance(holder.get("policies"), list):
            named = [_settled(account_id, policy, own) for policy in holder["policies"]]
            holder["policies"] = [each for index, each in enumerate(named) if each not in named[:index]]
        boundary = holder.get("permissions_boundary")
        if isinstance(boundary, str) and boundary.rsplit("/", 1)[-1] in own:
            holder["permissions_boundary"] = boundary.rsplit("/", 1)[-1]


def _holders(account: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for kind in ("roles", "users", "groups"):
        holders = account.get(kind)
        yield from (each for each in holders.values() if isinstance(each, dict)) if isinstance(holders, dict) else ()


def _settled(account_id: str, policy: Any, own: frozenset[str]) -> Any:
    if not isinstance(policy, str) or not policy.startswith("arn:") or f":iam::{account_id}:" not in policy:
        return policy
    name = policy.rsplit("/", 1)[-1]
    return name if name in own else policy


def _refused(document: YamlDocument, key: Key, file: str, error: SeedError) -> WorldError:
    return WorldError([Problem(document.location(key), f"{file}: {error.message}", error.expected, fix=error.fix)])


def _mistake(document: YamlDocument, key: Key, message: str, expected: str) -> WorldError:
    return WorldError([Problem(document.location(key), message, expected)])
