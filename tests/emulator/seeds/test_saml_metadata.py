"""Metadata files as seeds of an account, and one entity out of an aggregate."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.seeds.other_files.kinds import WHAT_IS_READ
from emulator.world import World, load_world

DATA = Path(__file__).parents[2] / "data" / "okta"
ISSUER = "http://www.okta.com/exk9lh1connect4x0000"


def _load(folder: Path, account: str, *, okta: str = "{}") -> World:
    for name in ("lighthouse.xml", "aggregate.xml"):
        if not (folder / name).exists():
            shutil.copyfile(DATA / name, folder / name)
    text = f'version: 1\nokta: {okta}\naws:\n  "444455556666":\n    {account}\n'
    (folder / "world.yaml").write_text(text, encoding="utf-8")
    return load_world(folder / "world.yaml")


def _built_entity(world: World, keys: KeyFolder, name: str) -> str:
    accounts = Federation(world, keys=keys).built.accounts
    return accounts["444455556666"].saml_providers[f"arn:aws:iam::444455556666:saml-provider/{name}"].metadata.entity_id


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_identity_providers_metadata_is_a_provider_named_after_the_file(
    tmp_path: Path, keys: KeyFolder, encoding: str
) -> None:
    """Whatever encoding it was saved in, and with blanks in its name."""
    text = (DATA / "lighthouse.xml").read_text(encoding="utf-8").replace("UTF-8", encoding.replace("-sig", ""))
    (tmp_path / "Okta metadata (1).xml").write_bytes(text.replace("><", ">\r\n<").encode(encoding))
    world = _load(tmp_path, 'seed: ["Okta metadata (1).xml"]')
    assert _built_entity(world, keys, "Okta-metadata-1") == ISSUER
    assert [problem.message for problem in world.seeds[0].notes] == [
        "saml_providers.Okta-metadata-1: the SAML provider is named after the file"
    ]


SP = (
    '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="urn:amazon:webservices">'
    '<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/></EntityDescriptor>'
)


@pytest.mark.parametrize(
    ("text", "message", "expected"),
    [
        (
            SP,
            "x.xml: this is the metadata of a service provider, urn:amazon:webservices",
            "saml: {sp_metadata: x.xml} in an app of the org",
        ),
        (
            "<EntityDescriptor",
            "x.xml: this is XML that is not well-formed",
            WHAT_IS_READ,
        ),
        (
            "<EntityDescriptor >",
            "x.xml: this looks like SAML metadata, but it is not well-formed XML that names an entity, or it has a "
            "DOCTYPE",
            "",
        ),
        (
            '<!DOCTYPE x [<!ENTITY e "x">]>' + SP,
            "x.xml: this looks like SAML metadata, but it is not well-formed XML that names an entity, or it has a "
            "DOCTYPE",
            "",
        ),
        (
            (DATA / "aggregate.xml").read_text(encoding="utf-8"),
            "x.xml: this is metadata of several entities (an aggregate): https://idp1.example.org/, "
            "https://idp2.example.org/, "
            "https://idp3.example.org/, https://idp4.example.org/, https://idp5.example.org/ and 2 more",
            "saml_providers: {NAME: {metadata: {file: x.xml, entity_id: https://idp1.example.org/}}} in the "
            "account, to choose one",
        ),
    ],
    ids=["service provider", "cut off", "not well-formed", "DOCTYPE", "aggregate"],
)
def test_other_metadata_is_refused_with_where_it_belongs(
    tmp_path: Path, text: str, message: str, expected: str
) -> None:
    """At the seed's line."""
    (tmp_path / "x.xml").write_text(text, encoding="utf-8")
    with pytest.raises(WorldError) as caught:
        _load(tmp_path, "seed: [x.xml]")
    (problem,) = caught.value.problems
    assert (problem.message, problem.expected) == (message, expected)
    assert problem.location.line == 5


