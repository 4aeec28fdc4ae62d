"""Which settings two worlds have otherwise: inside policies, in lists by name, and never a secret."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.building.differing import Difference, differing
from emulator.federation import Federation
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world

ROLE = "/aws/123456789012/roles/ConnectAgent"
ROLE_KEYS = ("roles", "arn:aws:iam::123456789012:role/ConnectAgent")
APP = "/okta/acme/apps/amazon-connect"
APP_KEYS = ("apps", "amazon-connect")
HANAKO = "/okta/acme/users/hanako@example.com"
HANAKO_KEYS = ("users", "hanako@example.com")


def _differences(world: World, keys: KeyFolder, **changes: Any) -> list[Difference]:
    """Returns what differs between the built-in world and one with changes, by their JSON pointers."""
    changed = change_world(world, changes)
    before, after = (Federation(each, keys=keys).built for each in (world, changed))
    return list(differing(before, after))


@pytest.mark.parametrize(
    ("pointer", "value", "keys_there", "old", "new"),
    [
        (
            f"{ROLE}/trust/Statement/0/Condition/StringEquals/SAML:aud",
            ["https://signin.aws.amazon.com/saml", "https://us-east-1.signin.aws.amazon.com/saml"],
            (*ROLE_KEYS, "trust", "Statement", 0, "Condition", "StringEquals", "SAML:aud"),
            "https://signin.aws.amazon.com/saml",
            ["https://signin.aws.amazon.com/saml", "https://us-east-1.signin.aws.amazon.com/saml"],
        ),
        (
            f"{ROLE}/trust/Statement/0/Condition",
            None,
            (*ROLE_KEYS, "trust", "Statement", 0, "Condition"),
            {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
            None,
        ),
        (f"{ROLE}/max_session_duration", 7200, (*ROLE_KEYS, "max_session_duration_seconds"), 3600, 7200),
        (f"{APP}/session_duration", 7200, (*APP_KEYS, "session_duration_seconds"), 3600, 7200),
        (f"{HANAKO}/groups", ["Supervisors"], (*HANAKO_KEYS, "groups"), ["Agents"], ["Supervisors"]),
        (f"{HANAKO}/password", "staple-horse", (*HANAKO_KEYS, "password"), None, None),
    ],
)
def test_one_setting(
    world: World, keys: KeyFolder, pointer: str, value: Any, keys_there: tuple[Any, ...], old: Any, new: Any
) -> None:
    """A change of one value is one difference, at that value; a secret has no value."""
    (found,) = _differences(world, keys, **{pointer: value})
    assert (found.keys, found.old, found.new) == (keys_there, old, new)
    assert found.is_secret is pointer.endswith("password")


def test_how_a_policy_is_written_is_no_difference(world: World, keys: KeyFolder) -> None:
    """A list of one is its member, and a single statement needs no list."""
    url = "https://signin.aws.amazon.com/saml"
    assert _differences(world, keys, **{f"{ROLE}/trust/Statement/0/Condition/StringEquals/SAML:aud": [url]}) == []
    statement = world.document.data["aws"]["123456789012"]["roles"]["ConnectAgent"]["trust"]["Statement"][0]
    assert _differences(world, keys, **{f"{ROLE}/trust/Statement": statement}) == []


def test_members_of_a_list_are_told_apart_by_name(world: World, keys: KeyFolder) -> None:
    """An assignment that is put before the others is new, and the others are the same."""
    given = world.document.data["okta"]["acme"]["apps"]["amazon-connect"]["assignments"]
    new = {"user": "mika@example.com", "role": "ConnectAgent"}
    (found,) = _differences(world, keys, **{f"{APP}/assignments": [new, *given]})
    assert (found.element, found.is_new, found.is_gone) == ("person mika@example.com", True, False)
    assert found.keys == (*APP_KEYS, "assignments", 0)
    (gone,) = _differences(world, keys, **{f"{APP}/assignments": given[1:]})
    assert (gone.element, gone.is_new, gone.is_gone) == ("group Agents", False, True)


def test_tokens_are_in_no_key(world: World, keys: KeyFolder) -> None:
    """An API token is a key of its mapping, and is not shown."""
    (found,) = _differences(world, keys, **{"/okta/acme/api_tokens": {"00-another-token": "mika@example.com"}})
    assert (found.keys, found.old, found.new, found.is_secret) == (("api_tokens",), None, None, True)


def test_whole_things(world: World, keys: KeyFolder) -> None:
    """A role, a person, an account that only one of both has is one difference, without what is inside."""
    found = _differences(world, keys, **{HANAKO: None, f"{ROLE}/description": "For agents"})
    assert [(each.keys, each.is_gone, each.old) for each in found] == [
        (HANAKO_KEYS, True, None),
        ((*ROLE_KEYS, "description"), False, ""),
    ]
    found = _differences(world, keys, **{"/aws/210987654321": {"alias": "other"}})
    assert [(each.keys, each.before, each.is_new) for each in found] == [((), None, True)]


def test_nothing(world: World, keys: KeyFolder) -> None:
    """The same world has no difference."""
    assert _differences(world, keys) == []
