"""The walk through the consoles: what belongs where, and which step is not done when a value is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from emulator.diagnosis.world_check import check_world
from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FederationError
from emulator.network.data_folder.keys import KeyFolder
from emulator.setup_steps.step import Step, Value, Verdict, Walk
from emulator.setup_steps.walking import SetUp, set_up_of
from emulator.world import DEFAULT_WORLD, World, load_world, parse_world
from tests.diagnose.mutants import MutantFile, mutant_files
from tests.diagnose.mutating import prepare, write
from tests.diagnose.playing import START

ACCOUNT, INSTANCE = "210987654321", "a1b2c3d4-5e6f-4a1b-8c2d-9e0f1a2b3c4d"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/HarborOkta"
RELAY_STATE = f"https://eu-west-2.console.aws.amazon.com/connect/federate/{INSTANCE}"
# The steps of which one has to be open for each mutant of the article's world.
OPEN = {
    "user-no-group": "assignment",
    "user-suspended": "login",
    "user-deprovisioned": "login",
    "mfa-org": "login",
    "mfa-app": "login",
    "acs-trailing-slash": "sign-on",
    "acs-govcloud": "sign-on",
    "acs-regional": "role",
    "acs-of-unknown-provider": "sign-on",
    "environment-govcloud": "sign-on",
    "audience-typo": "app",
    "audience-govcloud": "app",
    "provider-arn-account": "sign-on",
    "provider-arn-case": "sign-on",
    "provider-arn-default-name": "sign-on",
    "relay-region": "app",
    "relay-instance-typo": "app",
    "relay-alias": "app",
    "relay-federation": "app",
    "relay-no-region": "app",
    "relay-console-home": "app",
    "relay-removed": "app",
    "duration-long": "sign-on",
    "group-mapping-on": "sign-on",
    "username-email-prefix": "sign-on",
    "username-full-name": "sign-on",
    "assignment-removed": "assignment",
    "assignment-other-group": "assignment",
    "assignment-role-typo": "assignment",
    "assignment-role-case": "assignment",
    "assignment-role-arn": "assignment",
    "assignment-no-roles": "assignment",
    "assignment-unused-role": "assignment",
    "provisioning-key": "provisioning",
    "provisioning-secret": "provisioning",
    "provider-renamed": "sign-on",
    "provider-missing": "identity-provider",
    "app-signs-with-another-key": "app",
    "app-encrypts": "sign-on",
    "role-missing": "role",
    "trust-other-provider": "role",
    "trust-action-assume-role": "role",
    "trust-audience-urn": "role",
    "trust-condition-key": "role",
    "policy-detached": "role",
    "policy-other": "role",
    "policy-action-typo": "connect-policy",
    "policy-instance": "connect-policy",
    "policy-region": "connect-policy",
    "policy-account": "connect-policy",
    "policy-variable": "connect-policy",
    "policy-no-user-part": "connect-policy",
    "guardrail-inline-deny": "connect-policy",
    "guardrail-boundary": "role",
    "guardrail-scp": "connect-policy",
    "okta-user-policies": "okta-policy",
    "okta-user-keys": "iam-user",
    "okta-policy": "okta-policy",
    "instance-region": "app",
    "instance-removed": "instance",
    "instance-not-saml": "instance",
    "instance-directory": "instance",
    "instance-user-missing": "connect-users",
    "instance-user-case": "connect-users",
    "instance-user-prefix": "connect-users",
}
# What is wrong in these, and no login needs.
NOT_NEEDED = {
    "assignment-unused-role",
    "provisioning-key",
    "provisioning-secret",
    "okta-user-policies",
    "okta-user-keys",
    "okta-policy",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that worlds can be written to."""
    path = tmp_path_factory.mktemp("setup")
    prepare(path)
    return path


def _file(name: str) -> MutantFile:
    return next(file for file in mutant_files() if file.world == name)


def _federation(world: World | Path, folder: Path) -> Federation:
    loaded = load_world(world) if isinstance(world, Path) else world
    return Federation(loaded, clock=Clock(frozen_at=START), ids=Ids(seed=1), keys=KeyFolder(folder / "keys"))


def _article(folder: Path, mutant: str = "") -> Federation:
    file = _file("article")
    chosen = next((each for each in file.mutants if each.id == f"article-{mutant}"), None)
    assert chosen is not None or not mutant, mutant
    return _federation(write(folder, file, chosen), folder)