def test_metadata_listed_under_an_org_belongs_to_an_account(tmp_path: Path) -> None:
    """The refusal says where."""
    with pytest.raises(WorldError) as caught:
        _load(tmp_path, "alias: lights", okta="{lighthouse: {seed: [lighthouse.xml]}}")
    (problem,) = caught.value.problems
    assert problem.message == f"lighthouse.xml: this is the metadata of an identity provider, {ISSUER}"
    assert problem.expected == "aws: {ACCOUNT: {seed: [lighthouse.xml]}}, the account that has it as a SAML provider"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_one_entity_is_taken_out_of_an_aggregate(tmp_path: Path, keys: KeyFolder, encoding: str) -> None:
    """However deep it is nested, and whatever the file's encoding."""
    text = (DATA / "aggregate.xml").read_text(encoding="utf-8").replace("UTF-8", encoding.replace("-sig", ""))
    (tmp_path / "aggregate.xml").write_bytes(text.replace("\n", "\r\n").encode(encoding))
    for entity_id in (ISSUER, "https://idp3.example.org/"):
        world = _load(
            tmp_path, f"saml_providers: {{idp: {{metadata: {{file: aggregate.xml, entity_id: {entity_id}}}}}}}"
        )
        assert _built_entity(world, keys, "idp") == entity_id


@pytest.mark.parametrize(
    ("metadata", "key", "message", "expected", "did_you_mean", "fix"),
    [
        (
            "{file: aggregate.xml}",
            "file",
            "Could not parse metadata: it is an aggregate, an md:EntitiesDescriptor with 7 entities, "
            "https://idp1.example.org/, https://idp2.example.org/, https://idp3.example.org/, "
            "https://idp4.example.org/, https://idp5.example.org/ and 2 more; AWS takes one md:EntityDescriptor",
            "the metadata of one identity provider",
            "",
            "Name the one beside it: entity_id: https://idp1.example.org/",
        ),
        (
            "{file: aggregate.xml, entity_id: http://www.okta.com/exk9lh1connect4y0000}",
            "entity_id",
            "http://www.okta.com/exk9lh1connect4y0000 is not in the metadata",
            "one of https://idp1.example.org/, https://idp2.example.org/, https://idp3.example.org/, "
            "https://idp4.example.org/, https://idp5.example.org/ and 2 more",
            ISSUER,
            "",
        ),
        (
            "{file: lighthouse.xml, entity_id: urn:x}",
            "entity_id",
            "urn:x is not in the metadata",
            f"one of {ISSUER}",
            "",
            "",
        ),
        (
            "{xml: '<a/>', entity_id: urn:x}",
            "entity_id",
            "the document is not readable SAML metadata",
            "an md:EntitiesDescriptor",
            "",
            "",
        ),
        (
            "{file: aggregate.xml, entity_id: https://wiki.example.org/sp}",
            "",
            "Could not parse metadata: The metadata document cannot be used: it is the metadata of a service provider, "
            "with an SPSSODescriptor and without an IDPSSODescriptor.",
            "the XML that the identity provider publishes as its metadata",
            "",
            "Upload the identity provider's metadata; AWS's own, which this may be, goes to the identity provider.",
        ),
    ],
    ids=["none named", "a typing mistake", "another's document", "no metadata", "a service provider's"],
)
def test_an_aggregate_without_the_entity_is_refused(
    tmp_path: Path,
    keys: KeyFolder,
    metadata: str,
    key: str,
    message: str,
    expected: str,
    did_you_mean: str,
    fix: str,
) -> None:
    """As AWS refuses it, with five of its entities, or with the nearest one."""
    world = _load(tmp_path, f"saml_providers: {{idp: {{metadata: {metadata}}}}}")
    with pytest.raises(WorldError) as caught:
        Federation(world, keys=keys)
    (problem,) = caught.value.problems
    assert (problem.message, problem.expected, problem.did_you_mean, problem.fix) == (
        message,
        expected,
        did_you_mean,
        fix,
    )
    assert problem.location.key.endswith(f"saml_providers.idp.metadata{'.' if key else ''}{key}")


def test_an_entity_of_an_app_is_none(tmp_path: Path) -> None:
    """An app of this world has its own metadata alone."""
    with pytest.raises(WorldError) as caught:
        _load(tmp_path, "saml_providers: {idp: {metadata: {okta_app: a/b, entity_id: urn:x}}}")
    assert caught.value.message == "entity_id names one entity of file or xml, and okta_app has its own alone"
