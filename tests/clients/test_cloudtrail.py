"""CloudTrail as boto3 knows it: LookupEvents, what it finds, page by page, and what it refuses."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.running.start import Serving
from emulator.world import World, change_world
from tests.clients.conftest import Run, client
from tests.conftest import ACCOUNT, APP, NOW, PROVIDER_ARN, ROLE_ARN, USER
from tests.sdk import ADMINISTRATOR, Sdk, keys_of, refused
from tests.sdk import client as sdk_client

ADMINISTRATOR_KEY = ADMINISTRATOR["aws_access_key_id"]
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
        ],
    }
)


@pytest.fixture
def trail(sdk: Sdk) -> Any:
    """Returns the administrator's client in us-east-1, where the events of global services are."""
    return sdk("cloudtrail")


def _find(trail: Any, key: str = "", value: str = "", **more: Any) -> list[dict[str, Any]]:
    attributes = [{"AttributeKey": key, "AttributeValue": value}] if key else []
    found: list[dict[str, Any]] = trail.lookup_events(LookupAttributes=attributes, **more)["Events"]
    return found


def _record(event: dict[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(event["CloudTrailEvent"])
    return record


def test_a_login_is_found(federation: Federation, trail: Any) -> None:
    """The event has what AWS's has; the whole record is in it as text."""
    log_in(federation, user=USER, app=APP)
    (event,) = _find(trail, "EventName", "AssumeRoleWithSAML")
    record = _record(event)
    assert event == {
        "EventId": record["eventID"],
        "EventName": "AssumeRoleWithSAML",
        "ReadOnly": "true",
        "EventTime": NOW,
        "EventSource": "sts.amazonaws.com",
        "Username": USER,
        "Resources": [
            {"ResourceType": "AWS::IAM::Role", "ResourceName": ROLE_ARN},
            {"ResourceType": "AWS::IAM::SAMLProvider", "ResourceName": PROVIDER_ARN},
        ],
        "CloudTrailEvent": event["CloudTrailEvent"],
    }
    assert record == federation.aws_services.history.records()[-1]


def test_each_attribute_finds(federation: Federation, sdk: Sdk, trail: Any) -> None:
    """By name, source, user, resource, key, id and whether it only reads; values have to be equal."""
    log_in(federation, user=USER, app=APP)
    sdk("iam").create_role(RoleName="Later", AssumeRolePolicyDocument=TRUST)
    sdk("iam").get_role(RoleName="Later")
    event_id = _find(trail, "EventName", "CreateRole")[0]["EventId"]
    rows = [
        ("EventId", event_id, ["CreateRole"]),
        ("EventName", "GetRole", ["GetRole"]),
        ("EventName", "getrole", []),
        ("EventSource", "signin.amazonaws.com", ["ConsoleLogin"]),
        ("Username", USER, ["ConsoleLogin", "AssumeRoleWithSAML"]),
        ("ResourceName", "Later", ["GetRole", "CreateRole"]),
        ("ResourceName", PROVIDER_ARN, ["AssumeRoleWithSAML"]),
        ("ResourceType", "AWS::IAM::SAMLProvider", ["AssumeRoleWithSAML"]),
        ("ReadOnly", "false", ["CreateRole", "ConsoleLogin"]),
    ]
    for key, value, names in rows:
        assert [event["EventName"] for event in _find(trail, key, value)] == names, (key, value)
    by_key = {event["EventName"] for event in _find(trail, "AccessKeyId", ADMINISTRATOR_KEY)}
    assert by_key == {"CreateRole", "GetRole", "LookupEvents"}


def test_a_change_of_iam(sdk: Sdk, trail: Any) -> None:
    """Parameters and answer begin with small letters; the caller is the administrator."""
    sdk("iam").create_role(RoleName="Later", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "a", "Value": "b"}])
    record = _record(_find(trail, "EventName", "CreateRole")[0])
    assert record["requestParameters"] == {
        "roleName": "Later",
        "assumeRolePolicyDocument": TRUST,
        "tags": [{"key": "a", "value": "b"}],
    }
    role = record["responseElements"]["role"]
    assert (role["roleName"], role["createDate"]) == ("Later", "Jan 15, 2026, 9:00:00 AM")
    assert (record["eventSource"], record["awsRegion"], record["readOnly"]) == (
        "iam.amazonaws.com",
        "us-east-1",
        False,
    )
    identity = record["userIdentity"]
    assert (identity["type"], identity["accessKeyId"]) == ("IAMUser", ADMINISTRATOR_KEY)
    assert identity["arn"] == f"arn:aws:iam::{ACCOUNT}:user/{identity['userName']}"


