"""Trust policies that do not let a login in: whether the app, the policy or the caller has to change, and where."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.kernel.errors import AwsRefusal
from emulator.kernel.explanations import BROWSER, SOURCE_IP, Asked, Sent, Setting
from sp_mock.assertion.login_request import EntryPoint
from sp_mock.assertion.values import PRINCIPAL_TAG, ROLE, SOURCE_IDENTITY, attribute_path
from tests.conftest import ACCOUNT, APP, PROVIDER_ARN, ROLE_ARN
from tests.sp_mock.assertion.mistakes.conftest import Refuse

TRUST = f"/aws/{ACCOUNT}/roles/ConnectAgent/trust"
STATEMENT = f"{TRUST}/Statement/0"
URL, REGIONAL = "https://signin.aws.amazon.com/saml", "https://eu-west-1.signin.aws.amazon.com/saml"
ARN = f"arn:aws:iam::{ACCOUNT}:saml-provider/"
DATA = "Assertion/Subject/SubjectConfirmation/SubjectConfirmationData"
RECIPIENT = f"/Response/{DATA}/@Recipient"
PLACE = "Statement[0] of the trust policy of role ConnectAgent"
TEAM = attribute_path(f"{PRINCIPAL_TAG}Team")


def _causes(refusal: AwsRefusal) -> list[Any]:
    """Returns the causes, a place in the trust policy by its keys."""
    found: list[Any] = []
    for cause in refusal.causes:
        if isinstance(cause, Setting) and cause.path == ("roles", ROLE_ARN, "trust"):
            found.append(cause.inside)
        else:
            found.append(cause)
    return found


def _recipient(url: str) -> dict[str, str]:
    return {"element": DATA, "attribute_name": "Recipient", "set": url}


@pytest.mark.parametrize(
    ("values", "inside", "said", "want"),
    [
        (
            URL[:-1],
            (),
            "SAML:aud is compared with the Recipient, and what the policy has is not a sign-in URL of AWS. They differ "
            "from character 34 on: …in.aws.amazon.com/sam[|l].",
            f'"SAML:aud": "{URL}"',
        ),
        (
            [f"{URL} ", "https://x.example.com"],
            (0,),
            "SAML:aud is compared with the Recipient, and what the policy has is not a sign-in URL of AWS. A blank too "
            "many at the end: …saml[␠|].",
            f'"SAML:aud": "{URL}"',
        ),
    ],
)
def test_a_condition_on_the_audience_that_is_wrong_itself(
    refuse: Refuse, values: Any, inside: tuple[int, ...], said: str, want: str
) -> None:
    """The Recipient is AWS's: the policy alone is at fault, at the value that comes nearest."""
    refusal = refuse({f"{STATEMENT}/Condition": {"StringEquals": {"SAML:aud": values}}})
    assert refusal.explanation.endswith(said)
    assert (refusal.expected, refusal.fix) == (want, f"Write {URL} for SAML:aud in {PLACE}.")
    assert _causes(refusal) == [("Statement", 0, "Condition", "StringEquals", "SAML:aud", *inside)]


def test_two_sign_in_urls_that_disagree(refuse: Refuse) -> None:
    """Either may be changed: the policy, and the app's URL."""
    refusal = refuse({f"{STATEMENT}/Condition": {"StringEquals": {"SAML:aud": REGIONAL}}})
    assert refusal.expected == f'"SAML:aud": ["{REGIONAL}", "{URL}"]'
    assert refusal.fix == f"Add {URL} to SAML:aud in {PLACE}, or set the app's single sign-on URL to {REGIONAL}."
    assert _causes(refusal) == [
        ("Statement", 0, "Condition", "StringEquals", "SAML:aud"),
        Sent(RECIPIENT, wanted=(REGIONAL,)),
    ]


def test_a_recipient_that_is_no_url_of_aws(refuse: Refuse) -> None:
    """It is the identity provider's mistake, though the trust policy refuses it first."""
    refusal = refuse({}, _recipient("https://signin..com/saml"))
    assert refusal.check == "trust-policy"
    assert refusal.explanation.endswith(
        "The assertion was made for a URL that is not one of AWS's SAML endpoints: its Recipient is "
        "https://signin..com/saml."
    )
    assert (refusal.expected, refusal.received) == (f"{URL}, or a region's", "https://signin..com/saml")
    assert refusal.fix == (
        f"Set the app's Recipient URL to {URL}; where it has none of its own, it is the single sign-on URL."
    )
    assert refusal.causes == (Sent(RECIPIENT, wanted=(URL,)),)
    without = refuse({f"{STATEMENT}/Condition": {}}, _recipient("https://signin..com/saml"))
    assert (without.check, without.causes) == ("recipient", refusal.causes)


