"""What the operations of Amazon Connect's service API share: the call at work, finding things, refusing, pages.

Spec: Amazon Connect API Reference
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from emulator.kernel.clock import Ids
from emulator.kernel.errors import AwsRefusal
from sp_mock.accounts.model import Account, Instance
from sp_mock.apis.rest_json import Answer
from sp_mock.apis.service_model import Parameters
from sp_mock.principals.callers import Caller

CONNECT_API = "Amazon Connect"
DEFAULT_PAGE = 100
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Work:
    """A call at work on its caller's account.

    Args:
        account: As it is now.
        parameters: By their names in the model.
        caller: Who calls.
        region: The endpoint's.
        now: The instant of the call.
        ids: Makes identifiers.
    """

    account: Account
    parameters: Parameters
    caller: Caller
    region: str
    now: datetime
    ids: Ids

    @property
    def instance(self) -> Instance:
        """The instance that the call names.

        Raises:
            AwsRefusal: ResourceNotFoundException (404), it is not in this account and region.

        Spec: Amazon Connect API Reference
        Evidence: documented (the code), assumed (the words)
        """
        given = str(self.parameters.get("InstanceId", "")).rpartition("/")[2]
        instance = self.account.instances.get(given)
        if instance is None or instance.arn.region != self.region:
            here = [i.instance_id for i in self.account.instances.values() if i.arn.region == self.region]
            raise refused(
                "ResourceNotFoundException",
                f"Instance with ID {given} not found",
                explanation=f"The account {self.account.account_id} has no such instance in {self.region}."
                if instance is None
                else f"The instance is in {instance.arn.region}, the endpoint is {self.region}'s.",
                where="InstanceId",
                expected=" or ".join(here),
                received=given,
                fix="Use the instance's region and id.",
            )
        return instance

    def arn(self, *parts: str) -> str:
        """Returns an ARN of this account and region."""
        where = f"arn:{self.account.partition}:connect:{self.region}:{self.account.account_id}"
        return ":".join((where, "/".join(parts)))

    def keep(self, instance: Instance) -> Account:
        """Returns the account with this instance in it."""
        return replace(self.account, instances={**self.account.instances, instance.instance_id: instance})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation comes to: the account as it is afterwards, and the answer."""

    account: Account
    answer: Answer = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation: what it acts on, by which policies are asked, and what it does."""

    resource: Callable[[Work], str]
    run: Callable[[Work], Outcome]


def everything(_: Work) -> str:
    """The resource of operations that name none."""
    return "*"


def of_instance(work: Work) -> str:
    """Returns the ARN of the instance that a call names, whether there is one or not."""
    return work.arn("instance", str(work.parameters.get("InstanceId", "")).rpartition("/")[2])


def refused(
    code: str,
    words: str,
    *,
    explanation: str,
    where: str,
    expected: str = "",
    received: str = "",
    fix: str,
    status: int = 0,
) -> AwsRefusal:
    """Words a refusal; the sentences are the emulator's, the codes the model's."""
    statuses = {"ResourceNotFoundException": 404, "DuplicateResourceException": 409, "ResourceConflictException": 409}
    return AwsRefusal(
        words,
        service=CONNECT_API,
        code=code,
        status=status or statuses.get(code, 400),
        check="connect-api",
        evidence="assumed",
        explanation=explanation,
        where=where,
        expected=expected,
        received=received,
        fix=fix,
        spec="Amazon Connect API Reference",
    )


def invalid(parameter: str, words: str, *, expected: str = "", received: str = "", fix: str) -> AwsRefusal:
    """Words a parameter that cannot be: InvalidParameterException (400)."""
    return refused(
        "InvalidParameterException",
        words,
        explanation=words,
        where=parameter,
        expected=expected,
        received=received,
        fix=fix,
    )


def page(work: Work, items: Sequence[Item]) -> tuple[list[Item], str | None]:
    """Returns one page of a list, and the token of the next one.

    Raises:
        AwsRefusal: InvalidParameterException (400), the token was not given out.

    Spec: Amazon Connect API Reference, ``NextToken`` and ``MaxResults``
    Evidence: documented
    """
    token, size = work.parameters.get("NextToken"), work.parameters.get("MaxResults") or DEFAULT_PAGE
    start = 0
    if token:
        try:
            start = int(base64.urlsafe_b64decode(str(token)).decode("ascii"))
        except (binascii.Error, ValueError):
            start = -1
        if not 0 < start < len(items):
            raise invalid("NextToken", "Invalid NextToken", received=str(token), fix="Begin with the first page.")
    end = start + size
    following = base64.urlsafe_b64encode(str(end).encode()).decode() if end < len(items) else None
    return list(items[start:end]), following


def text(values: Mapping[str, Any], name: str) -> str:
    """Returns a text parameter, empty when it is not given."""
    return str(values.get(name) or "")
