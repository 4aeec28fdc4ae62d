"""AWS accounts made from a world: the service provider's model, with policies and metadata parsed."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, TypeVar
from uuid import UUID

from emulator.building.metadata_files import metadata_document
from emulator.building.organizations import organization_of
from emulator.kernel.clock import Clock
from emulator.kernel.errors import InvalidInput, Location, Problem, WorldError, first_problems
from emulator.world import World, read_world_file
from emulator.worldfile.schema import aws_schema as schema
from emulator.worldfile.schema.connect_schema import ConnectInstance
from emulator.worldfile.schema.settings import is_pem
from emulator.worldfile.text.json_lines import JsonLines
from emulator.worldfile.text.json_text import UnreadableJson, json_of
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import key_text, shown_path
from sp_mock.accounts import connect_resources
from sp_mock.accounts import model as aws
from sp_mock.accounts.aws_managed_policies import aws_managed_policies, aws_managed_policy
from sp_mock.accounts.iam_resources import Group
from sp_mock.accounts.managed_policies import ManagedPolicy, PolicyVersion
from sp_mock.accounts.provider_metadata import ProviderMetadata, parse_metadata
from sp_mock.arn import Arn
from sp_mock.assertion.decryption import read_private_key
from sp_mock.policies.documents import Kind, MalformedPolicy, PolicyDocument
from sp_mock.policies.grammar import complaint_place, iam_complaint
from sp_mock.policies.principals import misplaced_principals

_Settings = TypeVar("_Settings")
_Made = TypeVar("_Made")
_ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class AwsBuilder:
    """Makes AWS's model from a world."""

    def __init__(self, world: World, metadata_of: Callable[[str], bytes], *, clock: Clock) -> None:
        self._world = world
        self._clock = clock
        self._metadata_of = metadata_of
        self._seeds = frozenset(seed.file for seed in world.seeds)
        self.left_out: dict[tuple[str, str], Problem] = {}
        """What a seed says and IAM would not take, by its kind and name: it is not made, and the rest is."""

    def account(self, account_id: str, settings: schema.Account) -> aws.Account:
        """Returns an account."""
        here: Key = ("aws", account_id)
        iam = f"arn:{settings.partition}:iam::{account_id}"
        policies = self._made("policies", settings.policies, partial(self._managed_policy, iam, here))
        by_name = {policy.name: str(policy.arn) for policy in policies}
        providers = self._made("saml_providers", settings.saml_providers, partial(self._provider, iam, here))
        roles = self._made("roles", settings.roles, partial(self._role, iam, here, by_name))
        users = self._made("users", settings.users, partial(self._user, iam, here, by_name))
        ids = {user.name: user.user_id for user in users}
        groups = self._made("groups", settings.groups, partial(self._group, iam, here, by_name, ids))
        return aws.Account(
            account_id=account_id,
            partition=settings.partition,
            alias=settings.alias,
            saml_providers={str(provider.arn): provider for provider in providers},
            policies={str(policy.arn): policy for policy in policies},
            roles={str(role.arn): role for role in roles},
            users={str(user.arn): user for user in users},
            instances={
                key: _instance(settings.partition, account_id, key, each, now=self._clock.now())
                for key, each in settings.connect.items()
            },
            disabled_sts_regions=frozenset(settings.disabled_sts_regions),
            groups={str(group.arn): group for group in groups},
            organization=organization_of((*here, "organization"), settings.organization, self._policy_of_kind),
        )

    def _made(
        self, kind: str, settings: Mapping[str, _Settings], make: Callable[[str, _Settings], _Made]
    ) -> list[_Made]:
        """Builds each setting; where a seed gives an invalid one, it is left out and the rest is built."""
        made: list[_Made] = []
        for name, each in settings.items():
            try:
                made.append(make(name, each))
            except WorldError as error:
                if not all(problem.location.file in self._seeds for problem in error.problems):
                    raise
                self.left_out.setdefault((kind, name), _as_left_out(name, error.problems[0]))
        return made

    def _managed_policy(self, iam: str, here: Key, name: str, document: Any) -> ManagedPolicy:
        arn = f"{iam}:policy/{name}"
        version = PolicyVersion("v1", self._policy((*here, "policies", name), document, kind="identity"))
        return ManagedPolicy(_arn(arn), "ANPA" + _stable_id(arn, 17), (version,))

    def _provider(self, iam: str, here: Key, name: str, settings: schema.SamlProvider) -> aws.SamlProvider:
        key: Key = (*here, "saml_providers", name, "metadata")
        if settings.metadata.okta_app is not None:
            document = self._metadata_of(settings.metadata.okta_app)
        else:
            document = metadata_document(self._world, key, settings.metadata)
        arn = f"{iam}:saml-provider/{name}"
        return aws.SamlProvider(
            _arn(arn),
            self._metadata(key, document),
            provider_id=settings.provider_id or provider_id_of(arn),
            encryption_mode=settings.assertion_encryption,
            private_keys=tuple(
                self._private_keys((*here, "saml_providers", name, "private_keys"), settings.private_keys)
            ),
            created_at=self._clock.now(),
            accept_sha1=settings.accept_sha1,
        )

    def _private_keys(self, key: Key, given: Sequence[str]) -> Iterator[aws.DecryptionKey]:
        for index, each in enumerate(given):
            pem = each if is_pem(each) else self._file((*key, index), each)
            try:
                read_private_key(pem)
            except InvalidInput as error:
                name = "" if is_pem(each) else f"{each}: "
                problem = self._world.problem((*key, index), f"{name}{error.message}", error.expected)
                raise WorldError([problem]) from None
            key_id = "SAMLPK" + _stable_id(pem, 16)
            yield aws.DecryptionKey(key_id, self._clock.now(), pem)

    def _file(self, key: Key, name: str) -> str:
        return read_world_file(self._world, key, name).decode("utf-8", "replace")

    def _metadata(self, key: Key, document: bytes) -> ProviderMetadata:
        try:
            return parse_metadata(document)
        except InvalidInput as error:
            what = f"{error.message}: {error.explanation}"
            problem = self._world.problem(key, what, error.expected, fix=error.fix)
            raise WorldError([problem]) from None

    def _role(self, iam: str, here: Key, by_name: Mapping[str, str], name: str, settings: schema.Role) -> aws.Role:
        key: Key = (*here, "roles", name)
        arn = _arn(f"{iam}:role{settings.path}{name}")
        return aws.Role(
            arn=arn,
            role_id="AROA" + _stable_id(str(arn), 17),
            trust=self._policy((*key, "trust"), settings.trust, kind="trust"),
            inline_policies=self._inline(key, settings.inline_policies),
            attached_policies=tuple(self._attached((*key, "policies"), settings.policies, by_name)),
            permissions_boundary=self._boundary(key, settings.permissions_boundary, by_name),
            max_session_duration_seconds=settings.max_session_duration,
            description=settings.description,
            created_at=self._clock.now(),
            tags=tuple(settings.tags.items()),
        )

    def _user(self, iam: str, here: Key, by_name: Mapping[str, str], name: str, settings: schema.IamUser) -> aws.User:
        key: Key = (*here, "users", name)
        arn = _arn(f"{iam}:user{settings.path}{name}")
        return aws.User(
            arn=arn,
            user_id="AIDA" + _stable_id(str(arn), 17),
            inline_policies=self._inline(key, settings.inline_policies),
            attached_policies=tuple(self._attached((*key, "policies"), settings.policies, by_name)),
            permissions_boundary=self._boundary(key, settings.permissions_boundary, by_name),
            access_keys=tuple(
                aws.AccessKey(each.id, each.secret, created_at=self._clock.now()) for each in settings.access_keys
            ),
            created_at=self._clock.now(),
            tags=tuple(settings.tags.items()),
        )

    def _group(
        self,
        iam: str,
        here: Key,
        by_name: Mapping[str, str],
        ids: Mapping[str, str],
        name: str,
        settings: schema.IamGroup,
    ) -> Group:
        key: Key = (*here, "groups", name)
        arn = _arn(f"{iam}:group{settings.path}{name}")
        return Group(
            arn=arn,
            group_id="AGPA" + _stable_id(str(arn), 17),
            inline_policies=self._inline(key, settings.inline_policies),
            attached_policies=tuple(self._attached((*key, "policies"), settings.policies, by_name)),
            members=tuple(ids[name] for name in dict.fromkeys(settings.users) if name in ids),
            created_at=self._clock.now(),
        )

    def _inline(self, key: Key, settings: Mapping[str, Any]) -> Mapping[str, PolicyDocument]:
        return {
            name: self._policy((*key, "inline_policies", name), document, kind="identity")
            for name, document in settings.items()
        }

    def _boundary(self, key: Key, name: str | None, by_name: Mapping[str, str]) -> str | None:
        return next(self._attached((*key, "permissions_boundary"), [name], by_name), None) if name else None

    def _attached(self, key: Key, names: Sequence[str], by_name: Mapping[str, str]) -> Iterator[str]:
        for index, name in enumerate(names):
            arn = by_name.get(name, name)
            if name not in by_name and aws_managed_policy(arn) is None and arn not in by_name.values():
                at = key if key[-1] == "permissions_boundary" else (*key, index)
                if not (_is_awss(arn) and at not in self._world.document.lines):  # a seed may know a newer policy
                    raise WorldError([self._no_policy(at, name, by_name)])
            yield arn

    def _no_policy(self, key: Key, name: str, by_name: Mapping[str, str]) -> Problem:
        awss = {policy.name: str(policy.arn) for policy in aws_managed_policies("aws")}
        near = difflib.get_close_matches(name.rpartition("/")[2], [*by_name, *awss], n=1)
        known = " or ".join(
            [*by_name, "the ARN of one of AWS's policies, such as arn:aws:iam::aws:policy/ReadOnlyAccess"]
        )
        did_you_mean = awss.get(near[0], near[0]) if near else ""
        return self._world.problem(key, f"there is no managed policy {name}", known, did_you_mean)

    def _policy_of_kind(self, key: Key, document: Any, kind: Kind) -> PolicyDocument:
        return self._policy(key, document, kind=kind)

    def _policy(self, key: Key, document: Any, *, kind: Kind) -> PolicyDocument:
        problem_at: _ProblemAt = partial(_problem_in_world, self._world, key)
        if isinstance(document, str):
            document, problem_at = self._policy_file(key, document)
        try:
            policy, words = _read_policy(document if isinstance(document, str) else json.dumps(document), kind)
        except MalformedPolicy as error:
            at = _as_written(document, error.place)
            raise WorldError([problem_at(at, error.message, error.expected)]) from None
        if kind == "trust":
            _require_principals(document, problem_at)
        if words is not None:
            place = complaint_place(policy.data, words, kind=kind)
            raise WorldError([problem_at(_as_written(document, place), words, "a policy that IAM takes")])
        return policy

    def _policy_file(self, key: Key, name: str) -> tuple[Any, _ProblemAt]:
        """Reads a policy from a file that the world names; mistakes are reported at lines of that file."""
        data = read_world_file(self._world, key, name)
        problem_at = partial(_problem_in_file, self._world, key, name, data)
        try:
            return json_of(data), problem_at
        except UnreadableJson as error:
            problem = problem_at((), error.message, "an IAM policy document")
            raise WorldError([replace(problem, location=replace(problem.location, line=error.line))]) from None


