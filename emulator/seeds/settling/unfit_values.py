"""Removes and reports what has values that the schema of world files does not accept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

from pydantic import BaseModel, ValidationError

from emulator.kernel.errors import Location
from emulator.kernel.records import dataclass
from emulator.seeds.layers import SeedLayer
from emulator.seeds.settling.things import NOUNS, name_of
from emulator.worldfile.schema.aws_schema import Account
from emulator.worldfile.schema.okta_schema import OktaOrg
from emulator.worldfile.schema.schema_check import mistake_expected, mistake_message
from emulator.worldfile.sources import Layer, merged, said_in
from emulator.worldfile.text.yaml_data import Key, value_at
from emulator.worldfile.text.yaml_file import Said, key_text

_MODELS: Mapping[str, type[BaseModel]] = {"okta": OktaOrg, "aws": Account}
_LACKING = {
    "metadata": "none of the seeds contains its metadata",
    "trust": "none of the seeds contains its trust policy",
    "identity_provider_arn": "none of the seeds contains its identity provider ARN",
    "region": "none of the seeds contains its region",
    "alias": "none of the seeds contains its alias",
}
_SECRETS = frozenset({"secret", "secret_key", "password", "authorization", "private_keys", "api_tokens", "xml"})


def leave_out_unfit(company: str, seeds: Sequence[SeedLayer], own: Mapping[str, Any]) -> bool:
    """Removes each thing with a value from a seed that violates the schema; returns whether there were any.

    All data is validated at once, so that thousands of valid things are each looked at only once.
    """
    layers = [Layer(data, _nowhere) for data in (*(seed.part.data for seed in seeds), own)]
    whole = reduce(merged, (layer.data for layer in layers))
    try:
        _MODELS[company].model_validate(whole)
    except ValidationError as error:
        found: dict[Key, _Unfit] = {}
        for unfit in _unfit(whole, error):
            found.setdefault(_thing(company, unfit.key), unfit)
        # Starting at the end keeps the indexes of a list's other items valid.
        left_out = [_leave_out_thing(company, thing, found[thing], seeds, layers) for thing in reversed(found)]
        return any(left_out)
    return False


def _nowhere(_key: Key) -> Said:
    return Said(Location(""))


@dataclass(frozen=True, slots=True)
class _Unfit:
    """A pydantic error, and the key that it is about."""

    key: Key
    entry: Mapping[str, Any]

    @property
    def is_missing(self) -> bool:
        """Whether there is nothing at the key."""
        return bool(self.entry["type"] == "missing")


def _unfit(data: Mapping[str, Any], error: ValidationError) -> Iterator[_Unfit]:
    found = [_Unfit(_key_in_data(data, entry), entry) for entry in error.errors(include_url=False)]
    parents = {each.key[:length] for each in found for length in range(len(each.key))}
    # An error for a whole mapping, next to one for something inside it, comes from another branch of a union.
    yield from (each for each in found if each.key not in parents)


def _key_in_data(data: Any, entry: Mapping[str, Any]) -> Key:
    """Returns the key that an error is about, without the parts that name a branch of a union."""
    key: list[str | int] = []
    for position, part in enumerate(entry["loc"]):
        in_mapping = isinstance(data, dict) and part in data
        if in_mapping or (isinstance(data, list) and isinstance(part, int) and part < len(data)):
            data = data[part]
        elif entry["type"] != "missing" or position < len(entry["loc"]) - 1:
            continue
        key.append(part)
    return tuple(key)


def _thing(company: str, key: Key) -> Key:
    """Returns the key of the smallest thing that can be left out without granting more than before."""
    match key:
        case ("connect", _, "users" | "security_profiles" | "approved_origins", _, *_) if company == "aws":
            return key[:4]
        case ("apps", _, "assignments", _, *_) if company == "okta":
            return key[:4]
        case (str(kind), _, *_) if (company, kind) in NOUNS:
            return key[:2]
    return key[:1]


def _leave_out_thing(
    company: str, thing: Key, unfit: _Unfit, seeds: Sequence[SeedLayer], layers: Sequence[Layer]
) -> bool:
    """Removes a thing from every seed that has it; returns False if the world file itself is at fault."""
    giving = said_in(layers, thing)
    blamed = giving if unfit.is_missing or unfit.key == thing else said_in(layers, unfit.key)
    if not blamed or blamed[-1][0] == len(seeds):
        return False
    if any(index == len(seeds) for index, _ in giving) and not _is_whole(company, thing, layers[-1]):
        return False  # the world cannot be used without it: the error is reported at the seed's line
    number, at = blamed[-1]
    here = next(key for index, key in giving if index == number)
    seeds[number].leave_out(here, name_of(company, thing), _reason(thing, unfit), at=at)
    for index, key in giving:
        if index == len(seeds):
            continue
        if isinstance(key[-1], int):
            seeds[index].part.remove_item(key[:-1], key[-1])
        else:
            seeds[index].part.remove(key)
    return True


def _is_whole(company: str, thing: Key, own: Layer) -> bool:
    """Returns whether the world file's own settings of a thing are valid without the seeds'."""
    said, depth = value_at(own.data, thing)
    if depth < len(thing) or any(isinstance(part, int) for part in thing):
        return True
    for part in reversed(thing):
        said = {part: said}
    try:
        _MODELS[company].model_validate(said)
    except ValidationError:
        return False
    return True


def _reason(thing: Key, unfit: _Unfit) -> str:
    inside = key_text(unfit.key[len(thing) :])
    if unfit.is_missing:
        last = str(unfit.key[-1])
        return _LACKING.get(last, f"none of the seeds contains its {last.replace('_', ' ')}")
    if unfit.entry["type"] == "extra_forbidden":
        return f"{inside} is not a setting of a world"
    if not _SECRETS.isdisjoint(map(str, unfit.key)):
        return f"{inside} does not fit"
    message, expected = mistake_message(unfit.entry), mistake_expected(unfit.entry)
    said = f"{message} (want {expected})" if expected else message
    return f"{inside}: {said}" if inside else said
