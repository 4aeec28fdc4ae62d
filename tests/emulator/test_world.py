"""World files: what is refused, where, and what is suggested instead."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import DEFAULT_WORLD, World, change_world, load_world, parse_world, read_world_file

HEAD = "version: 1\n"
APP = "{identity_provider_arn: 'arn:aws:iam::123456789012:saml-provider/okta'"

# (what, text, line, key, message, expected, did you mean)
MISTAKES: list[tuple[str, str, int, str, str, str, str]] = [
    (
        "an unknown key",
        HEAD + "okta:\n  acme:\n    user: {}\n",
        4,
        "okta.acme.user",
        "unknown key user",
        "api_tokens, apps, event_hooks, groups, lockout_after and 7 more",
        "users",
    ),
    (
        "an unknown key of an app",
        HEAD + f"okta:\n  acme:\n    apps:\n      connect: {APP}, lable: x}}\n",
        5,
        "okta.acme.apps.connect.lable",
        "unknown key lable",
        "",
        "label",
    ),
    (
        "a key given twice",
        HEAD + "version: 1\n",
        2,
        "",
        'found duplicate key "version": the first value would be lost',
        "each key once",
        "",
    ),
    (
        "an account id without quotes",
        HEAD + "aws:\n  123456789012: {}\n",
        3,
        "aws.123456789012",
        "the key 123456789012 is not text",
        "text in quotes: YAML numbers lose their leading zeros",
        "",
    ),
    (
        "an account id that is none",
        HEAD + "aws:\n  '12345': {}\n",
        3,
        "aws.12345",
        "'12345' is not an AWS account id: 12 digits, in quotes",
        "",
        "",
    ),
    (
        "a group that nobody has",
        HEAD
        + "okta:\n  acme:\n    groups: [Agents]\n    apps:\n"
        + f"      connect: {APP}, assignments: [{{group: Agnets}}]}}\n",
        6,
        "okta.acme.apps.connect.assignments[0].group",
        "there is no group Agnets",
        "one of Agents",
        "Agents",
    ),
    (
        "a user that does not exist",
        HEAD + f"okta:\n  acme:\n    apps:\n      connect: {APP}, assignments: [{{user: hanako}}]}}\n",
        5,
        "okta.acme.apps.connect.assignments[0].user",
        "there is no user hanako",
        "one that is defined in this file",
        "",
    ),
    (
        "an app that does not exist",
        HEAD + "aws:\n  '123456789012':\n    saml_providers:\n      okta: {metadata: {okta_app: acme/connect}}\n",
        5,
        "aws.123456789012.saml_providers.okta.metadata.okta_app",
        "there is no Okta app acme/connect",
        "one that is defined in this file",
        "",
    ),
    (
        "a policy that does not exist",
        HEAD
        + "aws:\n  '123456789012':\n    policies: {login: {}}\n"
        + "    roles:\n      Agent: {trust: {}, policies: [logn]}\n",
        6,
        "aws.123456789012.roles.Agent.policies[0]",
        "there is no policy logn",
        "one of login",
        "login",
    ),
    (
        "an assignment to nobody",
        HEAD + f"okta:\n  acme:\n    apps:\n      connect: {APP}, assignments: [{{role: x}}]}}\n",
        5,
        "okta.acme.apps.connect.assignments[0]",
        "an assignment names either a user or a group",
        "",
        "",
    ),
    (
        "an ARN that is none",
        HEAD + "okta:\n  acme:\n    apps:\n      connect: {identity_provider_arn: okta}\n",
        5,
        "okta.acme.apps.connect.identity_provider_arn",
        "'okta' is not an ARN such as arn:aws:iam::123456789012:saml-provider/okta",
        "",
        "",
    ),
    (
        "a missing key",
        HEAD + "okta:\n  acme:\n    apps:\n      connect: {label: x}\n",
        5,
        "okta.acme.apps.connect",
        "identity_provider_arn is missing",
        "",
        "",
    ),
    (
        "a number where text is meant",
        HEAD + "okta:\n  acme:\n    users:\n      hanako: {password: 12345}\n",
        5,
        "okta.acme.users.hanako.password",
        "12345 does not fit",
        'text: write "12345" in quotes',
        "",
    ),
    (
        "an origin with a path",
        HEAD
        + "aws:\n  '123456789012':\n    connect:\n      i-1: {alias: acme, region: us-east-1, approved_origins: [https://x.example/ccp]}\n",
        5,
        "aws.123456789012.connect.i-1.approved_origins[0]",
        "'https://x.example/ccp' is not an origin such as https://connect.example.com "
        "(https unless localhost, no path)",
        "",
        "",
    ),
    (
        "a status that Okta does not know",
        HEAD + "okta:\n  acme:\n    users:\n      hanako: {status: ACTVE}\n",
        5,
        "okta.acme.users.hanako.status",
        "'ACTVE' does not fit",
        "'ACTIVE', 'STAGED', 'SUSPENDED', 'LOCKED_OUT', 'PASSWORD_EXPIRED' or 'DEPROVISIONED'",
        "ACTIVE",
    ),
    (
        "nothing where keys are meant",
        HEAD + "okta: null\n",
        2,
        "okta",
        "null does not fit",
        "a mapping of keys to values",
        "",
    ),
    ("no YAML", "a: [", 1, "", "this is not YAML: ", "a YAML document", ""),
    ("no world", "- 1\n", 1, "", "this is not a world", "one YAML mapping with version, okta and aws", ""),
]


@pytest.mark.parametrize(
    ("text", "line", "key", "message", "expected", "did_you_mean"),
    [m[1:] for m in MISTAKES],
    ids=[m[0] for m in MISTAKES],
)
def test_a_mistake_is_told_with_its_place(
    text: str, line: int, key: str, message: str, expected: str, did_you_mean: str
) -> None:
    """One problem: file, line, key, what is wrong, what was expected, and the nearest word."""
    with pytest.raises(WorldError) as caught:
        parse_world(text)
    (problem,) = caught.value.problems
    assert (problem.location.file, problem.location.line, problem.location.key) == ("world.yaml", line, key)
    assert problem.message.startswith(message)
    assert problem.did_you_mean == did_you_mean
    if expected:
        assert problem.expected == expected


def test_several_mistakes_are_told_at_once_in_the_files_order() -> None:
    """A person corrects a file once, not once for each mistake."""
    text = HEAD + "okta:\n  acme: {user: {}}\naws:\n  '1': {}\n"
    with pytest.raises(WorldError) as caught:
        parse_world(text)
    assert [problem.location.line for problem in caught.value.problems] == [3, 5]
    assert str(caught.value).startswith(
        "world.yaml:3  okta.acme.user\n  unknown key user; did you mean users?\n"
        "  want   api_tokens, apps, event_hooks, groups, "
    )


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    """The message names the file."""
    with pytest.raises(WorldError) as caught:
        load_world(tmp_path / "nothing.yaml")
    assert caught.value.message == "No such file or directory"
    assert caught.value.location.file.endswith("nothing.yaml")


# (pointer and value, key, message) of mistakes that show when the world is made real
UNREAL: list[tuple[dict[str, object], str, str]] = [
    (
        {"/aws/123456789012/roles/ConnectAgent/trust/Statement/0/Efect": "Allow"},
        "aws.123456789012.roles.ConnectAgent.trust.Statement[0].Efect",
        "Statement[0].Efect: policies have no such element; did you mean Effect?",
    ),
    (
        {"/okta/acme/apps/amazon-connect/group_filter": "(?{{role}}["},
        "okta.acme.apps.amazon-connect.group_filter",
        "the group filter does not compile: unterminated character set at position 9",
    ),
    (
        {"/aws/123456789012/saml_providers/okta/metadata": {"file": "missing.xml"}},
        "aws.123456789012.saml_providers.okta.metadata.file",
        "missing.xml: No such file or directory",
    ),
    (
        {"/aws/123456789012/saml_providers/okta/metadata": {"file": "connect.yaml"}},
        "aws.123456789012.saml_providers.okta.metadata",
        "Could not parse metadata: The metadata document cannot be used: it is not well-formed XML",
    ),
]


@pytest.mark.parametrize(("changes", "key", "message"), UNREAL, ids=[row[1] for row in UNREAL])
def test_what_cannot_be_made_real_is_told_with_its_place(
    world: World, keys: KeyFolder, changes: dict[str, object], key: str, message: str
) -> None:
    """Policies, metadata files and group filters are refused when the federation is built, with their line."""
    with pytest.raises(WorldError) as caught:
        Federation(change_world(world, changes), keys=keys)
    assert caught.value.location.key == key
    assert caught.value.location.line > 1
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    ("xml", "reason", "fix"),
    [
        (
            "<!DOCTYPE html><html><p>Sign in",
            "it is a web page, not metadata",
            "Download the app's metadata again with a link that needs no login; a saved sign-in page is a frequent "
            "mix-up.",
        ),
        (
            '<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>',
            "it is an aggregate, an md:EntitiesDescriptor with 0 entities, not an md:EntityDescriptor",
            "Cut out the EntityDescriptor of your identity provider, and upload that alone.",
        ),
        (
            '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="x"><SPSSODescriptor/>'
            "</EntityDescriptor>",
            "it is the metadata of a service provider, with an SPSSODescriptor and without an IDPSSODescriptor",
            "Upload the identity provider's metadata; AWS's own, which this may be, goes to the identity provider.",
        ),
    ],
    ids=["web page", "aggregate", "service provider"],
)
def test_metadata_that_cannot_be_used_comes_with_its_reason_and_fix(
    world: World, keys: KeyFolder, xml: str, reason: str, fix: str
) -> None:
    """The world says what IAM would, and what to do."""
    with pytest.raises(WorldError) as caught:
        Federation(change_world(world, {"/aws/123456789012/saml_providers/okta/metadata": {"xml": xml}}), keys=keys)
    problem = caught.value.problems[0]
    assert problem.message == f"Could not parse metadata: The metadata document cannot be used: {reason}."
    assert problem.fix == fix
    assert str(problem).endswith(f"\n  fix    {fix}")


def test_policies_and_metadata_may_stand_in_files(world: World, keys: KeyFolder, tmp_path: Path) -> None:
    """What was exported from AWS and Okta drops in by its path."""
    import json

    federation = Federation(world, keys=keys)
    trust = world.settings.aws["123456789012"].roles["ConnectAgent"].trust
    (tmp_path / "trust.json").write_text(json.dumps(trust), encoding="utf-8")
    (tmp_path / "metadata.xml").write_bytes(federation.identity_providers["acme"].metadata("amazon-connect"))
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    text = text.replace("{okta_app: acme/amazon-connect}", "{file: metadata.xml}").replace(
        "trust: *trust", "trust: trust.json"
    )
    (tmp_path / "world.yaml").write_text(text, encoding="utf-8")
    built = Federation(load_world(tmp_path / "world.yaml"), keys=keys)
    provider = built.aws_services.aws.saml_provider("arn:aws:iam::123456789012:saml-provider/okta")
    assert provider is not None
    assert provider.metadata.entity_id.startswith("http://www.okta.com/exk")


def test_a_world_may_bring_its_own_signing_key(world: World, keys: KeyFolder, tmp_path: Path) -> None:
    """Key and certificate are read from the files the app names."""
    pair = Federation(world, keys=keys).identity_providers["acme"].org.apps["amazon-connect"].key_pair
    (tmp_path / "key.pem").write_bytes(pair.private_key_pem)
    (tmp_path / "certificate.pem").write_bytes(pair.certificate_pem)
    text = DEFAULT_WORLD.read_text(encoding="utf-8").replace(
        "catalog: amazon_aws ", "signing: {private_key: key.pem, certificate: certificate.pem} "
    )
    (tmp_path / "world.yaml").write_text(text, encoding="utf-8")
    built = Federation(load_world(tmp_path / "world.yaml"), keys=KeyFolder(tmp_path / "none"))
    assert built.identity_providers["acme"].org.apps["amazon-connect"].key_pair == pair
    assert not (tmp_path / "none").exists()


def test_changes_do_not_reach_the_values_they_were_given(world: World) -> None:
    """A pointer into a value of the same changes replaces it in the new world alone."""
    organization = {"id": "o-a1b2c3d4e5", "full_aws_access": True}
    here = "/aws/123456789012/organization"
    changed = change_world(world, {here: organization, f"{here}/full_aws_access": False})
    found = changed.settings.aws["123456789012"].organization
    assert found is not None
    assert found.full_aws_access is False
    assert organization == {"id": "o-a1b2c3d4e5", "full_aws_access": True}


def test_a_pipe_and_a_device_are_no_files_of_a_world(tmp_path: Path) -> None:
    """Nobody waits for what is written into a pipe that a world names, or reads a device without end."""
    os.mkfifo(tmp_path / "okta.xml")
    (tmp_path / "world.yaml").write_text("version: 1\nokta: {}\naws: {}\n", encoding="utf-8")
    with pytest.raises(WorldError) as caught:
        read_world_file(load_world(tmp_path / "world.yaml"), ("aws",), "okta.xml")
    assert [each.message for each in caught.value.problems] == ["okta.xml: this is a pipe, a socket or a device"]
    with pytest.raises(WorldError) as caught:
        load_world(Path("/dev/zero"))
    assert [each.message for each in caught.value.problems] == ["this is a pipe, a socket or a device"]
