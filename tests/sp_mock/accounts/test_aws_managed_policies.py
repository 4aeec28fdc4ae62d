"""AWS's own managed policies: all of them, read no sooner than they are asked for, and renewed by a program."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from sp_mock.accounts.aws_managed_policies import FILE, aws_managed_policies, aws_managed_policy
from sp_mock.policies.grammar import iam_complaint
from tests.conftest import ACCOUNT
from tests.renewal.managed_policies import write
from tests.sdk import Sdk, refused

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
LAMBDA = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


@pytest.fixture
def iam(sdk: Sdk) -> Any:
    """Returns the administrator's client."""
    return sdk("iam")


def test_every_policy_is_one_that_iam_takes() -> None:
    """1,582 of them in September 2026, each with a document that can be evaluated."""
    policies = aws_managed_policies("aws")
    assert len(policies) == 1582
    for policy in policies:
        assert iam_complaint(policy.document.text, kind="identity", managed=True) is None
        assert aws_managed_policy(str(policy.arn)) == policy


def test_a_policy_is_found_by_its_whole_arn_only() -> None:
    """The path is part of it; so is the partition, and every partition has the policies."""
    assert aws_managed_policy(LAMBDA) is not None
    assert aws_managed_policy(LAMBDA.replace("service-role/", "")) is None
    assert aws_managed_policy(LAMBDA.replace("::aws:", f"::{ACCOUNT}:")) is None
    assert aws_managed_policy("ReadOnlyAccess") is None
    found = aws_managed_policy(READ_ONLY.replace("arn:aws:", "arn:aws-us-gov:"))
    assert found is not None
    assert str(found.arn) == "arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess"


def test_one_policy_does_not_cost_the_reading_of_all() -> None:
    """A world without AWS's policies reads nothing; one that names one reads a small part of the file."""
    program = """
import zipfile

read, whole = [], zipfile.ZipFile.read

def counted(file, name, pwd=None):
    read.append(name)
    return whole(file, name, pwd)

zipfile.ZipFile.read = counted
from sp_mock.accounts.aws_managed_policies import aws_managed_policy, shard_of

print(read)
aws_managed_policy("arn:aws:iam::aws:policy/ReadOnlyAccess")
print(read == [shard_of("ReadOnlyAccess")])
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert answer.stdout.split() == ["[]", "True"]


def test_the_file_says_where_it_comes_from_and_can_be_written_again(tmp_path: Path) -> None:
    """The renewing program makes the same bytes of the same policies."""
    with zipfile.ZipFile(FILE) as file:
        notice = file.read("NOTICE").decode()
        members = [name for name in file.namelist() if name.endswith(".json")]
        policies = {name: row for member in members for name, row in json.loads(file.read(member)).items()}
    assert "Apache License, Version 2.0" in notice
    write(policies, notice, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == FILE.read_bytes()


def test_awss_policies_are_listed_in_pages(iam: Any) -> None:
    """Scope=AWS has AWS's, Local the account's, and all pages together each of them once."""
    pages = list(iam.get_paginator("list_policies").paginate(Scope="AWS", PaginationConfig={"PageSize": 1000}))
    assert [len(page["Policies"]) for page in pages] == [1000, 582]
    first = iam.list_policies(Scope="AWS", MaxItems=2)
    assert (len(first["Policies"]), first["IsTruncated"]) == (2, True)
    assert len(iam.list_policies(Scope="AWS", Marker=first["Marker"], MaxItems=2)["Policies"]) == 2
    own = [policy["PolicyName"] for policy in iam.list_policies(Scope="Local")["Policies"]]
    assert own == ["connect-login", "okta-read-roles"]
    jobs = iam.list_policies(Scope="AWS", PathPrefix="/job-function/")["Policies"]
    assert "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess" in [policy["Arn"] for policy in jobs]


def test_one_of_awss_policies_is_read_and_attached(iam: Any) -> None:
    """GetPolicy and GetPolicyVersion know the default version, and attached it counts."""
    policy = iam.get_policy(PolicyArn=LAMBDA)["Policy"]
    assert (policy["Path"], policy["DefaultVersionId"], policy["AttachmentCount"]) == ("/service-role/", "v1", 0)
    version = iam.get_policy_version(PolicyArn=LAMBDA, VersionId="v1")["PolicyVersion"]
    assert version["Document"]["Statement"][0]["Action"] == [
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ]
    with refused("NoSuchEntity", f"Policy {LAMBDA} version v9 does not exist or is not attachable.", status=404):
        iam.get_policy_version(PolicyArn=LAMBDA, VersionId="v9")
    iam.attach_role_policy(RoleName="ConnectAgent", PolicyArn=LAMBDA)
    assert iam.get_policy(PolicyArn=LAMBDA)["Policy"]["AttachmentCount"] == 1
    used = iam.list_policies(Scope="AWS", OnlyAttached=True)["Policies"]
    assert [policy["Arn"] for policy in used] == [LAMBDA, "arn:aws:iam::aws:policy/AdministratorAccess"]
    newer = READ_ONLY.replace("ReadOnly", "NotYetThere")
    with refused("NoSuchEntity", f"Policy {newer} does not exist or is not attachable.", status=404):
        iam.attach_role_policy(RoleName="ConnectAgent", PolicyArn=newer)