@lru_cache(maxsize=256)
def _read_policy(text: str, kind: Kind) -> tuple[PolicyDocument, str | None]:
    """Returns a policy, and what IAM says against it; worlds are built again and again with the same policies."""
    policy = PolicyDocument.parse(text, kind=kind)
    return policy, iam_complaint(policy.text, kind=kind)


_ProblemAt = Callable[[Key, str, str], Problem]


def _problem_in_world(world: World, key: Key, inside: Key, message: str, expected: str) -> Problem:
    problem: Problem = world.problem((*key, *inside), message, expected)
    return problem


def _problem_in_file(
    world: World, key: Key, name: str, data: bytes, inside: Key, message: str, expected: str
) -> Problem:
    said = world.document.location(key)
    line = JsonLines(data.decode("utf-8-sig", "replace")).nearest(inside)
    location = Location(shown_path(world.folder / name), line, key_text((*key, *inside)))
    return Problem(location, f"{message} (the policy is named in {said.file}:{said.line})", expected)


def _require_principals(document: Mapping[str, Any], problem_at: _ProblemAt) -> None:
    """Refuses principals that IAM does not accept, each at its own line."""
    given = document["Statement"]
    listed = [((index,), each) for index, each in enumerate(given)] if isinstance(given, list) else [((), given)]
    problems = [
        problem_at(("Statement", *index, *each.place), each.words, each.expected)
        for index, statement in listed
        for each in misplaced_principals(statement)
    ]
    if problems:
        raise WorldError(first_problems(problems))


