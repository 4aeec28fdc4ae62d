"""States and plans in which something is not what it should be: plain words, and never a Python object."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.kernel.errors import WorldError
from emulator.worldfile.text.yaml_data import Key
from tests.emulator.seeds.terraform.states import (
    ACCOUNT,
    DATA,
    account_of,
    federate,
    left_out,
    notes,
    org_of,
    resource,
    role,
    state,
    trust,
    world_of,
)

FILES = [
    "state.json",
    "terraform.tfstate",
    "first-plan.json",
    "change-plan.json",
    "opentofu-modules.json",
    "two-accounts.tfstate",
]
JUNK: list[Any] = [
    *(None, True, 0, -1, 3.5, 10**30, "", "x", "${x}", "{", "[]", "null"),
    *([], {}, [None], [[]], {"a": 1}, ["a", 1], [{"a": 1}], {"constant_value": [1]}, {"references": ["a.b.c"]}),
]
OBJECTS = re.compile(r"\bNone\b|\bTrue\b|\bFalse\b|NoneType|\{'\w|\['|<class|Traceback|object at 0x")
SECRETS = ("wJalrXUtnFEMI", "BNotASmtp", "not-for-anybodys-eyes", "an-oidc-client-secret")


def _keys(data: Any, key: Key = ()) -> Iterator[Key]:
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for part, each in inside:
        yield (*key, part)
        yield from _keys(each, (*key, part))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("file", FILES)
def test_junk_anywhere_is_reported_in_plain_words(tmp_path: Path, file: str, seed: int) -> None:
    """A few values of a file at a time are replaced; every result is reported without Python's words."""
    original = json.loads((DATA / file).read_text(encoding="utf-8"))
    keys = list(_keys(original))
    for turn in range(4):
        data = copy.deepcopy(original)
        for each in range(3):
            number = int(hashlib.sha256(f"{file} {seed} {turn} {each}".encode()).hexdigest(), 16)
            _put(data, keys[number % len(keys)], copy.deepcopy(JUNK[number % len(JUNK)]))
        try:
            world = world_of(tmp_path, data)
        except WorldError as error:
            said = [str(error)]
        else:
            said = [*left_out(world), *notes(world)]
            json.dumps([account_of(world), org_of(world)])
        for text in said:
            assert not OBJECTS.search(text), (text, seed)
            assert not any(secret in text for secret in SECRETS)


def _put(data: Any, key: Key, value: Any) -> None:
    for part in key[:-1]:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return  # something around it has been replaced
    last: Any = key[-1]
    if isinstance(data, dict) or (isinstance(data, list) and isinstance(last, int) and last < len(data)):
        data[last] = value


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("a trust policy that is not JSON", {"assume_role_policy": "{"}, "its trust policy is not JSON"),
    ("a trust policy that is a list", {"assume_role_policy": "[]"}, "its trust policy is not a mapping"),
    ("no trust policy", {"assume_role_policy": None}, "its trust policy (assume_role_policy) is not in the file"),
    ("a name that is not a string", {"name": ["a"]}, "its name (name) is not a string"),
    (
        "an inline policy that is not JSON",
        {"inline_policy": [{"name": "p", "policy": "nothing"}]},
        "its inline policy p is not JSON",
    ),
    ("a boundary that is not text", {"permissions_boundary": 7}, "its permissions boundary (permissions_boundary) is "),
]