def _steps(walk: Walk) -> Mapping[str, Step]:
    return {step.step_id: step for step in walk.steps}


def _only(found: SetUp) -> Mapping[str, Step]:
    (walk,) = found.walks
    return _steps(walk)


def _value(step: Step, field: str) -> Value:
    """Returns the value whose field ends so."""
    (value,) = (value for value in step.values if value.field.endswith(field))
    return value


def _open(found: SetUp) -> Iterator[str]:
    for walk in found.walks:
        yield from (step.step_id for step in walk.steps if step.verdict.is_open)


def test_the_walk_of_a_world_that_works(folder: Path) -> None:
    """The article's eleven steps in their order and its two supplements, each done."""
    found = set_up_of(_article(folder))
    (walk,) = found.walks
    assert [(step.number, step.step_id, step.verdict) for step in walk.steps] == [
        ("1", "instance", Verdict.DONE),
        ("2", "app", Verdict.DONE),
        ("3a", "okta-policy", Verdict.DONE),
        ("3b", "connect-policy", Verdict.DONE),
        ("4", "iam-user", Verdict.DONE),
        ("5", "identity-provider", Verdict.DONE),
        ("6", "role", Verdict.DONE),
        ("7", "sign-on", Verdict.DONE),
        ("8", "provisioning", Verdict.DONE),
        ("9", "assignment", Verdict.DONE),
        ("10", "connect-users", Verdict.DONE),
        ("11", "login", Verdict.DONE),
        ("+", "destination", Verdict.OPTIONAL),
        ("+", "custom-ccp", Verdict.DONE),
    ]
    assert (walk.app, walk.accounts, walk.instances) == ("harbor/contact-centre", (ACCOUNT,), (INSTANCE,))
    assert not found.stops


def test_the_values_to_be_copied(folder: Path) -> None:
    """ARNs, addresses and policies are whole, each at its place in the console, with the line that says it."""
    steps = _only(set_up_of(_article(folder)))
    expected = {
        ("instance", "Identity management"): "SAML 2.0-based authentication",
        ("instance", "Access URL"): "https://harbor.my.connect.aws",
        ("instance", "Instances > harbor > Instance ARN"): f"arn:aws:connect:eu-west-2:{ACCOUNT}:instance/{INSTANCE}",
        ("app", "Browse App Catalog"): "AWS Account Federation",
        ("app", "Contact centre > General > Your AWS Login URL"): "https://console.aws.amazon.com/",
        ("app", "Sign On > Default Relay State"): RELAY_STATE,
        ("identity-provider", "IAM > Identity providers > HarborOkta > Summary > ARN"): PROVIDER,
        ("sign-on", "Contact centre > Sign On > Identity Provider ARN"): PROVIDER,
        ("sign-on", "Application username format"): "Okta username",
        ("iam-user", "okta-reader > Security credentials > Access keys"): "AKIAI44QH8DHBEXAMPLE",
        ("role", "Roles > HarborAgent > Summary > ARN"): f"arn:aws:iam::{ACCOUNT}:role/HarborAgent",
        ("role", "HarborAgent > Permissions > Add permissions > Attach policies"): "connect-federation",
        ("provisioning", "Integration > Access Key"): "AKIAI44QH8DHBEXAMPLE",
        ("login", "https://harbor.okta.com > My Apps > the tile"): "Contact centre",
    }
    assert {place: _value(steps[place[0]], place[1]).value for place in expected} == expected
    policy = json.loads(_value(steps["connect-policy"], "IAM > Policies > connect-federation").value)
    assert policy["Statement"][0]["Resource"] == (
        f"arn:aws:connect:eu-west-2:{ACCOUNT}:instance/{INSTANCE}/user/${{aws:userid}}"
    )
    trust = json.loads(_value(steps["role"], "Roles > HarborAgent > Trust relationships").value)
    assert trust["Statement"][0]["Principal"] == {"Federated": PROVIDER}
    relay_state = _value(steps["app"], "Default Relay State")
    assert relay_state.origin is not None
    assert relay_state.origin.location is not None
    assert relay_state.origin.location.key == "okta.harbor.apps.contact-centre.default_relay_state"
    assert [value.value for value in steps["connect-users"].values if value.console == "Amazon Connect"] == [
        "mei.tan@harbor.example",
        "ola.berg@harbor.example",
    ]


