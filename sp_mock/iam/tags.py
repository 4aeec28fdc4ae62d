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
_DUPLICATE_KEYS = "Duplicate tag keys found."


def tag_elements(tags: Tags) -> list[dict[str, str]]:
    """Returns tags as response elements."""
    return [{"Key": key, "Value": value} for key, value in tags]


def with_requested_tags(tags: Tags, call: AccountCall, *, case_sensitive: bool) -> Tags:
    """Returns tags with those of a call added, which replace values of the same key.

    Args:
        tags: The existing tags.
        call: The call, with other tags among its parameters.
        case_sensitive: Whether keys that differ only in case are different, as they are for all but users and roles.

    Raises:
        InvalidInput: two keys of the call are the same.
        LimitExceeded: together they are more than fifty.

    Spec: AWS IAM UG "id_tags"
    Evidence: documented (where case counts, the limit), observed (the words)
    """
    added = requested_tags(call.parameters)
    if has_duplicate_keys(added, case_sensitive=case_sensitive):
        raise InvalidInput(
            _DUPLICATE_KEYS if case_sensitive else DUPLICATE_TAG_KEYS,
            service=IAM,
            check="tags",
            evidence="observed",
            explanation="Two tags have the same key" + ("." if case_sensitive else " when case is ignored."),
            where="parameter Tags",
            received=", ".join(key for key, _ in added),
            fix="Send each key once.",
            spec='AWS IAM UG "id_tags"',
        )
    merged = {key if case_sensitive else key.lower(): (key, value) for key, value in (*tags, *added)}
    if len(merged) > _MAX_TAGS:
        raise over_quota("The number of tags has reached the maximum limit.")
    return tuple(merged.values())


def _without(tags: Tags, keys: Sequence[str], *, case_sensitive: bool) -> Tags:
    removed = set(keys) if case_sensitive else {key.lower() for key in keys}
    return tuple((key, value) for key, value in tags if (key if case_sensitive else key.lower()) not in removed)


def _in_list_order(tags: Tags, *, case_sensitive: bool) -> Tags:
    """Returns tags in the order of lists: as they were added; where case matters, shorter keys first.

    Evidence: observed (of one policy), assumed (that the length is the rule, and other resources alike)
    """
    return tuple(sorted(tags, key=lambda tag: (len(tag[0]), tag[0]))) if case_sensitive else tags


def tag_operations(
    kind: str,
    *,
    find: Callable[[AccountCall], Any],
    find_own: Callable[[AccountCall], Any] | None = None,
    put: Callable[[Account, Any], Account],
    resource: Callable[[AccountCall], str],
    case_sensitive: bool = True,
) -> Mapping[str, AccountOperation]:
    """Returns the operations on the tags of one kind of resource.

    Args:
        kind: Name in the operations: ``Role``.
        find: Returns the resource that a call names.
        find_own: Returns the resource that a call is to change, where some that can be found cannot be changed.
        put: Returns the account with the changed resource in it.
        resource: Returns the ARN of the resource that a call names.
        case_sensitive: Whether keys that differ only in case are different.
    """
    find_to_change = find_own or find

    def tag(call: AccountCall) -> Result:
        found = find_to_change(call)
        tagged = replace(found, tags=with_requested_tags(found.tags, call, case_sensitive=case_sensitive))
        return Result(account=put(call.account, tagged))

    def untag(call: AccountCall) -> Result:
        found = find_to_change(call)
        left = _without(found.tags, call.parameters["TagKeys"], case_sensitive=case_sensitive)
        untagged = replace(found, tags=left)
        return Result(account=put(call.account, untagged))

    def list_tags(call: AccountCall) -> Result:
        tags = _in_list_order(find(call).tags, case_sensitive=case_sensitive)
        return Result(LISTS.page(call, "Tags", tag_elements(tags), lambda tag: tag))

    return {
        f"Tag{kind}": AccountOperation(tag, resource),
        f"Untag{kind}": AccountOperation(untag, resource),
        f"List{kind}Tags": AccountOperation(list_tags, resource),
    }
