"""The settings behind a policy decision: which policy of which entity decided, and where it is kept.

A policy is found by its name and text in the account's current state, right after a call was refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.kernel.explanations import Asked, Cause, Setting
from emulator.kernel.records import dataclass
from sp_mock.accounts.iam_resources import Group
from sp_mock.accounts.model import Account, Role, User
from sp_mock.accounts.organization import Organization
from sp_mock.policies.evaluation import Verdict
from sp_mock.policies.places import Place
from sp_mock.principals.organization_limits import RESOURCE_CONTROL, SERVICE_CONTROL

IDENTITY, BOUNDARY, SESSION = "identity-based policy", "permissions boundary", "session policy"
SESSION_POLICY = "session policy"
_ATTRIBUTES = {SERVICE_CONTROL: "service_control_policies", RESOURCE_CONTROL: "resource_control_policies"}


@dataclass(frozen=True, slots=True)
class PolicyReason:
    """Why policies do not allow a call.

    Args:
        why: What they say, as sentences.
        causes: The settings that hold them.
        want: What to write there.
        got: What the call has.
        fix: What to change, and who owns it.
    """

    why: str
    causes: tuple[Cause, ...]
    want: str
    got: str
    fix: str


@dataclass(frozen=True, slots=True)
class Owner:
    """A role or user whose policies were evaluated, in its account.

    Args:
        account: The account as it was at the time.
        arn: ARN of the role or user.
    """

    account: Account
    arn: str

    @property
    def entity(self) -> Role | User | None:
        """The role or user, or None when it no longer exists."""
        return self.account.roles.get(self.arn) or self.account.users.get(self.arn)

    @property
    def path(self) -> tuple[str, str]:
        """The path of the role or user in the account."""
        return ("users" if self.arn in self.account.users else "roles", self.arn)

    @property
    def label(self) -> str:
        """Such as ``the role ConnectAgent``."""
        return f"the {self.path[0].removesuffix('s')} {self.arn.rpartition('/')[2]}"

    def attached_policies(self) -> Setting:
        """Returns the setting that holds the managed policies of the role or user."""
        return Setting(self.account, (*self.path, "attached_policies"))


def causes_of(
    verdict: Verdict, *, owner: Owner | None, resource_account: Account | None, resource: str
) -> tuple[Cause, ...]:
    """Returns the settings that decided, the likeliest first; two at most.

    Args:
        verdict: The denial.
        owner: The role or user whose policies were evaluated; None when their account is not known.
        resource_account: Account of the resource that the call concerned.
        resource: ARN of the resource that the call concerned.
    """
    if verdict.layer == RESOURCE_CONTROL:
        return _of_organization(verdict, resource_account)
    if owner is None:
        return ()
    if verdict.layer == SERVICE_CONTROL:
        return _of_organization(verdict, owner.account)
    if verdict.layer == SESSION:
        return (Asked(SESSION_POLICY),)
    if verdict.layer == BOUNDARY:
        return _of_boundary(verdict, owner)
    if not verdict.layer and resource_account is not None and resource in resource_account.roles:
        return (Setting(resource_account, ("roles", resource, "trust"), verdict.place),)
    found = next((setting for setting in _kept(verdict, owner)), None)
    return (found or owner.attached_policies(),)


def is_awss(cause: Cause) -> bool:
    """Returns whether a setting is the attachment of one of AWS's own policies, which only AWS can change."""
    return isinstance(cause, Setting) and "attached_policies" in cause.path and isinstance(cause.path[-1], int)


def _kept(verdict: Verdict, owner: Owner) -> Iterator[Setting]:
    """Yields the places of the policy that decided, among those of a role or user and of the user's groups."""
    entity, account = owner.entity, owner.account
    if entity is None or verdict.document is None:
        return
    yield from _of(entity, owner.path, "", verdict, account)
    for group in account.groups_of(entity) if isinstance(entity, User) else ():
        yield from _of(group, ("groups", str(group.arn)), f" of group {group.name}", verdict, account)


def _of(entity: Role | User | Group, path: Place, suffix: str, verdict: Verdict, account: Account) -> Iterator[Setting]:
    text = verdict.document.text if verdict.document is not None else ""
    for index, arn in enumerate(entity.attached_policies):
        policy = account.policy(arn)
        if policy is None or f"policy {policy.name}{suffix}" != verdict.policy or policy.document.text != text:
            continue
        if arn in account.policies:
            yield Setting(account, ("policies", arn), verdict.place)
        else:
            yield Setting(account, (*path, "attached_policies", index))
    for name, document in entity.inline_policies.items():
        if f"inline policy {name}{suffix}" == verdict.policy and document.text == text:
            yield Setting(account, (*path, "inline_policies", name), verdict.place)


def _of_boundary(verdict: Verdict, owner: Owner) -> tuple[Setting, ...]:
    attachment = Setting(owner.account, (*owner.path, "permissions_boundary"))
    arn = owner.entity.permissions_boundary if owner.entity is not None else None
    if arn is None or arn not in owner.account.policies or not verdict.place:
        return (attachment,)
    return (Setting(owner.account, ("policies", arn), verdict.place), attachment)


def _of_organization(verdict: Verdict, account: Account | None) -> tuple[Setting, ...]:
    if account is None or account.organization is None:
        return ()
    attribute = _ATTRIBUTES[verdict.layer]
    name = verdict.policy.removeprefix(f"{verdict.layer} ")
    if name in getattr(account.organization, attribute):
        return (Setting(account, ("organization", attribute, name), verdict.place),)
    if verdict.layer == SERVICE_CONTROL:
        above = _of_level_above(account.organization, name)
        if above:
            return (Setting(account, ("organization", "levels_above", *above), verdict.place if name else ()),)
    if verdict.layer == SERVICE_CONTROL and not account.organization.service_control_policies:
        return (Setting(account, ("organization", "has_full_aws_access")),)
    return (Setting(account, ("organization", attribute)),)


def _of_level_above(organization: Organization, name: str) -> tuple[str, ...]:
    """Returns the place of a policy of the root or a unit among the levels, or of the level that has none at all."""
    for unit, level in organization.levels_above.items():
        policy = name.removesuffix(f" of {unit}")
        if policy != name and policy in level.policies:
            return (unit, "policies", policy)
        if not name and level.limits and not level.policies:
            return (unit, "has_full_aws_access")
    return ()
