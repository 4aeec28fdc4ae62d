"""Amazon Connect as boto3 knows it: instances, users, profiles, origins, federation tokens, and what is refused."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.errors import Refusal
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.world import DEFAULT_WORLD, World, change_world, load_world
from sp_mock.connect.federation_refusals import BAD_REQUEST, NOT_ONBOARDED
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, PROVIDER_ARN, USER
from tests.sdk import Sdk, client, keys_of, refused

REGION = "ap-northeast-1"
ARN = f"arn:aws:connect:{REGION}:{ACCOUNT}:instance/{INSTANCE_ID}"
NAMES = {"FirstName": "Jun", "LastName": "Abe"}
NO_INSTANCE = "Instance with ID {} not found"


@pytest.fixture
def connect(sdk: Sdk) -> Any:
    """Returns the administrator's client in the instance's region."""
    return sdk("connect", region=REGION)


@pytest.fixture
def profiles(connect: Any) -> dict[str, Any]:
    """Returns the ids that CreateUser asks for: the Agent profile's and the routing profile's."""
    security = connect.list_security_profiles(InstanceId=INSTANCE_ID)["SecurityProfileSummaryList"]
    routing = connect.list_routing_profiles(InstanceId=INSTANCE_ID)["RoutingProfileSummaryList"]
    return {
        "SecurityProfileIds": [next(each["Id"] for each in security if each["Name"] == "Agent")],
        "RoutingProfileId": routing[0]["Id"],
    }


def _session(
    federation: Federation, sdk: Sdk, *, user: str = USER, role: str = "ConnectAgent", region: str = REGION
) -> Any:
    """Returns the client of a user who came with an assertion."""
    assertion = federation.identity_providers["acme"].mint(user, APP).saml_response
    answer = sdk("sts").assume_role_with_saml(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", PrincipalArn=PROVIDER_ARN, SAMLAssertion=assertion
    )
    return sdk("connect", region=region, **keys_of(answer["Credentials"]))


def _refusal_of_login(federation: Federation, **changes: Any) -> Refusal:
    outcome = log_in(federation, user=USER, app=APP, **changes)
    assert outcome.refusal is not None
    return outcome.refusal


def test_an_instance_from_birth_to_death(connect: Any, federation: Federation) -> None:
    """What is asked for is made; it has a host of its own; deleted, it is gone."""
    made = connect.create_instance(
        IdentityManagementType="SAML",
        InstanceAlias="Second",
        InboundCallsEnabled=True,
        OutboundCallsEnabled=False,
        Tags={"team": "voice"},
    )
    assert made["Arn"] == f"arn:aws:connect:{REGION}:{ACCOUNT}:instance/{made['Id']}"
    instance = connect.describe_instance(InstanceId=made["Id"])["Instance"]
    assert instance["IdentityManagementType"] == "SAML"
    assert (instance["InstanceAlias"], instance["InstanceStatus"]) == ("Second", "ACTIVE")
    assert instance["InstanceAccessUrl"] == "https://second.my.connect.aws"
    assert instance["CreatedTime"] == federation.clock.now()
    assert instance["Tags"] == {"team": "voice"}
    assert connect.describe_instance(InstanceId=made["Arn"])["Instance"]["Id"] == made["Id"]
    listed = connect.list_instances()["InstanceSummaryList"]
    assert [each["InstanceAlias"] for each in listed] == ["acme", "Second"]
    page = federation.browser().open("https://second.my.connect.aws/ccp-v2")
    assert "Your session has expired." in page.text
    connect.delete_instance(InstanceId=made["Id"])
    assert federation.hosts.site("second.my.connect.aws") is None
    with refused("ResourceNotFoundException", NO_INSTANCE.format(made["Id"]), status=404):
        connect.describe_instance(InstanceId=made["Id"])


def test_the_alias_of_a_deleted_instance_stays_taken_for_a_while(connect: Any, federation: Federation) -> None:
    """A replacement with the same alias is refused at once, and made some minutes later."""
    asked = {"IdentityManagementType": "SAML", "InboundCallsEnabled": True, "OutboundCallsEnabled": True}
    made = connect.create_instance(**asked, InstanceAlias="second")
    connect.delete_instance(InstanceId=made["Id"])
    with refused("InvalidRequestException", "Invalid Input. Instance alias is already used.", status=400):
        connect.create_instance(**asked, InstanceAlias="Second")
    assert connect.create_instance(**asked, InstanceAlias="third")["Id"]
    federation.clock.advance(timedelta(minutes=5))
    again = connect.create_instance(**asked, InstanceAlias="Second")
    assert connect.describe_instance(InstanceId=again["Id"])["Instance"]["InstanceAlias"] == "Second"


def test_instances_that_cannot_be_made(connect: Any) -> None:
    """A taken alias, none at all, one that cannot be; nothing is made."""
    calls = {"InboundCallsEnabled": True, "OutboundCallsEnabled": True}
    with refused("InvalidRequestException", "Invalid Input. Instance alias is already used.", status=400):
        connect.create_instance(IdentityManagementType="SAML", InstanceAlias="ACME", **calls)
    with refused("InvalidParameterException", "InstanceAlias is required", status=400):
        connect.create_instance(IdentityManagementType="SAML", **calls)
    with refused("InvalidParameterException", "DirectoryId is required for EXISTING_DIRECTORY", status=400):
        connect.create_instance(IdentityManagementType="EXISTING_DIRECTORY", **calls)
    pattern = r"^(?!d-)([\da-zA-Z]+)([-]*[\da-zA-Z])*$"
    words = (
        "2 validation errors detected: Value 'LDAP' at 'identityManagementType' failed to satisfy constraint: Member "
        "must satisfy enum value set: [SAML, CONNECT_MANAGED, EXISTING_DIRECTORY]; Value '***' at 'instanceAlias' "
        f"failed to satisfy constraint: Member must satisfy regular expression pattern: {pattern}"
    )
    with refused("InvalidParameterException", words, status=400):
        connect.create_instance(IdentityManagementType="LDAP", InstanceAlias="d-1", **calls)
    assert len(connect.list_instances()["InstanceSummaryList"]) == 1


def test_an_instance_with_a_directory_of_its_own(connect: Any, profiles: dict[str, Any]) -> None:
    """Users of a Connect-managed instance have passwords; a SAML login to it is refused elsewhere."""
    made = connect.create_instance(
        IdentityManagementType="CONNECT_MANAGED",
        InstanceAlias="local",
        InboundCallsEnabled=True,
        OutboundCallsEnabled=True,
    )
    ids = {
        "SecurityProfileIds": [
            connect.list_security_profiles(InstanceId=made["Id"])["SecurityProfileSummaryList"][0]["Id"]
        ],
        "RoutingProfileId": connect.list_routing_profiles(InstanceId=made["Id"])["RoutingProfileSummaryList"][0]["Id"],
    }
    assert ids["SecurityProfileIds"] != profiles["SecurityProfileIds"]
    user = connect.create_user(
        InstanceId=made["Id"],
        Username="jun+abe",
        Password="Correct-h0rse",
        IdentityInfo={"Email": "jun@example.com", "Mobile": "+12065550100"},
        **ids,
    )
    described = connect.describe_user(InstanceId=made["Id"], UserId=user["UserId"])["User"]
    assert described["IdentityInfo"] == {"Email": "jun@example.com", "Mobile": "+12065550100"}


def test_a_user_made_by_a_call_logs_in_and_a_deleted_one_does_not(
    connect: Any, profiles: dict[str, Any], federation: Federation
) -> None:
    """There is no provisioning but the API: with the user the tile leads to the CCP, without it AWS says why not."""
    user_id = next(
        each["Id"] for each in connect.list_users(InstanceId=INSTANCE_ID)["UserSummaryList"] if each["Username"] == USER
    )
    connect.delete_user(InstanceId=INSTANCE_ID, UserId=user_id)
    refusal = _refusal_of_login(federation)
    assert refusal.message == NOT_ONBOARDED
    assert refusal.explanation == f"The instance acme has no user {USER}, and none whose login resembles it."
    made = connect.create_user(InstanceId=INSTANCE_ID, Username=USER, IdentityInfo=NAMES, **profiles)
    assert made["UserArn"] == f"{ARN}/agent/{made['UserId']}"
    outcome = log_in(federation, user=USER, app=APP)
    assert outcome.lands_on == "https://acme.my.connect.aws/home"


def test_a_user_is_found_and_changed(connect: Any, profiles: dict[str, Any], federation: Federation) -> None:
    """Describe, list, search and update tell of the same person."""
    made = connect.create_user(
        InstanceId=INSTANCE_ID, Username="jun@example.com", IdentityInfo=NAMES, Tags={"team": "voice"}, **profiles
    )
    user = connect.describe_user(InstanceId=INSTANCE_ID, UserId=made["UserId"])["User"]
    assert (user["Id"], user["Arn"], user["Username"]) == (made["UserId"], made["UserArn"], "jun@example.com")
    assert user["IdentityInfo"] == NAMES
    assert user["SecurityProfileIds"] == profiles["SecurityProfileIds"]
    assert user["RoutingProfileId"] == profiles["RoutingProfileId"]
    assert user["LastModifiedTime"] == federation.clock.now()
    federation.clock.advance(timedelta(minutes=1))
    connect.update_user_identity_info(
        InstanceId=INSTANCE_ID, UserId=made["UserId"], IdentityInfo={"LastName": "Ono", "Mobile": "+819012345678"}
    )
    user = connect.describe_user(InstanceId=INSTANCE_ID, UserId=made["UserId"])["User"]
    assert user["IdentityInfo"] == {"FirstName": "Jun", "LastName": "Ono", "Mobile": "+819012345678"}
    assert user["LastModifiedTime"] == federation.clock.now()
    names = connect.list_security_profiles(InstanceId=INSTANCE_ID)["SecurityProfileSummaryList"]
    assert [each["Name"] for each in names] == ["Admin", "Agent", "CallCenterManager", "QualityAnalyst"]
    connect.update_user_security_profiles(
        InstanceId=INSTANCE_ID, UserId=made["UserId"], SecurityProfileIds=[names[0]["Id"]]
    )
    user = connect.describe_user(InstanceId=INSTANCE_ID, UserId=made["UserId"])["User"]
    assert user["SecurityProfileIds"] == [names[0]["Id"]]
    with refused("ResourceNotFoundException", "User with ID jun@example.com not found", status=404):
        connect.describe_user(InstanceId=INSTANCE_ID, UserId="jun@example.com")


def _condition(field: str, value: str, comparison: str) -> dict[str, Any]:
    return {"StringCondition": {"FieldName": field, "Value": value, "ComparisonType": comparison}}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [USER, "taro@example.com", "jun@example.com"]),
        ({"SearchCriteria": _condition("Username", "JUN@EXAMPLE.COM", "EXACT")}, ["jun@example.com"]),
        ({"SearchCriteria": _condition("FirstName", "ta", "STARTS_WITH")}, ["taro@example.com"]),
        ({"SearchCriteria": _condition("LastName", "o", "CONTAINS")}, [USER, "taro@example.com"]),
        (
            {
                "SearchCriteria": {
                    "OrConditions": [_condition("FirstName", "jun", "EXACT"), _condition("LastName", "ito", "EXACT")]
                }
            },
            ["taro@example.com", "jun@example.com"],
        ),
        (
            {
                "SearchCriteria": {
                    "AndConditions": [_condition("FirstName", "a", "CONTAINS"), _condition("LastName", "s", "CONTAINS")]
                }
            },
            [USER],
        ),
        (
            {"SearchFilter": {"TagFilter": {"TagCondition": {"TagKey": "team", "TagValue": "voice"}}}},
            ["jun@example.com"],
        ),
        ({"SearchFilter": {"TagFilter": {"OrConditions": [[{"TagKey": "team", "TagValue": "chat"}]]}}}, []),
    ],
)
def test_users_are_searched(connect: Any, profiles: dict[str, Any], asked: dict[str, Any], found: list[str]) -> None:
    """Conditions on fields, together or one of them, and on tags; case does not count."""
    connect.create_user(
        InstanceId=INSTANCE_ID, Username="jun@example.com", IdentityInfo=NAMES, Tags={"team": "voice"}, **profiles
    )
    answer = connect.search_users(InstanceId=INSTANCE_ID, **asked)
    assert [user["Username"] for user in answer["Users"]] == found
    assert answer["ApproximateTotalCount"] == len(found)


def test_a_search_by_what_is_not_offered(connect: Any) -> None:
    """A field that is none, and a condition that is left out, are named."""
    with refused("InvalidParameterException", "Shoe size is not a field to search for", status=400):
        connect.search_users(InstanceId=INSTANCE_ID, SearchCriteria=_condition("Shoe size", "44", "EXACT"))
    hierarchy = {"HierarchyGroupCondition": {"Value": "x", "HierarchyGroupMatchType": "EXACT"}}
    with refused("InvalidParameterException", "SearchCriteria.HierarchyGroupCondition is not offered", status=400):
        connect.search_users(InstanceId=INSTANCE_ID, SearchCriteria=hierarchy)


def test_profiles_are_described(connect: Any, profiles: dict[str, Any]) -> None:
    """By the ids that the lists give; another id is not found."""
    security_id, routing_id = profiles["SecurityProfileIds"][0], profiles["RoutingProfileId"]
    security = connect.describe_security_profile(InstanceId=INSTANCE_ID, SecurityProfileId=security_id)
    assert security["SecurityProfile"]["SecurityProfileName"] == "Agent"
    assert security["SecurityProfile"]["Arn"] == f"{ARN}/security-profile/{security_id}"
    routing = connect.describe_routing_profile(InstanceId=INSTANCE_ID, RoutingProfileId=routing_id)["RoutingProfile"]
    assert (routing["Name"], routing["NumberOfAssociatedUsers"], routing["IsDefault"]) == (
        "Basic Routing Profile",
        2,
        True,
    )
    with refused("ResourceNotFoundException", "Security profile with ID nope not found", status=404):
        connect.describe_security_profile(InstanceId=INSTANCE_ID, SecurityProfileId="nope")
    with refused("ResourceNotFoundException", "Routing profile with ID nope not found", status=404):
        connect.describe_routing_profile(InstanceId=INSTANCE_ID, RoutingProfileId="nope")


def test_an_email_is_refused_on_update_too(connect: Any) -> None:
    """And nothing else of the call is done."""
    user = connect.list_users(InstanceId=INSTANCE_ID)["UserSummaryList"][0]
    with refused("InvalidRequestException", "Email is not required for this directory type", status=400):
        connect.update_user_identity_info(
            InstanceId=INSTANCE_ID, UserId=user["Id"], IdentityInfo={"FirstName": "X", "Email": "x@example.com"}
        )
    described = connect.describe_user(InstanceId=INSTANCE_ID, UserId=user["Id"])["User"]
    assert described["IdentityInfo"] == {"FirstName": "Hanako", "LastName": "Sato"}


def test_a_user_made_again_may_come_with_another_role(world: World, keys: KeyFolder) -> None:
    """Where an instance binds users to their first role, deleting and creating the user is the way out."""
    strict = Federation(
        change_world(world, {f"/aws/{ACCOUNT}/connect/{INSTANCE_ID}/role_binding": "strict"}), keys=keys
    )
    taro = "taro@example.com"
    first = log_in(strict, user=taro, app=APP, role="ConnectAgent")
    assert first.lands_on == "https://acme.my.connect.aws/home"
    other = log_in(strict, user=taro, app=APP, role="ConnectSupervisor")
    assert other.refusal is not None
    assert (other.refusal.code, other.refusal.message) == ("DuplicateResourceException", BAD_REQUEST)
    with Server(strict.gateway) as server:
        connect = client("connect", url=server.url, region=REGION)
        found = connect.search_users(InstanceId=INSTANCE_ID, SearchCriteria=_condition("Username", taro, "EXACT"))
        user = found["Users"][0]
        supervisor = _session(strict, partial(client, url=server.url), user=taro, role="ConnectSupervisor")
        words = f"The user {taro} is already associated with the Amazon Connect instance {INSTANCE_ID}"
        with refused("DuplicateResourceException", words, status=409):
            supervisor.get_federation_token(InstanceId=INSTANCE_ID)
        connect.delete_user(InstanceId=INSTANCE_ID, UserId=user["Id"])
        connect.create_user(
            InstanceId=INSTANCE_ID,
            Username=taro,
            IdentityInfo=NAMES,
            SecurityProfileIds=user["SecurityProfileIds"],
            RoutingProfileId=user["RoutingProfileId"],
        )
    again = log_in(strict, user=taro, app=APP, role="ConnectSupervisor")
    assert again.lands_on == "https://acme.my.connect.aws/home"


INVALID, NOT_ASKED_FOR = "InvalidParameterException", "InvalidRequestException"
SAML_RULES: list[tuple[dict[str, Any], str, str]] = [
    ({"Username": "a" * 65}, INVALID, "Username is not valid for an instance that uses SAML"),
    ({"Username": "jun+abe@example.com"}, INVALID, "Username is not valid for an instance that uses SAML"),
    ({"Username": "testuser@example"}, INVALID, "Username may contain @ only as part of an email address"),
    ({"IdentityInfo": {"FirstName": "Jun"}}, INVALID, "LastName is required for an instance that uses SAML"),
    ({"IdentityInfo": {"LastName": "Abe"}}, INVALID, "FirstName is required for an instance that uses SAML"),
    ({"Password": "Correct-h0rse"}, NOT_ASKED_FOR, "Password is not required for this directory type"),
    ({"DirectoryUserId": "1"}, NOT_ASKED_FOR, "DirectoryUserId is not required for this directory type"),
    (
        {"IdentityInfo": {**NAMES, "Email": "jun@example.com"}},
        NOT_ASKED_FOR,
        "Email is not required for this directory type",
    ),
    (
        {"IdentityInfo": {"FirstName": "Jose\u0301", "LastName": "Abe"}},
        INVALID,
        "Names must be in Unicode normalization form C (NFC)",
    ),
]


@pytest.mark.parametrize(("changed", "code", "words"), SAML_RULES)
def test_the_rules_of_users_under_saml(
    connect: Any, profiles: dict[str, Any], changed: dict[str, Any], code: str, words: str
) -> None:
    """Names that a role session can have and a login cannot, passwords, missing names; nobody is made."""
    asked = {"Username": "jun@example.com", "IdentityInfo": NAMES, **changed}
    with refused(code, words, status=400):
        connect.create_user(InstanceId=INSTANCE_ID, **asked, **profiles)
    assert len(connect.list_users(InstanceId=INSTANCE_ID)["UserSummaryList"]) == 2


def test_a_login_may_hold_a_backslash(connect: Any, profiles: dict[str, Any]) -> None:
    """A name such as a Windows domain's can be made, though no role session can ever have it."""
    made = connect.create_user(InstanceId=INSTANCE_ID, Username="corp\\jun", IdentityInfo=NAMES, **profiles)
    user = connect.describe_user(InstanceId=INSTANCE_ID, UserId=made["UserId"])["User"]
    assert user["Username"] == "corp\\jun"


