"""Tags on IAM's resources, and the three operations that change and list them.

Spec: AWS IAM UG "id_tags"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from emulator.kernel.errors import InvalidInput
from sp_mock.accounts.managed_policies import Tags
from sp_mock.accounts.model import Account
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.apis.tags import DUPLICATE_TAG_KEYS, has_duplicate_keys, requested_tags
from sp_mock.iam.api_errors import IAM, over_quota
from sp_mock.iam.lists import LISTS

_MAX_TAGS = 50


def tag_elements(tags: Tags) -> list[dict[str, str]]:
    """Returns tags as response elements."""
    return [{"Key": key, "Value": value} for key, value in tags]


def with_requested_tags(tags: Tags, call: AccountCall) -> Tags:
    """Returns tags with those of a call laid over them; keys are compared without case.

    Raises:
        InvalidInput: two keys of the call are the same when case is ignored.
        LimitExceeded: together they are more than fifty.

    Spec: AWS IAM UG "id_tags"
    Evidence: observed (duplicate keys), documented (the limit), assumed (the words about the limit)
    """
    added = requested_tags(call.parameters)
    if has_duplicate_keys(added):
        raise InvalidInput(
            DUPLICATE_TAG_KEYS,
            service=IAM,
            check="tags",
            evidence="observed",
            explanation="Two tags have the same key when case is ignored.",
            where="parameter Tags",
            received=", ".join(key for key, _ in added),
            fix="Send each key once.",
            spec='AWS IAM UG "id_tags"',
        )
    merged = {key.lower(): (key, value) for key, value in (*tags, *added)}
    if len(merged) > _MAX_TAGS:
        raise over_quota("The number of tags has reached the maximum limit.", evidence="assumed")
    return tuple(merged.values())


def _without(tags: Tags, keys: Sequence[str]) -> Tags:
    removed = {key.lower() for key in keys}
    return tuple((key, value) for key, value in tags if key.lower() not in removed)


def tag_operations(
    kind: str,
    *,
    find: Callable[[AccountCall], Any],
    find_own: Callable[[AccountCall], Any] | None = None,
    put: Callable[[Account, Any], Account],
    resource: Callable[[AccountCall], str],
) -> Mapping[str, AccountOperation]:
    """Returns the operations on the tags of one kind of resource.

    Args:
        kind: As the operations' names have it: ``Role``.
        find: Returns what a call names.
        find_own: The same for a change, where not everything that is found may be changed.
        put: Returns the account with the changed resource in it.
        resource: Returns the ARN of what a call names.
    """
    find_to_change = find_own or find

    def tag(call: AccountCall) -> Result:
        found = find_to_change(call)
        tagged = replace(found, tags=with_requested_tags(found.tags, call))
        return Result(account=put(call.account, tagged))

    def untag(call: AccountCall) -> Result:
        found = find_to_change(call)
        untagged = replace(found, tags=_without(found.tags, call.parameters["TagKeys"]))
        return Result(account=put(call.account, untagged))

    def list_tags(call: AccountCall) -> Result:
        return Result(LISTS.page(call, "Tags", tag_elements(find(call).tags), lambda tag: tag))

    return {
        f"Tag{kind}": AccountOperation(tag, resource),
        f"Untag{kind}": AccountOperation(untag, resource),
        f"List{kind}Tags": AccountOperation(list_tags, resource),
    }
