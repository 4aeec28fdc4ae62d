"""Who is blamed on the way into an instance: the relay state, the session's name, the instance, or its settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.explanations import Asked, Cause, Sent, Setting
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from sp_mock.accounts.model import Account
from sp_mock.connect.destination import resolve_destination, unread_parameter
from sp_mock.connect.federate_urls import federate_url, meant_instance
from sp_mock.connect.federation_refusals import SESSION_NAME_PATH
from sp_mock.principals.credentials import RoleSession
from tests.conftest import ACCOUNT, INSTANCE_ID, NOW, ROLE_ARN, USER

HOST = "https://ap-northeast-1.console.aws.amazon.com"
FEDERATE = f"{HOST}/connect/federate/"
RIGHT = FEDERATE + INSTANCE_ID
OTHER = "aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb"
INSTANCE = f"/aws/{ACCOUNT}/connect/{INSTANCE_ID}"
STATEMENT = f"/aws/{ACCOUNT}/policies/connect-login/Statement/0"
ROLE_PATH = "/Response/Assertion/AttributeStatement/Attribute[@Name='https://aws.amazon.com/SAML/Attributes/Role']"
ASKED_FIRST = "The role's policies, which AWS asks first, allow nothing there."


@pytest.fixture
def make(world: World, clock: Clock, keys: KeyFolder) -> Any:
    """Returns a function that makes the built-in world with changes."""

    def federation(changes: Mapping[str, Any]) -> Federation:
        return Federation(change_world(world, changes), clock=clock, ids=Ids(seed=7), keys=keys)

    return federation


def _session(federation: Federation, name: str = USER, role_arn: str = ROLE_ARN) -> RoleSession:
    role = federation.aws_services.aws.role(role_arn)
    assert role is not None
    keys = {"saml:sub": (name,)}
    return RoleSession(role.arn, role.role_id, name, NOW + timedelta(hours=1), saml_keys=keys)


def _refused(
    federation: Federation,
    instance_id: str = INSTANCE_ID,
    *,
    region: str = "ap-northeast-1",
    query: str = "",
    **of: str,
) -> ConnectRefusal:
    address = f"{FEDERATE.replace('ap-northeast-1', region)}{instance_id}{query}"
    with pytest.raises(ConnectRefusal) as caught:
        federation.aws_services.connect.get_federation_token(
            _session(federation, **of), instance_id=instance_id, region=region, address=address
        )
    return caught.value


def _account(federation: Federation) -> Account:
    return federation.aws_services.aws.accounts[ACCOUNT]


def _paths(causes: tuple[Cause, ...]) -> list[Any]:
    return [each.path if isinstance(each, Setting) else each for each in causes]


ADDRESSES: list[tuple[str, str]] = [
    ("00000000-dead-beef-0000-000000000000", "has 00000000-dead-beef-0000-000000000000, and no instance has this id"),
    (
        INSTANCE_ID.replace("cdef-1234", "cdfe-1234"),
        "has 12345678-90ab-cdfe-1234-567890abcdef in place of the instance id "
        f"{INSTANCE_ID}: character 17 is f, and should be e",
    ),
    (
        INSTANCE_ID[:-1],
        f"has {INSTANCE_ID[:-1]} in place of the instance id {INSTANCE_ID}: it has 35 characters, and should have 36",
    ),
    (
        f"arn:aws:connect:ap-northeast-1:{ACCOUNT}:instance/{INSTANCE_ID}",
        "has the instance's ARN where only the instance id belongs",
    ),
    (f"instance/{INSTANCE_ID}", "has instance/ where only the instance id belongs"),
    ("acme", "has the instance's alias acme in place of its id"),
    ("acme.my.connect.aws", "has the instance's host acme.my.connect.aws in place of its id"),
    (f" {INSTANCE_ID}", "has a blank beside the instance id"),
    (f"{INSTANCE_ID}/", "has / beside the instance id"),
    (f"<{INSTANCE_ID}>", "has <> beside the instance id"),
    (INSTANCE_ID.upper(), f"has the instance id in other letter case: it is {INSTANCE_ID}"),
    (INSTANCE_ID.replace("-", "%2D"), "has characters encoded twice"),
]


@pytest.mark.parametrize(("asked", "difference"), ADDRESSES)
def test_an_address_that_is_no_instances_id(federation: Federation, asked: str, difference: str) -> None:
    """AWS denies, as its policies are asked first; the relay state is the cause, whatever they say."""
    refusal = _refused(federation, asked, query="?destination=%2Fccp-v2")
    assert (refusal.check, refusal.code) == ("get-federation-token", "AccessDeniedException")
    assert refusal.explanation == f"The relay state {difference}. {ASKED_FIRST}"
    right = f"{RIGHT}?destination=%2Fccp-v2"
    assert refusal.causes == (Sent("RelayState", (right,)),)
    assert (refusal.expected, refusal.received) == (right, f"{FEDERATE}{asked}?destination=%2Fccp-v2")
    assert refusal.fix == f"Set the relay state to {right}."


def test_brackets_of_a_template_are_told(federation: Federation) -> None:
    """An id that is written twice encoded as a whole is found too."""
    instances = federation.aws_services.aws.instances
    encoded = "".join(f"%{ord(character):02X}" for character in INSTANCE_ID)
    meant = meant_instance(encoded, instances)
    assert (meant.instance, meant.difference) == (instances[0], "has characters encoded twice")


@pytest.mark.parametrize("resource", ["*", f"arn:aws:connect:*:{ACCOUNT}:instance/{INSTANCE_ID}/*"])
def test_the_region_of_the_relay_state_is_wrong_whatever_the_policy_says(make: Any, resource: str) -> None:
    """A policy that allows every region leaves AWS to find no instance; one that does not, to deny."""
    refusal = _refused(make({f"{STATEMENT}/Resource": resource}), region="us-east-1")
    assert (refusal.check, refusal.status) == ("instance", 404)
    why = "The relay state asks the console of us-east-1, and the instance acme is in ap-northeast-1."
    assert refusal.explanation == why
    assert refusal.causes == (Sent("RelayState", (RIGHT,)),)
    denied = _refused(make({}), region="us-east-1")
    assert (denied.check, denied.status) == ("get-federation-token", 403)
    assert denied.explanation == f"{why} {ASKED_FIRST}"
    assert denied.causes == refusal.causes


def test_a_host_without_a_region_stands_for_one(federation: Federation) -> None:
    """The console's global host is the first region's."""
    with pytest.raises(ConnectRefusal) as caught:
        federation.aws_services.connect.get_federation_token(
            _session(federation),
            instance_id=INSTANCE_ID,
            region="us-east-1",
            address=f"https://console.aws.amazon.com/connect/federate/{INSTANCE_ID}",
        )
    assert caught.value.explanation == (
        "The relay state's host console.aws.amazon.com names no region, which stands for us-east-1, and the instance "
        f"acme is in ap-northeast-1. {ASKED_FIRST}"
    )


def test_a_call_has_no_relay_state(federation: Federation) -> None:
    """The API's caller asked for it."""
    with pytest.raises(ConnectRefusal) as caught:
        federation.aws_services.connect.get_federation_token(
            _session(federation), instance_id=INSTANCE_ID, region="eu-west-1"
        )
    refusal = caught.value
    assert refusal.explanation == f"The call is to eu-west-1, and the instance acme is in ap-northeast-1. {ASKED_FIRST}"
    assert refusal.causes == (Asked("InstanceId"),)
    assert refusal.fix == f"Call with {INSTANCE_ID} in ap-northeast-1."


