"""Metadata and a role in the place of a world."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from emulator.inspection.judging import inspect
from emulator.inspection.own_files import read_own_files
from emulator.kernel.errors import FileError
from emulator.recordings.logins import RecordedLogin
from tests.emulator.inspection.vendor_responses import PROVIDER_ARN, ROLE_ARN, SHAPES, metadata, response, trust_policy

MESSAGE = base64.b64encode(response(SHAPES["onelogin"])).decode()
POLICY = trust_policy()
ROLE = {"RoleName": "Support", "Arn": ROLE_ARN, "AssumeRolePolicyDocument": POLICY, "MaxSessionDuration": 7200}


@pytest.mark.parametrize(
    "content",
    [
        {"Role": ROLE},
        ROLE,
        POLICY,
        {"Role": {**ROLE, "AssumeRolePolicyDocument": json.dumps(POLICY)}},
        {"Role": {**ROLE, "AssumeRolePolicyDocument": quote(json.dumps(POLICY))}},
    ],
    ids=["aws iam get-role", "the role in it", "a trust policy", "a policy as text", "a policy as IAM's API has it"],
)
def test_a_role_is_read_as_people_have_it(tmp_path: Path, content: Any) -> None:
    """Together with the metadata every check is asked."""
    (tmp_path / "role.json").write_text(json.dumps(content), encoding="utf-8-sig")
    (tmp_path / "idp.xml").write_text(metadata(SHAPES["onelogin"]), encoding="utf-8-sig")
    files = read_own_files(metadata_file=tmp_path / "idp.xml", role_file=tmp_path / "role.json")
    inspection = inspect(MESSAGE, files=files)
    assert (inspection.outcome.value, inspection.not_asked) == ("accepted", ())


def test_one_of_the_two_leaves_the_other_unasked(tmp_path: Path) -> None:
    """And the message undecided."""
    (tmp_path / "role.json").write_text(json.dumps(POLICY), encoding="utf-8")
    (tmp_path / "idp.xml").write_text(metadata(SHAPES["onelogin"]), encoding="utf-8")
    alone = inspect(MESSAGE, files=read_own_files(metadata_file=None, role_file=tmp_path / "role.json"))
    assert [each.check for each in alone.not_asked] == ["provider", "assertion-encryption", "issuer", "signature"]
    assert alone.not_asked[0].text == "this needs the identity provider's metadata: give it with --metadata"
    alone = inspect(MESSAGE, files=read_own_files(metadata_file=tmp_path / "idp.xml", role_file=None))
    assert {each.check: each.text for each in alone.not_asked} == dict.fromkeys(
        ("trust-policy", "max-session-duration"), "this needs the role: give it with --role"
    )
    assert alone.outcome.value == "undecided"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("role", "{", "this is not JSON: Expecting property name enclosed in double quotes"),
        ("role", '{"a": 1}', "it is neither a role nor a trust policy"),
        ("role", '{"Statement": []}', "Statement: the policy has no statement"),
        ("idp", "<html></html>", "Could not parse metadata: The metadata document cannot be used: the root element is"),
        ("idp", "", "Could not parse metadata: The metadata document cannot be used: it is not well-formed XML"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, name: str, content: str, said: str) -> None:
    """With its name, and what is wrong with it."""
    path = tmp_path / "file"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read_own_files(metadata_file=path if name == "idp" else None, role_file=path if name == "role" else None)
    assert caught.value.problems[0].message.startswith(said)
    assert caught.value.location.file == str(path)


def test_a_role_in_another_encoding_is_not_read_with_other_characters(tmp_path: Path) -> None:
    """They might be in a condition's value."""
    path = tmp_path / "role.json"
    path.write_bytes(json.dumps({**POLICY, "Id": "é"}, ensure_ascii=False).encode("latin-1"))
    with pytest.raises(FileError) as caught:
        read_own_files(metadata_file=None, role_file=path)
    assert str(caught.value.problems[0]) == (
        f"{path}:1\n  this is not UTF-8 text\n  want   what `aws iam get-role` prints"
    )


def test_a_call_of_sts_is_judged_as_sts_does(tmp_path: Path) -> None:
    """The length that was asked for is compared with the role's maximum."""
    (tmp_path / "role.json").write_text(json.dumps(ROLE), encoding="utf-8")
    (tmp_path / "idp.xml").write_text(metadata(SHAPES["onelogin"]), encoding="utf-8")
    files = read_own_files(metadata_file=tmp_path / "idp.xml", role_file=tmp_path / "role.json")
    for seconds, failed in ((7200, []), (7201, ["max-session-duration"])):
        call = RecordedLogin(
            MESSAGE, at_sts=True, role_arn=ROLE_ARN, provider_arn=PROVIDER_ARN, duration_seconds=seconds
        )
        inspection = inspect(MESSAGE, files=files, login=call)
        assert [each.check for each in inspection.failed] == failed
        assert inspection.not_asked == ()