def test_an_email_is_taken_where_the_world_allows_it(world: World, keys: KeyFolder, profiles: dict[str, Any]) -> None:
    """Amazon's reference says both; a switch decides."""
    changed = change_world(world, {f"/aws/{ACCOUNT}/connect/{INSTANCE_ID}/email": "allowed"})
    with Server(Federation(changed, keys=keys).gateway) as server:
        connect = client("connect", url=server.url, region=REGION)
        identity = {**NAMES, "Email": "jun@example.com"}
        made = connect.create_user(InstanceId=INSTANCE_ID, Username="jun", IdentityInfo=identity, **profiles)
        user = connect.describe_user(InstanceId=INSTANCE_ID, UserId=made["UserId"])["User"]
    assert user["IdentityInfo"] == identity


def test_users_that_cannot_be_made(connect: Any, profiles: dict[str, Any]) -> None:
    """One who is there, and profiles that are not."""
    with refused("DuplicateResourceException", f"A user with the username {USER} already exists", status=409):
        connect.create_user(InstanceId=INSTANCE_ID, Username=USER, IdentityInfo=NAMES, **profiles)
    with refused("ResourceNotFoundException", "Security profile with ID nope not found", status=404):
        connect.create_user(
            InstanceId=INSTANCE_ID, Username="jun", IdentityInfo=NAMES, **{**profiles, "SecurityProfileIds": ["nope"]}
        )
    with refused("ResourceNotFoundException", "Routing profile with ID nope not found", status=404):
        connect.create_user(
            InstanceId=INSTANCE_ID, Username="jun", IdentityInfo=NAMES, **{**profiles, "RoutingProfileId": "nope"}
        )