SECOND_ACCOUNT: Mapping[str, Any] = {
    "/aws/210987654321": {"connect": {OTHER: {"alias": "branch", "region": "ap-northeast-1"}}}
}


def test_an_instance_of_another_account(make: Any) -> None:
    """The relay state, as the role may go elsewhere; or the role, where its account has nowhere to go to."""
    refusal = _refused(make(SECOND_ACCOUNT), OTHER)
    why = f"The instance branch belongs to account 210987654321, and the session is with account {ACCOUNT}."
    assert refusal.explanation == f"{why} {ASKED_FIRST}"
    assert refusal.causes == (Sent("RelayState", (RIGHT,)), Sent(ROLE_PATH))
    refusal = _refused(make({**SECOND_ACCOUNT, f"/aws/{ACCOUNT}/connect": None}), OTHER)
    assert refusal.causes == (Sent(ROLE_PATH), Sent("RelayState"))
    assert refusal.fix == f"Send a role of account 210987654321, or a relay state of account {ACCOUNT}."


SECOND_INSTANCE: Mapping[str, Any] = {
    f"/aws/{ACCOUNT}/connect/{OTHER}": {
        "alias": "training",
        "region": "ap-northeast-1",
        "users": {"nora@example.com": {}},
    }
}


def test_two_instances_and_a_role_for_one(make: Any) -> None:
    """Relay state and policy disagree: both are named, and the policy is not widened first."""
    refusal = _refused(make(SECOND_INSTANCE), OTHER)
    assert refusal.explanation == (
        f"Policy connect-login, Statement[0]: its Resource names the instance {INSTANCE_ID}, and {OTHER} is asked for. "
        f"The role may federate into acme ({RIGHT})."
    )
    assert _paths(refusal.causes) == [
        Sent("RelayState", (RIGHT,)),
        ("policies", f"arn:aws:iam::{ACCOUNT}:policy/connect-login"),
    ]
    assert refusal.fix.startswith(
        f"Set the relay state to {RIGHT}; or, if this instance is meant: Set Resource to arn:"
    )