def test_a_recipient_that_is_a_programs_own(refuse: Refuse) -> None:
    """STS takes it, so that the trust policy may be what has to follow."""
    asked = {"entry_point": EntryPoint.STS, "role_arn": ROLE_ARN, "provider_arn": PROVIDER_ARN}
    refusal = refuse({}, _recipient("http://localhost:8000/saml"), **asked)
    assert _causes(refusal) == [
        Sent(RECIPIENT, wanted=(URL,)),
        ("Statement", 0, "Condition", "StringEquals", "SAML:aud"),
    ]


def test_a_provider_in_another_spelling_in_the_policy(refuse: Refuse) -> None:
    """The policy names a provider that does not exist."""
    refusal = refuse({f"{STATEMENT}/Principal": {"Federated": f"{ARN}Okta"}})
    assert refusal.explanation.endswith(
        "The policy names a provider that does not exist: letter case differs: …saml-provider/[O|o]kta."
    )
    assert refusal.fix == f"Write {PROVIDER_ARN} in place of {ARN}Okta in {PLACE}."
    assert (refusal.expected, refusal.received) == (f'"Federated": "{PROVIDER_ARN}"', f'"Federated": "{ARN}Okta"')
    assert _causes(refusal) == [("Statement", 0, "Principal", "Federated")]


def test_a_role_that_trusts_another_provider_of_the_same_app(refuse: Refuse) -> None:
    """The Role value and the policy disagree, and both name a provider that would do."""
    second = {f"/aws/{ACCOUNT}/saml_providers/second": {"metadata": {"okta_app": f"acme/{APP}"}}}
    refusal = refuse({**second, f"{STATEMENT}/Principal": {"Federated": f"{ARN}second"}})
    assert refusal.explanation.endswith(
        f"The role trusts {ARN}second, and the Role value names {PROVIDER_ARN}, which was made from the metadata of "
        "the same identity provider."
    )
    assert _causes(refusal) == [
        Sent(attribute_path(ROLE), wanted=(f"{ARN}second,{ROLE_ARN}",)),
        ("Statement", 0, "Principal", "Federated"),
    ]


def test_a_provider_of_another_account_than_the_roles(refuse: Refuse) -> None:
    """The pattern is wrong; the policy trusts its own account's provider and is right."""
    other = {"/aws/222222222222": {"saml_providers": {"okta": {"metadata": {"okta_app": f"acme/{APP}"}}}}}
    foreign = PROVIDER_ARN.replace(ACCOUNT, "222222222222")
    refusal = refuse(other, {"attribute": "Role", "set": f"{foreign},{ROLE_ARN}"})
    assert refusal.explanation.endswith(
        f"The Role value pairs a SAML provider of account 222222222222 with a role of account {ACCOUNT}, which trusts "
        f"{PROVIDER_ARN}."
    )
    assert refusal.fix == (
        f"Name the provider of the role's account in the Role value: {PROVIDER_ARN}. In a Role Value Pattern, "
        "${accountid} stands for the account."
    )
    assert refusal.causes == (Sent(attribute_path(ROLE), wanted=(f"{PROVIDER_ARN},{ROLE_ARN}",)),)


def test_a_policy_that_trusts_a_provider_of_another_account(refuse: Refuse) -> None:
    """The policy is wrong though that provider exists and is the same app's: a role needs one of its own account."""
    other = {"/aws/222222222222": {"saml_providers": {"okta": {"metadata": {"okta_app": f"acme/{APP}"}}}}}
    foreign = PROVIDER_ARN.replace(ACCOUNT, "222222222222")
    refusal = refuse({**other, f"{STATEMENT}/Principal": {"Federated": foreign}})
    assert refusal.explanation.endswith(
        "The policy names a SAML provider of account 222222222222, and a SAML provider opens the roles of its own "
        f"account alone; the role is one of account {ACCOUNT}."
    )
    assert refusal.fix == f"Write {PROVIDER_ARN} in place of {foreign} in {PLACE}."
    assert _causes(refusal) == [("Statement", 0, "Principal", "Federated")]


