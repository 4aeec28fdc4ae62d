"""Operations of AWS's APIs: who calls, whether they may, and with what result. STS, IAM and Amazon Connect share it.

A service declares its operations in a ``ServiceApi``; ``run_operation`` answers a call. Most operations concern the
caller's account: they take the current account and return the changed one. Nothing changes until they return, and when
they raise, everything stays as it was.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, fields
from datetime import datetime
from typing import Any, TypeVar

from emulator.kernel.client_connection import UNKNOWN_CLIENT, ClientConnection
from emulator.kernel.clock import Ids
from emulator.kernel.errors import AwsRefusal
from emulator.kernel.explanations import Cause
from emulator.kernel.records import dataclass
from emulator.kernel.services import Services
from emulator.kernel.trace_notes import NO_FACTS, Facts, TraceNote
from sp_mock.accounts.model import Account, Aws
from sp_mock.apis.api_endpoints import ApiEndpoint
from sp_mock.apis.service_model import Parameters, ResponseElements
from sp_mock.principals.callers import Authorizer, Caller, Context

_DEFAULT_PAGE = 100
Listed = TypeVar("Listed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """A call whose parameters are well-formed.

    Args:
        operation: Such as ``AssumeRoleWithSAML``.
        parameters: Parameters by their names in the service's model.
        endpoint: The endpoint that received the call.
        now: The instant of the call.
        services: The federation's services, by type.
        client: How the call reached AWS.
    """

    api: ServiceApi
    operation: str
    parameters: Parameters
    endpoint: ApiEndpoint
    now: datetime
    services: Services
    client: ClientConnection = UNKNOWN_CLIENT

    @property
    def aws(self) -> Aws:
        """Every account."""
        return self.services.get(Aws)

    @property
    def ids(self) -> Ids:
        """Makes identifiers and secrets."""
        return self.services.get(Ids)

    def signed_by(self, caller: Caller) -> SignedCall:
        """Returns the call together with the principal who signed it."""
        return SignedCall(**_values(self), caller=caller)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCall(ApiCall):
    """A call with a valid signature, and who signed it."""

    caller: Caller

    def authorize(self, resource: str, *, condition_keys: Context | None = None) -> None:
        """Requires that the caller's policies allow the operation.

        Args:
            resource: ARN of the resource; ``*`` for operations that do not support resource-level permissions.
            condition_keys: Keys that the service adds to those of every call.

        Raises:
            AccessDenied: they do not allow it.
        """
        action = f"{self.api.prefix}:{self.operation}"
        authorizer = self.services.get(Authorizer)
        authorizer.require(
            self.caller,
            action,
            resource,
            service=self.api.name,
            region=self.endpoint.region_name,
            client=self.client,
            context=condition_keys,
            names_policies=self.api.denials_name_policies,
        )

    def on_account(self, account: Account) -> AccountCall:
        """Returns the call together with its caller's account."""
        return AccountCall(**_values(self), account=account)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCall(SignedCall):
    """A signed call and the caller's account as it was before the call."""

    account: Account


def _values(call: ApiCall) -> dict[str, Any]:
    return {each.name: getattr(call, each.name) for each in fields(call)}


@dataclass(frozen=True, slots=True)
class Result:
    """The result of an operation.

    Args:
        elements: Response elements, in the order in which they are sent.
        account: The changed account; None when nothing changed.
        summary: Line for the trace; by default the operation and its caller.
        facts: Details for the trace.
        causes: The settings behind what ``facts.note`` says, where the call did not simply succeed.
    """

    elements: ResponseElements = field(default_factory=dict)
    account: Account | None = None
    summary: str = ""
    facts: Facts = NO_FACTS
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class UnsignedOperation:
    """An operation that takes no signature."""

    run: Callable[[ApiCall], Result]


@dataclass(frozen=True, slots=True)
class SignedOperation:
    """An operation that changes no account; it checks permissions itself where it needs any."""

    run: Callable[[SignedCall], Result]


@dataclass(frozen=True, slots=True)
class AccountOperation:
    """An operation on the caller's account, which the caller's policies have to allow for a resource.

    Args:
        run: Performs the operation.
        resource: Returns the ARN of the resource that a call concerns.
        precondition: Refuses calls before the policies are evaluated.
    """

    run: Callable[[AccountCall], Result]
    resource: Callable[[AccountCall], str]
    precondition: Callable[[AccountCall], None] = lambda _call: None


Operation = UnsignedOperation | SignedOperation | AccountOperation


