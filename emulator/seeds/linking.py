"""Links SAML providers from seeds to the apps of this world.

A provider from a template, Terraform or the AWS CLI has the metadata of the real identity provider, and nobody here
has the private key for the certificate in it: a login that works in production would be refused. So if the metadata
belongs to an app of this world, it is replaced by that app's metadata here, which differs only in the key. Any other
metadata is kept, and the login is refused as it would be in production.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.arns import arn_of
from emulator.seeds.contents import SeedNote
from emulator.seeds.layers import FilledPlace, SeedLayer
from emulator.seeds.metadata_xml import certificates_in, entities_of
from emulator.worldfile.text.yaml_data import Key

_OKTA_ISSUER = re.compile(r"https?://www\.okta\.com/exk\w+", re.ASCII)
_ACCOUNT_IN_PATTERN = "${accountid}"


@dataclass(frozen=True, slots=True)
class _Provider:
    """A SAML provider with metadata from a seed."""

    account_id: str
    name: str
    entity_id: str
    certificates: frozenset[str]
    layer: SeedLayer

    @property
    def key(self) -> Key:
        return ("saml_providers", self.name, "metadata")

    def add_note(self, reason: str) -> None:
        note = SeedNote(f"saml_providers.{self.name}", reason, self.layer.part.place(self.key))
        self.layer.contents.notes.append(note)


@dataclass(frozen=True, slots=True)
class _App:
    """An app of this world, from a seed or the world file."""

    org: str
    name: str
    place: FilledPlace

    def setting(self, *path: str) -> Any:
        return self.place.value("apps", self.name, *path)

    @property
    def issuer(self) -> str:
        issuer = self.setting("saml", "issuer")
        return issuer if isinstance(issuer, str) else ""

    @property
    def full_name(self) -> str:
        return f"{self.org}/{self.name}"


def link_providers(orgs: Mapping[str, FilledPlace], accounts: Mapping[str, FilledPlace]) -> None:
    """Replaces providers' metadata by that of this world's apps if it belongs to one, and notes it in the seeds.

    Args:
        orgs: The orgs of the world by name.
        accounts: The accounts of the world by id.
    """
    providers = [provider for account_id, place in accounts.items() for provider in _providers(account_id, place)]
    if not providers:
        return
    apps = [_App(org, name, place) for org, place in orgs.items() for name in place.names("apps")]
    _assume_issuers(apps, providers)
    by_issuer: dict[str, list[_App]] = {}
    for app in apps:
        if app.issuer:
            by_issuer.setdefault(app.issuer, []).append(app)
    for provider in providers:
        of = by_issuer.get(provider.entity_id, [])
        signing = _signing_certificates(orgs, provider.entity_id)
        if of and signing and not signing & provider.certificates:
            provider.add_note(
                f"its metadata has no certificate that {of[0].full_name} signs with now, so the file's metadata is kept"
            )
        elif len(of) == 1:
            provider.layer.part.data["saml_providers"][provider.name]["metadata"] = {"okta_app": of[0].full_name}
            provider.add_note(
                f"its metadata is that of the app {of[0].full_name} ({provider.entity_id}), with the app's signing "
                "key in this world"
            )
        elif of:
            names = ", ".join(app.full_name for app in of[:5])
            provider.add_note(
                f"its metadata is of {provider.entity_id}, the issuer of several apps ({names}), so the file's "
                "metadata is kept"
            )


def _providers(account_id: str, place: FilledPlace) -> Iterator[_Provider]:
    for name in place.names("saml_providers"):
        layer = place.top_layer("saml_providers", name, "metadata")
        metadata = place.value("saml_providers", name, "metadata")
        xml = metadata.get("xml") if isinstance(metadata, Mapping) else None
        if layer is None or not isinstance(xml, str):
            continue  # the world file sets it itself, or it is not text
        entity_id = entities_of(xml.lstrip()).only_id
        if entity_id:
            yield _Provider(account_id, name, entity_id, certificates_in(xml), layer)


def _signing_certificates(orgs: Mapping[str, FilledPlace], issuer: str) -> set[str]:
    """Returns the certificates that an app signs with according to the seeds; none if they do not include any."""
    layers = [layer for place in orgs.values() for layer in place.seeds]
    return {each for layer in layers for each in layer.contents.certificates.get(issuer, ())}


def _assume_issuers(apps: Sequence[_App], providers: Sequence[_Provider]) -> None:
    """Gives an app without a known issuer the issuer of the provider it names, if no other app can be meant.

    The issuer ends in the app's ``exk…`` key, which Okta's API does not return.
    """
    known = {app.issuer for app in apps if app.issuer}
    claims: dict[str, list[_App]] = {}
    for app in apps:
        layer = app.place.describing_seed(app.name)
        style = app.setting("style")
        if app.issuer or layer is None or style not in (None, "okta"):
            continue
        issuers = {each.entity_id for each in providers if _names(app, each)}
        if len(issuers) == 1:
            (issuer,) = issuers
            if issuer not in known and _OKTA_ISSUER.fullmatch(issuer):
                claims.setdefault(issuer, []).append(app)
    for issuer, claiming in claims.items():
        if len(claiming) == 1:
            _assume(claiming[0], issuer)


def _assume(app: _App, issuer: str) -> None:
    layer = app.place.describing_seed(app.name)
    if layer is None:
        return
    place = layer.part.place(("apps", app.name, "identity_provider_arn"))
    layer.part.put(("apps", app.name, "saml", "issuer"), issuer, place)
    reason = f"its issuer is assumed to be {issuer}, the entity ID of the SAML provider that it names"
    layer.contents.notes.append(SeedNote(f"apps.{app.name}", reason, place))


def _names(app: _App, provider: _Provider) -> bool:
    """Returns whether an app's logins name a provider, by its ARN or through group mapping."""
    arn = arn_of(app.setting("identity_provider_arn"))
    wanted = f"saml-provider/{provider.name}"
    if arn is not None and (arn.account_id, arn.resource) == (provider.account_id, wanted):
        return True
    pattern = app.setting("role_value_pattern")
    if app.setting("use_group_mapping") is not True or not isinstance(pattern, str):
        return False
    made = pattern.replace(_ACCOUNT_IN_PATTERN, provider.account_id)
    return any(
        (arn.account_id, arn.resource) == (provider.account_id, wanted)
        for each in made.split(",")
        if (arn := arn_of(each.strip())) is not None
    )
