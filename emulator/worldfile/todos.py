"""What a world leaves for a person to fill in: values and keys with ``TODO``, refused with what belongs there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from emulator.kernel.errors import MOST_PROBLEMS, Problem
from emulator.kernel.records import dataclass
from emulator.worldfile.schema.schema_check import description_at
from emulator.worldfile.schema.settings import Settings
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import YamlDocument

TODO: Final = "TODO"
_TODO = re.compile(r"TODO\b[:\s]*(.*)", re.DOTALL)
_ANY: Final = object()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What belongs at a key; ``_ANY`` matches any name or number."""

    key: tuple[object, ...]
    what: str


# The first match is used; for other keys the schema describes them.
_WANTED = (
    _Wanted(("okta", _ANY, "users", TODO), "the login of a person who has the app, such as hanako@example.com"),
    _Wanted(("okta", TODO), "the org's subdomain, such as acme for https://acme.okta.com"),
    _Wanted(
        ("okta", _ANY, "apps", _ANY, "identity_provider_arn"),
        "the ARN of the SAML provider, such as arn:aws:iam::123456789012:saml-provider/okta",
    ),
    _Wanted(
        ("okta", _ANY, "apps", _ANY, "assignments", _ANY, "user"), "the login of a person of the org who has the app"
    ),
    _Wanted(
        ("okta", _ANY, "apps", _ANY, "assignments", _ANY, "saml_user_roles", _ANY),
        "the name of the role in the account that these people get",
    ),
    _Wanted(("aws", _ANY, "saml_providers", TODO), "the name of the SAML provider, the last part of its ARN"),
    _Wanted(("aws", TODO), "the id of the AWS account: 12 digits, in quotes"),
    _Wanted(("aws", _ANY, "seed", _ANY, "parameters", _ANY), "the value of this parameter of the template's stack"),
    _Wanted(("aws", _ANY, "seed", _ANY, "imports", _ANY), "the value of this export of another stack"),
    _Wanted(
        ("aws", _ANY, "seed", _ANY, "values", _ANY), "the value of this resource in the deployed stack, such as its ARN"
    ),
    _Wanted(
        ("aws", _ANY, "connect", _ANY, "alias"),
        "the alias of the instance, such as acme in https://acme.my.connect.aws",
    ),
    _Wanted(
        ("aws", _ANY, "connect", _ANY, "users", TODO),
        "the login of a user of the instance, exactly as at Okta, capital letters included",
    ),
    _Wanted(("login", "user"), "the login of a person of the world"),
)


def todos_in(document: YamlDocument, model: type[Settings]) -> Iterator[Problem]:
    """Yields what is still to be filled in, each at its line, and how many more there are after the first hundred.

    Args:
        document: A world, or a scenario.
        model: Schema of the document.
    """
    found = list(_todos(document.data, ()))
    for key, text in found[:MOST_PROBLEMS]:
        own = _TODO.fullmatch(text)
        said = own[1].strip() if own is not None else ""
        what = said or _what(key) or description_at(model, key)
        yield Problem(document.location(key), "still to be filled in" + (f": {what}" if what else ""))
    more = len(found) - MOST_PROBLEMS
    if more > 0:
        yield Problem(
            document.location(found[MOST_PROBLEMS][0]), f"{more:,} more are still to be filled in, from here on"
        )


def is_todo(value: object) -> bool:
    """Returns whether a value or a key is still to be filled in."""
    return isinstance(value, str) and value.startswith(TODO) and _TODO.fullmatch(value) is not None


def _what(key: Key) -> str:
    if key[-1] == "Federated":
        return "the ARN of the SAML provider, as the app's identity_provider_arn"
    for wanted in _WANTED:
        pairs = zip(wanted.key, key, strict=False)
        if len(wanted.key) == len(key) and all(part is _ANY or part == here for part, here in pairs):
            return wanted.what
    return ""


def _todos(data: Any, key: Key) -> Iterator[tuple[Key, str]]:
    """Yields the keys of what is to be filled in, with the current values, in the order of the text."""
    if isinstance(data, dict):
        for name, value in data.items():
            if is_todo(name):
                yield (*key, name), name
            yield from _todos(value, (*key, name))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _todos(value, (*key, index))
    elif is_todo(data):
        yield key, data