@pytest.mark.parametrize(("values", "reason"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_role_of_which_something_is_not_readable_is_left_out(
    tmp_path: Path, values: dict[str, Any], reason: str
) -> None:
    """The others are there."""
    bad = role("aws_iam_role.bad", "Bad")
    bad["values"] |= values
    world = world_of(tmp_path, state(bad, role("aws_iam_role.good", "Good")))
    assert account_of(world)["roles"] == {"Good": {"trust": trust()}}
    (note,) = left_out(world)
    assert note.partition(" ")[2].startswith(f"aws_iam_role.bad: {reason}")


def test_every_one_of_many_alike_is_named(tmp_path: Path) -> None:
    """The list that people see is cut; a login that misses one of them finds its name."""
    roles = [role(f"aws_iam_role.r[{n}]", f"R{n}", assume_role_policy="{") for n in range(12)]
    world = world_of(tmp_path, state(*roles))
    assert [each.partition(" ")[2] for each in left_out(world)] == [
        f"aws_iam_role.r[{n}]: its trust policy is not JSON" for n in range(12)
    ]
    assert world.seeds[0].missing["R11"].message == "aws_iam_role.r[11]: its trust policy is not JSON"


def test_what_is_said_of_a_role_of_two_accounts_is_of_neither(tmp_path: Path) -> None:
    """A policy that may be of either might deny, so that both are left out."""
    other = "arn:aws:iam::210987654321:role/Agent"
    policy = resource("aws_iam_role_policy.p", {"name": "p", "role": "Agent", "policy": json.dumps(federate())})
    world = world_of(
        tmp_path, state(role("aws_iam_role.a", "Agent"), role("aws_iam_role.b", "Agent", arn=other), policy)
    )
    assert account_of(world) == {}
    reason = "aws_iam_role_policy.p may be attached to it, or to one of the same name in another account"
    assert f"aws_iam_role.a: {reason}" in [each.partition(" ")[2] for each in left_out(world)]


def test_what_of_two_accounts_belongs_to_somebody_is_where_they_are(tmp_path: Path) -> None:
    """A key is of its user's account; an alias that may be of either is left out."""
    arns = {"a": f"arn:aws:iam::{ACCOUNT}:user/a", "b": "arn:aws:iam::210987654321:user/b"}
    key = resource("aws_iam_access_key.k", {"id": "AKIAIOSFODNN7EXAMPLE", "user": "a", "status": "Active"})
    alias = resource("aws_iam_account_alias.x", {"account_alias": "acme"})
    users = [resource(f"aws_iam_user.{name}", {"name": name, "arn": arn}) for name, arn in arns.items()]
    world = world_of(tmp_path, state(*users, key, alias))
    assert list(account_of(world)["users"]["a"]) == ["access_keys"]
    assert "alias" not in account_of(world)
    assert "aws_iam_account_alias.x: the file does not say which account it belongs to" in [
        each.partition(" ")[2] for each in left_out(world)
    ]


def test_what_may_be_of_either_of_two_orgs_is_left_out(tmp_path: Path) -> None:
    """People have no links in a state; an app has."""
    apps = [
        resource(
            f"okta_app_saml.{org}",
            {"label": org, "status": "INACTIVE", "http_post_binding": f"https://{org}.okta.com/app/x/sso/saml"},
        )
        for org in ("acme", "other")
    ]
    people = resource("okta_user.rin", {"login": "rin@example.com", "status": "ACTIVE"})
    world = world_of(tmp_path, state(*apps, people))
    assert org_of(world) == {}
    assert "okta_user.rin: the file has several orgs and does not say which one it belongs to" in [
        each.partition(" ")[2] for each in left_out(world)
    ]


def test_what_has_an_identity_says_whose_it_is(tmp_path: Path) -> None:
    """Newer providers write the account beside the attributes."""
    other = "arn:aws:iam::210987654321:role/Agent"
    values = {"name": "p", "role": "Agent", "policy": json.dumps(federate())}
    policy = resource("aws_iam_role_policy.p", values, identity={"account_id": ACCOUNT, "name": "p", "role": "Agent"})
    world = world_of(
        tmp_path, state(role("aws_iam_role.a", "Agent"), role("aws_iam_role.b", "Agent", arn=other), policy)
    )
    assert account_of(world)["roles"] == {"Agent": {"trust": trust(), "inline_policies": {"p": federate()}}}
