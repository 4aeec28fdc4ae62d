"""Policies, providers and Amazon Connect instances of templates, field by field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.flow import log_in
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.seeds.policy_documents import denies_everything
from emulator.world import change_world
from idp.model import KeyPair
from idp.saml.keys import make_key_pair
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, PROVIDER_ARN, USER
from tests.emulator.seeds.cloudformation.stacks import (
    INSTANCE,
    PROVIDER,
    RELAY_STATE,
    account,
    federation_of,
    filled,
    left_out,
    notes,
    written,
)

HOME = "https://acme.my.connect.aws/home"
DENIES_EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
SECRET = "because the parameter Secret has no default -> Set parameters: {Secret: …} of the seed."
CONNECT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "connect:*", "Resource": "*"}]}


def test_policies_reach_whom_they_are_for(tmp_path: Path, keys: KeyFolder, clock: Clock) -> None:
    """Managed and inline policies, by every resource that gives one to a role, a user or a group."""
    world = filled(tmp_path, "policies.yaml")
    agent = account(world).roles["Agent"]
    assert agent.policies == ["policies-Reads"]
    assert agent.inline_policies == {
        "for-others": CONNECT,
        "for-one": {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Deny", "Action": "connect:Delete*", "Resource": "*"}],
        },
    }
    reader = account(world).users["okta-reader"]
    assert (reader.path, reader.policies, reader.tags) == ("/machines/", ["policies-Reads"], {"team": "identity"})
    assert list(reader.inline_policies) == ["for-others", "for-reader"]
    readers = account(world).groups["readers"]
    assert readers.users == ["okta-reader", "second"]
    assert readers.policies == ["arn:aws:iam::aws:policy/IAMReadOnlyAccess", "policies-Reads"]
    assert list(readers.inline_policies) == ["for-others", "for-readers"]
    assert log_in(federation_of(world, keys, clock), user=USER, app=APP).lands_on == HOME


def test_what_an_allow_does_not_say_is_not_there(tmp_path: Path) -> None:
    """An action or a resource that is not known is lost, and a statement of which anything else is not known."""
    world = filled(tmp_path, "policies.yaml")
    assert account(world).policies["policies-Reads"] == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["s3:Get*"], "Resource": ["arn:aws:s3:::files", "arn:aws:s3:::files/*"]},
            {
                "Effect": "Allow",
                "Action": "sqs:*",
                "Resource": f"arn:aws:sqs:us-east-1:{ACCOUNT}:policies-Mail",
                "Condition": {"Bool": {"aws:SecureTransport": "true"}},
            },
        ],
    }
    reads = "Resources.Reads (AWS::IAM::ManagedPolicy), Statement"
    assert [each for each in left_out(world) if "Statement" in each] == [
        f"43 {reads}[0]: 1 item of its Resource is left out, {SECRET}",
        f"44 {reads}[1]: it is left out, {SECRET}",
        f"45 {reads}[2]: it is left out, {SECRET.replace('Secret', 'Action')}",
        f"46 {reads}[3]: it is left out, {SECRET.replace('Secret', 'Suffix')}",
    ]


@pytest.mark.parametrize(
    ("inside", "line", "keys"),
    [
        ((0, "Resource", 1), 43, (0, "Resource", 2)),
        ((1, "Resource"), 47, (4, "Resource")),
        ((1, "Condition", "Bool"), 47, (4, "Condition", "Bool")),
    ],
)
def test_what_is_kept_of_a_policy_has_its_own_place(tmp_path: Path, inside: Any, line: int, keys: Any) -> None:
    """Whatever is lost before it."""
    world = filled(tmp_path, "policies.yaml")
    said = world.document.said(("aws", ACCOUNT, "policies", "policies-Reads", "Statement", *inside))
    assert said.location.line == line
    assert said.key == ("Resources", "Reads", "Properties", "PolicyDocument", "Statement", *keys)


def test_an_unknown_denial_leaves_out_its_identities(tmp_path: Path) -> None:
    """A Deny that is not known, attached or inline, and a boundary; who else has the policy is denied everything."""
    world = filled(tmp_path, "policies.yaml")
    assert list(account(world).roles) == ["Agent"]
    assert account(world).policies["policies-NoSecrets"] == DENIES_EVERYTHING
    unknown = "the parameter Secret has no default"
    given = "-> Set parameters: {Secret: …} of the seed."
    found = [each for each in left_out(world) if "Statement" not in each]
    assert found == [
        f"28 Resources.NoSecrets (AWS::IAM::ManagedPolicy): {unknown}; it denies everything here {given}",
        f"19 Resources.Denied (AWS::IAM::Role): ManagedPolicyArns[0]: it is unknown what it denies: {unknown} {given}",
        f"26 Resources.DeniedInline (AWS::IAM::Role): Policies[0]: {unknown} {given}".replace("Secret", "Suffix"),
        f"27 Resources.Bounded (AWS::IAM::Role): PermissionsBoundary: {unknown} {given}",
        "54 Resources.ForOthers (AWS::IAM::Policy): Roles[1]: no file contains the role Visitor",
        "54 Resources.ForOthers (AWS::IAM::Policy): Roles[3]: no file contains the role NobodyMakesIt",
        "76 Resources.Denies (AWS::IAM::Policy): the role DeniedByName is left out, because it is unknown what "
        f"this denies: {unknown} {given}",
        "80 Resources.Denies (AWS::IAM::Policy): Roles[1]: no file contains the role Visitor",
        "94 Resources.Idle (AWS::IAM::AccessKey): Status: it is not Active",
        "8 4 other resources: not used for federation: AWS::S3::Bucket (1), AWS::SQS::Queue (1), "
        "AWS::IAM::InstanceProfile (1), AWS::IAM::ServiceLinkedRole (1)",
    ]


def test_a_role_of_the_world_itself_is_denied_too(tmp_path: Path, keys: KeyFolder, clock: Clock) -> None:
    """It cannot be left out: what a template denies it and does not say is everything."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Federated": PROVIDER_ARN}, "Action": "sts:AssumeRoleWithSAML"}
        ],
    }
    own = {"trust": trust, "inline_policies": {"connect": CONNECT}}
    more = PROVIDER + INSTANCE + f"    roles: {json.dumps({'Visitor': own})}\n"
    world = filled(tmp_path, "policies.yaml", more=more, role="Visitor")
    visitor = account(world).roles["Visitor"]
    assert visitor.inline_policies == {"connect": CONNECT, "for-others": CONNECT, "denies": DENIES_EVERYTHING}
    login = log_in(federation_of(world, keys, clock), user=USER, app=APP)
    assert login.outcome.value == "refused"
    given = {"file": "policies.yaml", "parameters": {"Secret": "arn:aws:s3:::safe", "Action": "s3:*", "Suffix": "x"}}
    world = filled(tmp_path, given, more=more, role="Visitor")
    assert account(world).roles.keys() >= {"Agent", "Denied", "DeniedByName", "DeniedInline", "Visitor"}
    assert log_in(federation_of(world, keys, clock), user=USER, app=APP).lands_on == HOME


