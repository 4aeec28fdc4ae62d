"""What is proposed for SAML providers, for roles that are missing, and for how long sessions are."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from emulator.federation import Federation
from emulator.fixes.candidate import REMOVED
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, parse_world
from tests.conftest import ACCOUNT, INSTANCE_ID, PROVIDER_ARN
from tests.diagnose.mutants import WORLDS
from tests.emulator.fixes.aws.proposals import IAM, OKTA_APP, ROLE, plain, proposed, warned
from tests.emulator.fixes.trials import edits

PROVIDER = f"{IAM}/saml_providers/okta"
OTHER_APP: dict[str, Any] = {"identity_provider_arn": PROVIDER_ARN, "label": "Another"}
UPLOADED = {"okta_app": "acme/amazon-connect"}


def test_the_metadata_of_the_app(world: World, keys: KeyFolder) -> None:
    """A provider that was made from another app's metadata gets those of the login's."""
    changes = {"/okta/acme/apps/other": OTHER_APP, f"{PROVIDER}/metadata/okta_app": "acme/other"}
    (candidate,) = proposed(world, keys, changes)
    assert edits(candidate) == {f"{PROVIDER}/metadata/okta_app": "acme/amazon-connect"}
    assert candidate.title == "Upload the metadata of acme/amazon-connect to the SAML provider okta"
    assert candidate.console == "IAM console > Identity providers > okta > Upload metadata"


def test_metadata_from_a_file_become_the_apps(world: World, keys: KeyFolder, tmp_path: Path) -> None:
    """What is uploaded is another source than a file that is out of date."""
    shutil.copyfile(WORLDS / "former-metadata.xml", tmp_path / "idp.xml")
    here = parse_world(Path(world.document.file).read_text(encoding="utf-8"), file=str(tmp_path / "world.yaml"))
    changes = {f"{PROVIDER}/metadata": {"file": "idp.xml"}}
    assert plain(proposed(here, keys, changes))[0] == {f"{PROVIDER}/metadata": UPLOADED}


def test_a_provider_that_does_not_exist_is_created(world: World, keys: KeyFolder) -> None:
    """With the app's metadata, under the name that the app sends."""
    (candidate,) = proposed(world, keys, {f"{IAM}/saml_providers": {}})
    assert edits(candidate) == {PROVIDER: {"metadata": UPLOADED}}
    assert candidate.title == "Create the SAML provider okta with the metadata of acme/amazon-connect"
    renamed = {f"{IAM}/saml_providers": {"okta-prod": {"metadata": UPLOADED}}}
    assert plain(proposed(world, keys, renamed)) == [{PROVIDER: {"metadata": UPLOADED}}]
    misspelt = {f"{OKTA_APP}/identity_provider_arn": f"{PROVIDER_ARN}a"}
    warning = "There is the SAML provider okta, which may be meant."
    assert warned(proposed(world, keys, misspelt)) == [({f"{PROVIDER}a": {"metadata": UPLOADED}}, warning)]


def test_no_provider_is_created_in_an_account_of_others(world: World, keys: KeyFolder) -> None:
    """A provider of another account than the role's would open nothing."""
    elsewhere = PROVIDER_ARN.replace(ACCOUNT, "210987654321")
    changes = {"/aws/210987654321": {}, f"{OKTA_APP}/identity_provider_arn": elsewhere}
    assert proposed(world, keys, changes) == []


def _with_keys(world: World, folder: Path) -> World:
    for name in ("encryption-certificate", "encryption-private-key"):
        shutil.copyfile(WORLDS / f"atelier-{name}.pem", folder / f"{name}.pem")
    shutil.copyfile(WORLDS / "former-private-key.pem", folder / "former.pem")
    return parse_world(Path(world.document.file).read_text(encoding="utf-8"), file=str(folder / "world.yaml"))


def test_the_private_key_of_the_apps_certificate(
    world: World, federation: Federation, keys: KeyFolder, tmp_path: Path
) -> None:
    """The key that belongs to the certificate is looked for among the files beside the world's."""
    here = _with_keys(world, tmp_path)
    provider = federation.aws_services.aws.saml_provider(PROVIDER_ARN)
    assert provider is not None
    encrypts = {
        f"{OKTA_APP}/assertion_encryption": {"certificate": "encryption-certificate.pem"},
        f"{OKTA_APP}/acs_url": f"https://signin.aws.amazon.com/saml/acs/{provider.provider_id}",
    }
    uploaded = {f"{PROVIDER}/private_keys": ["encryption-private-key.pem"]}
    assert plain(proposed(here, keys, encrypts))[0] == uploaded
    wrong = {**encrypts, f"{PROVIDER}/private_keys": ["former.pem"]}
    candidates = plain(proposed(here, keys, wrong))
    assert candidates == [uploaded, {f"{PROVIDER}/private_keys": ["former.pem", "encryption-private-key.pem"]}]