@dataclass(frozen=True, slots=True)
class ServiceApi:
    """A service's API.

    Args:
        name: Name for people: ``AWS IAM``.
        prefix: Prefix in actions and signatures: ``iam``.
        operations: The operations that are offered, by name.
        condition_keys: Returns the condition keys that the service adds to a call about a resource.
        admit: Refuses callers whom the service does not serve at all.
        quotes_values: Whether error messages quote the value that violates a constraint.
        max_form_bytes: Maximum size of a call's body.
        denials_name_policies: Whether a denial ends with the kind of policy that decided.
    """

    name: str
    prefix: str
    operations: Mapping[str, Operation]
    condition_keys: Callable[[AccountCall, str], Context] = lambda _call, _resource: {}
    admit: Callable[[SignedCall], None] = lambda _call: None
    quotes_values: bool = True
    max_form_bytes: int = 1_000_000
    denials_name_policies: bool = True


def any_resource(_call: AccountCall) -> str:
    """The resource of operations that do not support resource-level permissions."""
    return "*"


def run_operation(call: ApiCall) -> Result:
    """Answers a call.

    Raises:
        AwsRefusal: the caller may not make it, or the operation refuses it; nothing has changed.
        TypeError: the operation has to be signed, and the call is not.
    """
    operation = call.api.operations[call.operation]
    if isinstance(operation, UnsignedOperation):
        return operation.run(call)
    if not isinstance(call, SignedCall):
        raise TypeError(f"{call.operation} has to be signed")
    call.api.admit(call)
    if isinstance(operation, SignedOperation):
        return operation.run(call)
    return _run_on_account(operation, call)


def _run_on_account(operation: AccountOperation, call: SignedCall) -> Result:
    def change(account: Account) -> tuple[Account, Result]:
        account_call = call.on_account(account)
        operation.precondition(account_call)
        resource = operation.resource(account_call)
        account_call.authorize(resource, condition_keys=call.api.condition_keys(account_call, resource))
        result = operation.run(account_call)
        return account if result.account is None else result.account, result

    return call.aws.change(call.caller.account_id, change)


def trace_note(call: ApiCall, result: Result) -> TraceNote:
    """Returns the trace note of a call that succeeded."""
    by = f" by {call.caller.arn}" if isinstance(call, SignedCall) else ""
    return TraceNote(call.api.name, result.summary or f"{call.operation}{by}", result.facts, causes=result.causes)


@dataclass(frozen=True, slots=True)
class Pagination:
    """How a service hands out long lists: page by page, each but the last with a marker for the next page.

    Args:
        marker: Name of the parameter, and of the response element, that carries the marker.
        size: Name of the parameter that limits the number of items on a page.
        invalid_marker: Returns the refusal of a marker that was never handed out.
        marker_text: Plain text of a marker before base64; the braces are the position.
        truncated: Name of the response element that says whether there is a next page; None where the marker alone says
            so.
        past_the_end: Whether a marker beyond the end of a list that has since become shorter gives an empty page
            instead of a refusal.
    """

    marker: str
    size: str
    invalid_marker: Callable[[str], AwsRefusal]
    marker_text: str = "{}"
    truncated: str | None = None
    past_the_end: bool = False

    def page(
        self, call: ApiCall, name: str, items: Sequence[Listed], describe: Callable[[Listed], Any]
    ) -> ResponseElements:
        """Returns the part of a list that a call asks for.

        Args:
            call: The call, with the marker and the size among its parameters.
            name: Response element that holds the list.
            items: The whole list, in a stable order.
            describe: Returns the response elements of one item.

        Raises:
            AwsRefusal: the marker was not handed out.
        """
        start = self._start(call.parameters.get(self.marker), len(items))
        end = start + (call.parameters.get(self.size) or _DEFAULT_PAGE)
        elements: dict[str, Any] = {name: [describe(item) for item in items[start:end]]}
        if self.truncated is not None:
            elements[self.truncated] = end < len(items)
        if end < len(items):
            elements[self.marker] = base64.urlsafe_b64encode(self.marker_text.format(end).encode()).decode()
        return elements

    def _start(self, marker: str | None, count: int) -> int:
        if not marker:
            return 0
        try:
            text = base64.urlsafe_b64decode(marker).decode("ascii")
        except (binascii.Error, ValueError):
            text = ""
        found = re.fullmatch(self.marker_text.format("([0-9]{1,6})"), text)
        if found is None or not (self.past_the_end or 0 < int(found[1]) < count):
            raise self.invalid_marker(marker)
        return int(found[1])