ROLE_OF_ANOTHER_STACK = f"""Resources:
  Agent:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {{Effect: Allow, Principal: {{Federated: {PROVIDER_ARN!r}}}, Action: "sts:AssumeRoleWithSAML"}}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonConnect_FullAccess]
  Readers: {{Type: "AWS::IAM::Group", Properties: {{GroupName: readers}}}}
"""
FOR_ANOTHER_STACK = """Parameters: {Secret: {Type: String}}
Resources:
  Limits:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: limits
      Roles: [roles-Agent]
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Deny, Action: "s3:*", Resource: !Ref Secret}]
  Reader: {Type: "AWS::IAM::User", Properties: {UserName: reader, Groups: [readers]}}
"""


def test_a_policy_for_a_role_of_another_stack(tmp_path: Path, keys: KeyFolder, clock: Clock) -> None:
    """What it denies and does not say is everything, since the role is not this template's to leave out."""
    (tmp_path / "roles.yaml").write_text(ROLE_OF_ANOTHER_STACK, encoding="utf-8")
    (tmp_path / "limits.yaml").write_text(FOR_ANOTHER_STACK, encoding="utf-8")
    world = written(tmp_path, ["roles.yaml", "limits.yaml"], role="roles-Agent")
    assert account(world).roles["roles-Agent"].inline_policies == {"limits": DENIES_EVERYTHING}
    assert account(world).groups["readers"].users == ["reader"]
    assert left_out(world, 1) == [
        "7 Resources.Limits (AWS::IAM::Policy): Roles[0]: the parameter Secret has no default; it denies roles-Agent "
        "everything here -> Set parameters: {Secret: …} of the seed."
    ]
    assert log_in(federation_of(world, keys, clock), user=USER, app=APP).outcome.value == "refused"
    seeds = ["roles.yaml", {"file": "limits.yaml", "parameters": {"Secret": "arn:aws:s3:::safe"}}]
    world = written(tmp_path, seeds, role="roles-Agent")
    assert left_out(world, 1) == []
    assert log_in(federation_of(world, keys, clock), user=USER, app=APP).lands_on == HOME


