"""What a changed world has no more, and what calls have made still needs: it stays, as the services keep it.

IAM deletes no policy that is attached and no role that is in an instance profile, Amazon Connect no profile of a user.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from emulator.kernel.records import dataclass
from sp_mock.accounts.iam_resources import Group
from sp_mock.accounts.model import Account, Instance, Role, User

_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class StillNeeded:
    """An account with what is needed in it, and the paths of that.

    Args:
        account: The account.
        paths: Where in the account that ran before each thing is.
    """

    account: Account
    paths: tuple[_Path, ...]


def still_needed(merged: Account, running: Account) -> StillNeeded:
    """Returns an account with what ran in it before, is gone, and is named by something that is still there.

    Args:
        merged: The account as the changed world and calls would have it.
        running: As it ran before.
    """
    users: list[Role | User | Group] = [*merged.roles.values(), *merged.users.values(), *merged.groups.values()]
    attached = {arn for each in users for arn in each.attached_policies}
    bounding = {getattr(each, "permissions_boundary", None) for each in users}
    policies = _gone(merged.policies, running.policies, attached | bounding)
    roles = _gone(merged.roles, running.roles, {each.role for each in merged.instance_profiles.values()})
    paths: list[_Path] = [*(("policies", arn) for arn in policies), *(("roles", arn) for arn in roles)]
    instances: dict[str, Instance] = {}
    for instance_id, instance in merged.instances.items():
        before = running.instances.get(instance_id)
        if before is not None and before is not instance:
            instances[instance_id], inside = _instance(instance, before)
            paths += [("instances", instance_id, *path) for path in inside]
    if not paths:
        return StillNeeded(merged, ())
    account = replace(
        merged,
        policies={**merged.policies, **policies},
        roles={**merged.roles, **roles},
        instances={**merged.instances, **instances},
    )
    return StillNeeded(account, tuple(paths))


def _gone(merged: Mapping[str, Any], running: Mapping[str, Any], needed: set[str | None]) -> dict[str, Any]:
    return {key: each for key, each in running.items() if key not in merged and key in needed}


def _instance(merged: Instance, running: Instance) -> tuple[Instance, list[_Path]]:
    users = merged.users.values()
    security = list(
        _gone_names(
            merged.security_profiles,
            running.security_profiles,
            {name for each in users for name in each.security_profiles},
        )
    )
    routing = list(
        _gone_names(merged.routing_profiles, running.routing_profiles, {each.routing_profile for each in users})
    )
    if not security and not routing:
        return merged, []
    kept = replace(
        merged,
        security_profiles=(*merged.security_profiles, *(each for _, each in security)),
        routing_profiles=(*merged.routing_profiles, *(each for _, each in routing)),
    )
    paths: list[_Path] = [("security_profiles", index) for index, _ in security]
    return kept, [*paths, *(("routing_profiles", index) for index, _ in routing)]


def _gone_names(merged: tuple[Any, ...], running: tuple[Any, ...], needed: set[str]) -> Iterator[tuple[int, Any]]:
    there = {each.name for each in merged}
    for index, each in enumerate(running):
        if each.name in needed and each.name not in there:
            yield index, each
