"""One IAM call at work on one account: what operations take and give, and what many of them ask.

An operation takes the account as it is and returns the account as it shall be. Nothing changes until it has returned.

Spec: AWS IAM API Reference
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from emulator.kernel.clock import Ids
from emulator.kernel.errors import InvalidInput, LimitExceeded, ValidationError
from sp_mock.accounts.managed_policies import Tags
from sp_mock.accounts.model import Account
from sp_mock.policies.documents import PolicyDocument
from sp_mock.principals.callers import Caller

IAM = "AWS IAM"
_ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_MAX_TAGS = 50
_DEFAULT_PAGE = 100
Listed = TypeVar("Listed")


@dataclass(frozen=True, slots=True)
class Work:
    """A call and the account it is about.

    Args:
        account: As it is before the call.
        parameters: The call's, well-formed by the service model.
        caller: Who calls, and may.
        now: The instant of the call.
        ids: Makes unique ids and secrets.
    """

    account: Account
    parameters: Mapping[str, Any]
    caller: Caller
    now: datetime
    ids: Ids

    def arn(self, resource: str) -> str:
        """Returns the ARN of one of the account's IAM resources: ``role/ConnectAgent``."""
        return f"arn:{self.account.partition}:iam::{self.account.account_id}:{resource}"

    def unique_id(self, prefix: str) -> str:
        """Returns a new unique id such as ``AROA…``."""
        return prefix + self.ids.pick(_ID_CHARACTERS, 17)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The account after a call, and the answer's members."""

    account: Account
    answer: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One action.

    Args:
        run: What it does.
        resource: The ARN that the caller's policies have to allow it on.
    """

    run: Callable[[Work], Outcome]
    resource: Callable[[Work], str]


def everything(_work: Work) -> str:
    """The resource of actions that name none."""
    return "*"


def page(work: Work, name: str, items: Sequence[Listed], describe: Callable[[Listed], Any]) -> Outcome:
    """Answers with the part of a list that Marker and MaxItems ask for.

    Args:
        work: The call.
        name: The answer's member that holds the list, such as ``Roles``.
        items: The whole list, in a stable order.
        tell: Words one item.

    Raises:
        ValidationError: Marker is not one that was given out.

    Spec: AWS IAM API, Marker, MaxItems and IsTruncated
    Evidence: documented (the members), assumed (the form of a marker, and the words about a wrong one)
    """
    start, size = _start(work), work.parameters.get("MaxItems") or _DEFAULT_PAGE
    end = start + size
    more = end < len(items)
    answer: dict[str, Any] = {name: [describe(item) for item in items[start:end]], "IsTruncated": more}
    if more:
        answer["Marker"] = base64.urlsafe_b64encode(f"from {end}".encode()).decode()
    return Outcome(work.account, answer)


def _start(work: Work) -> int:
    marker = work.parameters.get("Marker")
    if marker is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(marker).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    match = re.fullmatch(r"from ([0-9]{1,6})", text)
    if match is None:
        raise ValidationError(
            f"Invalid Marker: {marker}",
            service=IAM,
            check="marker",
            evidence="assumed",
            explanation="Marker is what the answer before gave; it cannot be made up.",
            where="parameter Marker",
            received=marker,
            fix="Begin without a Marker, and hand on the one that each answer gives.",
            spec="AWS IAM API, Marker",
        )
    return int(match[1])


def document_text(document: PolicyDocument) -> str:
    """Returns a policy document as IAM's answers carry it: URL-encoded.

    Spec: AWS IAM API, "Policies returned by this operation are URL-encoded compliant with RFC 3986"
    Evidence: documented
    """
    return quote(document.text, safe="-_.~")


def tag_members(tags: Tags) -> list[dict[str, str]]:
    """Words tags."""
    return [{"Key": key, "Value": value} for key, value in tags]


def read_tags(work: Work) -> Tags:
    """Returns the tags of a call.

    Raises:
        InvalidInput: two keys are the same when case is ignored.

    Spec: AWS IAM UG "id_tags"
    Evidence: observed
    """
    tags = tuple((tag["Key"], tag.get("Value", "")) for tag in work.parameters.get("Tags") or ())
    folded = [key.lower() for key, _ in tags]
    if len(set(folded)) != len(folded):
        raise InvalidInput(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            service=IAM,
            check="tags",
            evidence="observed",
            explanation="Two tags have the same key when case is ignored.",
            where="parameter Tags",
            received=", ".join(key for key, _ in tags),
            fix="Send each key once.",
            spec='AWS IAM UG "id_tags"',
        )
    return tags


def with_tags(tags: Tags, added: Tags) -> Tags:
    """Returns tags with others laid over them; keys are compared without case.

    Raises:
        LimitExceeded: more than fifty.

    Spec: AWS IAM UG "id_tags"
    Evidence: documented (the limit), assumed (the words)
    """
    merged = {key.lower(): (key, value) for key, value in (*tags, *added)}
    if len(merged) > _MAX_TAGS:
        raise over_quota("The number of tags has reached the maximum limit.", evidence="assumed")
    return tuple(merged.values())


def without_tags(tags: Tags, keys: Sequence[str]) -> Tags:
    """Returns tags without those of some keys."""
    gone = {key.lower() for key in keys}
    return tuple((key, value) for key, value in tags if key.lower() not in gone)


def over_quota(message: str, *, evidence: str = "observed") -> LimitExceeded:
    """Words a used-up quota."""
    return LimitExceeded(
        message,
        service=IAM,
        check="quota",
        evidence=evidence,
        explanation="IAM keeps this many at most.",
        fix="Remove what is no longer needed.",
        spec='AWS IAM UG "reference_iam-quotas"',
    )
