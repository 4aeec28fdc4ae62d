"""What is proposed for a trust policy: the smallest change of what is written, and last the condition's absence."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.fixes.candidate import REMOVED
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World
from tests.conftest import PROVIDER_ARN
from tests.emulator.fixes.aws.proposals import OKTA_APP, ROLE, STATEMENT, plain, proposed, warned
from tests.emulator.fixes.trials import edits

SIGN_IN = "https://signin.aws.amazon.com/saml"
TOKYO = "https://ap-northeast-1.signin.aws.amazon.com/saml"
CONDITION = f"{STATEMENT}/Condition"
DELETED = "It deletes a condition, which then keeps nobody out."
KEEPS_OUT = "The condition may keep such logins out on purpose: it would let them in."
ALLOWS = "It makes an Allow of a Deny: what was denied is allowed then."
OTHER = PROVIDER_ARN.replace("okta", "entra")

FIRST: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a provider that does not exist": (
        {f"{STATEMENT}/Principal/Federated": f"{PROVIDER_ARN}a"},
        {f"{STATEMENT}/Principal/Federated": PROVIDER_ARN},
    ),
    "one of several": (
        {f"{STATEMENT}/Principal/Federated": [f"{PROVIDER_ARN}a", OTHER]},
        {f"{STATEMENT}/Principal/Federated/0": PROVIDER_ARN},
    ),
    "several that do not exist": (
        {f"{STATEMENT}/Principal/Federated": [PROVIDER_ARN.replace("okta", "Okta"), f"{PROVIDER_ARN}2"]},
        {f"{STATEMENT}/Principal/Federated/0": PROVIDER_ARN},
    ),
    "no identity provider": (
        {f"{STATEMENT}/Principal": {"Service": "connect.amazonaws.com"}},
        {f"{STATEMENT}/Principal": {"Federated": PROVIDER_ARN}},
    ),
    "an account, for another action": (
        {
            f"{STATEMENT}/Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            f"{STATEMENT}/Action": ["sts:AssumeRole", "sts:AssumeRoleWithSAML"],
        },
        {f"{STATEMENT}/Principal/Federated": PROVIDER_ARN},
    ),
    "a misspelt action": (
        {f"{STATEMENT}/Action": "sts:AssumeRoleWithSAM"},
        {f"{STATEMENT}/Action": "sts:AssumeRoleWithSAML"},
    ),
    "another action in a list": (
        {f"{STATEMENT}/Action": ["sts:TagSession"]},
        {f"{STATEMENT}/Action/-": "sts:AssumeRoleWithSAML"},
    ),
    "a statement for others": (
        {
            f"{ROLE}/trust/Statement": [
                {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ]
        },
        {
            f"{ROLE}/trust/Statement/-": {
                "Effect": "Allow",
                "Principal": {"Federated": PROVIDER_ARN},
                "Action": "sts:AssumeRoleWithSAML",
            }
        },
    ),
    "an audience that is no URL of AWS's": (
        {f"{CONDITION}/StringEquals/SAML:aud": "urn:amazon:webservices"},
        {f"{CONDITION}/StringEquals/SAML:aud": SIGN_IN},
    ),
    "an audience that others may have": (
        {f"{CONDITION}/StringEquals/SAML:aud": TOKYO},
        {f"{CONDITION}/StringEquals/SAML:aud": [TOKYO, SIGN_IN]},
    ),
    "several such audiences": (
        {f"{CONDITION}/StringEquals/SAML:aud": [TOKYO, TOKYO.replace("1", "2")]},
        {f"{CONDITION}/StringEquals/SAML:aud/-": SIGN_IN},
    ),
    "one statement that is not a list": (
        {
            f"{ROLE}/trust/Statement": {
                "Effect": "Allow",
                "Principal": {"Federated": PROVIDER_ARN},
                "Action": "sts:AssumeRoleWithSAML",
                "Condition": {"StringEquals": {"SAML:aud": f"{SIGN_IN}/"}},
            }
        },
        {f"{ROLE}/trust/Statement/Condition/StringEquals/SAML:aud": SIGN_IN},
    ),
    "a key that does not exist": (
        {CONDITION: {"StringEquals": {"SAML:audience": SIGN_IN}}},
        {f"{CONDITION}/StringEquals/SAML:aud": SIGN_IN, f"{CONDITION}/StringEquals/SAML:audience": REMOVED},
    ),
    "an operator that asks for the opposite": (
        {CONDITION: {"StringNotEquals": {"SAML:aud": SIGN_IN}}},
        {f"{CONDITION}/StringEquals": {"SAML:aud": SIGN_IN}, f"{CONDITION}/StringNotEquals": REMOVED},
    ),
    "the same beside another key": (
        {CONDITION: {"StringNotEquals": {"SAML:aud": SIGN_IN, "SAML:iss": "https://example.com"}}},
        {f"{CONDITION}/StringEquals": {"SAML:aud": SIGN_IN}, f"{CONDITION}/StringNotEquals/SAML:aud": REMOVED},
    ),
    "a pattern that is compared as a text": (
        {CONDITION: {"StringEquals": {"SAML:sub": "*@example.com"}}},
        {f"{CONDITION}/StringLike": {"SAML:sub": "*@example.com"}, f"{CONDITION}/StringEquals": REMOVED},
    ),
    "an issuer that is another": (
        {CONDITION: {"StringEquals": {"SAML:iss": "https://acme.okta.com"}}},
        {f"{CONDITION}/StringEquals/SAML:iss": "http://www.okta.com/exk"},
    ),
    "a type of subject in another form": (
        {CONDITION: {"StringEquals": {"SAML:sub_type": "persistent"}}},
        {f"{CONDITION}/StringEquals/SAML:sub_type": "unspecified"},
    ),
    "an operator for other values": (
        {CONDITION: {"ArnEquals": {"SAML:aud": SIGN_IN}}},
        {f"{CONDITION}/StringEquals": {"SAML:aud": SIGN_IN}, f"{CONDITION}/ArnEquals": REMOVED},
    ),
    "a pattern that others may need": (
        {CONDITION: {"StringLike": {"SAML:aud": "https://*.signin.aws.amazon.com/saml"}}},
        {f"{CONDITION}/StringLike/SAML:aud": ["https://*.signin.aws.amazon.com/saml", SIGN_IN]},
    ),
    "everybody but the provider": (
        {f"{STATEMENT}/Principal": None, f"{STATEMENT}/NotPrincipal": {"Federated": PROVIDER_ARN}},
        {f"{STATEMENT}/Principal": {"Federated": PROVIDER_ARN}, f"{STATEMENT}/NotPrincipal": REMOVED},
    ),
    "everything but the action": (
        {f"{STATEMENT}/Action": None, f"{STATEMENT}/NotAction": "sts:AssumeRoleWithSAML"},
        {f"{STATEMENT}/Action": "sts:AssumeRoleWithSAML", f"{STATEMENT}/NotAction": REMOVED},
    ),
    "networks in one text": (
        {CONDITION: {"IpAddress": {"aws:SourceIp": "192.0.2.0/24, 198.51.100.0/24"}}},
        {f"{CONDITION}/IpAddress/aws:SourceIp": ["192.0.2.0/24", "198.51.100.0/24"]},
    ),
}


@pytest.mark.parametrize("mistake", FIRST)
def test_the_smallest_change_comes_first(world: World, keys: KeyFolder, mistake: str) -> None:
    """What is written is corrected where it is, and what others need stays."""
    changes, right = FIRST[mistake]
    candidates = proposed(world, keys, changes, source_ip="192.0.2.7")
    first = plain(candidates)[0]
    for key, value in right.items():
        got = first[key]
        assert got == value or (isinstance(got, str) and got.startswith(str(value))), (key, got)
    assert first.keys() == right.keys()
    assert "IAM console > Roles > ConnectAgent > Trust relationships" in {each.console for each in candidates}


def test_titles_say_what_is_changed_and_where(world: World, keys: KeyFolder) -> None:
    """A title is a sentence that a person can follow in the console."""
    first, second = proposed(world, keys, {f"{STATEMENT}/Action": "sts:AssumeRoleWithSAM"})
    assert (first.title, second.title) == (
        "Write sts:AssumeRoleWithSAML in place of sts:AssumeRoleWithSAM in the trust policy of role ConnectAgent",
        "Add sts:AssumeRoleWithSAML to Action in the trust policy of role ConnectAgent",
    )


def test_a_deleted_condition_comes_last(world: World, keys: KeyFolder) -> None:
    """It has a warning, and takes with it what would be empty without it."""
    changes = {f"{CONDITION}/StringEquals/SAML:aud": "urn:amazon:webservices"}
    assert warned(proposed(world, keys, changes))[-1] == ({CONDITION: REMOVED}, DELETED)
    changes = {f"{CONDITION}/StringEquals/SAML:sub": "hanako"}
    assert warned(proposed(world, keys, changes))[-1] == ({f"{CONDITION}/StringEquals/SAML:sub": REMOVED}, DELETED)


def test_a_condition_about_people_is_widened_late(world: World, keys: KeyFolder) -> None:
    """A name, a tag or an address that a policy keeps out may be kept out on purpose."""
    changes = {CONDITION: {"StringLike": {"SAML:sub": "*@partner.test"}}}
    candidates = proposed(world, keys, changes)
    assert plain(candidates) == []
    assert warned(candidates) == [
        ({f"{CONDITION}/StringLike/SAML:sub": "*@example.com"}, KEEPS_OUT),
        ({f"{CONDITION}/StringLike/SAML:sub": ["*@partner.test", "hanako@example.com"]}, KEEPS_OUT),
        ({CONDITION: REMOVED}, DELETED),
    ]
    changes = {CONDITION: {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
    assert warned(proposed(world, keys, changes, source_ip="192.0.2.7"))[0] == (
        {f"{CONDITION}/IpAddress/aws:SourceIp": ["203.0.113.0/24", "192.0.2.7"]},
        KEEPS_OUT,
    )


def test_a_key_that_no_saml_login_has(world: World, keys: KeyFolder) -> None:
    """It may be asked for where it exists; or not at all."""
    changes = {CONDITION: {"StringEquals": {"aws:PrincipalOrgID": "o-acme000001"}}}
    assert warned(proposed(world, keys, changes)) == [
        (
            {
                f"{CONDITION}/StringEqualsIfExists": {"aws:PrincipalOrgID": "o-acme000001"},
                f"{CONDITION}/StringEquals": REMOVED,
            },
            "The condition then holds for every login without aws:PrincipalOrgID.",
        ),
        ({CONDITION: REMOVED}, DELETED),
    ]


def test_a_second_factor_is_given_up_with_a_warning_of_its_own(world: World, keys: KeyFolder) -> None:
    """AWS knows of no factor that an identity provider asked for, so that no value would do."""
    changes = {CONDITION: {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    warning = "It asks for no second factor any more: have the identity provider ask for it."
    assert [(edits(each), each.warning) for each in proposed(world, keys, changes)] == [({CONDITION: REMOVED}, warning)]


def test_the_emulators_own_address_is_no_policys_mistake(world: World, keys: KeyFolder) -> None:
    """Nothing is proposed but an operator that cannot compare addresses."""
    assert proposed(world, keys, {CONDITION: {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}) == []
    changes = {CONDITION: {"StringEquals": {"aws:SourceIp": "203.0.113.0/24"}}}
    assert [edits(each) for each in proposed(world, keys, changes)] == [
        {f"{CONDITION}/IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, f"{CONDITION}/StringEquals": REMOVED}
    ]


def test_the_program_that_asks_is_not_written_into_a_policy(world: World, keys: KeyFolder) -> None:
    """A rule about programs can only be deleted."""
    changes = {CONDITION: {"StringLike": {"aws:UserAgent": "aws-cli/*"}}}
    assert [edits(each) for each in proposed(world, keys, changes)] == [{CONDITION: REMOVED}]


def test_a_time_that_is_over_has_no_other_value(world: World, keys: KeyFolder) -> None:
    """A rule about when is not rewritten for the moment of one login."""
    changes = {CONDITION: {"DateLessThan": {"aws:CurrentTime": "2025-01-01T00:00:00Z"}}}
    assert [edits(each) for each in proposed(world, keys, changes)] == [{CONDITION: REMOVED}]


def test_a_deny_of_a_policy_without_an_allow(world: World, keys: KeyFolder) -> None:
    """A policy of nothing but a Deny lets nobody in, which is not what a trust policy is for."""
    assert warned(proposed(world, keys, {f"{STATEMENT}/Effect": "Deny"})) == [
        ({f"{STATEMENT}/Effect": "Allow"}, ALLOWS)
    ]


def test_a_deny_beside_an_allow_is_a_guardrail(world: World, keys: KeyFolder) -> None:
    """An exception comes before the Deny is deleted, and its effect is left alone."""
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringNotEquals": {"SAML:aud": TOKYO}},
    }
    allow = {"Effect": "Allow", "Principal": {"Federated": PROVIDER_ARN}, "Action": "sts:AssumeRoleWithSAML"}
    assert warned(proposed(world, keys, {f"{ROLE}/trust/Statement": [allow, deny]})) == [
        (
            {f"{ROLE}/trust/Statement/1/Condition/StringNotEquals/SAML:aud": [TOKYO, SIGN_IN]},
            "It makes an exception to a Deny that somebody set: ask whoever did.",
        ),
        ({f"{ROLE}/trust/Statement/1": REMOVED}, "It deletes a Deny, which then keeps nobody out."),
    ]


def test_several_things_wrong_with_a_statement_that_denies(world: World, keys: KeyFolder) -> None:
    """The statement is written anew, with its condition."""
    changes = {f"{STATEMENT}/Effect": "Deny", f"{STATEMENT}/Action": "sts:AssumeRole"}
    condition = {"StringEquals": {"SAML:aud": SIGN_IN}}
    assert warned(proposed(world, keys, changes)) == [
        ({f"{STATEMENT}/Effect": "Allow"}, ALLOWS),
        (
            {
                STATEMENT: {
                    "Effect": "Allow",
                    "Principal": {"Federated": PROVIDER_ARN},
                    "Action": "sts:AssumeRoleWithSAML",
                    "Condition": condition,
                }
            },
            ALLOWS,
        ),
    ]


def test_tags_and_a_source_identity_need_more_actions(world: World, keys: KeyFolder) -> None:
    """The one that was refused first, then all that the message needs."""
    attributes = "https://aws.amazon.com/SAML/Attributes"
    tagged = {
        "catalog": "custom_saml",
        "label": "Tagged",
        "acs_url": SIGN_IN,
        "audience": "urn:amazon:webservices",
        "assignments": [{"user": "hanako@example.com"}],
        "saml": {
            "attributes": [
                {
                    "name": f"{attributes}/Role",
                    "values": [f'"arn:aws:iam::123456789012:role/ConnectAgent,{PROVIDER_ARN}"'],
                },
                {"name": f"{attributes}/RoleSessionName", "values": ["user.login"]},
                {"name": f"{attributes}/PrincipalTag:Team", "values": ['"Voice"']},
                {"name": f"{attributes}/SourceIdentity", "values": ["user.login"]},
            ]
        },
    }
    changes = {
        "/okta/acme/apps/tagged": tagged,
        "/aws/123456789012/saml_providers/okta/metadata/okta_app": "acme/tagged",
    }
    action = f"{STATEMENT}/Action"
    assert plain(proposed(world, keys, changes, app="tagged")) == [
        {action: ["sts:AssumeRoleWithSAML", "sts:TagSession"]},
        {action: ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]},
    ]


def test_a_list_key_needs_a_quantifier(world: World, keys: KeyFolder) -> None:
    """A key that holds a list is compared with ForAnyValue."""
    changes = {
        CONDITION: {"StringEquals": {"aws:TagKeys": "Team"}},
        f"{STATEMENT}/Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
        OKTA_APP: None,
        "/okta/acme/apps/tagged": {
            "catalog": "custom_saml",
            "acs_url": SIGN_IN,
            "audience": "urn:amazon:webservices",
            "assignments": [{"user": "hanako@example.com"}],
            "saml": {
                "attributes": [
                    {
                        "name": "https://aws.amazon.com/SAML/Attributes/Role",
                        "values": [f'"arn:aws:iam::123456789012:role/ConnectAgent,{PROVIDER_ARN}"'],
                    },
                    {"name": "https://aws.amazon.com/SAML/Attributes/RoleSessionName", "values": ["user.login"]},
                    {"name": "https://aws.amazon.com/SAML/Attributes/PrincipalTag:Team", "values": ['"Voice"']},
                ]
            },
        },
        "/aws/123456789012/saml_providers/okta/metadata/okta_app": "acme/tagged",
    }
    assert plain(proposed(world, keys, changes, app="tagged"))[0] == {
        f"{CONDITION}/ForAnyValue:StringEquals": {"aws:TagKeys": "Team"},
        f"{CONDITION}/StringEquals": REMOVED,
    }


def test_no_change_is_proposed_twice(world: World, keys: KeyFolder) -> None:
    """Two settings behind one mistake do not make a change come twice."""
    candidates = proposed(world, keys, {f"{STATEMENT}/Principal/Federated": f"{PROVIDER_ARN}a"})
    told = [edits(each) for each in candidates]
    assert all(told.count(each) == 1 for each in told)
