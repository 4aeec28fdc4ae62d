"""A world made real: both sides on one clock, behind one gateway. This is the object a test holds.

    federation = Federation.load("world.yaml")
    page = federation.browser().open("https://acme.okta.com/")

The two sides meet only over HTTP, by the form post and by the metadata document that is handed over here once, as an
administrator would download and upload it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from cryptography.x509 import load_pem_x509_certificate

from emulator import world as shapes
from emulator.browser import Browser
from emulator.clock import Clock, Ids
from emulator.control import control_site, custom_site
from emulator.errors import FederationError, InvalidInput, Problem, WorldError
from emulator.gateway import Gateway
from emulator.hosts import Hosts, Site
from emulator.keys import KeyFolder
from emulator.outbound import Outbound
from emulator.store import Store
from emulator.world import World, load_world
from emulator.yaml_file import Key
from idp import model as okta
from idp.encryption import require_certificate
from idp.expressions import compile_expression
from idp.keys import make_key_pair
from idp.management.apps import ENVIRONMENTS
from idp.provider import IdentityProvider
from idp.roles import compile_group_filter
from idp.sp_metadata import SpMetadata, read_sp_metadata
from idp.styles import PRESETS
from sp_mock import model as aws
from sp_mock.arn import Arn
from sp_mock.cloud import Cloud
from sp_mock.decryption import read_private_key
from sp_mock.managed_policies import AWS_MANAGED_POLICIES, ManagedPolicy, PolicyVersion
from sp_mock.policy_document import Kind, MalformedPolicy, PolicyDocument
from sp_mock.provider_metadata import MAX_METADATA_BYTES, ProviderMetadata, parse_metadata
from sp_mock.signin import RoleChooser, SignInSettings

_ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class Federation:
    """An Okta org, AWS and Amazon Connect as one world says.

    Args:
        world: What to build.
        clock: The time of both sides; the system's by default.
        idp_clock: The identity provider's own clock, for one that goes wrong; the same by default.
        ids: Identifiers and secrets; random by default.
        keys: Where signing keys are kept; the data folder by default.
        only: The one side whose hosts are emulated; both by default.

    Raises:
        WorldError: a policy, a metadata file or a group filter of the world cannot be used.
    """

    def __init__(
        self,
        world: World,
        *,
        clock: Clock | None = None,
        idp_clock: Clock | None = None,
        ids: Ids | None = None,
        keys: KeyFolder | None = None,
        only: Literal["idp", "aws"] | None = None,
    ) -> None:
        self.world = world
        self.only = only
        self.clock = clock or Clock()
        self.ids = ids or Ids()
        self.store = Store(clock=self.clock)
        self._keys = keys or KeyFolder()
        builder = _OktaBuilder(world, clock=self.clock, ids=self.ids, keys=self._keys)
        self.identity_providers = {
            name: IdentityProvider(
                builder.org(name, org),
                self.store,
                clock=idp_clock or self.clock,
                ids=self.ids,
                send=Outbound(lambda: self.gateway),
            )
            for name, org in world.shape.okta.items()
        }
        self.cloud = Cloud(
            _AwsBuilder(world, self._metadata_of, clock=self.clock).build(),
            self.store,
            clock=self.clock,
            ids=self.ids,
            sign_in=SignInSettings(
                role_chooser=RoleChooser(world.shape.sign_in.role_chooser),
                multi_session=world.shape.sign_in.multi_session,
            ),
        )

    @classmethod
    def load(cls, path: str | Path) -> Federation:
        """Builds the world in a file.

        Raises:
            WorldError: the file cannot be used.
        """
        return cls(load_world(Path(path)))

    @cached_property
    def gateway(self) -> Gateway:
        """The WSGI application in front of every host."""
        hosts = self.hosts
        return Gateway(
            hosts,
            sites={
                Site.OKTA: self._okta_site,
                Site.SIGN_IN: lambda: self.cloud.sign_in_site,
                Site.CONSOLE: lambda: self.cloud.console_site,
                Site.STS: lambda: self.cloud.sts_site,
                Site.IAM: lambda: self.cloud.iam_site,
                Site.CONNECT: lambda: self.cloud.connect_site,
                Site.CUSTOM: lambda: custom_site,
            },
            control=control_site(self),
            clock=self.clock,
        )

    @cached_property
    def hosts(self) -> Hosts:
        """Which host name belongs to whom."""
        origins = (origin for instance in self.cloud.aws.instances for origin in instance.approved_origins)
        return Hosts(
            okta={provider.org.host: name for name, provider in self.identity_providers.items()},
            connect=(instance.host for instance in self.cloud.aws.instances),
            custom=dict.fromkeys(urlsplit(origin).hostname or "" for origin in origins),
            only=self.only,
        )

    def browser(self) -> Browser:
        """Returns a new browser inside this federation, without cookies."""
        return Browser(self.gateway)

    def find_app(self, name: str) -> tuple[IdentityProvider, okta.App]:
        """Finds an app by ``name`` or ``org/name``.

        Raises:
            FederationError: there is no such app, or several orgs have one.
        """
        org_name, slash, app_name = name.rpartition("/")
        found = [
            (provider, provider.org.apps[app_name])
            for org, provider in self.identity_providers.items()
            if app_name in provider.org.apps and (not slash or org == org_name)
        ]
        if len(found) != 1:
            known = [f"{org}/{app}" for org, provider in self.identity_providers.items() for app in provider.org.apps]
            raise FederationError(
                f"Several orgs have an app {name}" if found else f"There is no Okta app {name}",
                expected=" or ".join(known),
                received=name,
                fix="Name the app as org/app.",
            )
        return found[0]

    def _okta_site(self) -> Callable[..., Iterable[bytes]]:
        by_host = {provider.org.host: provider.wsgi for provider in self.identity_providers.values()}

        def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            return by_host[environ["HTTP_HOST"]](environ, start_response)

        return app

    def _metadata_of(self, okta_app: str) -> bytes:
        provider, app = self.find_app(okta_app)
        return provider.metadata(app.name)


class _OktaBuilder:
    """Makes the identity provider's model from a world."""

    def __init__(self, world: World, *, clock: Clock, ids: Ids, keys: KeyFolder) -> None:
        self._world = world
        self._clock = clock
        self._ids = ids
        self._keys = keys

    def org(self, name: str, shape: shapes.OktaOrg) -> okta.Org:
        """Returns an org."""
        now = self._clock.now()
        users = {
            login: okta.User(
                user_id=okta.stable_id("00u", f"{name}/{login}"),
                login=login,
                first_name=user.first_name,
                last_name=user.last_name,
                email=user.email or login,
                password=user.password,
                groups=tuple(user.groups),
                status=user.status,
                profile=_profile(user.profile),
                factors=tuple(
                    okta.Factor(
                        factor_id=okta.stable_id("fuf", f"{name}/{login}/{index}"),
                        kind=factor.type,
                        secret=factor.secret,
                        provider=factor.provider,
                        phone=factor.phone,
                        answer=factor.answer,
                        after_polls=factor.after_polls,
                    )
                    for index, factor in enumerate(user.factors)
                ),
                created_at=now,
                changed_at=now,
            )
            for login, user in shape.users.items()
        }
        named = {group: shapes.OktaGroup() for user in users.values() for group in user.groups}
        described = shape.groups if isinstance(shape.groups, dict) else dict.fromkeys(shape.groups, shapes.OktaGroup())
        groups = {
            group: okta.Group(
                group_id=okta.stable_id("00g", f"{name}/{group}"),
                name=group,
                description=described_as.description,
                source=described_as.source,
                created_at=now,
                changed_at=now,
            )
            for group, described_as in (described | {g: s for g, s in named.items() if g not in described}).items()
        }
        apps = {app_name: self._app(name, app_name, app) for app_name, app in shape.apps.items()}
        hooks = {hook.hook_id: hook for hook in self._event_hooks(name, shape)}
        return okta.Org(
            name=name,
            host=f"{name}.okta.com",
            users=users,
            groups=groups,
            apps=apps,
            api_tokens=dict(shape.api_tokens),
            event_hooks=hooks,
            pipeline=shape.pipeline,
            requires_mfa=shape.mfa == "required",
            lockout_after=shape.lockout_after,
            shows_lockout=shape.show_lockout,
            oidc_clients={key: okta.OidcClient(key, client.label) for key, client in shape.oidc_clients.items()},
            token_key=self._key_pair(name, "tokens of the org", None) if shape.oidc_clients else None,
        )

    def _event_hooks(self, org: str, shape: shapes.OktaOrg) -> Iterator[okta.EventHook]:
        now = self._clock.now()
        for name, hook in shape.event_hooks.items():
            yield okta.EventHook(
                hook_id=okta.stable_id("who", f"{org}/{name}"),
                name=name,
                url=hook.url,
                events=tuple(hook.events),
                authorization=hook.authorization,
                headers=dict(hook.headers),
                created_at=now,
                changed_at=now,
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
            assignments=tuple(
                okta.Assignment(
                    user=assignment.user,
                    group=assignment.group,
                    role=assignment.role,
                    saml_user_roles=tuple(assignment.saml_user_roles),
                )
                for assignment in shape.assignments
            ),
            key_pair=self._key_pair(org, name, shape.signing),
            requires_mfa=shape.mfa == "required",
            app_filter=shape.app_filter,
            environment=shape.environment,
            provisioning=okta.Provisioning(
                shape.provisioning.access_key,
                shape.provisioning.secret_key,
                connected_accounts=tuple(shape.provisioning.connected_accounts),
            )
            if shape.provisioning
            else None,
            created_at=self._clock.now(),
            changed_at=self._clock.now(),
            encryption=self._encryption(key, shape.assertion_encryption),
        )

    def _sp_metadata(self, key: Key, shape: shapes.SamlSettings) -> SpMetadata | None:
        if shape.sp_metadata is None:
            return None
        at: Key = (*key, "saml", "sp_metadata")
        try:
            return read_sp_metadata(_read_file(self._world, at, shape.sp_metadata))
        except FederationError as error:
            problem = self._world.problem(at, f"{shape.sp_metadata}: {error.message}", error.expected)
            raise WorldError([problem]) from None

    def _service_provider(
        self, key: Key, shape: shapes.SamlSettings, metadata: SpMetadata | None
    ) -> okta.ServiceProvider:
        at: Key = (*key, "saml", "sp_certificate")
        certificate = _read_file(self._world, at, shape.sp_certificate) if shape.sp_certificate else b""
        if certificate:
            try:
                load_pem_x509_certificate(certificate)
            except ValueError:
                message = f"{shape.sp_certificate}: this is no certificate"
                raise WorldError([self._world.problem(at, message, "an X.509 certificate in PEM")]) from None
        return okta.ServiceProvider(
            entity_id=shape.sp_entity_id or (metadata.entity_id if metadata else ""),
            acs_urls=(*shape.other_acs_urls, *(metadata.acs_urls if metadata else ())),
            certificate_pem=certificate or (metadata.certificate_pem if metadata else b""),
            requires_signed_requests=shape.requires_signed_requests or bool(metadata and metadata.signs_requests),
            logout_url=shape.logout_url or (metadata.logout_url if metadata else ""),
        )

    def _attributes(self, key: Key, shape: shapes.SamlSettings) -> Iterator[okta.AttributeStatement]:
        """Yields the attribute statements; what does not compile is told with its line."""
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
            _read_file(self._world, at, shape.certificate), shape.algorithm, shape.key_transport
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
                _read_file(self._world, (*key, "private_key"), files.private_key),
                _read_file(self._world, (*key, "certificate"), files.certificate),
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