def test_a_policy_without_an_identity_provider(refuse: Refuse) -> None:
    """It is for an account's principals, such as the template of another role."""
    refusal = refuse({f"{STATEMENT}/Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}})
    assert refusal.explanation.endswith("The trust policy names no identity provider.")
    assert _causes(refusal) == [("Statement", 0, "Principal", "AWS")]


@pytest.mark.parametrize(
    ("actions", "fault", "action", "inside", "sent", "fix"),
    [
        (
            "sts:AssumeRole",
            None,
            "sts:AssumeRoleWithSAML",
            (),
            [],
            f"Write sts:AssumeRoleWithSAML in place of sts:AssumeRole in {PLACE}.",
        ),
        (
            ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
            None,
            "sts:AssumeRoleWithSAML",
            (0,),
            [],
            f"Add sts:AssumeRoleWithSAML to Action in {PLACE}.",
        ),
        (
            ["sts:AssumeRoleWithSAML"],
            {"attribute": "PrincipalTag:Team", "set": "Blue"},
            "sts:TagSession",
            (0,),
            [Sent(TEAM)],
            f"Add sts:TagSession to Action in {PLACE}, or send no PrincipalTag attributes.",
        ),
        (
            ["sts:AssumeRoleWithSAML"],
            {"attribute": "SourceIdentity", "set": "hanako"},
            "sts:SetSourceIdentity",
            (0,),
            [Sent(attribute_path(SOURCE_IDENTITY))],
            f"Add sts:SetSourceIdentity to Action in {PLACE}, or send no SourceIdentity.",
        ),
    ],
)
def test_an_action_that_is_not_allowed(
    refuse: Refuse, actions: Any, fault: Any, action: str, inside: tuple[int, ...], sent: list[Sent], fix: str
) -> None:
    """The policy's, and what made the action necessary."""
    refusal = refuse({f"{STATEMENT}/Action": actions}, *([fault] if fault else []))
    assert (refusal.expected, refusal.fix) == (f"Action: {action}", fix)
    assert _causes(refusal) == [("Statement", 0, "Action", *inside), *sent]


@pytest.mark.parametrize(
    ("condition", "faults", "said", "causes"),
    [
        (
            {"StringEquals": {"SAML:audience": URL}},
            [],
            "There is no such key: they differ from character 9 on: SAML:[audience|aud].",
            [("StringEquals", "SAML:audience")],
        ),
        (
            {"StringEquals": {"SAML:sub": "Hanako@example.com"}},
            [],
            "Letter case differs: [H|h]anako@example.com.",
            [("StringEquals", "SAML:sub"), Sent("/Response/Assertion/Subject/NameID", ("Hanako@example.com",))],
        ),
        (
            {"StringEquals": {"aws:RequestTag/Team": "Blue"}},
            [],
            "The assertion does not send what aws:RequestTag/Team is made of.",
            [Sent(TEAM, ("Blue",)), ("StringEquals", "aws:RequestTag/Team")],
        ),
        (
            {"StringEquals": {"aws:RequestTag/Team": "Blue"}},
            [{"attribute": "PrincipalTag:Teams", "set": "Blue"}],
            "is made of. It sends the tag Teams: they differ from character 5 on: Team[s|].",
            [Sent(TEAM, ("Blue",)), ("StringEquals", "aws:RequestTag/Team")],
        ),
        (
            {"StringEquals": {"aws:RequestTag/Team": "Blue"}},
            [{"attribute": "PrincipalTag:team", "set": "blue"}],
            "Letter case differs: [B|b]lue.",
            [
                ("StringEquals", "aws:RequestTag/Team"),
                Sent(attribute_path(f"{PRINCIPAL_TAG}team"), ("Blue",)),
            ],
        ),
        (
            {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
            [],
            "The region is that of the sign-in URL that the app posts to.",
            [("StringEquals", "aws:RequestedRegion"), Sent("/Response/@Destination", (REGIONAL,))],
        ),
        (
            {"StringLike": {"aws:UserAgent": "Mozilla/*"}},
            [],
            "the request has no such key. The browser or program that asked sent none.",
            [("StringLike", "aws:UserAgent"), Asked(BROWSER)],
        ),
        (
            {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
            [],
            "Who signs in with SAML is not a principal of AWS yet, and has no aws:PrincipalOrgID.",
            [("StringEquals", "aws:PrincipalOrgID")],
        ),
        (
            {"DateLessThan": {"aws:CurrentTime": "2025-01-01T00:00:00Z"}},
            [],
            "aws:currenttime expects 2025-01-01T00:00:00Z, the request has 2026-01-15T09:00:00Z.",
            [("DateLessThan", "aws:CurrentTime")],
        ),
        (
            {"Bool": {"aws:SecureTransport": "false"}},
            [],
            "aws:securetransport expects false, the request has true.",
            [("Bool", "aws:SecureTransport"), Asked(BROWSER)],
        ),
        (
            {"StringEquals": {"aws:TagKeys": "Team"}},
            [{"attribute": "PrincipalTag:Team", "set": "Blue"}],
            "(the key holds a list, which needs ForAnyValue:StringEquals or ForAllValues:StringEquals).",
            [("StringEquals", "aws:TagKeys")],
        ),
    ],
)
def test_a_condition_that_does_not_hold(
    refuse: Refuse, condition: Any, faults: list[dict[str, str]], said: str, causes: list[Any]
) -> None:
    """The condition, and what it is about: the two disagree, or one of them cannot be right."""
    changes = {f"{STATEMENT}/Condition": condition, f"{STATEMENT}/Action": "sts:*"}
    refusal = refuse(changes, *faults)
    assert refusal.explanation.endswith(said)
    expected = [("Statement", 0, "Condition", *c) if isinstance(c, tuple) else c for c in causes]
    assert _causes(refusal) == expected


def test_a_tag_of_the_role_that_a_condition_asks_for(refuse: Refuse) -> None:
    """The condition and the role's tags are both the account's."""
    refusal = refuse({f"{STATEMENT}/Condition": {"StringEquals": {"aws:ResourceTag/Env": "prod"}}})
    assert refusal.explanation.endswith("The role has no tag Env.")
    assert refusal.fix == f"Tag the role with Env: prod, or correct aws:ResourceTag/Env in {PLACE}."
    assert isinstance(refusal.causes[1], Setting)
    assert refusal.causes[1].path == ("roles", ROLE_ARN, "tags")


def _with_deny(**deny: Any) -> dict[str, Any]:
    allow = {"Effect": "Allow", "Principal": {"Federated": PROVIDER_ARN}, "Action": "sts:AssumeRoleWithSAML"}
    statements = [allow, {"Sid": "Office", "Effect": "Deny", "Principal": "*", "Action": "sts:*", **deny}]
    return {TRUST: {"Version": "2012-10-17", "Statement": statements}}


def test_an_explicit_deny_is_named_itself(refuse: Refuse) -> None:
    """No Allow helps, and it is somebody's guardrail: removing it is not what is advised."""
    refusal = refuse(_with_deny())
    assert refusal.explanation == (
        "sts:AssumeRoleWithSAML on role ConnectAgent: trust policy, Statement[1] (Office) denies it explicitly. No "
        "Allow wins over a Deny."
    )
    assert refusal.fix == (
        "Trust policy, Statement[1] (Office) keeps such logins out of role ConnectAgent: have whoever wrote it for "
        "role ConnectAgent change it, or choose another role."
    )
    assert _causes(refusal) == [("Statement", 1, "Action")]


def test_a_deny_under_a_condition(refuse: Refuse) -> None:
    """The condition that holds, and what the login has there."""
    refusal = refuse(_with_deny(Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}))
    assert refusal.expected == "a login for which StringNotEquals aws:RequestedRegion eu-west-1 does not hold"
    assert refusal.received == "us-east-1"
    assert _causes(refusal) == [
        ("Statement", 1, "Condition", "StringNotEquals", "aws:RequestedRegion"),
        Sent("/Response/@Destination"),
    ]


def test_an_address_that_is_only_the_emulators_own(refuse: Refuse) -> None:
    """What was asked for comes first: nobody has to change a policy for it."""
    refusal = refuse(_with_deny(Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))
    assert refusal.fix == "Set source_ip of the Okta user, or --source-ip, to an address that the policy is meant for."
    assert _causes(refusal) == [
        Asked(SOURCE_IP),
        ("Statement", 1, "Condition", "NotIpAddress", "aws:SourceIp"),
    ]


def test_a_resource_control_policy_is_named_itself(refuse: Refuse) -> None:
    """By its name in the organization, and with its owner."""
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Resource": "*"}
    rcps = {"limit": {"Version": "2012-10-17", "Statement": [deny]}}
    refusal = refuse({f"/aws/{ACCOUNT}/organization": {"id": "o-a1b2c3d4e5", "rcps": rcps}})
    assert refusal.fix == (
        "Resource control policy limit, Statement[0] keeps such logins out of role ConnectAgent: have the "
        "organization's administrators change it: it is their guardrail, or choose another role."
    )
    (cause,) = refusal.causes
    assert isinstance(cause, Setting)
    assert (cause.path, cause.inside) == (
        ("organization", "resource_control_policies", "limit"),
        ("Statement", 0, "Action"),
    )


def test_a_policy_with_one_statement_that_is_no_list(refuse: Refuse) -> None:
    """The place is as the policy writes it, without an index and in the policy's own spelling of the key."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER_ARN},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"saml:AUD": "https://x.example.com"}},
    }
    refusal = refuse({TRUST: {"Version": "2012-10-17", "Statement": statement}})
    assert _causes(refusal) == [("Statement", "Condition", "StringEquals", "saml:AUD")]
