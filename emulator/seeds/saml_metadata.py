"""An identity provider's metadata as a seed of an account: becomes a SAML provider named after the file.

Spec: AWS IAM UG "id_roles_providers_create_saml"; SAML Metadata §2.3
Evidence: documented
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from emulator.seeds.contents import HERE, SeedContents, SeedError, SeedNote
from emulator.seeds.metadata_xml import entities_of, in_utf8, listed_entities, looks_like_metadata
from emulator.seeds.seed_text import Seed, SeedText
from emulator.worldfile.text.yaml_data import Key

_NOT_IN_A_NAME = re.compile(r"[^\w.-]+", re.ASCII)
_MAX_NAME = 128


def is_metadata(text: SeedText) -> bool:
    """Returns whether a text is SAML metadata."""
    return looks_like_metadata(text.text)


def read_metadata(seed: Seed, _others: Sequence[Seed]) -> SeedContents:
    """Returns the SAML provider that is created from a metadata document.

    Raises:
        SeedError: it belongs to a service provider, has several entities, cannot be read, or is listed under an org.
    """
    entities = entities_of(seed.text.text)
    whose = listed_entities(entities.ids[:1])
    if not entities.ids:
        raise SeedError(
            "this looks like SAML metadata, but it is not well-formed XML that names an entity, or it has a DOCTYPE"
        )
    if entities.are_aggregated:
        source = f"{{file: {seed.settings.file}, entity_id: {whose}}}"
        raise SeedError(
            f"this is metadata of several entities (an aggregate): {listed_entities(entities.ids)}",
            expected=f"saml_providers: {{NAME: {{metadata: {source}}}}} in the account, to choose one",
        )
    if not entities.identity_providers:
        raise SeedError(
            f"this is the metadata of a service provider, {whose}",
            expected=f"saml: {{sp_metadata: {seed.settings.file}}} in an app of the org",
        )
    if seed.settings.org:
        raise SeedError(
            f"this is the metadata of an identity provider, {whose}",
            expected=f"aws: {{ACCOUNT: {{seed: [{seed.settings.file}]}}}}, the account that has it as a SAML provider",
        )
    name = _NOT_IN_A_NAME.sub("-", seed.settings.stem).strip("-")[:_MAX_NAME] or "metadata"
    contents = SeedContents("SAML metadata", text=lambda _: f"metadata of {whose}", is_written_by_a_program=True)
    part = contents.account(HERE)
    key: Key = ("saml_providers", name)
    part.put(key, {}, ())
    part.put((*key, "metadata"), {"xml": in_utf8(seed.text.text)}, ())
    contents.notes.append(SeedNote(f"saml_providers.{name}", "the SAML provider is named after the file"))
    return contents
