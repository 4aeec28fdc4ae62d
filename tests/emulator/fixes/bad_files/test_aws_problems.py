"""What is proposed where a file's part for AWS cannot be read: what was probably meant."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator.federation import Federation
from emulator.fixes.bad_files.aws_problems import propose_for_problem
from emulator.fixes.candidate import REMOVED, Candidate
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FileError, WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, load_world
from emulator.worldfile.text.yaml_data import value_at
from emulator.worldfile.text.yaml_file import read_documents
from tests.conftest import ACCOUNT, NOW, PROVIDER_ARN
from tests.diagnose.mutants import WORLDS
from tests.diagnose.mutating import Plain, change
from tests.emulator.fixes.aws.proposals import IAM, INSTANCE, OKTA_APP, ROLE, STATEMENT
from tests.emulator.fixes.trials import edits

PROVIDER = f"{IAM}/saml_providers/okta"
USER = f"{INSTANCE}/users/hanako@example.com"
SINGLE = {"Effect": "Allow", "Principal": {"Federated": PROVIDER_ARN}, "Action": "sts:AssumeRoleWithSAML"}

FIRST: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a misspelt policy": ({f"{ROLE}/policies/0": "connect-logn"}, {f"{ROLE}/policies/0": "connect-login"}),
    "a misspelt boundary": (
        {f"{ROLE}/permissions_boundary": "connect-logon"},
        {f"{ROLE}/permissions_boundary": "connect-login"},
    ),
    "a misspelt app": (
        {f"{PROVIDER}/metadata/okta_app": "acme/amazon-conect"},
        {f"{PROVIDER}/metadata/okta_app": "acme/amazon-connect"},
    ),
    "a misspelt key": ({f"{ROLE}/polices": []}, {f"{ROLE}/policies": [], f"{ROLE}/polices": REMOVED}),
    "a misspelt element": (
        {f"{STATEMENT}/Acton": "sts:TagSession"},
        {f"{STATEMENT}/Action": "sts:TagSession", f"{STATEMENT}/Acton": REMOVED},
    ),
    "a misspelt operator": (
        {f"{STATEMENT}/Condition": {"StringEqual": {"SAML:aud": "x"}}},
        {f"{STATEMENT}/Condition/StringEquals": {"SAML:aud": "x"}, f"{STATEMENT}/Condition/StringEqual": REMOVED},
    ),
    "a version that is none": ({f"{ROLE}/trust/Version": "2012-10-18"}, {f"{ROLE}/trust/Version": "2012-10-17"}),
    "an effect in small letters": ({f"{STATEMENT}/Effect": "allow"}, {f"{STATEMENT}/Effect": "Allow"}),
    "an action that no trust policy has": (
        {f"{STATEMENT}/Action": ["sts:AssumeRoleWithSAML", "sts:TagSessions"]},
        {f"{STATEMENT}/Action/1": "sts:TagSession"},
    ),
    "a provider under AWS": (
        {f"{STATEMENT}/Principal": {"AWS": PROVIDER_ARN, "Service": "ec2.amazonaws.com"}},
        {f"{STATEMENT}/Principal": {"Federated": PROVIDER_ARN, "Service": "ec2.amazonaws.com"}},
    ),
    "no statement": (
        {f"{ROLE}/trust/Statement": [], f"{IAM}/roles/ConnectSupervisor": None},
        {f"{ROLE}/trust/Statement": [SINGLE]},
    ),
    "a session that is too long": ({f"{ROLE}/max_session_duration": 86400}, {f"{ROLE}/max_session_duration": 43200}),
    "a session that is too short": ({f"{ROLE}/max_session_duration": 900}, {f"{ROLE}/max_session_duration": 3600}),
    "identity management in small letters": (
        {f"{INSTANCE}/identity_management": "saml"},
        {f"{INSTANCE}/identity_management": "SAML"},
    ),
    "a misspelt domain": ({f"{INSTANCE}/domain": "awsapp.com"}, {f"{INSTANCE}/domain": "awsapps.com"}),
    "half a region": ({f"{INSTANCE}/region": "ap-northeast"}, {f"{INSTANCE}/region": "ap-northeast-1"}),
    "an alias with a dot": ({f"{INSTANCE}/alias": "acme.desk"}, {f"{INSTANCE}/alias": "acme-desk"}),
    "a misspelt profile": ({f"{USER}/security_profiles": ["Agnet"]}, {f"{USER}/security_profiles/0": "Agent"}),
    "a profile that the instance lacks": (
        {f"{USER}/security_profiles": ["Voice"]},
        {f"{INSTANCE}/security_profiles/Voice": {}},
    ),
    "a routing profile that it lacks": (
        {f"{USER}/routing_profile": "Voice"},
        {f"{INSTANCE}/routing_profiles": ["Voice"]},
    ),
    "an origin with a slash": (
        {f"{INSTANCE}/approved_origins/0": "https://desk.example.com/"},
        {f"{INSTANCE}/approved_origins/0": "https://desk.example.com"},
    ),
    "an origin without https": (
        {f"{INSTANCE}/approved_origins/0": "http://desk.example.com:8443"},
        {f"{INSTANCE}/approved_origins/0": "https://desk.example.com:8443"},
    ),
    "a host alone": (
        {f"{INSTANCE}/approved_origins/0": "Desk.example.com"},
        {f"{INSTANCE}/approved_origins/0": "https://desk.example.com"},
    ),
    "metadata that are not there": (
        {f"{PROVIDER}/metadata": {"file": "idp.xml"}},
        {f"{PROVIDER}/metadata": {"okta_app": "acme/amazon-connect"}},
    ),
    "a key file that is not there": (
        {
            f"{OKTA_APP}/assertion_encryption": {"certificate": "encryption-certificate.pem"},
            f"{PROVIDER}/private_keys": ["encryption.key"],
        },
        {f"{PROVIDER}/private_keys": ["encryption-private-key.pem"]},
    ),
    "encryption without a key": (
        {
            f"{OKTA_APP}/assertion_encryption": {"certificate": "encryption-certificate.pem"},
            f"{PROVIDER}/assertion_encryption": "Required",
        },
        {f"{PROVIDER}/private_keys": ["encryption-private-key.pem"]},
    ),
    "the id of no organization": (
        {f"{IAM}/organization": {"id": "acme"}, "/aws/210987654321": {"organization": {"id": "o-acme000001"}}},
        {f"{IAM}/organization/id": "o-acme000001"},
    ),
    "a folder of pages": (
        {"/pages": {"https://desk.example.com": ["page"]}},
        {"/pages/https:~1~1desk.example.com/0": "pages"},
    ),
    "pages with a slash": (
        {"/pages": {"https://desk.example.com/": ["pages"]}},
        {"/pages/https:~1~1desk.example.com": ["pages"], "/pages/https:~1~1desk.example.com~1": REMOVED},
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with key files and pages."""
    path = tmp_path_factory.mktemp("problems")
    for name in ("encryption-certificate", "encryption-private-key"):
        shutil.copyfile(WORLDS / f"atelier-{name}.pem", path / f"{name}.pem")
    (path / "pages").mkdir()
    return path