def test_lists_come_in_pages(connect: Any, profiles: dict[str, Any]) -> None:
    """Paginators see everything once; a token that was not given out is refused."""
    for number in range(5):
        connect.create_user(InstanceId=INSTANCE_ID, Username=f"agent{number}", IdentityInfo=NAMES, **profiles)
    pages = connect.get_paginator("list_users").paginate(InstanceId=INSTANCE_ID, PaginationConfig={"PageSize": 3})
    names = [[user["Username"] for user in page["UserSummaryList"]] for page in pages]
    assert list(map(len, names)) == [3, 3, 1]
    assert sorted(name for page in names for name in page) == sorted(
        [USER, "taro@example.com", *(f"agent{number}" for number in range(5))]
    )
    with refused("InvalidParameterException", "Invalid NextToken", status=400):
        connect.list_users(InstanceId=INSTANCE_ID, NextToken="made-up")


def test_origins_are_approved_and_withdrawn(connect: Any, federation: Federation) -> None:
    """An origin is a place to land at from the moment it is approved."""
    state = f"https://{REGION}.console.aws.amazon.com/connect/federate/{INSTANCE_ID}?destination=https%3A%2F%2Fcrm.example.com%2Fccp"
    assert _refusal_of_login(federation, relay_state=state).check == "destination"
    connect.associate_approved_origin(InstanceId=INSTANCE_ID, Origin="https://crm.example.com")
    origins = connect.list_approved_origins(InstanceId=INSTANCE_ID)["Origins"]
    assert origins == ["https://connect.example.com", "https://crm.example.com"]
    assert log_in(federation, user=USER, app=APP, relay_state=state).lands_on == "https://crm.example.com/ccp"
    with refused("ResourceConflictException", "The origin https://crm.example.com is already approved", status=409):
        connect.associate_approved_origin(InstanceId=INSTANCE_ID, Origin="https://crm.example.com")
    with refused("InvalidParameterException", "Invalid origin", status=400):
        connect.associate_approved_origin(InstanceId=INSTANCE_ID, Origin="https://crm.example.com/ccp")
    connect.disassociate_approved_origin(InstanceId=INSTANCE_ID, Origin="https://crm.example.com")
    assert connect.list_approved_origins(InstanceId=INSTANCE_ID)["Origins"] == ["https://connect.example.com"]
    with refused("ResourceNotFoundException", "The origin https://crm.example.com is not approved", status=404):
        connect.disassociate_approved_origin(InstanceId=INSTANCE_ID, Origin="https://crm.example.com")