def test_an_instance_as_asked_blames_the_policy(make: Any) -> None:
    """The address is right, so that the policy has to change."""
    refusal = _refused(make({f"{STATEMENT}/Resource": f"arn:aws:connect:eu-west-1:{ACCOUNT}:instance/{INSTANCE_ID}/*"}))
    assert refusal.explanation == (
        "Policy connect-login, Statement[0]: its Resource has the region eu-west-1, and the request has ap-northeast-1."
    )
    assert _paths(refusal.causes) == [("policies", f"arn:aws:iam::{ACCOUNT}:policy/connect-login")]


def test_the_instances_open_to_a_session(make: Any) -> None:
    """Those with SAML that its policies name, in whichever region; asking opens no session."""
    federation = make({**SECOND_INSTANCE, f"{STATEMENT}/Resource": "*"})
    connect, session = federation.aws_services.connect, _session(federation)
    assert [each.alias for each in connect.instances_open_to(session)] == ["acme", "training"]
    assert [federate_url(each) for each in connect.instances_open_to(session)] == [RIGHT, FEDERATE + OTHER]
    assert not list(federation.tables["connect-refresh-tokens"].running())
    federation = make({**SECOND_INSTANCE, f"{INSTANCE}/identity_management": "CONNECT_MANAGED"})
    assert federation.aws_services.connect.instances_open_to(_session(federation)) == ()


def test_govclouds_console_is_written_without_its_first_region(make: Any) -> None:
    """The other region's is named."""
    instances = {
        "33333333-0000-0000-0000-000000000001": {"alias": "west", "region": "us-gov-west-1"},
        "33333333-0000-0000-0000-000000000002": {"alias": "east", "region": "us-gov-east-1"},
    }
    federation = make({"/aws/333333333333": {"partition": "aws-us-gov", "connect": instances}})
    urls = {each.alias: federate_url(each) for each in federation.aws_services.aws.instances}
    path = "amazonaws-us-gov.com/connect/federate/33333333-0000-0000-0000-00000000000"
    assert (urls["west"], urls["east"]) == (f"https://console.{path}1", f"https://us-gov-east-1.console.{path}2")


