"""What has to agree in a state: keys with what they are for, accounts with ARNs, orgs with the world."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.errors import StateError
from emulator.running.state.reading import load_state
from emulator.running.state.writing import dump_state
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, ROLE_ARN, USER

State = dict[str, Any]
OTHER = "999999999999"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/p"


def _account(state: State) -> Any:
    return state["accounts"][0]


def _instance(state: State) -> Any:
    return _account(state)["instances"][INSTANCE_ID]


def _org(state: State) -> Any:
    return state["orgs"]["acme"]


def _rename(things: dict[str, Any], key: str) -> None:
    things["another"] = things.pop(key)


def _give_to_another_account(state: State) -> None:
    arn = ROLE_ARN.replace(ACCOUNT, OTHER)
    _account(state)["roles"] = {arn: {**_account(state)["roles"][ROLE_ARN], "arn": arn}}


def _add_policy_without_its_default(state: State) -> None:
    _account(state)["policies"] = {POLICY: {"arn": POLICY, "policy_id": "ANPA", "versions": []}}


MISTAKES: list[tuple[str, Callable[[State], Any], str]] = [
    (
        "an account twice",
        lambda state: state["accounts"].append(_account(state)),
        f"it, accounts cannot be used: there are two accounts {ACCOUNT}",
    ),
    (
        "a role by another ARN",
        lambda state: _rename(_account(state)["roles"], ROLE_ARN),
        f"it, account {ACCOUNT} cannot be used: in roles, {ROLE_ARN} is kept as another",
    ),
    (
        "a role of another account",
        _give_to_another_account,
        f"it, account {ACCOUNT} cannot be used: in roles, {ROLE_ARN.replace(ACCOUNT, OTHER)} is of another account",
    ),
    (
        "a policy without its default version",
        _add_policy_without_its_default,
        f"it, account {ACCOUNT} cannot be used: {POLICY} has no version v1, which is its default",
    ),
    (
        "a permissions boundary that is empty",
        lambda state: _account(state)["roles"][ROLE_ARN].update(permissions_boundary=""),
        f"it, account {ACCOUNT} cannot be used: the permissions boundary of {ROLE_ARN} is not an ARN",
    ),
    (
        "an instance by another id",
        lambda state: _rename(_account(state)["instances"], INSTANCE_ID),
        f"it, account {ACCOUNT} cannot be used: in instances, {INSTANCE_ID} is kept as another",
    ),
    (
        "a session that never ends",
        lambda state: _instance(state)["authentication_profile"].update(max_session_minutes=10**12),
        f"it, account {ACCOUNT} cannot be used: instance {INSTANCE_ID} has a session or a delay of more than a day",
    ),
    (
        "an origin that is never approved",
        lambda state: _instance(state)["timing"].update(origin_propagation_seconds=10**12),
        f"it, account {ACCOUNT} cannot be used: instance {INSTANCE_ID} has a session or a delay of more than a day",
    ),
    (
        "a user of an instance by another login",
        lambda state: _rename(_instance(state)["users"], USER),
        f"it, account {ACCOUNT} cannot be used: in instance {INSTANCE_ID}, the user {USER} is kept as another",
    ),
    (
        "a person by another login",
        lambda state: _rename(_org(state)["users"], USER),
        f"it, org acme cannot be used: in users, {USER} is kept as another",
    ),
    (
        "an org by another name",
        lambda state: _org(state).update(name="globex"),
        "it, org acme cannot be used: in orgs, globex is kept as acme",
    ),
    (
        "an org at another address",
        lambda state: _org(state).update(host="acme.oktapreview.com"),
        "it is the state of another world: its Okta orgs are acme.oktapreview.com",
    ),
    (
        "the account of another world",
        lambda state: state.update(accounts=[{"account_id": OTHER}]),
        f"it is the state of another world: its accounts are {OTHER}",
    ),
    (
        "the org of another world",
        lambda state: state.update(orgs={"globex": {**_org(state), "name": "globex"}}),
        "it is the state of another world: its Okta orgs are globex",
    ),
]


@pytest.mark.parametrize(("change", "words"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_what_does_not_agree(federation: Federation, change: Callable[[State], Any], words: str) -> None:
    """It is named, and nothing has changed."""
    before = dump_state(federation)
    state = json.loads(before)
    change(state)
    with pytest.raises(StateError) as caught:
        load_state(federation, json.dumps(state), source="it")
    assert caught.value.message == words
    assert dump_state(federation) == before


def test_an_event_that_has_no_record(federation: Federation) -> None:
    """One of them would make the whole history unreadable."""
    log_in(federation, user=USER, app=APP)
    before = dump_state(federation)
    with pytest.raises(StateError, match=r"^it, tables\.cloudtrail-events cannot be used: no record can be made of "):
        load_state(federation, before.replace('"saml:namequalifier"', '"saml:qualifier"'), source="it")
    assert dump_state(federation) == before