def test_a_policy_alone_makes_no_role(tmp_path: Path) -> None:
    """A world with a role that has no trust policy would be refused."""
    (tmp_path / "limits.yaml").write_text(FOR_ANOTHER_STACK, encoding="utf-8")
    world = written(tmp_path, ["limits.yaml"])
    assert account(world).roles == {}
    assert list(account(world).users) == ["reader"]
    assert account(world).groups == {}
    assert left_out(world) == [
        "7 Resources.Limits (AWS::IAM::Policy): Roles[0]: no file contains the role roles-Agent",
        "11 Resources.Reader (AWS::IAM::User): Groups[0]: no file contains the group readers",
    ]


def test_access_keys_have_a_secret_of_the_emulators(tmp_path: Path) -> None:
    """It is the same at every reading, is mentioned without being shown, and no password is read."""
    world = filled(tmp_path, "policies.yaml")
    (key,) = account(world).users["okta-reader"].access_keys
    assert account(filled(tmp_path, "policies.yaml")).users["okta-reader"].access_keys == [key]
    assert notes(world) == [
        "31 Resources.NoSecrets (AWS::IAM::ManagedPolicy): it is called policies-NoSecrets here, because the parameter "
        "Suffix has no default -> Set parameters: {Suffix: …} of the seed.",
        (
            "93 Resources.Key (AWS::IAM::AccessKey): only AWS knows its id and secret; here they are "
            f"{key.id} and a secret that is useless at AWS -> Set access_keys of the user okta-reader in "
            "the world file."
        ),
        "8 generated names: CloudFormation adds random characters to these names, which are unknown here: "
        "policies-NoSecrets, policies-Reads, policies-Mail -> Set values: {NoSecrets: …} of the seed.",
    ]
    assert key.secret not in str([*notes(world), *left_out(world)])


def test_encryption_is_kept_without_its_key(tmp_path: Path, keys: KeyFolder, clock: Clock) -> None:
    """A login without encryption is refused, as at AWS, whether or not the private key is known."""
    role = "    roles: {Agent: {trust: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Federated: "
    role += f"{PROVIDER_ARN}}}, Action: 'sts:AssumeRoleWithSAML'}}]}}}}}}\n"
    world = filled(tmp_path, "encryption.yaml", more=PROVIDER + INSTANCE + role)
    provider = account(world).saml_providers["okta"]
    assert (provider.assertion_encryption, provider.private_keys) == ("Required", [])
    assert left_out(world) == []
    assert notes(world) == [
        "12 Resources.Idp (AWS::IAM::SAMLProvider): its private key is not in the template (AddPrivateKey: the "
        "parameter PrivateKey has no default): no assertion is accepted -> Set parameters: {PrivateKey: …} of the seed."
    ]
    login = log_in(federation_of(world, keys, clock), user=USER, app=APP)
    assert login.outcome.value == "refused"
    assert login.refusal is not None
    assert login.refusal.check == "assertion-encryption"


def test_a_provider_without_metadata_is_left_out(tmp_path: Path) -> None:
    """The parameter that has them is named."""
    world = filled(tmp_path, "encryption.yaml", more=INSTANCE)
    assert account(world).saml_providers == {}
    assert left_out(world) == [
        "10 Resources.Idp (AWS::IAM::SAMLProvider): SamlMetadataDocument: the parameter Metadata has no default "
        "-> Set parameters: {Metadata: …} of the seed."
    ]