def test_a_new_access_key_keeps_its_secret(sdk: Sdk, trail: Any) -> None:
    """The record has the key's id and not the secret."""
    sdk("iam").create_user(UserName="kept")
    made = sdk("iam").create_access_key(UserName="kept")["AccessKey"]
    event = _find(trail, "EventName", "CreateAccessKey")[0]
    assert _record(event)["responseElements"] == {
        "accessKey": {
            "userName": "kept",
            "accessKeyId": made["AccessKeyId"],
            "status": "Active",
            "createDate": "Jan 15, 2026, 9:00:00 AM",
        }
    }
    assert made["SecretAccessKey"] not in event["CloudTrailEvent"]


def test_a_refused_call_of_iam(sdk: Sdk, trail: Any) -> None:
    """Code and message are those of the answer."""
    with refused("NoSuchEntity", "The role with name Nobody cannot be found.", status=404):
        sdk("iam").get_role(RoleName="Nobody")
    record = _record(_find(trail, "EventName", "GetRole")[0])
    assert (record["errorCode"], record["errorMessage"]) == (
        "NoSuchEntity",
        "The role with name Nobody cannot be found.",
    )
    assert (record["requestParameters"], record["responseElements"]) == ({"roleName": "Nobody"}, None)


def test_what_is_too_large_is_omitted(sdk: Sdk, trail: Any) -> None:
    """Parameters of more than 100 KB are left out of the record."""
    with pytest.raises(Exception, match="metadata"):
        sdk("iam").create_saml_provider(Name="big", SAMLMetadataDocument="x" * 110_000)
    record = _record(_find(trail, "EventName", "CreateSAMLProvider")[0])
    assert record["requestParameters"] == {"omitted": True}


def test_the_record_has_the_request_id_of_the_answer(sdk: Sdk, trail: Any) -> None:
    """In the header of every answer, refused or not, and where there is one in the body, that is the same."""
    with pytest.raises(ClientError) as caught:
        sdk("iam").get_role(RoleName="Nobody")
    ids = {
        "ListUsers": sdk("iam").list_users()["ResponseMetadata"],
        "GetRole": caught.value.response["ResponseMetadata"],
        "GetCallerIdentity": sdk("sts").get_caller_identity()["ResponseMetadata"],
    }
    for name, answered in ids.items():
        (event,) = _find(trail, "EventName", name)
        assert _record(event)["requestID"] == answered["RequestId"] == answered["HTTPHeaders"]["x-amzn-requestid"]
    connect = sdk("connect", region="ap-northeast-1").list_instances()["ResponseMetadata"]
    (event,) = _find(sdk("cloudtrail", region="ap-northeast-1"), "EventName", "ListInstances")
    assert _record(event)["requestID"] == connect["HTTPHeaders"]["x-amzn-requestid"] == connect["RequestId"]


def test_a_wrong_signature_is_nobodys(sdk: Sdk, trail: Any) -> None:
    """A caller who is not who they say leaves no event."""
    wrong = {**ADMINISTRATOR, "aws_secret_access_key": "x" * 40}
    with pytest.raises(Exception, match="SignatureDoesNotMatch"):
        sdk("iam", **wrong).list_roles()
    assert _find(trail, "EventName", "ListRoles") == []