def _audience(shape: shapes.OktaApp, metadata: SpMetadata | None) -> str:
    if metadata is not None and "audience" not in shape.model_fields_set:
        return metadata.entity_id
    return shape.audience


def _profile(given: Mapping[str, Any]) -> dict[str, okta.ProfileValue]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


class _AwsBuilder:
    """Makes AWS's model from a world."""

    def __init__(self, world: World, metadata_of: Callable[[str], bytes], *, clock: Clock) -> None:
        self._world = world
        self._clock = clock
        self._metadata_of = metadata_of

    def build(self) -> aws.Aws:
        """Returns every account."""
        return aws.Aws(self._account(account_id, shape) for account_id, shape in self._world.shape.aws.items())

    def _account(self, account_id: str, shape: shapes.Account) -> aws.Account:
        here: Key = ("aws", account_id)
        iam = f"arn:{shape.partition}:iam::{account_id}"
        policies = [
            _managed_policy(f"{iam}:policy/{name}", self._policy((*here, "policies", name), document, kind="identity"))
            for name, document in shape.policies.items()
        ]
        by_name = {policy.name: str(policy.arn) for policy in policies}
        providers = [self._provider(iam, here, name, provider) for name, provider in shape.saml_providers.items()]
        roles = [self._role(iam, (*here, "roles", name), role, by_name) for name, role in shape.roles.items()]
        users = [self._user(iam, (*here, "users", name), user, by_name) for name, user in shape.users.items()]
        return aws.Account(
            account_id=account_id,
            partition=shape.partition,
            alias=shape.alias,
            saml_providers={str(provider.arn): provider for provider in providers},
            policies={str(policy.arn): policy for policy in policies},
            roles={str(role.arn): role for role in roles},
            users={str(user.arn): user for user in users},
            instances={key: _instance(shape.partition, account_id, key, each) for key, each in shape.connect.items()},
            disabled_sts_regions=frozenset(shape.disabled_sts_regions),
        )

    def _provider(self, iam: str, here: Key, name: str, shape: shapes.SamlProvider) -> aws.SamlProvider:
        key: Key = (*here, "saml_providers", name, "metadata")
        if shape.metadata.okta_app is not None:
            document = self._metadata_of(shape.metadata.okta_app)
        elif shape.metadata.xml is not None:
            document = shape.metadata.xml.encode()
        else:
            document = _read_file(self._world, (*key, "file"), shape.metadata.file or "", limit=MAX_METADATA_BYTES)
        arn = f"{iam}:saml-provider/{name}"
        return aws.SamlProvider(
            _arn(arn),
            self._metadata(key, document),
            provider_id="SAMLSP" + _stable_id(arn, 16),
            encryption_mode=shape.assertion_encryption,
            private_keys=tuple(self._private_keys((*here, "saml_providers", name, "private_keys"), shape.private_keys)),
            created_at=self._clock.now(),
        )

    def _private_keys(self, key: Key, files: Sequence[str]) -> Iterator[aws.DecryptionKey]:
        for index, name in enumerate(files):
            pem = _read_file(self._world, (*key, index), name).decode("utf-8", "replace")
            try:
                read_private_key(pem)
            except InvalidInput as error:
                problem = self._world.problem((*key, index), f"{name}: {error.message}", error.expected)
                raise WorldError([problem]) from None
            key_id = "SAMLPK" + _stable_id(pem, 16)
            yield aws.DecryptionKey(key_id, self._clock.now(), pem)

    def _metadata(self, key: Key, document: bytes) -> ProviderMetadata:
        try:
            return parse_metadata(document)
        except InvalidInput as error:
            problem = self._world.problem(key, f"{error.message}: {error.explanation}", error.expected)
            raise WorldError([problem]) from None

    def _role(self, iam: str, key: Key, shape: shapes.Role, by_name: Mapping[str, str]) -> aws.Role:
        arn = _arn(f"{iam}:role{shape.path}{key[-1]}")
        return aws.Role(
            arn=arn,
            role_id="AROA" + _stable_id(str(arn), 17),
            trust=self._policy((*key, "trust"), shape.trust, kind="trust"),
            inline_policies=self._inline(key, shape.inline_policies),
            attached_policies=tuple(self._attached((*key, "policies"), shape.policies, by_name)),
            permissions_boundary=self._boundary(key, shape.permissions_boundary, by_name),
            max_session_duration_seconds=shape.max_session_duration,
            description=shape.description,
            created_at=self._clock.now(),
            tags=tuple(shape.tags.items()),
        )

    def _user(self, iam: str, key: Key, shape: shapes.IamUser, by_name: Mapping[str, str]) -> aws.User:
        arn = _arn(f"{iam}:user{shape.path}{key[-1]}")
        return aws.User(
            arn=arn,
            user_id="AIDA" + _stable_id(str(arn), 17),
            inline_policies=self._inline(key, shape.inline_policies),
            attached_policies=tuple(self._attached((*key, "policies"), shape.policies, by_name)),
            permissions_boundary=self._boundary(key, shape.permissions_boundary, by_name),
            access_keys=tuple(
                aws.AccessKey(each.id, each.secret, created_at=self._clock.now()) for each in shape.access_keys
            ),
            created_at=self._clock.now(),
            tags=tuple(shape.tags.items()),
        )

    def _inline(self, key: Key, shape: Mapping[str, Any]) -> Mapping[str, PolicyDocument]:
        return {
            name: self._policy((*key, "inline_policies", name), document, kind="identity")
            for name, document in shape.items()
        }

    def _boundary(self, key: Key, name: str | None, by_name: Mapping[str, str]) -> str | None:
        return next(self._attached((*key, "permissions_boundary"), [name], by_name), None) if name else None

    def _attached(self, key: Key, names: Sequence[str], by_name: Mapping[str, str]) -> Iterator[str]:
        for index, name in enumerate(names):
            arn = by_name.get(name, name)
            if arn not in by_name.values() and arn not in AWS_MANAGED_POLICIES:
                at = key if key[-1] == "permissions_boundary" else (*key, index)
                known = " or ".join([*by_name, *AWS_MANAGED_POLICIES])
                raise WorldError([self._world.problem(at, f"there is no managed policy {name}", known)])
            yield arn

    def _policy(self, key: Key, document: Any, *, kind: Kind) -> PolicyDocument:
        if isinstance(document, str):
            data = _read_file(self._world, key, document)
            try:
                document = json.loads(data)
            except (ValueError, RecursionError) as error:
                problem = self._world.problem(key, f"{data[:40]!r}… is not JSON: {error}", "an IAM policy document")
                raise WorldError([problem]) from None
        try:
            return PolicyDocument.parse(document, kind=kind)
        except MalformedPolicy as error:
            raise WorldError([self._world.problem(key, error.message, error.expected)]) from None


