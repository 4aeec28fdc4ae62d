"""A state is read again whole, and refused whole where it cannot be used."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.errors import StateError
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.running.state.reading import load_state
from emulator.running.state.writing import dump_state
from emulator.world import World, load_world
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, PROVIDER_ARN, ROLE_ARN, USER
from tests.emulator.worldfile.everything import write_everything
from tests.sdk import Sdk, client, keys_of

ROLE = f"arn:aws:iam::{ACCOUNT}:role/Later"


def _login(federation: Federation, sdk: Sdk) -> dict[str, str]:
    assertion = federation.identity_providers["acme"].mint(USER, APP).saml_response
    answer = sdk("sts").assume_role_with_saml(RoleArn=ROLE_ARN, PrincipalArn=PROVIDER_ARN, SAMLAssertion=assertion)
    return keys_of(answer["Credentials"])


def test_everything_goes_out_and_in_again(federation: Federation, other: Federation, sdk: Sdk) -> None:
    """Accounts as calls left them, credentials and every session; the copy gives the same text."""
    log_in(federation, user=USER, app=APP)
    _login(federation, sdk)
    sdk("iam").create_user(UserName="kept", Tags=[{"Key": "a", "Value": "b"}])
    sdk("iam").create_access_key(UserName="kept")
    sdk("iam").create_group(GroupName="kept")
    sdk("iam").add_user_to_group(GroupName="kept", UserName="kept")
    sdk("iam").create_instance_profile(InstanceProfileName="kept")
    sdk("iam").create_open_id_connect_provider(Url="https://tokens.example.com")
    sdk("sts").get_federation_token(Name="guest", Policy='{"Version":"2012-10-17","Statement":[]}'.replace("[]", _S3))
    text = dump_state(federation)
    tables = json.loads(text)["tables"]
    for name in ("credentials", "console-sessions", "connect-access-tokens", "cloudtrail-events", "okta-sessions/acme"):
        assert tables[name], name
    load_state(other, text)
    assert dump_state(other) == text
    assert other.aws_services.history.records() == federation.aws_services.history.records()


def test_every_setting_goes_out_and_in_again(tmp_path: Path, world: World, keys: KeyFolder) -> None:
    """Of the world in which everything is given."""
    federation = Federation(load_world(write_everything(tmp_path, world, keys)), keys=keys)
    text = dump_state(federation)
    load_state(federation, text)
    assert dump_state(federation) == text


def test_numbers_of_any_size_go_out_and_in_again(federation: Federation, sdk: Sdk) -> None:
    """As large as an API takes them."""
    connect = sdk("connect", region="ap-northeast-1")
    hours = connect.list_hours_of_operations(InstanceId=INSTANCE_ID)["HoursOfOperationSummaryList"][0]["Id"]
    connect.create_queue(InstanceId=INSTANCE_ID, Name="Large", HoursOfOperationId=hours, MaxContacts=10**15)
    text = dump_state(federation)
    assert f'"max_contacts": {10**15}' in text
    load_state(federation, text)
    assert dump_state(federation) == text


def test_a_state_from_before_there_were_events(federation: Federation, other: Federation) -> None:
    """It is loaded, and the event history is empty."""
    log_in(federation, user=USER, app=APP)
    data = json.loads(dump_state(federation))
    del data["tables"]["cloudtrail-events"]
    load_state(other, json.dumps(data))
    assert other.aws_services.history.records() == []


def test_a_state_of_before_groups_is_still_read(federation: Federation, other: Federation) -> None:
    """What IAM did not have then is empty, and nothing else is missing."""
    state = json.loads(dump_state(federation))
    for account in state["accounts"]:
        for added in ("groups", "instance_profiles", "oidc_providers"):
            assert account.pop(added) == {}
        for policy in account["policies"].values():
            assert policy.pop("newest_version") == 0
        for provider in account["saml_providers"].values():
            assert provider.pop("updated_at") is None
    load_state(other, json.dumps(state))
    assert dump_state(other) == dump_state(federation)


_S3 = '[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]'


def test_a_state_of_before_routing_profiles_is_still_read(federation: Federation, other: Federation) -> None:
    """They were names then, and instances had neither attributes nor queues."""
    state = json.loads(dump_state(federation))
    for account in state["accounts"]:
        del account["released_aliases"]
        for instance in account["instances"].values():
            instance["routing_profiles"] = [each["name"] for each in instance["routing_profiles"]]
            for name in ("attributes", "queues", "hours_of_operation", "hierarchy_levels", "hierarchy_groups"):
                del instance[name]
            for profile in instance["security_profiles"]:
                for name in [name for name in profile if name not in {"name", "access_ccp"}]:
                    del profile[name]
            for user in instance["users"].values():
                for name in ("phone", "hierarchy_group_id", "directory_user_id"):
                    del user[name]
    load_state(other, json.dumps(state))
    assert dump_state(other) == dump_state(federation)


def test_a_loaded_state_answers(federation: Federation, other: Federation, sdk: Sdk) -> None:
    """Credentials and roles work where the state was taken to."""
    keys = _login(federation, sdk)
    trust = sdk("iam").get_role(RoleName="ConnectAgent")["Role"]["AssumeRolePolicyDocument"]
    sdk("iam").create_role(RoleName="Later", AssumeRolePolicyDocument=json.dumps(trust))
    load_state(other, dump_state(federation))
    made, loaded = federation.aws_services.aws.role(ROLE), other.aws_services.aws.role(ROLE)
    assert made is not None
    assert loaded is not None
    assert (loaded.role_id, loaded.trust.text) == (made.role_id, made.trust.text)
    with Server(other.gateway) as server:
        assert (
            client("sts", url=server.url, **keys)
            .get_caller_identity()["Arn"]
            .endswith(f"assumed-role/ConnectAgent/{USER}")
        )


MISTAKES: list[tuple[str, Any, str]] = [
    ("no JSON", "{", "it is not JSON: "),
    ("no object", "[]", "it is not a state of version 1"),
    ("an older version", '{"version": 0}', "it is not a state of version 1"),
    ("a newer version", '{"version": 2}', "it is a state of version 2, which a newer fedemu has written"),
    ("a version in words", '{"version": true}', "it is not a state of version 1"),
    ("no tables", '{"version": 1, "orgs": {}, "accounts": []}', "it lacks tables"),
    ("no orgs", '{"version": 1, "accounts": [], "tables": {}}', "it lacks orgs"),
    ("no accounts", '{"version": 1, "orgs": {}, "tables": {}}', "it lacks accounts"),
    (
        "tables as a list",
        '{"version": 1, "orgs": {}, "accounts": [], "tables": []}',
        "it cannot be used: tables is not an object",
    ),
    (
        "a number as account id",
        '{"version": 1, "orgs": {}, "accounts": [{"account_id": 1}], "tables": {}}',
        "it, accounts cannot be used: ",
    ),
    (
        "an unknown key",
        '{"version": 1, "orgs": {}, "accounts": [{"account_id": "123456789012", "colour": "red"}], "tables": {}}',
        "it, accounts cannot be used: extra fields found (colour)",
    ),
    (
        "half a credential",
        '{"version": 1, "orgs": {}, "accounts": [], "tables": {"credentials": {"a": {}}}}',
        "it, tables.credentials cannot be used: required field missing",
    ),
]


@pytest.mark.parametrize(("text", "words"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_what_is_no_state_changes_nothing(federation: Federation, text: str, words: str) -> None:
    """Everything is read before anything is replaced."""
    log_in(federation, user=USER, app=APP)
    before = dump_state(federation)
    with pytest.raises(StateError) as caught:
        load_state(federation, text, source="it")
    assert caught.value.message.startswith(words)
    assert dump_state(federation) == before


def test_a_policy_in_a_state_is_read_as_any_other(federation: Federation) -> None:
    """A document that IAM would not take is not taken from a state either."""
    before = dump_state(federation)
    broken = before.replace('\\"Effect\\": \\"Allow\\"', '\\"Effect\\": \\"Perhaps\\"')
    assert broken != before
    with pytest.raises(StateError, match="accounts cannot be used"):
        load_state(federation, broken)
    assert dump_state(federation) == before


def test_what_the_world_has_besides_stays(federation: Federation, other: Federation) -> None:
    """An account that a world got after its state was saved is there, too."""
    state = json.loads(dump_state(federation))
    later = replace(other.aws.accounts[ACCOUNT], account_id="999999999999")
    other.aws.replace([other.aws.accounts[ACCOUNT], later])
    load_state(other, json.dumps(state))
    assert list(other.aws.accounts) == [ACCOUNT, "999999999999"]
    load_state(other, json.dumps({**state, "accounts": []}))
    assert list(other.aws.accounts) == [ACCOUNT, "999999999999"]


def test_a_text_of_empty_lists_is_not_read(federation: Federation) -> None:
    """Its data would take gigabytes."""
    with pytest.raises(StateError, match=r"^x holds more lists and objects than a state has$"):
        load_state(federation, b"[" + b"[]," * 10_000_001 + b"0]", source="x")