def test_a_mode_that_is_not_known_leaves_the_provider_out(tmp_path: Path) -> None:
    """Without it, what AWS refuses might be taken."""
    (tmp_path / "x").mkdir()
    world = filled(tmp_path, "encryption.yaml")
    assert account(world).saml_providers["okta"].assertion_encryption == "Required"
    with pytest.raises(WorldError) as caught:
        filled(tmp_path, {"file": "encryption.yaml", "parameters": {"Modes": "x"}})
    assert caught.value.problems[0].message == "encryption.yaml: the template has no parameter Modes"
    parameters = {"Mode": "Sometimes", "Metadata": "<x/>"}
    world = filled(tmp_path, {"file": "encryption.yaml", "parameters": parameters}, more=INSTANCE)
    assert account(world).saml_providers == {}
    assert left_out(world) == [
        "11 Resources.Idp (AWS::IAM::SAMLProvider): AssertionEncryptionMode: it is neither Allowed nor Required"
    ]


def test_a_private_key_opens_what_is_encrypted(tmp_path: Path, keys: KeyFolder, clock: Clock) -> None:
    """Given as a parameter it is in no file of its own, and in nothing that is shown."""
    pair: KeyPair = make_key_pair(common_name="desk", clock=clock, ids=Ids(seed=3))
    (tmp_path / "app.crt").write_bytes(pair.certificate_pem)
    pem = pair.private_key_pem.decode()
    url = f"https://signin.aws.amazon.com/saml/acs/{_provider_id(tmp_path, keys, clock)}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER_ARN},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": [url, "https://signin.aws.amazon.com/saml"]}},
    }
    role = {
        "trust": {"Version": "2012-10-17", "Statement": [statement]},
        "inline_policies": {"connect": CONNECT},
    }
    seed = {"file": "encryption.yaml", "parameters": {"PrivateKey": pem}}
    world = filled(tmp_path, seed, more=f"{PROVIDER}{INSTANCE}    roles: {json.dumps({'Agent': role})}\n")
    assert account(world).saml_providers["okta"].private_keys == [pem]
    assert (left_out(world), notes(world)) == ([], [])
    assert "PRIVATE KEY" not in repr(world.settings)
    app = f"/okta/acme/apps/{APP}"
    changes = {f"{app}/assertion_encryption": {"certificate": "app.crt"}, f"{app}/acs_url": url}
    login = log_in(federation_of(change_world(world, changes), keys, clock), user=USER, app=APP)
    assert login.lands_on == HOME
    assert log_in(federation_of(world, keys, clock), user=USER, app=APP).outcome.value == "refused"


def _provider_id(folder: Path, keys: KeyFolder, clock: Clock) -> str:
    provider = federation_of(filled(folder, "encryption.yaml"), keys, clock).aws_services.aws.saml_provider(
        PROVIDER_ARN
    )
    assert provider is not None
    return provider.provider_id


def test_a_private_key_on_one_line_is_the_same(tmp_path: Path, clock: Clock) -> None:
    """As quotes around several lines of YAML make it."""
    pem = make_key_pair(common_name="desk", clock=clock, ids=Ids(seed=3)).private_key_pem.decode()
    seed = {"file": "encryption.yaml", "parameters": {"PrivateKey": " ".join(pem.split("\n"))}}
    assert account(filled(tmp_path, seed)).saml_providers["okta"].private_keys == [pem]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("swordfish", "it is not a private key in PEM, which begins with -----BEGIN PRIVATE KEY-----"),
        (
            "-----BEGIN PRIVATE KEY-----\nswordfish\n-----END PRIVATE KEY-----",
            "it is not an RSA private key of 2048 bits or more without a passphrase",
        ),
    ],
)
def test_a_private_key_that_is_none_is_not_shown(tmp_path: Path, given: str, reason: str) -> None:
    """Whatever is in its place may be a secret."""
    world = filled(tmp_path, {"file": "encryption.yaml", "parameters": {"PrivateKey": given}})
    assert account(world).saml_providers["okta"].private_keys == []
    assert notes(world) == [
        "12 Resources.Idp (AWS::IAM::SAMLProvider): its private key is not in the template (AddPrivateKey: "
        f"{reason}): no assertion is accepted -> Set private_keys of the provider in the world file."
    ]


