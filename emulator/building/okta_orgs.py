"""An Okta org made from a world: the identity provider's model, with keys and compiled settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from cryptography.x509 import load_pem_x509_certificate

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FederationError, WorldError
from emulator.network.keys import KeyFolder
from emulator.world import World, read_world_file
from emulator.worldfile import okta_app_schema as shapes
from emulator.worldfile.okta_schema import OktaGroup, OktaOrg, OktaUser
from emulator.worldfile.yaml_data import Key
from idp import model as okta
from idp.environments import ENVIRONMENTS
from idp.saml.encryption import require_certificate
from idp.saml.expressions import compile_expression
from idp.saml.keys import make_key_pair
from idp.saml.roles import compile_group_filter
from idp.saml.styles import PRESETS
from idp.sso.sp_metadata import SpMetadata, read_sp_metadata


class OktaBuilder:
    """Makes the identity provider's model from a world."""

    def __init__(self, world: World, *, clock: Clock, ids: Ids, keys: KeyFolder) -> None:
        self._world = world
        self._clock = clock
        self._now = clock.now()  # everything in a world was made at one instant
        self._ids = ids
        self._keys = keys

    def org(self, name: str, shape: OktaOrg) -> okta.Org:
        """Returns an org."""
        users = {login: self._user(name, login, user) for login, user in shape.users.items()}
        return okta.Org(
            name=name,
            host=f"{name}.okta.com",
            users=users,
            groups={group.name: group for group in self._groups(name, shape, users.values())},
            apps={app_name: self._app(name, app_name, app) for app_name, app in shape.apps.items()},
            api_tokens=dict(shape.api_tokens),
            event_hooks={hook.hook_id: hook for hook in self._event_hooks(name, shape)},
            pipeline=shape.pipeline,
            requires_mfa=shape.mfa == "required",
            lockout_after=shape.lockout_after,
            shows_lockout=shape.show_lockout,
            oidc_clients={key: okta.OidcClient(key, client.label) for key, client in shape.oidc_clients.items()},
            token_key=self._key_pair(name, "tokens of the org", None) if shape.oidc_clients else None,
        )

    def _user(self, org: str, login: str, shape: OktaUser) -> okta.User:
        return okta.User(
            user_id=okta.stable_id("00u", f"{org}/{login}"),
            login=login,
            first_name=shape.first_name,
            last_name=shape.last_name,
            email=shape.email or login,
            password=shape.password,
            groups=tuple(shape.groups),
            status=shape.status,
            profile=_profile(shape.profile),
            factors=tuple(
                okta.Factor(
                    factor_id=okta.stable_id("fuf", f"{org}/{login}/{index}"),
                    kind=factor.type,
                    secret=factor.secret,
                    provider=factor.provider,
                    phone=factor.phone,
                    answer=factor.answer,
                    after_polls=factor.after_polls,
                )
                for index, factor in enumerate(shape.factors)
            ),
            created_at=self._now,
            changed_at=self._now,
        )

    def _groups(self, org: str, shape: OktaOrg, users: Iterable[okta.User]) -> Iterator[okta.Group]:
        """Yields the groups that the org lists, and those that only its users name."""
        named = dict.fromkeys((group for user in users for group in user.groups), OktaGroup())
        listed = shape.groups if isinstance(shape.groups, dict) else dict.fromkeys(shape.groups, OktaGroup())
        for name, group in (listed | {name: each for name, each in named.items() if name not in listed}).items():
            yield okta.Group(
                group_id=okta.stable_id("00g", f"{org}/{name}"),
                name=name,
                description=group.description,
                source=group.source,
                created_at=self._now,
                changed_at=self._now,
            )

    def _event_hooks(self, org: str, shape: OktaOrg) -> Iterator[okta.EventHook]:
        for name, hook in shape.event_hooks.items():
            yield okta.EventHook(
                hook_id=okta.stable_id("who", f"{org}/{name}"),
                name=name,
                url=hook.url,
                events=tuple(hook.events),
                authorization=hook.authorization,
                headers=dict(hook.headers),
                created_at=self._now,
                changed_at=self._now,
            )

    def _app(self, org: str, name: str, shape: shapes.OktaApp) -> okta.App:
        key: Key = ("okta", org, "apps", name)
        try:
            compile_group_filter(shape.group_filter)
        except FederationError as error:
            raise WorldError([self._world.problem((*key, "group_filter"), error.message, error.expected)]) from None
        app_id, external_key = okta.app_ids(org, name)
        metadata = self._sp_metadata(key, shape.saml)
        return okta.App(
            name=name,
            label=shape.label,
            app_id=app_id,
            external_key=external_key,
            catalog=shape.catalog if shape.catalog == okta.AWS_CATALOG else f"{org}_{name}_1",
            style=_saml_style(shape),
            attributes=tuple(self._attributes(key, shape.saml)),
            recipient=shape.saml.recipient,
            destination=shape.saml.destination,
            service_provider=self._service_provider(key, shape.saml, metadata),
            login_url=shape.login_url,
            acs_url=shape.acs_url or (metadata.acs_urls[0] if metadata else ENVIRONMENTS[shape.environment]),
            audience=_audience(shape, metadata),
            default_relay_state=shape.default_relay_state,
            identity_provider_arn=shape.identity_provider_arn or "",
            session_duration_seconds=shape.session_duration,
            join_all_roles=shape.join_all_roles,
            use_group_mapping=shape.use_group_mapping,
            group_filter=shape.group_filter,
            role_value_pattern=shape.role_value_pattern,
            username_format=shape.username_format,
            assignments=tuple(map(_assignment, shape.assignments)),
            key_pair=self._key_pair(org, name, shape.signing),
            requires_mfa=shape.mfa == "required",
            app_filter=shape.app_filter,
            environment=shape.environment,
            provisioning=_provisioning(shape.provisioning),
            created_at=self._now,
            changed_at=self._now,
            encryption=self._encryption(key, shape.assertion_encryption),
        )

    def _sp_metadata(self, key: Key, shape: shapes.SamlSettings) -> SpMetadata | None:
        if shape.sp_metadata is None:
            return None
        at: Key = (*key, "saml", "sp_metadata")
        document = read_world_file(self._world, at, shape.sp_metadata)
        try:
            return read_sp_metadata(document)
        except FederationError as error:
            problem = self._world.problem(at, f"{shape.sp_metadata}: {error.message}", error.expected)
            raise WorldError([problem]) from None

    def _service_provider(
        self, key: Key, shape: shapes.SamlSettings, metadata: SpMetadata | None
    ) -> okta.ServiceProvider:
        at: Key = (*key, "saml", "sp_certificate")
        certificate = read_world_file(self._world, at, shape.sp_certificate) if shape.sp_certificate else b""
        if certificate:
            try:
                load_pem_x509_certificate(certificate)
            except ValueError:
                message = f"{shape.sp_certificate}: this is not a certificate"
                raise WorldError([self._world.problem(at, message, "an X.509 certificate in PEM")]) from None
        return okta.ServiceProvider(
            entity_id=shape.sp_entity_id or (metadata.entity_id if metadata else ""),
            acs_urls=(*shape.other_acs_urls, *(metadata.acs_urls if metadata else ())),
            certificate_pem=certificate or (metadata.certificate_pem if metadata else b""),
            requires_signed_requests=shape.requires_signed_requests or bool(metadata and metadata.signs_requests),
            logout_url=shape.logout_url or (metadata.logout_url if metadata else ""),
        )

    def _attributes(self, key: Key, shape: shapes.SamlSettings) -> Iterator[okta.AttributeStatement]:
        """Yields the attribute statements; what does not compile is a problem of its line."""
        self._compiled((*key, "saml", "name_id"), shape.name_id)
        for index, statement in enumerate(shape.attributes):
            at: Key = (*key, "saml", "attributes", index)
            for position, expression in enumerate(statement.values):
                self._compiled((*at, "values", position), expression)
            kind, text = next(iter((statement.groups or {}).items()), ("", ""))
            if kind == "regex":
                try:
                    re.compile(text)
                except re.error as error:
                    problem = self._world.problem((*at, "groups"), f"the filter does not compile: {error}", "")
                    raise WorldError([problem]) from None
            name_format = f"urn:oasis:names:tc:SAML:2.0:attrname-format:{statement.name_format}"
            yield okta.AttributeStatement(
                name=statement.name,
                name_format=name_format if statement.name_format else "",
                expressions=tuple(statement.values),
                group_filter=kind,
                group_text=text,
            )

    def _compiled(self, key: Key, expression: str) -> None:
        if not expression:
            return
        try:
            compile_expression(expression)
        except FederationError as error:
            raise WorldError([self._world.problem(key, error.message, error.expected)]) from None

    def _encryption(self, key: Key, shape: shapes.AssertionEncryption | None) -> okta.AssertionEncryption | None:
        if shape is None:
            return None
        at: Key = (*key, "assertion_encryption", "certificate")
        encryption = okta.AssertionEncryption(
            read_world_file(self._world, at, shape.certificate), shape.algorithm, shape.key_transport
        )
        try:
            require_certificate(encryption)
        except FederationError as error:
            raise WorldError(
                [self._world.problem(at, f"{shape.certificate}: {error.message}", error.expected)]
            ) from None
        return encryption

    def _key_pair(self, org: str, name: str, files: shapes.KeyFiles | None) -> okta.KeyPair:
        if files is not None:
            key: Key = ("okta", org, "apps", name, "signing")
            return okta.KeyPair(
                read_world_file(self._world, (*key, "private_key"), files.private_key),
                read_world_file(self._world, (*key, "certificate"), files.certificate),
            )

        def make() -> tuple[bytes, bytes]:
            pair = make_key_pair(common_name=org, clock=self._clock, ids=self._ids)
            return pair.private_key_pem, pair.certificate_pem

        return okta.KeyPair(*self._keys.pair(f"{org}.{name}", make))


