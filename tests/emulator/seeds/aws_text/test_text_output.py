"""The AWS CLI's text output with its keys given back: columns known by their looks, documents that are lost."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore.model import ListShape, Shape, StructureShape

from emulator.seeds.aws_text.text_output import is_text_output, parse_text_output
from emulator.seeds.aws_text.text_records import RECORDS, Record

ARN = "arn:aws:iam::123456789012:role/Agent"
DATE = "2026-01-15T09:00:00+00:00"
ROLE = f"ROLE\t{ARN}\t{DATE}\t3600\t/\tAROAXXXXXXXX\tAgent"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/okta"
CONDITION = "STRINGEQUALS\thttps://signin.aws.amazon.com/saml"
TRUST = [
    "ASSUMEROLEPOLICYDOCUMENT\t2012-10-17",
    "STATEMENT\tsts:AssumeRoleWithSAML\tAllow",
    CONDITION,
    f"PRINCIPAL\t{PROVIDER}",
]


def _role(*lines: str) -> dict[str, Any]:
    role: dict[str, Any] = parse_text_output("\n".join([ROLE, *lines])).data["Role"]
    return role


def test_the_trust_policy_of_the_console_is_read_back() -> None:
    """Action, sign-in URL and provider can be of no other keys."""
    assert _role(*TRUST)["AssumeRolePolicyDocument"] == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": PROVIDER},
                "Action": "sts:AssumeRoleWithSAML",
                "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
            }
        ],
    }


def test_lists_and_a_sid_are_read_back_too() -> None:
    """Of a list each value has a line with the key."""
    statement = ["STATEMENT\tAllow\tOkta", "ACTION\tsts:AssumeRoleWithSAML", "ACTION\tsts:TagSession", CONDITION]
    document = _role(TRUST[0], *statement, f"FEDERATED\t{PROVIDER}", "TAGS\tstage\tlive")
    assert document["Tags"] == [{"Key": "stage", "Value": "live"}]
    (read,) = document["AssumeRolePolicyDocument"]["Statement"]
    assert read["Sid"] == "Okta"
    assert read["Action"] == ["sts:AssumeRoleWithSAML", "sts:TagSession"]
    assert read["Principal"] == {"Federated": [PROVIDER]}


@pytest.mark.parametrize(
    "lines",
    [
        [TRUST[0], TRUST[1], TRUST[3]],
        [*TRUST, "SAML:ISS\thttp://www.okta.com/exk1"],
        [TRUST[0], TRUST[1], "SAML:AUD\thttps://signin.aws.amazon.com/saml", TRUST[3]],
        [TRUST[0], TRUST[1], f"{CONDITION}\thttp://www.okta.com/exk1", TRUST[3]],
        [TRUST[0], TRUST[1], "STRINGNOTEQUALS\thttps://signin.aws.amazon.com/saml", TRUST[3]],
        [TRUST[0], TRUST[1], "STRINGEQUALS\thttp://www.okta.com/exk1", TRUST[3]],
        [TRUST[0], "STATEMENT\tsts:AssumeRole\tAllow", CONDITION, TRUST[3]],
        [TRUST[0], "STATEMENT\tsts:AssumeRoleWithSAML\tDeny", CONDITION, TRUST[3]],
        [TRUST[0], "STATEMENT\tAllow\tsts:*", CONDITION, TRUST[3]],
        [TRUST[0], TRUST[1], CONDITION, "PRINCIPAL\tarn:aws:iam::123456789012:root"],
        [TRUST[0], TRUST[1], CONDITION, f"NOTPRINCIPAL\t{PROVIDER}"],
        [TRUST[0], TRUST[1], CONDITION],
        [*TRUST, *TRUST[1:]],
        ["ASSUMEROLEPOLICYDOCUMENT\t2008-10-17", *TRUST[1:]],
    ],
)
def test_any_other_trust_policy_is_lost(lines: list[str]) -> None:
    """What might be another condition, principal or action is not taken for the console's."""
    assert _role(*lines)["AssumeRolePolicyDocument"] is None


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ("Agents\t3600", {"Description": "Agents", "MaxSessionDuration": 3600}),
        ("\t3600", {"MaxSessionDuration": 3600}),
        ("3600", {"MaxSessionDuration": 3600}),
        ("3600\t7200", {"Description": "3600", "MaxSessionDuration": 7200}),
    ],
)
def test_a_column_is_known_by_its_looks(columns: str, found: dict[str, Any]) -> None:
    """A description may be missing, be blank beside others, or look like another value."""
    line = f"ROLES\t{ARN}\t{DATE}\t{columns}\t/\tAROAXXXXXXXX\tAgent"
    (role,) = parse_text_output(line).data["Roles"]
    assert {name: role[name] for name in ("Description", "MaxSessionDuration") if role.get(name)} == found


@pytest.mark.parametrize("columns", ["a\tb\t3600", "x", ""])
def test_columns_that_do_not_fit_are_not_taken(columns: str) -> None:
    """A tab in a description makes a column of its own."""
    output = parse_text_output(f"ROLES\t{ARN}\t{DATE}\t{columns}\t/\tAROAXXXXXXXX\tAgent")
    assert (output.data, output.unread) == ({"Roles": []}, [1])


