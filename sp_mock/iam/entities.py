"""Roles, users and groups: found by name, created under a free name, deleted when nothing depends on them.

Spec: AWS IAM UG "intro-structure", IAM entities; AWS IAM API "CreateRole", "CreateUser" and their neighbours
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Generic, TypeVar

from emulator.kernel.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    NoSuchEntity,
    UnmodifiableEntity,
    ValidationError,
)
from emulator.kernel.records import dataclass
from sp_mock.accounts.iam_resources import Group
from sp_mock.accounts.model import Account, Role, User
from sp_mock.apis.operations import AccountCall
from sp_mock.apis.service_model import ResponseElements
from sp_mock.arn import Arn
from sp_mock.iam.api_errors import IAM
from sp_mock.iam.identifiers import iam_arn, new_arn, path_of
from sp_mock.iam.policies import find_policy
from sp_mock.iam.tags import tag_elements

_SERVICE_LINKED = "role/aws-service-role/"
NO_BOUNDARY = "Scope ARN: {} does not exist or is not attachable."

Entity = TypeVar("Entity", Role, User, Group)


@dataclass(frozen=True, slots=True)
class EntityKind(Generic[Entity]):
    """Roles, users, or groups. Most operations exist once for each: ``PutRolePolicy`` and ``PutUserPolicy``.

    Args:
        word: Name in operations: ``Role``.
        all_of: Returns the entities of an account, by ARN.
        with_all: Returns an account with these entities instead.
        max_inline: Maximum total number of characters of the inline policies.
        default_name: Returns the name that a call without a name means: the calling user.
    """

    word: str
    all_of: Callable[[Account], Mapping[str, Entity]]
    with_all: Callable[[Account, Mapping[str, Entity]], Account]
    max_inline: int
    default_name: Callable[[AccountCall], str | None] = lambda _call: None

    def put(self, account: Account, entity: Entity) -> Account:
        """Returns an account with an entity added or replaced."""
        return self.with_all(account, {**self.all_of(account), str(entity.arn): entity})

    def without(self, account: Account, entity: Entity) -> Account:
        """Returns an account without an entity."""
        return self.with_all(account, {arn: each for arn, each in self.all_of(account).items() if each is not entity})

    def find(self, call: AccountCall) -> Entity:
        """Returns the entity that a call names.

        Raises:
            NoSuchEntity: ``The role with name … cannot be found.``

        Spec: AWS IAM API, NoSuchEntity
        Evidence: observed
        """
        name, known = self._name(call), self.all_of(call.account).values()
        found = next((entity for entity in known if entity.name == name), None)
        if found is None:
            raise NoSuchEntity(
                f"The {self.word.lower()} with name {name} cannot be found.",
                service=IAM,
                check=self.word.lower(),
                evidence="observed",
                explanation=f"Account {call.account.account_id} has no {self.word.lower()} of this name.",
                where=f"parameter {self.word}Name",
                expected=" or ".join(entity.name for entity in known) or "an existing one",
                received=name or "",
                spec=f'AWS IAM API "Get{self.word}"',
            )
        return found

    def find_to_change(self, call: AccountCall) -> Entity:
        """Returns the role, user or group that a call is to change.

        Raises:
            NoSuchEntity: there is none.
            UnmodifiableEntity: it is a service-linked role.

        Spec: AWS IAM UG "id_roles_create-service-linked-role"
        Evidence: observed
        """
        found = self.find(call)
        if found.arn.resource.startswith(_SERVICE_LINKED):
            raise UnmodifiableEntity(
                f"Cannot perform the operation on the protected role '{found.name}' - this role is only modifiable by "
                "AWS",
                service=IAM,
                check="role",
                evidence="observed",
                explanation="The role is a service's; only its description can be changed, and "
                "DeleteServiceLinkedRole deletes it.",
                where="parameter RoleName",
                received=found.name,
                fix="Make a role of your own.",
                spec='AWS IAM UG "id_roles_create-service-linked-role"',
            )
        return found

    def resource(self, call: AccountCall) -> str:
        """Returns the ARN of the entity that a call names, whether or not it exists."""
        name = self._name(call)
        known = (arn for arn, entity in self.all_of(call.account).items() if entity.name == name)
        return next(known, self._arn(call, name))

    def list_resource(self, call: AccountCall) -> str:
        """Returns the resource that listing is authorized against: the path."""
        return iam_arn(call.account, f"{self.word.lower()}{call.parameters.get('PathPrefix') or '/'}")

    def below_path(self, call: AccountCall) -> list[Entity]:
        """Returns the entities whose path begins with the call's PathPrefix, by name."""
        prefix = call.parameters.get("PathPrefix") or "/"
        found = [entity for entity in self.all_of(call.account).values() if path_of(entity.arn).startswith(prefix)]
        return sorted(found, key=lambda entity: entity.name)

    def new_arn(self, call: AccountCall) -> Arn:
        """Returns the ARN of the entity that a call creates; names that differ only in case count as equal.

        Raises:
            EntityAlreadyExists: ``Role with name … already exists.``

        Spec: AWS IAM API "CreateRole", EntityAlreadyExists
        Evidence: observed
        """
        name = call.parameters[f"{self.word}Name"]
        self._require_free(call, name)
        return new_arn(self._arn(call, name))

    def moved(self, call: AccountCall, entity: Entity) -> Account:
        """Returns the account with an entity renamed or moved as a call asks; its id stays.

        Raises:
            EntityAlreadyExists: another one has the name.

        Spec: AWS IAM API "UpdateUser", "UpdateGroup"
        Evidence: observed
        """
        name, path = call.parameters.get(f"New{self.word}Name") or entity.name, call.parameters.get("NewPath")
        if name.lower() != entity.name.lower():
            self._require_free(call, name)
        arn = new_arn(iam_arn(call.account, f"{self.word.lower()}{path or path_of(entity.arn)}{name}"))
        return self.put(self.without(call.account, entity), replace(entity, arn=arn))

    def _require_free(self, call: AccountCall, name: str) -> None:
        if any(entity.name.lower() == name.lower() for entity in self.all_of(call.account).values()):
            raise EntityAlreadyExists(
                f"{self.word} with name {name} already exists.",
                service=IAM,
                check=self.word.lower(),
                evidence="observed",
                explanation="Names are compared without case.",
                where=f"parameter {self.word}Name",
                received=name,
                fix="Choose another name, or delete the old one first.",
                spec=f'AWS IAM API "Create{self.word}"',
            )

    def _name(self, call: AccountCall) -> str | None:
        return call.parameters.get(f"{self.word}Name") or self.default_name(call)

    def _arn(self, call: AccountCall, name: str | None) -> str:
        return iam_arn(call.account, f"{self.word.lower()}{call.parameters.get('Path') or '/'}{name}")