def _secrets_in(found: SetUp) -> list[str]:
    text = json.dumps(found.as_json())
    secrets = ("je7MtGbClwBF", "rain-on-slate", "wind-from-west", "keys-of-the-house", "00-harbor-token")
    return [secret for secret in secrets if secret in text]


def test_no_secret_is_in_it(folder: Path) -> None:
    """Secret access keys, passwords and tokens are in no value and in no JSON."""
    for name in ("", "user-suspended", "instance-user-typo"):
        assert not _secrets_in(set_up_of(_article(folder, name)))
    steps = _only(set_up_of(_article(folder)))
    said = "the secret access key of AKIAI44QH8DHBEXAMPLE, which AWS showed once"
    assert _value(steps["provisioning"], "Secret Key").value == said


@pytest.mark.parametrize("mutant", OPEN)
def test_a_wrong_value_is_at_its_step(folder: Path, mutant: str) -> None:
    """The step that the value belongs to is not done, and whether logins need it is what check decides."""
    federation = _article(folder, mutant)
    found = set_up_of(federation)
    assert OPEN[mutant] in list(_open(found))
    assert not _secrets_in(found)
    assert found.stops is (mutant not in NOT_NEEDED)
    if mutant != "assignment-removed":
        assert found.stops is check_world(federation).stops_somebody


def test_what_does_not_matter_leaves_every_step_done(folder: Path) -> None:
    """Values that decide nothing, such as a label, and other right ones."""
    harmless = ("user-names", "acs-removed", "duration-beyond-role", "app-label", "trust-action-case", "policy-sid")
    for mutant in harmless:
        assert list(_open(set_up_of(_article(folder, mutant)))) == [], mutant


def test_what_belongs_there_is_shown_beside_what_is_there(folder: Path) -> None:
    """The relay state's region, the provider's name, a policy, a trust policy and a role, each with the right value."""
    for mutant, step_id, field, now, right in (
        ("relay-region", "app", "Default Relay State", RELAY_STATE.replace("-2", "-1", 1), RELAY_STATE),
        ("provider-arn-case", "sign-on", "Provider ARN", PROVIDER.replace("HarborO", "harboro"), PROVIDER),
        ("assignment-role-case", "assignment", "SAML User Roles", "harboragent", "HarborAgent"),
        ("username-email-prefix", "sign-on", "username format", "Email prefix", "Okta username"),
        ("instance-not-saml", "instance", "Identity management", "Store users in Amazon Connect", "SAML 2.0-based "),
    ):
        step = _only(set_up_of(_article(folder, mutant)))[step_id]
        (value,) = (value for value in step.values if value.verdict is Verdict.DIFFERS)
        assert value.field.endswith(field)
        assert (value.now, value.value[: len(right)]) == (now, right)
        assert step.reasons[0].stops
    step = _only(set_up_of(_article(folder, "policy-region")))["connect-policy"]
    (value,) = step.values
    assert "arn:aws:connect:eu-west-1:" in value.now
    assert f"arn:aws:connect:eu-west-2:{ACCOUNT}:instance/{INSTANCE}/user/${{aws:userid}}" in value.value


def test_a_user_who_is_missing_is_named(folder: Path) -> None:
    """The login name to be added is the name that the session comes with."""
    step = _only(set_up_of(_article(folder, "instance-user-missing")))["connect-users"]
    (value,) = (value for value in step.values if value.verdict is Verdict.MISSING)
    assert value.value == "mei.tan@harbor.example"
    assert value.field == "Users > User management > Add new users > Login name"


def test_a_person_without_the_app_is_named(folder: Path) -> None:
    """A user of the instance who has no app is missing among the assignments, and no assignment is said to be wrong."""
    step = _only(set_up_of(_article(folder, "user-no-group")))["assignment"]
    (value,) = (value for value in step.values if value.verdict.is_open)
    assert (value.verdict, value.value) == (Verdict.MISSING, "mei.tan@harbor.example")
    assert value.field == "Applications > Contact centre > Assignments > Assign to People"