def test_an_instance_of_amazon_connect(tmp_path: Path, keys: KeyFolder, clock: Clock) -> None:
    """Its users, profiles and origins; an instance that the world has too keeps its id and region."""
    world = filled(tmp_path, "connect.yaml", {"file": "policies.yaml"}, more=PROVIDER + INSTANCE)
    desk = account(world).connect[INSTANCE_ID]
    assert (desk.alias, desk.region, desk.identity_management) == ("acme", "ap-northeast-1", "SAML")
    hanako, taro = desk.users[USER], desk.users["taro@example.com"]
    assert (hanako.first_name, hanako.last_name) == ("Hanako", "Sato")
    assert (hanako.security_profiles, hanako.routing_profile) == (["Clerk", "Auditor"], "Phones")
    assert (taro.security_profiles, taro.routing_profile) == ([], "Basic Routing Profile")
    assert {name: profile.access_ccp for name, profile in desk.security_profiles.items()} == {
        "Clerk": True,
        "Auditor": False,
    }
    assert desk.routing_profiles == ["Phones"]
    assert desk.approved_origins == ["https://desk.example.com", "https://crm.example.com"]
    policy = account(world).roles["Agent"].inline_policies["connect"]
    assert isinstance(policy, dict)
    instance = f"arn:aws:connect:ap-northeast-1:{ACCOUNT}:instance/{INSTANCE_ID}"
    assert policy["Statement"][0]["Resource"] == f"{instance}/user/${{aws:userid}}"
    assert log_in(federation_of(world, keys, clock), user=USER, app=APP).lands_on == HOME


def test_what_is_not_known_of_an_instance(tmp_path: Path) -> None:
    """An id and an alias are made and reported; a profile without a name is not given to anybody."""
    world = filled(tmp_path, {"file": "connect.yaml", "region": "eu-west-2"}, more=PROVIDER)
    by_alias = {instance.alias: instance for instance in account(world).connect.values()}
    assert {alias: each.identity_management for alias, each in by_alias.items()} == {
        "acme": "SAML",
        "connect-nameless": "EXISTING_DIRECTORY",
    }
    assert {each.region for each in by_alias.values()} == {"eu-west-2"}
    desk, nameless = account(world).connect
    arn = f"arn:aws:connect:eu-west-2:{ACCOUNT}:instance/{desk}/routing-profile/11111111-2222-3333-4444-555555555555"
    assert left_out(world) == [
        '29 Resources.Plain (AWS::Connect::ApprovedOrigin): Origin: "http://plain.example.com" is not a valid '
        "origin, such as "
        "https://example.com",
        "45 Resources.Taro (AWS::Connect::User): SecurityProfileArns[0]: the parameter OldProfile has no default "
        "-> Set parameters: {OldProfile: …} of the seed.",
        f"46 Resources.Taro (AWS::Connect::User): RoutingProfileArn: no file contains the name of the profile {arn} "
        "-> Add the output of aws connect list-routing-profiles to the seeds, or set the user's profile in the "
        "world file.",
        "4 1 other resource: not used for federation: AWS::Connect::Queue (1)",
    ]
    assert notes(world) == [
        f"5 Resources.Desk (AWS::Connect::Instance): only AWS knows its id; here it is {desk} "
        "-> Set values: {Desk.Id: …} of the seed.",
        f"11 Resources.Nameless (AWS::Connect::Instance): only AWS knows its id; here it is {nameless} "
        "-> Set values: {Nameless.Id: …} of the seed.",
        "13 Resources.Nameless (AWS::Connect::Instance): InstanceAlias is not set; here it is connect-nameless",
    ]


def test_an_instances_id_may_be_given(tmp_path: Path) -> None:
    """As the id, or as the ARN, which has the region too."""
    seed = {"file": "connect.yaml", "values": {"Desk.Id": INSTANCE_ID}}
    instance = account(filled(tmp_path, seed, more=PROVIDER)).connect[INSTANCE_ID]
    assert (instance.alias, instance.region) == ("acme", "us-east-1")
    arn = f"arn:aws:connect:ap-northeast-1:{ACCOUNT}:instance/{INSTANCE_ID}"
    world = filled(tmp_path, {"file": "connect.yaml", "values": {"Desk": arn}}, more=PROVIDER)
    assert account(world).connect[INSTANCE_ID].region == "ap-northeast-1"
    assert list(account(world).connect[INSTANCE_ID].users) == [USER, "taro@example.com"]


def test_an_instance_that_an_answer_describes_too(tmp_path: Path) -> None:
    """The same alias is the same instance, whose id the answer knows."""
    described = {
        "Id": INSTANCE_ID,
        "Arn": f"arn:aws:connect:ap-northeast-1:{ACCOUNT}:instance/{INSTANCE_ID}",
        "IdentityManagementType": "SAML",
        "InstanceAlias": "acme",
        "InstanceStatus": "ACTIVE",
    }
    (tmp_path / "instance.json").write_text(json.dumps({"Instance": described}), encoding="utf-8")
    filled(tmp_path, "connect.yaml")
    world = written(tmp_path, ["connect.yaml", "instance.json"], more=PROVIDER)
    assert account(world).connect[INSTANCE_ID].region == "ap-northeast-1"
    assert list(account(world).connect[INSTANCE_ID].security_profiles) == ["Clerk", "Auditor"]