def test_the_authentication_profile_decides_how_long_tokens_last(
    connect: Any, sdk: Sdk, federation: Federation
) -> None:
    """An hour by default; what is set holds for the next login."""
    summary = connect.list_authentication_profiles(InstanceId=INSTANCE_ID)["AuthenticationProfileSummaryList"][0]
    assert summary["IsDefault"]
    asked = {"InstanceId": INSTANCE_ID, "AuthenticationProfileId": summary["Id"]}
    profile = connect.describe_authentication_profile(**asked)["AuthenticationProfile"]
    assert (profile["MaxSessionDuration"], profile["PeriodicSessionDuration"]) == (720, 60)
    connect.update_authentication_profile(
        **asked, Name="Short", PeriodicSessionDuration=10, AllowedIps=["192.0.2.0/24"], SessionInactivityDuration=15
    )
    profile = connect.describe_authentication_profile(**asked)["AuthenticationProfile"]
    assert (profile["Name"], profile["PeriodicSessionDuration"]) == ("Short", 10)
    assert (profile["AllowedIps"], profile["SessionInactivityDuration"]) == (["192.0.2.0/24"], 15)
    token = _session(federation, sdk).get_federation_token(InstanceId=INSTANCE_ID)["Credentials"]
    assert token["AccessTokenExpiration"] == federation.clock.now() + timedelta(minutes=10)
    assert token["RefreshTokenExpiration"] == federation.clock.now() + timedelta(hours=12)
    with refused("ResourceNotFoundException", "Authentication profile with ID other not found", status=404):
        connect.describe_authentication_profile(InstanceId=INSTANCE_ID, AuthenticationProfileId="other")
    words = (
        "1 validation error detected: Value '61' at 'periodicSessionDuration' failed to satisfy constraint: "
        "Member must have value less than or equal to 60"
    )
    with refused("InvalidParameterException", words, status=400):
        connect.update_authentication_profile(**asked, PeriodicSessionDuration=61)