def test_a_user_of_connect_is_known_by_the_id_in_their_arn() -> None:
    """Three ids in a row may be of a directory, of a group, and their own."""
    arn = "arn:aws:connect:eu-west-2:123456789012:instance/12345678-90ab-cdef-1234-567890abcdef/agent/own-id-1234"
    line = f"USER\t{arn}\tgroup-id-1\town-id-1234\trouting-1\tmika@example.com"
    user = parse_text_output(f"{line}\nSECURITYPROFILEIDS\ts-1\nSECURITYPROFILEIDS\ts-2\nTAGS\tx").data["User"]
    assert (user["Id"], user["RoutingProfileId"], user["Username"]) == ("own-id-1234", "routing-1", "mika@example.com")
    assert user["SecurityProfileIds"] == ["s-1", "s-2"]


@pytest.mark.parametrize("instant", ["1795701329.192273", "1795701329", "2026-01-15T09:00:00.192273+00:00"])
def test_an_instant_is_what_either_version_prints(instant: str) -> None:
    """Version 1 prints Amazon Connect's as seconds."""
    arn = "arn:aws:connect:eu-west-2:123456789012:instance/12345678-90ab-cdef-1234-567890abcdef"
    columns = [instant, arn.rpartition("/")[2], "SAML", "True", "https://acme.my.connect.aws", "acme", "ACTIVE", "True"]
    (instance,) = parse_text_output("\t".join(["INSTANCESUMMARYLIST", arn, *columns, "role"])).data[
        "InstanceSummaryList"
    ]
    assert (instance["CreatedTime"], instance["InstanceAlias"]) == (instant, "acme")


def test_more_pages_are_seen() -> None:
    """With --max-items as a record, with --no-paginate as a value before the first."""
    assert parse_text_output("ORIGINS\thttps://a.example\nNEXTTOKEN\tabc").data["NextToken"]
    assert parse_text_output("True\tabc\nORIGINS\thttps://a.example").data["IsTruncated"] is True
    assert is_text_output("False\nACCOUNTALIASES\tacme")


@pytest.mark.parametrize("text", ["ROLE", "Hello\tworld", "a: b", "ROLESX\ta", "12\n34", "True"])
def test_other_texts_are_no_text_output(text: str) -> None:
    """A word in capitals alone, a table of somebody's, YAML."""
    assert not is_text_output(text)


OPERATIONS = {
    "Role": ("iam", "GetRole", "Role"),
    "Roles": ("iam", "ListRoles", "Roles"),
    "Group": ("iam", "GetGroup", "Group"),
    "Groups": ("iam", "ListGroups", "Groups"),
    "Policy": ("iam", "GetPolicy", "Policy"),
    "Policies": ("iam", "ListPolicies", "Policies"),
    "AttachedPolicies": ("iam", "ListAttachedRolePolicies", "AttachedPolicies"),
    "SAMLProviderList": ("iam", "ListSAMLProviders", "SAMLProviderList"),
    "AccessKeyMetadata": ("iam", "ListAccessKeys", "AccessKeyMetadata"),
    "Instance": ("connect", "DescribeInstance", "Instance"),
    "InstanceSummaryList": ("connect", "ListInstances", "InstanceSummaryList"),
    "Attribute": ("connect", "DescribeInstanceAttribute", "Attribute"),
    "UserSummaryList": ("connect", "ListUsers", "UserSummaryList"),
    "SecurityProfileSummaryList": ("connect", "ListSecurityProfiles", "SecurityProfileSummaryList"),
    "SecurityProfile": ("connect", "DescribeSecurityProfile", "SecurityProfile"),
    "RoutingProfileSummaryList": ("connect", "ListRoutingProfiles", "RoutingProfileSummaryList"),
    "UserHierarchyGroupSummaryList": ("connect", "ListUserHierarchyGroups", "UserHierarchyGroupSummaryList"),
}
# Of the members of a shape that are printed as columns, those of which records know nothing.
UNKNOWN: dict[str, set[str]] = {"Instance": {"StatusReason"}, "SecurityProfile": {"AccessControlConfiguration"}}


@pytest.mark.parametrize("key", OPERATIONS)
def test_columns_are_those_of_botocores_models(key: str) -> None:
    """By the alphabet, as the CLI sorts them, and none is missing."""
    service, operation, member = OPERATIONS[key]
    model = botocore.session.get_session().get_service_model(service)
    output = model.operation_model(operation).output_shape
    assert output is not None
    shape: Shape = output.members[member]
    shape = shape.member if isinstance(shape, ListShape) else shape
    assert isinstance(shape, StructureShape)
    scalars = [name for name, each in shape.members.items() if each.type_name not in {"structure", "list", "map"}]
    documents = {"AssumeRolePolicyDocument"}
    record = next(each for records in RECORDS.values() for each in records if each.key == key)
    known = [column.key for column in record.columns]
    assert known == sorted(known)
    assert set(scalars) - documents - UNKNOWN.get(key, set()) <= set(known)
    assert isinstance(record, Record)