def _as_left_out(name: str, problem: Problem) -> Problem:
    return Problem(
        problem.location, f"{name}: IAM would refuse it: {problem.message}", problem.expected, fix=problem.fix
    )


def _as_written(document: Any, place: Key) -> Key:
    """Returns a place in a policy as it is written, where its only statement is not in a list."""
    is_list = not isinstance(document, dict) or isinstance(document.get("Statement"), list)
    return place if is_list or len(place) < 2 else (place[0], *place[2:])


def _is_awss(arn: str) -> bool:
    return arn.startswith("arn:") and ":iam::aws:policy/" in arn


def _instance(
    partition: str, account_id: str, instance_id: str, settings: ConnectInstance, *, now: datetime
) -> aws.Instance:
    return aws.Instance(
        arn=_arn(f"arn:{partition}:connect:{settings.region}:{account_id}:instance/{instance_id}"),
        alias=settings.alias,
        identity_management=settings.identity_management,
        users={
            login: connect_resources.ConnectUser(
                login=login,
                user_id=_stable_uuid(f"{instance_id}/{login}"),
                first_name=user.first_name,
                last_name=user.last_name,
                security_profiles=tuple(user.security_profiles),
                routing_profile=user.routing_profile,
                changed_at=now,
            )
            for login, user in settings.users.items()
        },
        approved_origins=tuple(settings.approved_origins),
        origins_approved_at=dict.fromkeys(settings.approved_origins, now) if settings.origin_propagation_delay else {},
        binds_roles=settings.role_binding == "strict",
        domain=settings.domain,
        security_profiles=tuple(
            connect_resources.SecurityProfile(name, profile.access_ccp)
            for name, profile in settings.all_security_profiles.items()
        ),
        routing_profiles=tuple(map(connect_resources.RoutingProfile, settings.all_routing_profiles)),
        authentication_profile=connect_resources.AuthenticationProfile(
            max_session_minutes=settings.authentication_profile.max_session_duration,
            periodic_session_minutes=settings.authentication_profile.periodic_session_duration,
            changed_at=now,
        ),
        cookie_same_site=settings.cookie_same_site,
        timing=connect_resources.InstanceTiming(settings.origin_propagation_delay, round(settings.load_delay * 1000)),
        refuses_email=settings.email == "refused",
        created_at=now,
    )


def _arn(text: str) -> Arn:
    arn = Arn.parse(text)
    if arn is None:
        raise LookupError(f"{text} is not an ARN")
    return arn


def provider_id_of(arn: str) -> str:
    """Returns the id that a SAML provider has here, which is part of its own sign-in URL."""
    return "SAMLSP" + _stable_id(arn, 16)


def _stable_id(text: str, length: int) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "".join(_ID_ALPHABET[byte % 32] for byte in digest)[:length]


def _stable_uuid(text: str) -> str:
    return str(UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))