def test_a_federation_token_opens_the_instance(federation: Federation, sdk: Sdk) -> None:
    """What the call gives is what the hidden form of a page posts; then the CCP is open."""
    answer = _session(federation, sdk).get_federation_token(InstanceId=INSTANCE_ID)
    assert answer["SignInUrl"] == "https://acme.my.connect.aws/auth/sign-in"
    assert answer["UserArn"] == f"{ARN}/agent/{answer['UserId']}"
    token = answer["Credentials"]
    assert token["AccessTokenExpiration"] == federation.clock.now() + timedelta(hours=1)
    credentials = {
        "AccessToken": token["AccessToken"],
        "AccessTokenExpiration": int(token["AccessTokenExpiration"].timestamp() * 1000),
        "RefreshToken": token["RefreshToken"],
        "RefreshTokenExpiration": int(token["RefreshTokenExpiration"].timestamp() * 1000),
    }
    browser = federation.browser()
    page = browser.post(answer["SignInUrl"], {"credentials": json.dumps(credentials), "destination": "/ccp-v2"})
    assert page.url == "https://acme.my.connect.aws/ccp-v2"
    assert f'<strong id="user">{USER}</strong>' in page.text


def test_federation_tokens_that_are_refused(federation: Federation, sdk: Sdk, connect: Any) -> None:
    """The API's codes where the page shows a sentence: policy, user, instance, and who calls."""
    agent = _session(federation, sdk)
    other = "00000000-0000-0000-0000-000000000000"
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/ConnectAgent/{USER}"
    role_id = federation.aws_services.aws.role(f"arn:aws:iam::{ACCOUNT}:role/ConnectAgent")
    assert role_id is not None
    resource = f"arn:aws:connect:{REGION}:{ACCOUNT}:instance/{other}/user/{role_id.role_id}:{USER}"
    words = f"User: {arn} is not authorized to perform: connect:GetFederationToken on resource: {resource}"
    with refused("AccessDeniedException", words, status=403):
        agent.get_federation_token(InstanceId=other)
    user_id = connect.search_users(InstanceId=INSTANCE_ID, SearchCriteria=_condition("Username", USER, "EXACT"))
    connect.delete_user(InstanceId=INSTANCE_ID, UserId=user_id["Users"][0]["Id"])
    with refused("UserNotFoundException", NOT_ONBOARDED, status=404):
        agent.get_federation_token(InstanceId=INSTANCE_ID)
    key = federation.aws_services.aws.user(f"arn:aws:iam::{ACCOUNT}:user/administrator")
    assert key is not None
    words = (
        f"Provided identity: Principal: {key.arn}. User: {key.user_id} cannot be used for federation with "
        "Connect Customer"
    )
    with refused("InvalidRequestException", words, status=400):
        connect.get_federation_token(InstanceId=INSTANCE_ID)