def test_calls_of_sts(sdk: Sdk, trail: Any) -> None:
    """GetCallerIdentity has neither parameters nor answer; a session's credentials are recorded without secrets."""
    sdk("sts").get_caller_identity()
    made = sdk("sts").get_session_token()["Credentials"]
    sdk("sts", **keys_of(made)).get_caller_identity()
    later, earlier = (_record(event) for event in _find(trail, "EventName", "GetCallerIdentity"))
    assert (earlier["requestParameters"], earlier["responseElements"]) == (None, None)
    assert later["userIdentity"]["accessKeyId"] == made["AccessKeyId"]
    assert later["userIdentity"]["sessionContext"]["attributes"]["mfaAuthenticated"] == "false"
    event = _find(trail, "EventName", "GetSessionToken")[0]
    assert _record(event)["responseElements"]["credentials"]["sessionToken"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert made["SecretAccessKey"] not in event["CloudTrailEvent"]
    assert made["SessionToken"] not in event["CloudTrailEvent"]


def test_amazon_connect_writes_names_as_its_api(sdk: Sdk) -> None:
    """Large letters; what is sensitive is hidden; the answers of reading calls are redacted."""
    region = "ap-northeast-1"
    connect, trail = sdk("connect", region=region), sdk("cloudtrail", region=region)
    instance = connect.list_instances()["InstanceSummaryList"][0]["Id"]
    connect.list_users(InstanceId=instance)
    record = _record(_find(trail, "EventName", "ListUsers")[0])
    assert (record["eventSource"], record["awsRegion"]) == ("connect.amazonaws.com", region)
    assert (record["requestParameters"], record["responseElements"]) == ({"InstanceId": instance}, None)


def test_a_role_of_another_account_is_in_both_histories(world: World, keys: KeyFolder, clock: Clock) -> None:
    """The caller's account knows the user, the role's account where they came from; one id is shared."""
    other = "210987654321"
    changed = change_world(
        world,
        {f"/aws/{other}": {"roles": {"Guest": {"trust": json.loads(TRUST), "policies": []}}}},
    )
    federation = Federation(changed, clock=clock, ids=Ids(seed=7), keys=keys)
    with Server(federation.gateway) as server:
        sdk_client("sts", url=server.url).assume_role(RoleArn=f"arn:aws:iam::{other}:role/Guest", RoleSessionName="me")
    history = federation.aws_services.history
    (there,) = history.records(account_id=other)
    (here,) = history.records(account_id=ACCOUNT)
    assert here["userIdentity"]["type"] == "IAMUser"
    assert there["userIdentity"] == {
        "type": "AWSAccount",
        "principalId": here["userIdentity"]["principalId"],
        "accountId": ACCOUNT,
    }
    assert here["sharedEventID"] == there["sharedEventID"]
    assert here["eventID"] != there["eventID"]


def test_pages(federation: Federation, sdk: Sdk, trail: Any) -> None:
    """The newest first; a page goes on where the last one ended, although new events have come."""
    for _ in range(3):
        sdk("iam").list_roles()
    attributes = [{"AttributeKey": "EventName", "AttributeValue": "ListRoles"}]
    first = trail.lookup_events(LookupAttributes=attributes, MaxResults=2)
    sdk("iam").list_roles()
    second = trail.lookup_events(LookupAttributes=attributes, MaxResults=2, NextToken=first["NextToken"])
    ids = [event["EventId"] for event in (*first["Events"], *second["Events"])]
    assert (len(ids), len(set(ids)), "NextToken" in second) == (3, 3, False)
    assert len(list(trail.get_paginator("lookup_events").paginate(LookupAttributes=attributes))) == 1
    with refused("InvalidNextTokenException", "Invalid token.", status=400):
        trail.lookup_events(NextToken=first["NextToken"])
    with refused("InvalidNextTokenException", "Invalid token.", status=400):
        trail.lookup_events(NextToken="anything")


def test_a_time_range(federation: Federation, sdk: Sdk, trail: Any, clock: Clock) -> None:
    """Both ends belong to it."""
    sdk("iam").list_roles()
    clock.advance(timedelta(hours=1))
    sdk("iam").list_users()
    later = NOW + timedelta(hours=1)
    names = [event["EventName"] for event in _find(trail, "ReadOnly", "true", StartTime=NOW, EndTime=NOW)]
    assert names == ["ListRoles"]
    names = [event["EventName"] for event in _find(trail, "EventSource", "iam.amazonaws.com", StartTime=later)]
    assert names == ["ListUsers"]
    words = "The specified time range is not valid: the start time is after the end time."
    with refused("InvalidTimeRangeException", words, status=400):
        _find(trail, StartTime=later, EndTime=NOW)


def test_what_is_not_looked_up(sdk: Sdk, trail: Any) -> None:
    """One attribute of the known ones, at most fifty events; Insights events are none."""
    twice = [{"AttributeKey": "EventName", "AttributeValue": name} for name in ("GetRole", "GetUser")]
    with refused("InvalidLookupAttributesException", "Only one lookup attribute can be specified.", status=400):
        trail.lookup_events(LookupAttributes=twice)
    words = (
        "1 validation error detected: Value 'Colour' at 'lookupAttributes.1.member.attributeKey' failed to satisfy "
        "constraint: Member must satisfy enum value set: [EventId, EventName, ReadOnly, Username, ResourceType, "
        "ResourceName, EventSource, AccessKeyId]"
    )
    with refused("InvalidLookupAttributesException", words, status=400):
        _find(trail, "Colour", "red")
    words = (
        "1 validation error detected: Value '51' at 'maxResults' failed to satisfy constraint: "
        "Member must have value less than or equal to 50"
    )
    with refused("InvalidMaxResultsException", words, status=400):
        _find(trail, MaxResults=51)
    assert _find(trail, EventCategory="insight") == []
    with refused("UnsupportedOperationException", "DescribeTrails is not offered", status=400):
        trail.describe_trails()


def test_the_event_history_needs_a_permission(federation: Federation, sdk: Sdk) -> None:
    """An agent's role may not look."""
    assertion = federation.identity_providers["acme"].mint(USER, APP).saml_response
    answer = sdk("sts").assume_role_with_saml(RoleArn=ROLE_ARN, PrincipalArn=PROVIDER_ARN, SAMLAssertion=assertion)
    words = (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/ConnectAgent/{USER} is not authorized to perform: "
        "cloudtrail:LookupEvents on resource: * because no identity-based policy allows the cloudtrail:LookupEvents "
        "action"
    )
    with refused("AccessDeniedException", words, status=403):
        sdk("cloudtrail", **keys_of(answer["Credentials"])).lookup_events()


def test_another_region_has_other_events(federation: Federation, sdk: Sdk) -> None:
    """Events of global services are in us-east-1 only, Amazon Connect's in the instance's region."""
    log_in(federation, user=USER, app=APP)
    tokyo = {event["EventName"] for event in _find(sdk("cloudtrail", region="ap-northeast-1"))}
    assert tokyo == {"GetFederationToken"}
    assert _find(sdk("cloudtrail", region="eu-west-1")) == []


def test_the_aws_cli_looks_events_up(internet: Serving, run: Run) -> None:
    """By the real name, in the region of the client's settings."""
    keys = {
        "AWS_ACCESS_KEY_ID": ADMINISTRATOR_KEY,
        "AWS_SECRET_ACCESS_KEY": ADMINISTRATOR["aws_secret_access_key"],
    }
    aws = client("aws")
    assert run(aws, "sts", "get-caller-identity", "--region", "us-east-1", extra=keys).returncode == 0
    arguments = ("--lookup-attributes", "AttributeKey=EventName,AttributeValue=GetCallerIdentity")
    done = run(aws, "cloudtrail", "lookup-events", "--region", "us-east-1", *arguments, extra=keys)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["Events"][0]["EventSource"] == "sts.amazonaws.com"
