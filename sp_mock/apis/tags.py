"""Tags in calls: as parameters carry them, and as policies see them in condition keys.

Spec: AWS IAM UG "access_iam-tags", "id_session-tags"
"""

from __future__ import annotations

from collections.abc import Sequence

from sp_mock.accounts.managed_policies import Tags
from sp_mock.apis.service_model import Parameters

DUPLICATE_TAG_KEYS = "Duplicate tag keys found. Please note that Tag keys are case insensitive."


def requested_tags(parameters: Parameters) -> Tags:
    """Returns the tags in the parameter Tags; the value of a tag without one is empty."""
    return tuple((tag["Key"], tag.get("Value", "")) for tag in parameters.get("Tags") or ())


def has_duplicate_keys(tags: Tags, *, case_sensitive: bool = False) -> bool:
    """Returns whether two keys are the same; by default when case is ignored."""
    return len({key if case_sensitive else key.lower() for key, _ in tags}) != len(tags)


def request_tag_keys(tags: Tags, *, removed: Sequence[str] = ()) -> dict[str, tuple[str, ...]]:
    """Returns ``aws:RequestTag/…`` and ``aws:TagKeys`` of a call.

    Args:
        tags: Tags that the call adds.
        removed: Keys of the tags that the call removes.

    Spec: AWS IAM UG "reference_policies_condition-keys"
    Evidence: documented
    """
    context: dict[str, tuple[str, ...]] = {f"aws:requesttag/{key.lower()}": (value,) for key, value in tags}
    keys = (*(key for key, _ in tags), *removed)
    if keys:
        context["aws:tagkeys"] = keys
    return context


def resource_tag_keys(tags: Tags) -> dict[str, tuple[str, ...]]:
    """Returns ``aws:ResourceTag/…`` and ``iam:ResourceTag/…`` for a resource with these tags.

    Spec: AWS IAM UG "reference_policies_condition-keys", "reference_policies_iam-condition-keys"
    Evidence: documented
    """
    return {f"{prefix}:resourcetag/{key.lower()}": (value,) for key, value in tags for prefix in ("aws", "iam")}