def test_what_a_world_does_not_say_is_said_to_be_unknown(folder: Path) -> None:
    """That Okta creates users, and that somebody has used emergency access, is in no world."""
    steps = _only(set_up_of(_article(folder)))
    unknown = [value for step in steps.values() for value in step.values if value.verdict is Verdict.UNKNOWN]
    assert [(value.field.rpartition(" > ")[2], value.note) for value in unknown] == [
        ("Create Users", "A world does not say this."),
        ("Log in for emergency access", "A world does not say this."),
    ]


def test_govcloud_and_china_have_hosts_of_their_own(folder: Path) -> None:
    """The relay state, the sign-in URL, the audience and the AWS login URL are those of the partition."""
    found = set_up_of(_federation(DEFAULT_WORLD.parent / "partitions.yaml", folder))
    govcloud, china = map(_steps, found.walks)
    instance = "33333333-90ab-cdef-1234-567890abcdef"
    relay_state = _value(govcloud["app"], "Default Relay State")
    assert relay_state.verdict is Verdict.MISSING
    assert relay_state.value == f"https://console.amazonaws-us-gov.com/connect/federate/{instance}"
    assert _value(govcloud["instance"], "Access URL").value == "https://agency.govcloud.connect.aws"
    assert _value(govcloud["app"], "Your AWS Login URL").value == "https://console.amazonaws-us-gov.com/"
    assert _value(china["app"], "Your AWS Login URL").value == "https://console.amazonaws.cn/"
    assert _value(china["sign-on"], "ACS URL").value == "https://signin.amazonaws.cn/saml"
    assert _value(china["app"], "Audience URI (SP Entity ID)").value == "urn:amazon:webservices:cn-north-1"
    assert "connect-users" not in china
    assert "instance" not in china
    assert found.stops


def test_another_identity_provider_has_the_names_of_saml(folder: Path) -> None:
    """Of its console nothing is known: the fields are called as in the assertion, and there is no access key."""
    desk, console = map(_steps, set_up_of(_federation(write(folder, _file("foreign"), None), folder)).walks)
    assert list(desk) == [
        "instance",
        "app",
        "connect-policy",
        "identity-provider",
        "role",
        "sign-on",
        "assignment",
        "connect-users",
        "login",
        "destination",
        "custom-ccp",
    ]
    assert [(value.console, value.field) for value in console["sign-on"].values][:3] == [
        ("Microsoft Entra ID", "ACS URL (Destination and Recipient)"),
        ("Microsoft Entra ID", "NameID"),
        ("Microsoft Entra ID", "NameID, its Format"),
    ]
    own = _value(console["identity-provider"], "Summary > Sign-in URL")
    assert own.value == "https://signin.aws.amazon.com/saml/acs/SAMLSPCS5RMT5N2FKNWTGR"
    assert {value.console for value in desk["destination"].values} == {"Keycloak"}


def test_several_accounts_and_apps(folder: Path) -> None:
    """An app of several accounts has a provider in each; an app of its own in the org has a walk of its own."""
    aws, tagged = set_up_of(_federation(write(folder, _file("accounts"), None), folder)).walks
    assert (aws.app, aws.accounts) == ("meridian/aws", ("310000000001", "320000000002"))
    arns = [v.value for v in _steps(aws)["identity-provider"].values if v.field.endswith("Summary > ARN")]
    assert arns == [f"arn:aws:iam::{account}:saml-provider/MeridianOkta" for account in aws.accounts]
    assert (tagged.app, tagged.instances) == ("meridian/tagged", ())
    both = _federation(write(folder, _file("accounts"), None), folder)
    assert [walk.app for walk in set_up_of(both, app="meridian/tagged").walks] == ["meridian/tagged"]


AWS_ONLY = f"""
version: 1
aws:
  "{ACCOUNT}":
    roles:
      Agent:
        inline_policies:
          c: {{Version: "2012-10-17", Statement: {{Effect: Allow, Action: "connect:Get*Token", Resource: "*"}}}}
        trust:
          Version: "2012-10-17"
          Statement:
            - {{Effect: Allow, Principal: {{Federated: "{PROVIDER}"}}, Action: "sts:AssumeRoleWithSAML"}}
    connect:
      {INSTANCE}: {{alias: harbor, region: eu-west-2}}
"""
OKTA_ONLY = f"""
version: 1
okta:
  harbor:
    users: {{mei.tan@harbor.example: {{}}}}
    apps:
      centre:
        identity_provider_arn: {PROVIDER}
        default_relay_state: {RELAY_STATE}
        assignments: [{{user: mei.tan@harbor.example, saml_user_roles: [Agent]}}]
"""


