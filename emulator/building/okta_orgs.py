"""An Okta org made from a world: the identity provider's model, with keys and compiled settings."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from cryptography.x509 import load_pem_x509_certificate

from emulator.building.key_files import read_key_pair
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FederationError, WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, read_world_file
from emulator.worldfile.schema import okta_app_schema as schema
from emulator.worldfile.schema.okta_schema import OidcClient, OktaGroup, OktaOrg, OktaUser
from emulator.worldfile.schema.settings import is_pem
from emulator.worldfile.text.yaml_data import Key
from idp import model as okta
from idp.environments import ENVIRONMENTS
from idp.oauth.authorization_request import CODE_GRANT
from idp.oauth.device_flow import DEVICE_GRANT, EXCHANGE_GRANT
from idp.oauth.refresh_tokens import REFRESH_GRANT
from idp.saml.encryption import require_certificate
from idp.saml.expressions import compile_expression
from idp.saml.keys import make_key_pair
from idp.saml.roles import compile_group_filter
from idp.saml.styles import PRESETS
from idp.saml.usernames import TEMPLATES, username_expression
from idp.sso.sp_metadata import SpMetadata, read_sp_metadata


class OktaBuilder:
    """Makes the identity provider's model from a world."""

    def __init__(self, world: World, *, clock: Clock, ids: Ids, keys: KeyFolder) -> None:
        self._world = world
        self._clock = clock
        self._now = clock.now()  # everything in a world is created at one instant
        self._ids = ids
        self._keys = keys

    def org(self, name: str, settings: OktaOrg, *, like: tuple[OktaOrg, okta.Org] | None = None) -> okta.Org:
        """Returns an org.

        Args:
            settings: The org's settings in the world.
            like: Other settings and the org built from them, whose people and apps with equal settings are reused.
        """
        said, built = like or (settings, None)
        users = {
            login: built.users[login]
            if built is not None and said.users.get(login) == user
            else self._user(name, login, user)
            for login, user in settings.users.items()
        }
        apps = {
            app_name: built.apps[app_name]
            if built is not None and said.apps.get(app_name) == app
            else self._app(name, app_name, app)
            for app_name, app in settings.apps.items()
        }
        return okta.Org(
            name=name,
            host=f"{name}.okta.com",
            users=users,
            groups={group.name: group for group in self._groups(name, settings, users.values())},
            apps=apps,
            api_tokens=dict(settings.api_tokens),
            event_hooks={hook.hook_id: hook for hook in self._event_hooks(name, settings)},
            pipeline=settings.pipeline,
            requires_mfa=settings.mfa == "required",
            lockout_after=settings.lockout_after,
            shows_lockout=settings.show_lockout,
            rate_limit=settings.rate_limit,
            oidc_clients={key: _oidc_client(key, client) for key, client in settings.oidc_clients.items()},
        )

    def token_key(self, org: str) -> okta.KeyPair:
        """Returns the key that signs an org's tokens, created when first needed."""
        return self._key_pair(org, "tokens of the org", None)

    def _user(self, org: str, login: str, settings: OktaUser) -> okta.User:
        return okta.User(
            user_id=okta.stable_id("00u", f"{org}/{login}"),
            login=login,
            first_name=settings.first_name,
            last_name=settings.last_name,
            email=settings.email or login,
            password=settings.password,
            groups=tuple(settings.groups),
            status=settings.status,
            profile=_profile(settings.profile),
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
                for index, factor in enumerate(settings.factors)
            ),
            created_at=self._now,
            changed_at=self._now,
        )

    def _groups(self, org: str, settings: OktaOrg, users: Iterable[okta.User]) -> Iterator[okta.Group]:
        """Yields the groups that the org lists, and those that only its users name."""
        named = dict.fromkeys((group for user in users for group in user.groups), OktaGroup())
        listed = settings.groups if isinstance(settings.groups, dict) else dict.fromkeys(settings.groups, OktaGroup())
        for name, group in (listed | {name: each for name, each in named.items() if name not in listed}).items():
            yield okta.Group(
                group_id=okta.stable_id("00g", f"{org}/{name}"),
                name=name,
                description=group.description,
                source=group.source,
                created_at=self._now,
                changed_at=self._now,
            )

    def _event_hooks(self, org: str, settings: OktaOrg) -> Iterator[okta.EventHook]:
        for name, hook in settings.event_hooks.items():
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

    def _app(self, org: str, name: str, settings: schema.OktaApp) -> okta.App:
        key: Key = ("okta", org, "apps", name)
        try:
            compile_group_filter(settings.group_filter)
        except FederationError as error:
            raise WorldError([self._world.problem((*key, "group_filter"), error.message, error.expected)]) from None
        self._compiled((*key, "username_format"), username_expression(settings.username_format))
        app_id, external_key = okta.app_ids(org, name)
        metadata = self._sp_metadata(key, settings.saml)
        return okta.App(
            name=name,
            label=settings.label,
            app_id=app_id,
            external_key=external_key,
            catalog=settings.catalog if settings.catalog == okta.AWS_CATALOG else f"{org}_{name}_1",
            style=_saml_style(settings),
            attributes=tuple(self._attributes(key, settings.saml)),
            recipient=settings.saml.recipient,
            destination=settings.saml.destination,
            service_provider=self._service_provider(key, settings.saml, metadata),
            login_url=settings.login_url,
            acs_url=settings.acs_url or (metadata.acs_urls[0] if metadata else ENVIRONMENTS[settings.environment]),
            audience=_audience(settings, metadata),
            default_relay_state=settings.default_relay_state,
            identity_provider_arn=settings.identity_provider_arn or "",
            session_duration_seconds=settings.session_duration,
            join_all_roles=settings.join_all_roles,
            use_group_mapping=settings.use_group_mapping,
            group_filter=settings.group_filter,
            role_value_pattern=settings.role_value_pattern,
            username_format=settings.username_format,
            assignments=tuple(map(_assignment, settings.assignments)),
            key_pair=self._key_pair(org, name, settings.signing),
            requires_mfa=settings.mfa == "required",
            app_filter=settings.app_filter,
            environment=settings.environment,
            provisioning=_provisioning(settings.provisioning),
            created_at=self._now,
            changed_at=self._now,
            encryption=self._encryption(key, settings.assertion_encryption),
        )

    def _sp_metadata(self, key: Key, settings: schema.SamlSettings) -> SpMetadata | None:
        if settings.sp_metadata is None:
            return None
        at: Key = (*key, "saml", "sp_metadata")
        document = read_world_file(self._world, at, settings.sp_metadata)
        try:
            return read_sp_metadata(document)
        except FederationError as error:
            problem = self._world.problem(at, f"{settings.sp_metadata}: {error.message}", error.expected)
            raise WorldError([problem]) from None

    def _service_provider(
        self, key: Key, settings: schema.SamlSettings, metadata: SpMetadata | None
    ) -> okta.ServiceProvider:
        at: Key = (*key, "saml", "sp_certificate")
        certificate = read_world_file(self._world, at, settings.sp_certificate) if settings.sp_certificate else b""
        if certificate:
            try:
                load_pem_x509_certificate(certificate)
            except ValueError:
                message = f"{settings.sp_certificate}: this is not a certificate"
                raise WorldError([self._world.problem(at, message, "an X.509 certificate in PEM")]) from None
        return okta.ServiceProvider(
            entity_id=settings.sp_entity_id or (metadata.entity_id if metadata else ""),
            acs_urls=(*settings.other_acs_urls, *(metadata.acs_urls if metadata else ())),
            certificate_pem=certificate or (metadata.certificate_pem if metadata else b""),
            requires_signed_requests=settings.requires_signed_requests or bool(metadata and metadata.signs_requests),
            logout_url=settings.logout_url or (metadata.logout_url if metadata else ""),
        )

    def _attributes(self, key: Key, settings: schema.SamlSettings) -> Iterator[okta.AttributeStatement]:
        """Yields the attribute statements; one that does not compile is reported at its line."""
        self._compiled((*key, "saml", "name_id"), settings.name_id)
        for index, statement in enumerate(settings.attributes):
            at: Key = (*key, "saml", "attributes", index)
            for position, expression in enumerate(statement.values):
                self._compiled((*at, "values", position), expression)
            kind, text = next(iter((statement.groups or {}).items()), ("", ""))
            if kind == "regex":
                try:
                    re.compile(text)
                except (re.error, OverflowError, RecursionError) as error:
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
            expected, meant = error.expected, ""
            if key[-1] == "username_format" and re.fullmatch(r"[\w -]+", expression):
                # A name, as Okta's console or this file writes it, and no expression.
                name = re.sub(r"[ -]", "_", expression.casefold())
                meant = next(iter(difflib.get_close_matches(name, TEMPLATES, n=1, cutoff=0.7)), "")
                expected = f"{', '.join(TEMPLATES)}, or an expression, {expected}"
            raise WorldError([self._world.problem(key, error.message, expected, meant)]) from None

    def _encryption(self, key: Key, settings: schema.AssertionEncryption | None) -> okta.AssertionEncryption | None:
        if settings is None:
            return None
        at: Key = (*key, "assertion_encryption", "certificate")
        given = settings.certificate
        pem = given.encode() if is_pem(given) else read_world_file(self._world, at, given)
        encryption = okta.AssertionEncryption(pem, settings.algorithm, settings.key_transport)
        try:
            require_certificate(encryption)
        except FederationError as error:
            name = "" if is_pem(given) else f"{given}: "
            raise WorldError([self._world.problem(at, f"{name}{error.message}", error.expected)]) from None
        return encryption

    def _key_pair(self, org: str, name: str, files: schema.KeyFiles | None) -> okta.KeyPair:
        if files is not None:
            return read_key_pair(self._world, ("okta", org, "apps", name, "signing"), files)

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


