"""The AWS CLI, unmodified, sets a federation up and uses it, with nothing but another endpoint."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.network.listener.server import Server
from idp.saml.faults import parse_fault
from tests.clients.conftest import client
from tests.conftest import ACCOUNT, APP, USER
from tests.sdk import ADMINISTRATOR

Aws = Callable[..., Any]


@pytest.fixture
def aws(server: Server, tmp_path: Path) -> Aws:
    """Returns a function that runs ``aws`` as the administrator, or with the credentials given, and reads its JSON."""
    path = client("aws")

    def run(*arguments: str, keys: dict[str, str] | None = None, refused: bool = False) -> Any:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "AWS_ENDPOINT_URL": server.url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_MAX_ATTEMPTS": "1",
            **{name.upper(): value for name, value in (keys or ADMINISTRATOR).items()},
        }
        done = subprocess.run(  # noqa: S603
            [path, *arguments, "--output", "json"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if refused:
            assert done.returncode != 0
            return done.stderr.strip()
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run


def test_a_federation_from_nothing_to_expiry(aws: Aws, federation: Federation, tmp_path: Path) -> None:
    """Provider from metadata, role, policy, login, credentials, who am I, an hour later."""
    (tmp_path / "metadata.xml").write_bytes(federation.identity_providers["acme"].metadata(APP))
    provider = aws(
        "iam",
        "create-saml-provider",
        "--name",
        "fresh",
        "--saml-metadata-document",
        f"file://{tmp_path / 'metadata.xml'}",
    )["SAMLProviderArn"]
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": provider},
                "Action": "sts:AssumeRoleWithSAML",
                "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
            }
        ],
    }
    role = aws("iam", "create-role", "--role-name", "Fresh", "--assume-role-policy-document", json.dumps(trust))["Role"]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"}]}
    put = ["iam", "put-role-policy", "--role-name", "Fresh", "--policy-name", "lists"]
    assert aws(*put, "--policy-document", json.dumps(policy)) is None
    assert aws("iam", "list-role-policies", "--role-name", "Fresh")["PolicyNames"] == ["lists"]
    roles = {"attribute": "https://aws.amazon.com/SAML/Attributes/Role", "set": f"{provider},{role['Arn']}"}
    assertion = federation.identity_providers["acme"].mint(USER, APP, faults=[parse_fault(roles)]).saml_response
    assume = ["sts", "assume-role-with-saml", "--role-arn", role["Arn"], "--principal-arn", provider]
    answer = aws(*assume, "--saml-assertion", assertion, "--duration-seconds", "900")
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Fresh/{USER}"
    credentials = answer["Credentials"]
    keys = {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }
    identity = aws("sts", "get-caller-identity", keys=keys)
    assert identity == {
        "UserId": f"{role['RoleId']}:{USER}",
        "Account": ACCOUNT,
        "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Fresh/{USER}",
    }
    listed = aws("iam", "list-roles", "--max-items", "1", keys=keys)
    assert len(listed["Roles"]) == 1
    assert listed["NextToken"]
    message = aws("iam", "list-users", keys=keys, refused=True)
    assert "(AccessDenied) when calling the ListUsers operation" in message
    assert message.endswith("because no identity-based policy allows the iam:ListUsers action")
    federation.clock.advance(timedelta(minutes=15))
    message = aws("sts", "get-caller-identity", keys=keys, refused=True)
    assert message.endswith(
        "An error occurred (ExpiredToken) when calling the GetCallerIdentity operation: The security token included in "
        "the request is expired"
    )