def _managed_policy(arn: str, document: PolicyDocument) -> ManagedPolicy:
    return ManagedPolicy(_arn(arn), "ANPA" + _stable_id(arn, 17), (PolicyVersion("v1", document),))


def _instance(partition: str, account_id: str, instance_id: str, shape: shapes.ConnectInstance) -> aws.Instance:
    return aws.Instance(
        arn=_arn(f"arn:{partition}:connect:{shape.region}:{account_id}:instance/{instance_id}"),
        alias=shape.alias,
        identity_management=shape.identity_management,
        users={
            login: aws.ConnectUser(
                login=login,
                user_id=_stable_id(f"{instance_id}/{login}", 20).lower(),
                first_name=user.first_name,
                last_name=user.last_name,
                security_profiles=tuple(user.security_profiles),
            )
            for login, user in shape.users.items()
        },
        approved_origins=tuple(shape.approved_origins),
        binds_roles=shape.role_binding == "strict",
    )


def _arn(text: str) -> Arn:
    arn = Arn.parse(text)
    if arn is None:
        raise LookupError(f"{text} is no ARN")
    return arn


def _stable_id(text: str, length: int) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "".join(_ID_ALPHABET[byte % 32] for byte in digest)[:length]


def _read_file(world: World, key: Key, name: str, *, limit: int = 1_000_000) -> bytes:
    path = world.folder / name
    try:
        if path.stat().st_size > limit:
            raise WorldError([world.problem(key, f"{name} is larger than {limit} bytes")])
        return path.read_bytes()
    except OSError as error:
        problem: Problem = world.problem(key, f"{name}: {error.strerror}", f"a file, relative to {world.folder}")
        raise WorldError([problem]) from None