def test_encryption_that_is_required_is_given_up_last(world: World, keys: KeyFolder, tmp_path: Path) -> None:
    """That assertions may come without it has a warning."""
    here = _with_keys(world, tmp_path)
    required = {
        f"{PROVIDER}/assertion_encryption": "Required",
        f"{PROVIDER}/private_keys": ["encryption-private-key.pem"],
    }
    warning = "Assertions may then come without encryption."
    candidates = proposed(here, keys, required)
    assert warned(candidates) == [
        ({f"{PROVIDER}/assertion_encryption": "Allowed"}, warning),
        ({f"{PROVIDER}/assertion_encryption": REMOVED}, warning),
    ]
    assert plain(candidates) == []


def test_a_missing_role_is_made_as_one_that_resembles_it(world: World, keys: KeyFolder) -> None:
    """Where another role of the account trusts the same provider, and has such a name."""
    role = _role(world, "ConnectSupervisor")
    (candidate,) = proposed(world, keys, {f"{IAM}/roles": {"ConnectAgents": role}})[-1:]
    assert edits(candidate) == {ROLE: role}
    assert candidate.title == "Create role ConnectAgent as ConnectAgents is"
    assert candidate.warning == "There is the role ConnectAgents, which may be meant."


def _role(world: World, name: str) -> Any:
    return world.document.data["aws"][ACCOUNT]["roles"][name]


def test_a_missing_role_of_a_kind_of_its_own(world: World, keys: KeyFolder) -> None:
    """With the trust policy that IAM's console writes, and the policy that opens the instance."""
    (candidate,) = proposed(world, keys, {f"{IAM}/roles": {}})[-1:]
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER_ARN},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    }
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    assert edits(candidate) == {ROLE: {"trust": trust, "policies": ["connect-login"]}}
    without: dict[str, Any] = {f"{IAM}/roles": {}, f"{IAM}/policies/connect-login": None}
    arn = f"arn:aws:connect:ap-northeast-1:{ACCOUNT}:instance/{INSTANCE_ID}/user/${{aws:userid}}"
    own = {"Effect": "Allow", "Action": "connect:GetFederationToken", "Resource": arn}
    inline = {"amazon-connect-federation": {"Version": "2012-10-17", "Statement": [own]}}
    (candidate,) = proposed(world, keys, without)[-1:]
    assert edits(candidate) == {ROLE: {"trust": trust, "inline_policies": inline}}


def test_the_path_of_a_role(world: World, keys: KeyFolder) -> None:
    """A role of that name with another path is made with the one that the app sends."""
    (candidate,) = proposed(world, keys, {f"{ROLE}/path": "/federation/"})[-1:]
    assert edits(candidate) == {f"{ROLE}/path": "/"}
    assert candidate.title == "Create role ConnectAgent with the path /, which no role can change later"


def test_a_session_as_long_as_it_is_asked_for(world: World, keys: KeyFolder) -> None:
    """Up to the longest that AWS takes."""
    (candidate,) = proposed(world, keys, {}, seconds=7200)
    assert edits(candidate) == {f"{ROLE}/max_session_duration": 7200}
    assert candidate.console == "IAM console > Roles > ConnectAgent > Summary > Edit > Maximum session duration"


def test_a_tag_that_a_condition_asks_a_role_for(world: World, keys: KeyFolder) -> None:
    """The role gets the tag; the condition is not touched before."""
    changes = {f"{ROLE}/trust/Statement/0/Condition": {"StringEquals": {"iam:ResourceTag/Desk": "voice"}}}
    assert {f"{ROLE}/tags/Desk": "voice"} in plain(proposed(world, keys, changes))


def test_what_nobody_said_of_aws_leads_to_nothing(world: World, keys: KeyFolder) -> None:
    """A mistake at the identity provider makes no change of an account."""
    changes = {f"{OKTA_APP}/audience": "urn:amazon:webservice"}
    assert proposed(world, keys, changes) == []