_GRANT_TYPES = {
    "authorization_code": CODE_GRANT,
    "refresh_token": REFRESH_GRANT,
    "device_code": DEVICE_GRANT,
    "token_exchange": EXCHANGE_GRANT,
}


def _usual_grant_types(client: OidcClient) -> tuple[str, ...]:
    """Returns the grant types of a client that names none."""
    has_browser = bool(client.redirect_uris)
    return ("authorization_code", "refresh_token") if has_browser else ("device_code", "token_exchange")


def _oidc_client(client_id: str, settings: OidcClient) -> okta.OidcClient:
    return okta.OidcClient(
        client_id,
        settings.label,
        secret=settings.secret,
        redirect_uris=tuple(settings.redirect_uris),
        post_logout_redirect_uris=tuple(settings.post_logout_redirect_uris),
        grant_types=tuple(_GRANT_TYPES[kind] for kind in settings.grant_types or _usual_grant_types(settings)),
        users=tuple(settings.users),
        groups=tuple(settings.groups),
    )


def _saml_style(settings: schema.OktaApp) -> okta.SamlStyle:
    """Returns the style, with the app's own settings applied."""
    given, preset = settings.saml, PRESETS[settings.style].style
    return replace(
        preset,
        issuer=given.issuer or preset.issuer,
        name_id_format=_NAME_ID_FORMATS.get(given.name_id_format, _usual_name_id_format(settings, preset)),
        name_id=given.name_id,
        signed=preset.signed if given.signed is None else tuple(given.signed),
        sha1=given.signature_algorithm == "RSA_SHA1",
        authn_context=given.authn_context or preset.authn_context,
        layout=okta.Layout(given.layout),
    )


def _usual_name_id_format(settings: schema.OktaApp, preset: okta.SamlStyle) -> str:
    """Returns the format of an app that names none: a custom Okta app has SAML 1.1's unspecified."""
    is_custom = settings.catalog == "custom_saml" and settings.style == "okta"
    return _NAME_ID_FORMATS["unspecified"] if is_custom else preset.name_id_format


def _assignment(settings: schema.Assignment) -> okta.Assignment:
    return okta.Assignment(
        user=settings.user, group=settings.group, role=settings.role, saml_user_roles=tuple(settings.saml_user_roles)
    )


def _provisioning(settings: schema.Provisioning | None) -> okta.Provisioning | None:
    if settings is None:
        return None
    return okta.Provisioning(
        settings.access_key, settings.secret_key, connected_accounts=tuple(settings.connected_accounts)
    )


def _audience(settings: schema.OktaApp, metadata: SpMetadata | None) -> str:
    if metadata is not None and "audience" not in settings.model_fields_set:
        return metadata.entity_id
    return settings.audience


def _profile(given: Mapping[str, Any]) -> dict[str, okta.ProfileValue]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