@pytest.mark.parametrize("mistake", FIRST)
def test_what_was_meant_comes_first(world: World, keys: KeyFolder, folder: Path, mistake: str) -> None:
    """A word that is nearly right is corrected; what is missing is added where it is known."""
    changes, right = FIRST[mistake]
    assert edits(_proposed(world, keys, folder, changes)[0]) == right


def test_an_account_id_that_lost_a_digit(world: World, keys: KeyFolder, folder: Path) -> None:
    """The ARNs of the account have it whole."""
    account, _ = value_at(world.document.data, ("aws", ACCOUNT))
    changes = {IAM: None, f"/aws/{ACCOUNT[:-1]}": account}
    (candidate,) = _proposed(world, keys, folder, changes)
    assert edits(candidate) == {IAM: account, f"/aws/{ACCOUNT[:-1]}": REMOVED}
    assert candidate.title == f"Write {ACCOUNT} in place of {ACCOUNT[:-1]}"


def test_where_it_is_set_is_told(world: World, keys: KeyFolder, folder: Path) -> None:
    """In the words of the console."""
    (candidate, *_) = _proposed(world, keys, folder, {f"{ROLE}/policies/0": "connect-logn"})
    assert candidate.title == "Write connect-login in place of connect-logn"
    assert candidate.console == "IAM console > Roles > ConnectAgent"


def test_the_identity_providers_part_is_left_to_others(world: World, keys: KeyFolder, folder: Path) -> None:
    """A problem outside of AWS has nothing proposed here."""
    assert _proposed(world, keys, folder, {f"{OKTA_APP}/assignments/0/group": "Agent"}) == []


def _proposed(world: World, keys: KeyFolder, folder: Path, changes: dict[str, Any]) -> list[Candidate]:
    text = Path(world.document.file).read_text(encoding="utf-8")
    path = folder / "world.yaml"
    path.write_text(text, encoding="utf-8")
    (document,) = read_documents(path, error=WorldError)
    changed = change(document.data, changes)
    path.write_text(yaml.dump(changed, Dumper=Plain, sort_keys=False), encoding="utf-8")
    (document,) = read_documents(path, error=WorldError)
    with pytest.raises(FileError) as refused:
        Federation(load_world(path), clock=Clock(frozen_at=NOW), ids=Ids(seed=1), keys=keys)
    return [each for problem in refused.value.problems for each in propose_for_problem(problem, document)]
