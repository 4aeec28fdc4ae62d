"""AWS accounts made from a world: the service provider's model, with policies and metadata that were really read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from emulator.building.organizations import organization_of
from emulator.kernel.clock import Clock
from emulator.kernel.errors import InvalidInput, WorldError
from emulator.world import World, read_world_file
from emulator.worldfile import world_schema as shapes
from emulator.worldfile.yaml_file import Key
from sp_mock.accounts import model as aws
from sp_mock.accounts.managed_policies import AWS_MANAGED_POLICIES, ManagedPolicy, PolicyVersion
from sp_mock.accounts.provider_metadata import MAX_METADATA_BYTES, ProviderMetadata, parse_metadata
from sp_mock.arn import Arn
from sp_mock.assertion.decryption import read_private_key
from sp_mock.policies.documents import Kind, MalformedPolicy, PolicyDocument

_ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class AwsBuilder:
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
            instances={
                key: _instance(shape.partition, account_id, key, each, now=self._clock.now())
                for key, each in shape.connect.items()
            },
            disabled_sts_regions=frozenset(shape.disabled_sts_regions),
            organization=organization_of((*here, "organization"), shape.organization, self._policy_of_kind),
        )

    def _provider(self, iam: str, here: Key, name: str, shape: shapes.SamlProvider) -> aws.SamlProvider:
        key: Key = (*here, "saml_providers", name, "metadata")
        if shape.metadata.okta_app is not None:
            document = self._metadata_of(shape.metadata.okta_app)
        elif shape.metadata.xml is not None:
            document = shape.metadata.xml.encode()
        else:
            document = read_world_file(self._world, (*key, "file"), shape.metadata.file or "", limit=MAX_METADATA_BYTES)
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
            pem = read_world_file(self._world, (*key, index), name).decode("utf-8", "replace")
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

    def _policy_of_kind(self, key: Key, document: Any, kind: Kind) -> PolicyDocument:
        return self._policy(key, document, kind=kind)

    def _policy(self, key: Key, document: Any, *, kind: Kind) -> PolicyDocument:
        if isinstance(document, str):
            data = read_world_file(self._world, key, document)
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


def _instance(
    partition: str, account_id: str, instance_id: str, shape: shapes.ConnectInstance, *, now: datetime
) -> aws.Instance:
    return aws.Instance(
        arn=_arn(f"arn:{partition}:connect:{shape.region}:{account_id}:instance/{instance_id}"),
        alias=shape.alias,
        identity_management=shape.identity_management,
        users={
            login: aws.ConnectUser(
                login=login,
                user_id=_stable_uuid(f"{instance_id}/{login}"),
                first_name=user.first_name,
                last_name=user.last_name,
                security_profiles=tuple(user.security_profiles),
                routing_profile=user.routing_profile,
                changed_at=now,
            )
            for login, user in shape.users.items()
        },
        approved_origins=tuple(shape.approved_origins),
        origins_approved_at=dict.fromkeys(shape.approved_origins, now) if shape.origin_propagation_delay else {},
        binds_roles=shape.role_binding == "strict",
        domain=shape.domain,
        security_profiles=tuple(
            aws.SecurityProfile(name, profile.access_ccp) for name, profile in shape.all_security_profiles.items()
        ),
        routing_profiles=shape.all_routing_profiles,
        authentication_profile=aws.AuthenticationProfile(
            max_session_minutes=shape.authentication_profile.max_session_duration,
            periodic_session_minutes=shape.authentication_profile.periodic_session_duration,
            changed_at=now,
        ),
        cookie_same_site=shape.cookie_same_site,
        timing=aws.InstanceTiming(shape.origin_propagation_delay, round(shape.load_delay * 1000)),
        refuses_email=shape.email == "refused",
        created_at=now,
    )


def _arn(text: str) -> Arn:
    arn = Arn.parse(text)
    if arn is None:
        raise LookupError(f"{text} is not an ARN")
    return arn


def _stable_id(text: str, length: int) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "".join(_ID_ALPHABET[byte % 32] for byte in digest)[:length]


def _stable_uuid(text: str) -> str:
    return str(UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))