def test_an_account_without_an_app_has_what_belongs_into_one(folder: Path) -> None:
    """A world of a template alone: the values for the identity provider, of which nobody knows whether they are set."""
    found = set_up_of(_federation(parse_world(AWS_ONLY), folder))
    steps = _only(found)
    verdicts = {name: step.verdict.value for name, step in steps.items() if step.number != "+"}
    assert verdicts == {
        "instance": "done",
        "app": "unknown",
        "connect-policy": "done",
        "identity-provider": "missing",
        "role": "done",
        "sign-on": "unknown",
        "connect-users": "missing",
    }
    assert _value(steps["app"], "RelayState").value == RELAY_STATE
    assert _value(steps["sign-on"], "Provider ARN").value == f"{PROVIDER},arn:aws:iam::{ACCOUNT}:role/Agent"


def test_an_app_without_an_account_has_what_belongs_into_aws(folder: Path) -> None:
    """A world of an org's export alone: what AWS has to have, with the ids that the app names."""
    steps = _only(set_up_of(_federation(parse_world(OKTA_ONLY), folder)))
    assert {name for name, step in steps.items() if step.verdict is Verdict.MISSING} == {
        "instance",
        "okta-policy",
        "connect-policy",
        "iam-user",
        "identity-provider",
        "role",
        "provisioning",
        "connect-users",
    }
    assert [step.step_id for step in steps.values() if step.verdict is Verdict.DIFFERS] == ["login"]
    arn = f"arn:aws:connect:eu-west-2:{ACCOUNT}:instance/{INSTANCE}"
    assert _value(steps["instance"], "Instance ARN").value == arn
    assert f"{arn}/user/${{aws:userid}}" in steps["connect-policy"].values[0].value
    assert _value(steps["identity-provider"], "Summary > ARN").value == PROVIDER
    trust: Any = json.loads(_value(steps["role"], "Agent > Trust relationships").value)
    assert trust["Statement"][0]["Condition"] == {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}


def test_a_world_with_nothing_to_set_up_says_so(folder: Path) -> None:
    """Neither app nor account."""
    with pytest.raises(FederationError, match="There is nothing to set up"):
        set_up_of(_federation(parse_world("version: 1\n"), folder))


STATE = Path(__file__).parents[2] / "data" / "terraform" / "state.json"
SEEDED = """
version: 1
okta: {acme: {seed: [state.json], users: {yuki@example.com: {status: ACTIVE}}}}
aws: {"123456789012": {seed: [state.json]}}
"""


@pytest.mark.parametrize(
    ("old", "new", "step_id", "field"),
    [
        ("https://ap-northeast-1.console", "https://us-east-1.console", "app", "Default Relay State"),
        ('_type": "SAML"', '_type": "CONNECT_MANAGED"', "instance", "Identity management"),
        (
            '"SAML:aud\\":\\"https://signin',
            '"SAML:aud\\":\\"http://signin',
            "role",
            "ConnectAgent > Trust relationships",
        ),
        ('"roles": null', '"roles": null', "role", "Roles > Old > Permissions > Add permissions > Attach policies"),
    ],
)
def test_a_seed_is_blamed_at_its_step(tmp_path: Path, old: str, new: str, step_id: str, field: str) -> None:
    """What Terraform says wrongly is found at the same step, with the line of the state and the resource."""
    text = STATE.read_text(encoding="utf-8")
    (tmp_path / "state.json").write_text(text.replace(old, new), encoding="utf-8")
    (tmp_path / "world.yaml").write_text(SEEDED, encoding="utf-8")
    step = _only(set_up_of(_federation(tmp_path / "world.yaml", tmp_path)))[step_id]
    wrong = [value for value in step.values if value.verdict.is_open and value.field.endswith(field)]
    assert wrong, [(value.field, value.verdict.value) for value in step.values]
    origin = wrong[0].origin
    assert origin is not None
    assert origin.location is not None
    assert origin.location.file.endswith("state.json")
    assert "Terraform " in origin.text