BY_CONDITION = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "connect:GetFederationToken",
            "Resource": "*",
            "Condition": {"StringEquals": {"connect:InstanceId": [INSTANCE_ID, "another"]}},
        }
    ],
}


def test_both_documented_forms_of_the_policy_allow_it(world: World, keys: KeyFolder) -> None:
    """By resource with the caller's id in it, and by the condition key, which may list several instances."""
    by_resource = Federation(world, keys=keys)
    assert log_in(by_resource, user=USER, app=APP).lands_on == "https://acme.my.connect.aws/home"
    changed = change_world(world, {f"/aws/{ACCOUNT}/policies/connect-login": BY_CONDITION})
    by_condition = Federation(changed, keys=keys)
    assert log_in(by_condition, user=USER, app=APP).lands_on == "https://acme.my.connect.aws/home"
    elsewhere = json.loads(json.dumps(BY_CONDITION).replace(INSTANCE_ID, "yet-another"))
    changed = change_world(world, {f"/aws/{ACCOUNT}/policies/connect-login": elsewhere})
    refusal = _refusal_of_login(Federation(changed, keys=keys))
    assert (refusal.check, refusal.code) == ("get-federation-token", "AccessDeniedException")


def test_policies_decide_what_an_administrator_may(sdk: Sdk, federation: Federation) -> None:
    """Instance, user and condition keys are what policies name; a refused call changes nothing."""
    iam = sdk("iam")
    iam.create_user(UserName="hr")
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "connect:ListUsers", "Resource": ARN},
            {"Effect": "Allow", "Action": "connect:DescribeUser", "Resource": f"{ARN}/agent/*"},
        ],
    }
    iam.put_user_policy(UserName="hr", PolicyName="reads", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName="hr")["AccessKey"]
    hr = sdk(
        "connect",
        region=REGION,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    users = hr.list_users(InstanceId=INSTANCE_ID)["UserSummaryList"]
    assert hr.describe_user(InstanceId=INSTANCE_ID, UserId=users[0]["Id"])["User"]["Username"] == USER
    words = (
        f"User: arn:aws:iam::{ACCOUNT}:user/hr is not authorized to perform: connect:DeleteUser on resource: "
        f"{ARN}/agent/{users[0]['Id']}"
    )
    with refused("AccessDeniedException", words, status=403):
        hr.delete_user(InstanceId=INSTANCE_ID, UserId=users[0]["Id"])
    instance = federation.aws_services.aws.instance(INSTANCE_ID)
    assert instance is not None
    assert USER in instance.users


def test_another_region_knows_nothing_of_the_instance(sdk: Sdk) -> None:
    """The endpoint's region counts, whatever the world holds elsewhere."""
    elsewhere = sdk("connect", region="eu-west-2")
    with refused("ResourceNotFoundException", NO_INSTANCE.format(INSTANCE_ID), status=404):
        elsewhere.describe_instance(InstanceId=INSTANCE_ID)
    assert elsewhere.list_instances()["InstanceSummaryList"] == []


def test_an_instance_in_govcloud(keys: KeyFolder) -> None:
    """Its endpoint, its partition's credentials, and its own domain."""
    federation = Federation(load_world(DEFAULT_WORLD.parent / "partitions.yaml"), keys=keys)
    account, instance_id = "333333333333", "33333333-90ab-cdef-1234-567890abcdef"
    assertion = federation.identity_providers["acme"].mint("emi@example.com", "govcloud").saml_response
    with Server(federation.gateway) as server:
        region = {"url": server.url, "region": "us-gov-west-1"}
        answer = client("sts", **region).assume_role_with_saml(
            RoleArn=f"arn:aws-us-gov:iam::{account}:role/Auditor",
            PrincipalArn=f"arn:aws-us-gov:iam::{account}:saml-provider/okta",
            SAMLAssertion=assertion,
        )
        keys_given = keys_of(answer["Credentials"])
        token = client("connect", **region, **keys_given).get_federation_token(InstanceId=instance_id)
        with refused(
            "UnrecognizedClientException", "The security token included in the request is invalid.", status=403
        ):
            client("connect", url=server.url, region="us-east-1", **keys_given).list_instances()
    assert token["SignInUrl"] == "https://agency.govcloud.connect.aws/auth/sign-in"
    assert token["UserArn"].startswith(f"arn:aws-us-gov:connect:us-gov-west-1:{account}:instance/{instance_id}/agent/")


def test_calls_that_are_not_offered_are_named(connect: Any) -> None:
    """An operation of Amazon Connect that logins do not need, and one that is nobody's."""
    with refused("UnknownOperationException", "ListPrompts is not offered", status=404):
        connect.list_prompts(InstanceId=INSTANCE_ID)


def test_keys_that_are_wrong(sdk: Sdk) -> None:
    """A REST service has its own codes for what STS and IAM refuse as well."""
    with refused("UnrecognizedClientException", "The security token included in the request is invalid.", status=403):
        sdk(
            "connect", region=REGION, aws_access_key_id="AKIAIOSFODNN7UNKNOWN", aws_secret_access_key="x"
        ).list_instances()
    words = (
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
        "Access Key and signing method. Consult the service documentation for details."
    )
    with refused("InvalidSignatureException", words, status=403):
        sdk(
            "connect", region=REGION, aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="wrong"
        ).list_instances()
