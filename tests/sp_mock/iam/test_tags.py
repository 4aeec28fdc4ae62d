"""Tags on IAM's resources: the same three operations for roles, users, policies and SAML providers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import ACCOUNT
from tests.sdk import Sdk, refused

IAM_ARN = f"arn:aws:iam::{ACCOUNT}"
RESOURCES = [
    ("role", {"RoleName": "ConnectAgent"}),
    ("user", {"UserName": "administrator"}),
    ("policy", {"PolicyArn": f"{IAM_ARN}:policy/connect-login"}),
    ("saml_provider", {"SAMLProviderArn": f"{IAM_ARN}:saml-provider/okta"}),
]
TWICE = [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]


def _tags(iam: Any, kind: str, names: dict[str, str]) -> dict[str, str]:
    listed = getattr(iam, f"list_{kind}_tags")(**names)
    assert not listed["IsTruncated"]
    return {tag["Key"]: tag["Value"] for tag in listed["Tags"]}


@pytest.mark.parametrize(("kind", "names"), RESOURCES[:2])
def test_tags_of_roles_and_users_are_compared_without_case(sdk: Sdk, kind: str, names: dict[str, str]) -> None:
    """The last one's spelling stays."""
    iam = sdk("iam")
    tag, untag = getattr(iam, f"tag_{kind}"), getattr(iam, f"untag_{kind}")
    before = _tags(iam, kind, names)
    tag(Tags=[{"Key": "Team", "Value": "voice"}, {"Key": "Desk", "Value": ""}], **names)
    assert _tags(iam, kind, names) == {**before, "Team": "voice", "Desk": ""}
    tag(Tags=[{"Key": "team", "Value": "chat"}], **names)
    assert _tags(iam, kind, names) == {**before, "team": "chat", "Desk": ""}
    untag(TagKeys=["TEAM", "desk", "not there"], **names)
    assert _tags(iam, kind, names) == before


@pytest.mark.parametrize(("kind", "names"), RESOURCES[2:])
def test_tags_of_other_resources_are_told_apart_by_case(sdk: Sdk, kind: str, names: dict[str, str]) -> None:
    """And listed with the shorter keys first."""
    iam = sdk("iam")
    tag, untag = getattr(iam, f"tag_{kind}"), getattr(iam, f"untag_{kind}")
    tag(Tags=[{"Key": "team", "Value": "voice"}, {"Key": "Team", "Value": "chat"}, {"Key": "z", "Value": ""}], **names)
    assert list(_tags(iam, kind, names).items()) == [("z", ""), ("Team", "chat"), ("team", "voice")]
    untag(TagKeys=["team", "Z"], **names)
    assert _tags(iam, kind, names) == {"z": "", "Team": "chat"}


@pytest.mark.parametrize(("kind", "names"), RESOURCES)
def test_tags_that_are_refused(sdk: Sdk, kind: str, names: dict[str, str]) -> None:
    """A key that occurs twice, and more than fifty tags."""
    iam = sdk("iam")
    tag = getattr(iam, f"tag_{kind}")
    same, words = TWICE, "Duplicate tag keys found. Please note that Tag keys are case insensitive."
    if kind not in {"role", "user"}:
        same, words = [TWICE[0], TWICE[0]], "Duplicate tag keys found."
    with refused("InvalidInput", words, status=400):
        tag(Tags=same, **names)
    tag(Tags=[{"Key": f"k{number}", "Value": ""} for number in range(50)], **names)
    with refused("LimitExceeded", "The number of tags has reached the maximum limit.", status=409):
        tag(Tags=[{"Key": "one more", "Value": ""}], **names)


def test_awss_own_policies_have_no_tags_of_yours(sdk: Sdk) -> None:
    """They are listed, and not changed."""
    iam, names = sdk("iam"), {"PolicyArn": "arn:aws:iam::aws:policy/IAMFullAccess"}
    assert _tags(iam, "policy", names) == {}
    with refused("AccessDenied", "Cannot update policies outside your own account.", status=403):
        iam.tag_policy(Tags=[{"Key": "a", "Value": "1"}], **names)
    with refused("AccessDenied", "Cannot update policies outside your own account.", status=403):
        iam.untag_policy(TagKeys=["a"], **names)