def test_a_name_of_the_wrong_form_blames_the_sender(federation: Federation) -> None:
    """No second user is advised; the login that exists is what would have been right."""
    refusal = _refused(federation, name="hanako")
    assert refusal.explanation == (
        "The instance acme has the user hanako@example.com, and the session is called hanako: @example.com is missing."
    )
    assert (refusal.expected, refusal.received, refusal.where) == ("hanako@example.com", "hanako", SESSION_NAME_PATH)
    assert refusal.causes == (Sent(SESSION_NAME_PATH, ("hanako@example.com",)),)
    assert refusal.fix == "Send RoleSessionName hanako@example.com."


def test_a_login_unlike_the_others_may_be_the_one_that_is_wrong(make: Any) -> None:
    """The session's name is written as the other users' logins are: both are named."""
    refusal = _refused(make({f"{INSTANCE}/users/{USER}": None, f"{INSTANCE}/users/Hanako@example.com": {}}))
    assert refusal.explanation == (
        "The instance acme has the user Hanako@example.com, and the session is called hanako@example.com: they differ "
        "in case, and case counts."
    )
    assert _paths(refusal.causes) == [
        Sent(SESSION_NAME_PATH, ("Hanako@example.com",)),
        ("instances", INSTANCE_ID, "users", "Hanako@example.com"),
    ]


def test_a_person_whom_nobody_resembles_has_to_be_added(make: Any) -> None:
    """The list of users is at fault, unless the sender knows another name of the person that is in it."""
    refusal = _refused(make({f"{INSTANCE}/users/{USER}": None}))
    assert refusal.explanation == (
        "The instance acme has no user hanako@example.com, and none whose login resembles it."
    )
    assert refusal.fix == "Add the user hanako@example.com to the instance."
    sent, users = refusal.causes
    assert isinstance(sent, Sent)
    assert (sent.wanted, sent.is_guess) == (("taro@example.com",), True)
    assert _paths((users,)) == [("instances", INSTANCE_ID, "users")]


def test_a_person_of_another_instance_may_have_been_sent_to_the_wrong_one(make: Any) -> None:
    """Both the relay state and the missing user are named."""
    federation = make({**SECOND_INSTANCE, f"{STATEMENT}/Resource": "*"})
    refusal = _refused(federation, name="nora@example.com")
    assert refusal.explanation == (
        "The instance acme has no user nora@example.com, and none whose login resembles it. The instance training has "
        "that user."
    )
    assert _paths(refusal.causes) == [
        Sent("RelayState", (FEDERATE + OTHER,)),
        ("instances", INSTANCE_ID, "users"),
    ]


def test_a_name_that_no_login_can_be(federation: Federation) -> None:
    """Whoever sends it has to send another field."""
    refusal = _refused(federation, name="sales=desk,7")
    assert refusal.explanation == "sales=desk,7 contains = and ,, and no Amazon Connect login can."
    assert refusal.causes == (Sent(SESSION_NAME_PATH),)
    assert refusal.fix == "Send another field of the person as RoleSessionName."


def test_an_instance_without_saml(make: Any) -> None:
    """Its identity management is at fault."""
    refusal = _refused(make({f"{INSTANCE}/identity_management": "CONNECT_MANAGED"}))
    assert refusal.explanation == (
        "The identity management of the instance acme is CONNECT_MANAGED; it is chosen when the instance is created "
        "and cannot be changed."
    )
    assert _paths(refusal.causes) == [("instances", INSTANCE_ID, "identity_management")]


