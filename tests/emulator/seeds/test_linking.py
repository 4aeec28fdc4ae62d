"""SAML providers of seeds linked to this world's apps: what works in production works here, and nothing else does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.flow import Outcome, log_in
from emulator.kernel.clock import Clock
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, load_world

DATA = Path(__file__).parents[2] / "data" / "okta"
ISSUER = "http://www.okta.com/exk9lh1connect4x0000"
EXPORTS = ["apps.json", "users.json", "groups.json", "app-users.json", "app-groups.json"]
PROVIDER = "arn:aws:iam::444455556666:saml-provider/lighthouse"
ROLES = f"""
    roles:
      Keeper: &role
        trust:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Principal: {{Federated: {PROVIDER}}}
              Action: [sts:AssumeRoleWithSAML, sts:TagSession]
              Condition: {{StringEquals: {{"SAML:aud": https://signin.aws.amazon.com/saml}}}}
      Climber: *role
"""
WORLD = f"""version: 1
okta:
  lighthouse:
    seed: [{", ".join(EXPORTS)}]
aws:
  "444455556666":
    seed: [lighthouse.json]{ROLES}"""


def _load(folder: Path, text: str = WORLD, **changed: str) -> World:
    """Loads a world beside copies of our files; some of them with another text, by name without ending."""
    for file in DATA.iterdir():
        shutil.copyfile(file, folder / file.name)
    for name, content in changed.items():
        (folder / f"{name}.json").write_text(content, encoding="utf-8")
    (folder / "world.yaml").write_text(text, encoding="utf-8")
    return load_world(folder / "world.yaml")


def _metadata(world: World, provider: str = "lighthouse") -> str | None:
    return world.settings.aws["444455556666"].saml_providers[provider].metadata.okta_app


def _notes_on(world: World, file: str) -> list[str]:
    (report,) = [each for each in world.seeds if each.file.endswith(file)]
    return [problem.message for problem in report.notes]


def _answer(entity_id: str) -> str:
    text = (DATA / "lighthouse.json").read_text(encoding="utf-8")
    return text.replace(ISSUER, entity_id)


def test_a_login_from_exports_alone(tmp_path: Path, clock: Clock, keys: KeyFolder) -> None:
    """Okta's answers, and IAM's with a certificate whose key nobody has: the person arrives with the role."""
    world = _load(tmp_path)
    federation = Federation(world, clock=clock, keys=keys)
    login = log_in(federation, user="ada@example.com", app="amazon-connect-saml", role="Keeper", relay_state="")
    assert (login.outcome, login.refusal) == (Outcome.ACCEPTED, None)
    assert (login.role, login.session_name) == ("arn:aws:iam::444455556666:role/Keeper", "ada@example.com")
    assert world.settings.okta["lighthouse"].apps["amazon-connect-saml"].saml.issuer == ISSUER
    assert _notes_on(world, "lighthouse.json") == [
        (
            "saml_providers.lighthouse: its metadata is that of the app lighthouse/amazon-connect-saml "
            f"({ISSUER}), with the app's signing key in this world"
        )
    ]
    assert _notes_on(world, "apps.json")[-1] == (
        f"apps.amazon-connect-saml: its issuer is assumed to be {ISSUER}, the entity ID of the SAML provider that "
        "it names"
    )


def test_metadata_of_another_app_is_refused_in_awss_words(tmp_path: Path, clock: Clock, keys: KeyFolder) -> None:
    """The app's issuer is known, and the provider has another app's metadata, as when the wrong one was uploaded."""
    app = json.loads((DATA / "one-app.json").read_text(encoding="utf-8"))
    app["settings"]["signOn"]["idpIssuer"] = "http://www.okta.com/exkanother0000000000"
    world = _load(tmp_path, apps=json.dumps([app]))
    assert _metadata(world) is None
    login = log_in(Federation(world, clock=clock, keys=keys), user="ada@example.com", app="amazon-connect-saml")
    assert login.outcome is Outcome.REFUSED
    assert login.refusal is not None
    assert login.refusal.message == "Issuer not present in specified provider"


def test_what_a_seed_gives_is_found_where_it_was(tmp_path: Path) -> None:
    """The linked metadata at the line of the document, the assumed issuer at the line of the provider's ARN."""
    world = _load(tmp_path)
    said = world.document.said(("aws", "444455556666", "saml_providers", "lighthouse", "metadata", "okta_app"))
    assert (said.location.file.rpartition("/")[2], said.location.line) == ("lighthouse.json", 3)
    key = ("okta", "lighthouse", "apps", "amazon-connect-saml", "saml", "issuer")
    text = (tmp_path / "apps.json").read_text(encoding="utf-8").splitlines()
    assert "identityProviderArn" in text[world.document.said(key).location.line - 1]


def test_what_the_world_says_itself_goes_before(tmp_path: Path) -> None:
    """Its metadata replaces the seed's, and its issuer is what the app has."""
    own = WORLD + "    saml_providers: {lighthouse: {metadata: {file: lighthouse.xml}}}\n"
    world = _load(tmp_path, own)
    assert _metadata(world) is None
    assert world.settings.okta["lighthouse"].apps["amazon-connect-saml"].saml.issuer == ""
    assert _notes_on(world, "lighthouse.json") == []
    other = "    apps: {amazon-connect-saml: {saml: {issuer: https://idp.example.com/}}}\n"
    world = _load(tmp_path, WORLD.replace("aws:\n  ", f"{other}aws:\n  "))
    assert _metadata(world) is None


@pytest.mark.parametrize(
    ("app", "linked"),
    [
        ("{style: entra, identity_provider_arn: %s, saml: {issuer: https://sts.windows.net/tenant/}}", True),
        ("{style: entra, identity_provider_arn: %s, saml: {issuer: https://sts.windows.net/other/}}", False),
        ("{style: entra, identity_provider_arn: %s}", False),
    ],
)
def test_other_identity_providers_are_linked_by_their_issuer(tmp_path: Path, app: str, linked: bool) -> None:
    """The world says the issuer; it is not assumed for anybody but Okta."""
    text = WORLD.replace(f"seed: [{', '.join(EXPORTS)}]", "apps: {entra: " + app % PROVIDER + "}")
    world = _load(tmp_path, text, lighthouse=_answer("https://sts.windows.net/tenant/"))
    assert _metadata(world) == ("lighthouse/entra" if linked else None)


def test_an_entity_id_that_is_not_oktas_is_not_assumed(tmp_path: Path) -> None:
    """The app of an export is Okta's, and its issuer is an ``exk…``."""
    world = _load(tmp_path, lighthouse=_answer("https://idp.example.com/"))
    assert _metadata(world) is None
    assert world.settings.okta["lighthouse"].apps["amazon-connect-saml"].saml.issuer == ""


def test_two_apps_that_name_one_provider_are_not_guessed_at(tmp_path: Path) -> None:
    """Whose metadata it is cannot be known, and nothing is changed."""
    app = json.loads((DATA / "one-app.json").read_text(encoding="utf-8"))
    both = json.dumps([app, app | {"id": "0oasecond00000000000", "label": "Second"}])
    assert _metadata(_load(tmp_path, apps=both)) is None


def test_two_apps_of_one_issuer_are_reported(tmp_path: Path) -> None:
    """The document stays, and the note names both."""
    app = json.loads((DATA / "one-app.json").read_text(encoding="utf-8"))
    app["settings"]["signOn"]["idpIssuer"] = ISSUER
    both = json.dumps([app, app | {"id": "0oasecond00000000000", "label": "Second"}])
    world = _load(tmp_path, apps=both)
    assert _metadata(world) is None
    assert _notes_on(world, "lighthouse.json") == [
        (
            f"saml_providers.lighthouse: its metadata is of {ISSUER}, the issuer of several apps "
            "(lighthouse/amazon-connect-saml, lighthouse/second), so the file's metadata is kept"
        )
    ]


def test_group_mapping_links_the_provider_of_every_account(tmp_path: Path) -> None:
    """One app serves several accounts, each with a provider of the pattern's name and the same metadata."""
    app = json.loads((DATA / "one-app.json").read_text(encoding="utf-8"))
    pattern = "arn:aws:iam::${accountid}:saml-provider/lighthouse,arn:aws:iam::${accountid}:role/${role}"
    app["settings"]["app"] |= {"useGroupMapping": True, "identityProviderArn": None, "roleValuePattern": pattern}
    text = WORLD + '  "444455557777": {seed: [lighthouse.json]}\n'
    world = _load(tmp_path, text, apps=json.dumps([app]))
    for account in world.settings.aws.values():
        assert account.saml_providers["lighthouse"].metadata.okta_app == "lighthouse/amazon-connect-saml"
    assert world.settings.okta["lighthouse"].apps["amazon-connect-saml"].identity_provider_arn == PROVIDER


def test_metadata_that_cannot_be_read_is_linked_to_nothing(tmp_path: Path) -> None:
    """An entity that would expand, an aggregate, and what is not XML: none of them is the app's."""
    for document in (
        "not XML",
        f'<!DOCTYPE x [<!ENTITY e "{ISSUER}">]><EntityDescriptor entityID="&e;"/>',
        '<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>',
    ):
        world = _load(tmp_path, lighthouse=json.dumps({"SAMLMetadataDocument": document}))
        (provider,) = world.settings.aws["444455556666"].saml_providers.values()
        assert (provider.metadata.okta_app, provider.metadata.xml) == (None, document)


def _state(*resources: tuple[str, str, Mapping[str, object]]) -> str:
    """Returns what ``terraform show -json`` prints of a state."""
    listed = [
        {
            "address": f"{kind}.{name}",
            "mode": "managed",
            "type": kind,
            "name": name,
            "provider_name": f"registry.terraform.io/{'okta/okta' if kind.startswith('okta') else 'hashicorp/aws'}",
            "schema_version": 0,
            "values": values,
            "sensitive_values": {},
        }
        for kind, name, values in resources
    ]
    return json.dumps(
        {"format_version": "1.0", "terraform_version": "1.9.5", "values": {"root_module": {"resources": listed}}}
    )


def test_a_terraform_state_and_okta_exports_are_one_set_up(tmp_path: Path, clock: Clock, keys: KeyFolder) -> None:
    """The app of both has one name, its issuer from the state and its people from Okta; the state's provider is its."""
    document = (DATA / "lighthouse.xml").read_text(encoding="utf-8")
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Federated": PROVIDER},
                    "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
                    "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
                }
            ],
        }
    )
    settings = json.loads((DATA / "one-app.json").read_text(encoding="utf-8"))["settings"]["app"]
    app = {
        "id": "0oa9lh1connect4x0000",
        "preconfigured_app": "amazon_aws",
        "label": "Amazon Connect SAML",
        "status": "ACTIVE",
        "app_settings_json": json.dumps({name: value for name, value in settings.items() if value is not None}),
        "entity_key": ISSUER.rpartition("/")[2],
        "entity_url": ISSUER,
    }
    role = {"name": "Keeper", "path": "/", "assume_role_policy": trust, "arn": "arn:aws:iam::444455556666:role/Keeper"}
    state = _state(
        ("aws_iam_saml_provider", "main", {"name": "lighthouse", "arn": PROVIDER, "saml_metadata_document": document}),
        ("aws_iam_role", "keeper", role),
        ("okta_app_saml", "connect", app),
    )
    text = f"""version: 1
okta:
  lighthouse:
    seed: [{", ".join([*EXPORTS, "state.json"])}]
aws:
  "444455556666":
    seed: [state.json]
"""
    world = _load(tmp_path, text, state=state)
    assert sorted(world.settings.okta["lighthouse"].apps) == ["amazon-connect-saml", "aws-custom"]
    assert _metadata(world) == "lighthouse/amazon-connect-saml"
    federation = Federation(world, clock=clock, keys=keys)
    login = log_in(federation, user="ada@example.com", app="amazon-connect-saml", role="Keeper", relay_state="")
    assert (login.outcome, login.role) == (Outcome.ACCEPTED, "arn:aws:iam::444455556666:role/Keeper")