def _calling_user(call: AccountCall) -> str:
    """Returns the user who calls.

    Raises:
        ValidationError: the caller is a session of a role.

    Spec: AWS IAM API "GetUser", UserName
    Evidence: observed
    """
    if ":user/" not in call.caller.arn:
        raise ValidationError(
            "Must specify userName when calling with non-User credentials",
            service=IAM,
            check="user",
            evidence="observed",
            explanation=f"The call names no user, and {call.caller.arn} is a session of a role.",
            where="parameter UserName",
            fix="Name the user, or call with a user's key; for a session sts:GetCallerIdentity says who it is.",
            spec='AWS IAM API "GetUser"',
        )
    return call.caller.arn.rsplit("/", 1)[-1]


ROLES: EntityKind[Role] = EntityKind(
    "Role", lambda account: account.roles, lambda account, roles: replace(account, roles=roles), 10_240
)
USERS: EntityKind[User] = EntityKind(
    "User", lambda account: account.users, lambda account, users: replace(account, users=users), 2048, _calling_user
)
GROUPS: EntityKind[Group] = EntityKind(
    "Group", lambda account: account.groups, lambda account, groups: replace(account, groups=groups), 5120
)


def requested_boundary(call: AccountCall) -> str | None:
    """Returns the permissions boundary that a new role or user is to have.

    Raises:
        InvalidInput: it is not the ARN of a policy.
        NoSuchEntity: the policy does not exist.
    """
    boundary: str | None = call.parameters.get("PermissionsBoundary")
    if boundary is not None:
        find_policy(call, boundary, words=NO_BOUNDARY)
    return boundary


def require_nothing_subordinate(entity: Role | User | Group, account: Account) -> None:
    """Requires that an entity has no policies, keys, members, groups or instance profiles.

    Raises:
        DeleteConflict: ``Cannot delete entity, must …``

    Spec: AWS IAM API "DeleteRole", DeleteConflict
    Evidence: observed, assumed (groups)
    """
    keys = entity.access_keys if isinstance(entity, User) else ()
    in_groups = account.groups_of(entity) if isinstance(entity, User) else ()
    members = entity.members if isinstance(entity, Group) else ()
    profiles = [each for each in account.instance_profiles.values() if each.role == str(entity.arn)]
    for subordinate, words in (
        (keys, "must delete access keys first"),
        ((*in_groups, *members), "must remove users from group first"),
        (profiles, "must remove roles from instance profile first"),
        (entity.attached_policies, "must detach all policies first"),
        (entity.inline_policies, "must delete policies first"),
    ):
        if subordinate:
            raise DeleteConflict(
                f"Cannot delete entity, {words}.",
                service=IAM,
                check="delete-conflict",
                evidence="observed",
                explanation=f"{entity.name} still holds something.",
                where=str(entity.arn),
                fix=f"You {words}.",
                spec='AWS IAM API "DeleteRole"',
            )


def boundary_and_tags(entity: Role | User) -> ResponseElements:
    """Returns the response elements that lists leave out."""
    boundary = entity.permissions_boundary
    return {
        "PermissionsBoundary": boundary and {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary},
        "Tags": tag_elements(entity.tags) or None,
    }


def attached_policy_elements(entity: Role | User | Group) -> list[ResponseElements]:
    """Returns the managed policies of a role, user or group as response elements."""
    return [{"PolicyName": arn.rsplit("/", 1)[-1], "PolicyArn": arn} for arn in entity.attached_policies]