def test_role_binding_names_both_roles(make: Any) -> None:
    """The role that was sent, and the setting that binds."""
    federation = make({f"{INSTANCE}/role_binding": "strict"})
    connect = federation.aws_services.connect
    second = ROLE_ARN.replace("ConnectAgent", "ConnectSupervisor")
    connect.get_federation_token(_session(federation), instance_id=INSTANCE_ID, region="ap-northeast-1")
    refusal = _refused(federation, role_arn=second)
    assert refusal.explanation == (
        f"{USER} first came with {ROLE_ARN}, and now with {second}; the instance binds each user to one role."
    )
    assert _paths(refusal.causes) == [Sent(ROLE_PATH, (ROLE_ARN,)), ("instances", INSTANCE_ID, "binds_roles")]


APPROVED = ("instances", INSTANCE_ID, "approved_origins")
DESTINATIONS: list[tuple[str, str, str, list[Any]]] = [
    (
        "https://desk.test/ccp",
        "The origin https://desk.test is not among the instance's approved origins.",
        "Add https://desk.test to the instance's approved_origins.",
        [APPROVED],
    ),
    (
        "https://conect.example.com/ccp",
        "The origin https://conect.example.com is not among the instance's approved origins; "
        "https://connect.example.com "
        "is: the hosts differ, conect.example.com and connect.example.com.",
        "Use https://connect.example.com in the destination, or add https://conect.example.com to the instance's "
        "approved_origins.",
        [Sent("RelayState", (f"{RIGHT}?destination=https%3A%2F%2Fconnect.example.com%2Fccp",)), APPROVED],
    ),
    (
        "https://connect.example.com:8443/ccp",
        "The origin https://connect.example.com:8443 is not among the instance's approved origins; "
        "https://connect.example.com is: the ports differ, 8443 and 443.",
        "Use https://connect.example.com in the destination, or add https://connect.example.com:8443 to the instance's "
        "approved_origins.",
        [Sent("RelayState", (f"{RIGHT}?destination=https%3A%2F%2Fconnect.example.com%2Fccp",)), APPROVED],
    ),
    (
        "https://acme.awsapps.com/connect/ccp-v2",
        "The origin https://acme.awsapps.com is the instance's old domain, where it has no pages.",
        "Set the destination to /ccp-v2.",
        [Sent("RelayState", (f"{RIGHT}?destination=%2Fccp-v2",))],
    ),
    (
        " /agent-app-v2",
        "The destination is neither a path nor an http(s) URL.",
        "Set the destination to a path of the instance such as /agent-app-v2.",
        [Sent("RelayState", (f"{RIGHT}?destination=%2Fagent-app-v2",))],
    ),
    (
        "htps://connect.example.com/",
        "The destination is not an http(s) URL.",
        "Set the destination to a path of the instance such as /ccp-v2.",
        [Sent("RelayState", (f"{RIGHT}?destination=%2Fccp-v2",))],
    ),
]


@pytest.mark.parametrize(("asked", "why", "fix", "causes"), DESTINATIONS)
def test_a_destination_or_the_list_of_origins_is_wrong(
    federation: Federation, asked: str, why: str, fix: str, causes: list[Any]
) -> None:
    """A slip blames the relay state and the list, a page that nobody approved the list alone."""
    account = _account(federation)
    instance = account.instances[INSTANCE_ID]
    with pytest.raises(ConnectRefusal) as caught:
        resolve_destination(asked, instance, now=NOW, account=account)
    assert (caught.value.explanation, caught.value.fix) == (why, fix)
    assert _paths(caught.value.causes) == causes
    with pytest.raises(ConnectRefusal) as of_a_page:
        resolve_destination(asked, instance, now=NOW)
    assert of_a_page.value.causes == ()


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("", ""),
        ("new_domain=true", ""),
        ("Destination=%2Fccp-v2", "Destination"),
        ("desination=%2Fccp-v2", "desination"),
        ("landat=%2Fccp-v2", "landat"),
        ("region=eu-west-1", ""),
    ],
)
def test_a_parameter_that_was_meant_to_be_the_destination(query: str, name: str) -> None:
    """Its case and spelling count."""
    assert unread_parameter(query) == name