_NAME_ID_FORMATS = {
    "unspecified": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    "email": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "persistent": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "transient": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
    "x509": "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName",
}


def _saml_style(shape: shapes.OktaApp) -> okta.SamlStyle:
    """Returns the style's way of writing assertions, with what the app says otherwise."""
    given, preset = shape.saml, PRESETS[shape.style].style
    return replace(
        preset,
        issuer=given.issuer or preset.issuer,
        name_id_format=_NAME_ID_FORMATS.get(given.name_id_format, preset.name_id_format),
        name_id=given.name_id,
        signed=preset.signed if given.signed is None else tuple(given.signed),
        sha1=given.signature_algorithm == "RSA_SHA1",
        authn_context=given.authn_context or preset.authn_context,
    )


def _assignment(shape: shapes.Assignment) -> okta.Assignment:
    return okta.Assignment(
        user=shape.user, group=shape.group, role=shape.role, saml_user_roles=tuple(shape.saml_user_roles)
    )


def _provisioning(shape: shapes.Provisioning | None) -> okta.Provisioning | None:
    if shape is None:
        return None
    return okta.Provisioning(shape.access_key, shape.secret_key, connected_accounts=tuple(shape.connected_accounts))


def _audience(shape: shapes.OktaApp, metadata: SpMetadata | None) -> str:
    if metadata is not None and "audience" not in shape.model_fields_set:
        return metadata.entity_id
    return shape.audience


def _profile(given: Mapping[str, Any]) -> dict[str, okta.ProfileValue]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
