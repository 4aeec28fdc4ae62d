"""STS as boto3 knows it, beyond the login itself: chaining, tags, session policies, users, regions, partitions."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from emulator.browser import Page
from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.explanations import Setting
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.network.wsgi import call as ask
from emulator.network.wsgi import make_environ
from emulator.world import World, change_world
from idp.saml.faults import parse_fault
from sp_mock.apis.api_endpoints import endpoint_of
from tests.conftest import ACCOUNT, APP, NOW, PROVIDER_ARN, ROLE_ARN, USER
from tests.sdk import ADMINISTRATOR, Sdk, keys_of, refused

IAM_ARN = f"arn:aws:iam::{ACCOUNT}"
TARGET = f"{IAM_ARN}:role/Target"
SESSION_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/ConnectAgent/{USER}"
Login = Callable[..., dict[str, Any]]


def _policy(action: Any, resource: str = "*", *, effect: str = "Allow", **more: Any) -> str:
    statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def login(federation: Federation, sdk: Sdk) -> Login:
    """Returns a function that logs in by SAML, with faults and parameters, and returns the whole answer."""

    def make(*faults: dict[str, Any], **parameters: Any) -> dict[str, Any]:
        provider = federation.identity_providers["acme"]
        minted = provider.mint(USER, APP, faults=[parse_fault(fault) for fault in faults])
        call = {"RoleArn": ROLE_ARN, "PrincipalArn": PROVIDER_ARN, "SAMLAssertion": minted.saml_response, **parameters}
        return dict(sdk("sts").assume_role_with_saml(**call))

    return make


def _make_target(sdk: Sdk, *, trusted: str = ROLE_ARN, actions: Any = "sts:AssumeRole", **condition: Any) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": actions}
    if condition:
        statement["Condition"] = condition
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sdk("iam").create_role(RoleName="Target", AssumeRolePolicyDocument=trust, MaxSessionDuration=43200)


def _let_assume(sdk: Sdk, role: str = "ConnectAgent", action: Any = "sts:AssumeRole") -> None:
    sdk("iam").put_role_policy(RoleName=role, PolicyName="assume", PolicyDocument=_policy(action, TARGET))


def _add_attribute(name: str, value: str) -> dict[str, Any]:
    return {"attribute": name, "add": value}


def test_role_chaining_lasts_an_hour_at_most(login: Login, sdk: Sdk) -> None:
    """A SAML session assumes a role that trusts it; a longer session is refused in AWS's words."""
    _make_target(sdk)
    sts = sdk("sts", **keys_of(login()["Credentials"]))
    answer = sts.assume_role(RoleArn=TARGET, RoleSessionName="next")
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Target/next"
    assert answer["Credentials"]["Expiration"] == NOW + timedelta(hours=1)
    assert "PackedPolicySize" not in answer
    message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
    with refused("ValidationError", message, status=400):
        sts.assume_role(RoleArn=TARGET, RoleSessionName="next", DurationSeconds=3601)
    chained = sdk("sts", **keys_of(answer["Credentials"]))
    assert chained.get_caller_identity()["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Target/next"


def test_a_user_may_ask_for_as_long_as_the_role_allows(sdk: Sdk) -> None:
    """A long-term key is not a chain."""
    _make_target(sdk, trusted=f"{IAM_ARN}:root")
    sts = sdk("sts")
    answer = sts.assume_role(RoleArn=TARGET, RoleSessionName="admin", DurationSeconds=43200)
    assert answer["Credentials"]["Expiration"] == NOW + timedelta(hours=12)
    sdk("iam").update_role(RoleName="Target", MaxSessionDuration=3600)
    message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    with refused("ValidationError", message, status=400):
        sts.assume_role(RoleArn=TARGET, RoleSessionName="admin", DurationSeconds=3601)


def test_who_may_assume_a_role(login: Login, sdk: Sdk) -> None:
    """A trust policy that names the account leaves it to the caller's policies; one that names the role does not."""
    _make_target(sdk, trusted=f"{IAM_ARN}:root")
    sts = sdk("sts", **keys_of(login()["Credentials"]))
    denied = f"User: {SESSION_ARN} is not authorized to perform: sts:AssumeRole on resource: {TARGET}"
    with refused("AccessDenied", denied, status=403):
        sts.assume_role(RoleArn=TARGET, RoleSessionName="next")
    _let_assume(sdk)
    sts.assume_role(RoleArn=TARGET, RoleSessionName="next")
    trust = {"Effect": "Allow", "Principal": {"AWS": ROLE_ARN}, "Action": "sts:AssumeRole"}
    sdk("iam").update_assume_role_policy(
        RoleName="Target", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    sdk("iam").delete_role_policy(RoleName="ConnectAgent", PolicyName="assume")
    sts.assume_role(RoleArn=TARGET, RoleSessionName="next")
    sdk("iam").put_role_policy(
        RoleName="ConnectAgent", PolicyName="no", PolicyDocument=_policy("sts:AssumeRole", effect="Deny")
    )
    with refused("AccessDenied", denied, status=403):
        sts.assume_role(RoleArn=TARGET, RoleSessionName="next")
    nobody = f"{IAM_ARN}:role/Nobody"
    words = f"User: {IAM_ARN}:user/administrator is not authorized to perform: sts:AssumeRole on resource: {nobody}"
    with refused("AccessDenied", words, status=403):
        sdk("sts").assume_role(RoleArn=nobody, RoleSessionName="next")
    malformed = f"{IAM_ARN}:user/administrator"
    with refused("ValidationError", f"{malformed} is invalid", status=400):
        sdk("sts").assume_role(RoleArn=malformed, RoleSessionName="next")


def test_an_external_id_is_asked_for(sdk: Sdk, federation: Federation) -> None:
    """``sts:ExternalId`` is what the call gives; the trace names the condition that decided."""
    _make_target(sdk, trusted=f"{IAM_ARN}:user/administrator", StringEquals={"sts:ExternalId": "42"})
    words = f"User: {IAM_ARN}:user/administrator is not authorized to perform: sts:AssumeRole on resource: {TARGET}"
    with refused("AccessDenied", words, status=403):
        sdk("sts").assume_role(RoleArn=TARGET, RoleSessionName="x1", ExternalId="43")
    refusal = federation.gateway.exchanges[-1].refusal
    assert refusal is not None
    assert refusal.explanation == (
        "Trust policy of the role Target, Statement[0]: its condition StringEquals sts:ExternalId expects 42, and the "
        "request has 43."
    )
    (cause,) = refusal.causes
    assert isinstance(cause, Setting)
    assert (cause.path, cause.inside) == (
        ("roles", TARGET, "trust"),
        ("Statement", 0, "Condition", "StringEquals", "sts:ExternalId"),
    )
    sdk("sts").assume_role(RoleArn=TARGET, RoleSessionName="x1", ExternalId="42")


def test_tags_and_source_identity_go_along(login: Login, sdk: Sdk) -> None:
    """Transitive tags and the source identity of the login reach the next role, other tags do not."""
    everything = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    saml = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]
    trust = {"Effect": "Allow", "Principal": {"Federated": PROVIDER_ARN}, "Action": saml}
    sdk("iam").update_assume_role_policy(
        RoleName="ConnectAgent", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    answer = login(
        _add_attribute("PrincipalTag:Team", "voice"),
        _add_attribute("PrincipalTag:Desk", "7"),
        _add_attribute("TransitiveTagKeys", "Team"),
        _add_attribute("SourceIdentity", "hanako"),
    )
    assert (answer["SourceIdentity"], answer["PackedPolicySize"] > 0) == ("hanako", True)
    sts = sdk("sts", **keys_of(answer["Credentials"]))
    condition = {"aws:RequestTag/team": "voice", "sts:SourceIdentity": "hanako"}
    _make_target(sdk, actions=everything, StringEquals=condition, Null={"aws:RequestTag/desk": "true"})
    chained = sts.assume_role(RoleArn=TARGET, RoleSessionName="next")
    assert chained["SourceIdentity"] == "hanako"
    conflict = (
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the "
        "calling session."
    )
    with refused("InvalidParameterValue", conflict, status=400):
        sts.assume_role(RoleArn=TARGET, RoleSessionName="next", Tags=[{"Key": "team", "Value": "x"}])
    words = f"User: {SESSION_ARN} is not authorized to perform: sts:SetSourceIdentity on resource: {TARGET}"
    _set_trust(sdk, everything)
    with refused("AccessDenied", words, status=403):
        sts.assume_role(RoleArn=TARGET, RoleSessionName="next", SourceIdentity="taro")
    _set_trust(sdk, ["sts:AssumeRole", "sts:SetSourceIdentity"])
    words = f"User: {SESSION_ARN} is not authorized to perform: sts:TagSession on resource: {TARGET}"
    with refused("AccessDenied", words, status=403):
        sts.assume_role(RoleArn=TARGET, RoleSessionName="next")


def _set_trust(sdk: Sdk, actions: list[str]) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": ROLE_ARN}, "Action": actions}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sdk("iam").update_assume_role_policy(RoleName="Target", PolicyDocument=document)


TAG_MISTAKES = [
    (
        {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]},
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    ),
    (
        {"Tags": [{"Key": "a", "Value": "1"}], "TransitiveTagKeys": ["b"]},
        "The specified transitive tag key must be included in the requested tags.",
    ),
]


@pytest.mark.parametrize(("parameters", "message"), TAG_MISTAKES)
def test_tags_that_cannot_be(sdk: Sdk, parameters: dict[str, Any], message: str) -> None:
    """Tags are refused before any policy is asked."""
    with refused("InvalidParameterValue", message, status=400):
        sdk("sts").assume_role(RoleArn=TARGET, RoleSessionName="x1", **parameters)


def test_a_session_policy_only_takes_away(login: Login, sdk: Sdk) -> None:
    """Policy and PolicyArns bound what the credentials may do later; the role's own policies count as before."""
    iam = sdk("iam")
    iam.put_role_policy(RoleName="ConnectAgent", PolicyName="iam", PolicyDocument=_policy("iam:List*"))
    answer = login(Policy=_policy("iam:ListRoles"))
    assert 0 < answer["PackedPolicySize"] <= 100
    limited = sdk("iam", **keys_of(answer["Credentials"]))
    assert limited.list_roles()["Roles"]
    start = f"User: {SESSION_ARN} is not authorized to perform: iam:ListUsers on resource: {IAM_ARN}:user/"
    with refused("AccessDenied", f"{start} because no session policy allows the iam:ListUsers action", status=403):
        limited.list_users()
    assert sdk("iam", **keys_of(login()["Credentials"])).list_users()["Users"]
    by_arn = login(PolicyArns=[{"arn": f"{IAM_ARN}:policy/okta-read-roles"}])
    with refused("AccessDenied", f"{start} because no session policy allows the iam:ListUsers action", status=403):
        sdk("iam", **keys_of(by_arn["Credentials"])).list_users()
    create = f"User: {SESSION_ARN} is not authorized to perform: iam:CreateUser on resource: {IAM_ARN}:user/x"
    generous = sdk("iam", **keys_of(login(Policy=_policy("*"))["Credentials"]))
    with refused(
        "AccessDenied", f"{create} because no identity-based policy allows the iam:CreateUser action", status=403
    ):
        generous.create_user(UserName="x")


def test_session_policies_that_cannot_be(login: Login) -> None:
    """Bad JSON, unknown ARNs and too much of both."""
    with refused("MalformedPolicyDocument", "This policy contains invalid Json", status=400):
        login(Policy="{")
    unknown = f"{IAM_ARN}:policy/none"
    with refused("ValidationError", f"The specified managed policy {unknown} was not found.", status=400):
        login(PolicyArns=[{"arn": unknown}])
    own = {"arn": f"{IAM_ARN}:policy/okta-read-roles"}
    long = _policy([f"iam:List{number:060d}" for number in range(25)])
    assert 1700 < len(long) <= 2048
    with refused(
        "PackedPolicyTooLarge",
        "Packed policy consumes 101% of allotted space, please use smaller policy.",
        status=400,
    ):
        login(Policy=long, PolicyArns=[own] * 10)
    with refused("ValidationError", "At most 10 policy ARNs are allowed", status=400):
        login(PolicyArns=[own] * 11)


def test_saml_credentials_open_no_user_sessions(login: Login, sdk: Sdk) -> None:
    """GetSessionToken and GetFederationToken are for IAM users."""
    sts = sdk("sts", **keys_of(login()["Credentials"]))
    with refused("AccessDenied", "Cannot call GetSessionToken with session credentials", status=403):
        sts.get_session_token()
    with refused("AccessDenied", "Cannot call GetFederationToken with session credentials", status=403):
        sts.get_federation_token(Name="someone")


def test_sessions_of_users(sdk: Sdk) -> None:
    """GetSessionToken keeps the user's name; GetFederationToken makes a federated user; neither may call IAM."""
    session = sdk("sts").get_session_token(DurationSeconds=900)["Credentials"]
    assert session["Expiration"] == NOW + timedelta(minutes=15)
    assert sdk("sts", **keys_of(session)).get_caller_identity()["Arn"] == f"{IAM_ARN}:user/administrator"
    federated = sdk("sts").get_federation_token(Name="guest", Policy=_policy("sts:*"))
    assert federated["FederatedUser"] == {
        "FederatedUserId": f"{ACCOUNT}:guest",
        "Arn": f"arn:aws:sts::{ACCOUNT}:federated-user/guest",
    }
    identity = sdk("sts", **keys_of(federated["Credentials"])).get_caller_identity()
    assert identity["UserId"] == f"{ACCOUNT}:guest"
    for credentials in (session, federated["Credentials"]):
        with refused("InvalidClientTokenId", "The security token included in the request is invalid.", status=403):
            sdk("iam", **keys_of(credentials)).list_roles()


def test_small_calls(sdk: Sdk) -> None:
    """GetAccessKeyInfo tells the account; an encoded message is never a valid one here."""
    key = ADMINISTRATOR["aws_access_key_id"]
    assert sdk("sts").get_access_key_info(AccessKeyId=key)["Account"] == ACCOUNT
    with refused("ValidationError", "The access key ID does not exist.", status=400):
        sdk("sts").get_access_key_info(AccessKeyId="AKIAAAAAAAAAAAAAAAAA")
    with refused(
        "InvalidAuthorizationMessageException",
        "The message is not a valid encoded authorization message.",
        status=400,
    ):
        sdk("sts").decode_authorization_message(EncodedMessage="abc")


def test_credentials_end_by_the_emulators_clock(login: Login, sdk: Sdk, federation: Federation) -> None:
    """An hour later they are expired, for every service."""
    keys = keys_of(login()["Credentials"])
    federation.clock.advance(timedelta(hours=1))
    for service, call in (("sts", "get_caller_identity"), ("iam", "list_roles")):
        with refused("ExpiredToken", "The security token included in the request is expired", status=403):
            getattr(sdk(service, **keys), call)()


def test_a_call_is_signed_for_its_service(sdk: Sdk, server: Server) -> None:
    """A signature for another service is reported as such."""
    sts, iam = sdk("sts"), sdk("iam")
    url = sts.generate_presigned_url("get_caller_identity", HttpMethod="GET")
    with requests.Session() as plain:
        plain.trust_env = False
        host = {"Host": "iam.amazonaws.com"}
        answer = plain.get(
            url.replace("GetCallerIdentity&Version=2011-06-15", "ListRoles&Version=2010-05-08"), headers=host
        )
    assert answer.status_code == 403
    assert "<Code>SignatureDoesNotMatch</Code>" in answer.text
    assert "<Message>Credential should be scoped to correct service: 'iam'. </Message>" in answer.text
    assert iam.list_roles()["Roles"]


@pytest.mark.parametrize(
    ("host", "signed_for"),
    [
        ("sts.amazonaws.com", "ap-southeast-2"),
        ("sts.us-west-2.amazonaws.com", "us-east-1"),
        ("iam.amazonaws.com", "eu-west-1"),
        ("connect.ap-northeast-1.amazonaws.com", "us-east-1"),
    ],
)
def test_a_call_is_signed_for_its_region(federation: Federation, host: str, signed_for: str) -> None:
    """A signature for another region is reported as such, whatever the key may do; on the bare address any will do."""
    service = host.partition(".")[0]
    target = "/instance" if service == "connect" else "/?Action=GetCallerIdentity&Version=2011-06-15"
    if service == "iam":
        target = "/?Action=ListRoles&Version=2010-05-08"
    credentials = Credentials(ADMINISTRATOR["aws_access_key_id"], ADMINISTRATOR["aws_secret_access_key"])
    right = {"iam": "us-east-1", "connect": "ap-northeast-1"}.get(service, endpoint_of(host).region or "us-east-1")
    for region, status in ((signed_for, 403), (right, 200)):
        signed = AWSRequest("GET", f"https://{host}{target}", headers={"Host": host})
        SigV4Auth(credentials, service, region).add_auth(signed)
        environ = make_environ("GET", target, list(signed.headers.items()), b"", scheme="https")
        answer = ask(federation.gateway, environ)
        assert answer.code == status
        assert (b"Credential should be scoped to a valid region. " in answer.body) is (status == 403)


@pytest.fixture
def true_time(world: World, keys: KeyFolder) -> Any:
    """Serves the built-in world by the machine's own clock, as a function from header changes to the answer."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    federation = Federation(world, clock=Clock(), ids=Ids(seed=7), keys=keys)
    with Server(federation.gateway) as server, requests.Session() as plain:
        plain.trust_env = False

        def call(seconds: int) -> requests.Response:
            request = AWSRequest("POST", server.url, data="Action=GetCallerIdentity&Version=2011-06-15")
            request.headers["Content-Type"] = "application/x-www-form-urlencoded"
            moment = federation.clock.now() + timedelta(seconds=seconds)
            request.context["timestamp"] = moment.strftime("%Y%m%dT%H%M%SZ")
            signer = SigV4Auth(Credentials(*ADMINISTRATOR.values()), "sts", "us-east-1")
            request.headers["Host"] = server.url.removeprefix("http://")
            request.headers["X-Amz-Date"] = request.context["timestamp"]
            canonical = signer.canonical_request(request)
            signature = signer.signature(signer.string_to_sign(request, canonical), request)
            signer._inject_signature_to_request(request, signature)
            return plain.post(server.url, data=request.body, headers=dict(request.headers), timeout=30)

        yield call


@pytest.mark.parametrize(
    ("seconds", "status", "words"),
    [
        (0, 200, "<Account>123456789012</Account>"),
        (-800, 200, "<Account>123456789012</Account>"),
        (-1000, 403, "<Message>Signature expired: "),
        (1000, 403, "<Message>Signature not yet current: "),
    ],
)
def test_the_date_of_a_call_counts_while_the_clock_is_true(
    true_time: Any, seconds: int, status: int, words: str
) -> None:
    """A quarter of an hour is tolerated; a frozen clock asks for nothing."""
    answer = true_time(seconds)
    assert answer.status_code == status
    assert words in answer.text


GOVCLOUD = {
    "/aws/234567890123": {
        "partition": "aws-us-gov",
        "saml_providers": {"okta": {"metadata": {"okta_app": "acme/amazon-connect"}}},
        "roles": {
            "Gov": {
                "trust": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Federated": "arn:aws-us-gov:iam::234567890123:saml-provider/okta"},
                            "Action": "sts:AssumeRoleWithSAML",
                        }
                    ],
                }
            }
        },
    },
    "/aws/123456789012/disabled_sts_regions": ["eu-south-1"],
}


@pytest.fixture
def elsewhere(world: World, clock: Clock, keys: KeyFolder) -> Any:
    """Returns a federation with a GovCloud account and a region that is switched off."""
    return Federation(change_world(world, GOVCLOUD), clock=clock, ids=Ids(seed=7), keys=keys)


def _login_at(federation: Federation, host: str, partition: str, account: str, role: str) -> Page:
    provider_arn = f"arn:{partition}:iam::{account}:saml-provider/okta"
    role_arn = f"arn:{partition}:iam::{account}:role/{role}"
    sent_to = (
        "https://signin.amazonaws-us-gov.com/saml"
        if partition == "aws-us-gov"
        else "https://signin.aws.amazon.com/saml"
    )
    audience = "urn:amazon:webservices:govcloud" if partition == "aws-us-gov" else "urn:amazon:webservices"
    faults = [
        {"attribute": "https://aws.amazon.com/SAML/Attributes/Role", "set": f"{provider_arn},{role_arn}"},
        {"element": "Assertion/Conditions/AudienceRestriction/Audience", "set": audience},
        {
            "element": "Assertion/Subject/SubjectConfirmation/SubjectConfirmationData",
            "attribute_name": "Recipient",
            "set": sent_to,
        },
    ]
    provider = federation.identity_providers["acme"]
    assertion = provider.mint(USER, APP, faults=[parse_fault(fault) for fault in faults]).saml_response
    form = {
        "Action": "AssumeRoleWithSAML",
        "Version": "2011-06-15",
        "RoleArn": role_arn,
        "PrincipalArn": provider_arn,
        "SAMLAssertion": assertion,
    }
    return federation.browser().post(f"https://{host}/", form)


def test_govcloud_has_endpoints_of_its_own(elsewhere: Federation) -> None:
    """The same call works at the partition's endpoint and finds no provider at another's."""
    there = _login_at(elsewhere, "sts.us-gov-west-1.amazonaws.com", "aws-us-gov", "234567890123", "Gov")
    assert there.status == 200
    assert "<Arn>arn:aws-us-gov:sts::234567890123:assumed-role/Gov/hanako@example.com</Arn>" in there.text
    here = _login_at(elsewhere, "sts.amazonaws.com", "aws-us-gov", "234567890123", "Gov")
    assert here.status == 400
    assert "<Message>Specified provider doesn't exist (Service: AWSOpenIdDiscoveryService; " in here.text


def test_a_region_that_is_switched_off(elsewhere: Federation) -> None:
    """The regional endpoint says so; the global one and other regions answer."""
    off = _login_at(elsewhere, "sts.eu-south-1.amazonaws.com", "aws", ACCOUNT, "ConnectAgent")
    assert off.status == 403
    assert "<Code>RegionDisabledException</Code>" in off.text
    assert (
        "<Message>STS is not activated in this region for account:123456789012. Your account administrator can "
        "activate STS in this region using the IAM Console.</Message>"
    ) in off.text
    for host in ("sts.amazonaws.com", "sts.eu-west-1.amazonaws.com"):
        assert _login_at(elsewhere, host, "aws", ACCOUNT, "ConnectAgent").status == 200


def test_credentials_belong_to_a_partition(sdk: Sdk) -> None:
    """A key of the commercial partition is unknown to GovCloud's endpoint."""
    with refused("InvalidClientTokenId", "The security token included in the request is invalid.", status=403):
        sdk("sts", region="us-gov-west-1").get_caller_identity()