@pytest.mark.parametrize("kind", ["role", "provider", "beside its properties"])
def test_what_a_macro_adds_to_a_resource_is_not_known(tmp_path: Path, kind: str, metadata: str) -> None:
    """It may be a boundary, a policy that denies, or that assertions have to be encrypted."""
    macro = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://acme/more.yaml"}}}
    resource: dict[str, Any] = {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": "Agent", "AssumeRolePolicyDocument": {"Statement": []}},
    }
    if kind == "provider":
        properties = {"Name": "idp", "SamlMetadataDocument": metadata}
        resource = {"Type": "AWS::IAM::SAMLProvider", "Properties": properties}
    (resource if kind == "beside its properties" else resource["Properties"]).update(macro)
    (tmp_path / "macro.json").write_text(json.dumps({"Resources": {"Made": resource}}), encoding="utf-8")
    world = written(tmp_path, ["macro.json"])
    assert account(world).roles == {}
    assert list(account(world).saml_providers) == ["okta"]
    reason = "only AWS knows what Fn::Transform adds to it"
    assert f"1 Resources.Made ({resource['Type']}): {reason}" in left_out(world)


def test_a_statement_that_is_a_list_is_reported(tmp_path: Path) -> None:
    """A list where a statement belongs denies what is not known: its role is left out."""
    statements = [{"Effect": "Allow", "Action": "connect:*", "Resource": "*"}, [{"Ref": "Nowhere"}]]
    policy = {"PolicyName": "p", "PolicyDocument": {"Statement": statements}}
    trust = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRoleWithSAML"}]}
    role = {"RoleName": "Agent", "AssumeRolePolicyDocument": trust, "Policies": [policy]}
    resources = {"Resources": {"Made": {"Type": "AWS::IAM::Role", "Properties": role}}}
    (tmp_path / "list.json").write_text(json.dumps(resources), encoding="utf-8")
    assert account(written(tmp_path, ["list.json"])).roles == {}


@pytest.mark.parametrize("attached", [{"Ref": "Guardrails"}, [{"Fn::ImportValue": "guardrails"}]])
def test_a_policy_that_is_attached_and_not_known_may_deny(
    tmp_path: Path, attached: Any, keys: KeyFolder, clock: Clock
) -> None:
    """What the role's other policies allow is not allowed then; the sign-in itself is its trust policy's."""
    statement = {"Effect": "Allow", "Action": "connect:GetFederationToken", "Resource": "*"}
    trust = {"Effect": "Allow", "Principal": {"Federated": PROVIDER_ARN}, "Action": "sts:AssumeRoleWithSAML"}
    properties = {
        "RoleName": "Agent",
        "AssumeRolePolicyDocument": {"Statement": [trust]},
        "Policies": [{"PolicyName": "connect", "PolicyDocument": {"Statement": [statement]}}],
    }
    template: dict[str, Any] = {
        "Parameters": {"Guardrails": {"Type": "CommaDelimitedList"}},
        "Resources": {"Made": {"Type": "AWS::IAM::Role", "Properties": properties}},
    }
    (tmp_path / "t.json").write_text(json.dumps(template), encoding="utf-8")
    known = federation_of(written(tmp_path, ["t.json"]), keys, clock)
    assert log_in(known, user=USER, app=APP).lands_on == HOME
    properties["ManagedPolicyArns"] = attached
    (tmp_path / "t.json").write_text(json.dumps(template), encoding="utf-8")
    world = written(tmp_path, ["t.json"])
    assert account(world).roles["Agent"].inline_policies["not-known"] == denies_everything()
    assert notes(world) == [
        (
            "1 Resources.Made (AWS::IAM::Role): an attached policy is unknown and may deny something, so "
            "none of its policies allows anything here"
        )
    ]
    login = log_in(federation_of(world, keys, clock), user=USER, app=APP)
    assert (login.outcome.value, login.lands_on) == ("refused", RELAY_STATE)
