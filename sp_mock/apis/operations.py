"""Operations of AWS's APIs: who calls, whether they may, and what comes of it. STS, IAM and Amazon Connect share this.

A service declares its operations in a ``ServiceApi``; ``run_operation`` answers a call. Most operations are about the
caller's account: they take the account as it is and return the account as it shall be. Nothing has changed until they
return, and what they raise leaves everything as it was.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, TypeVar

from emulator.kernel.client_connection import UNKNOWN_CLIENT, ClientConnection
from emulator.kernel.clock import Ids
from emulator.kernel.errors import AwsRefusal
from emulator.kernel.explanations import Cause
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
        api: The service that is called.
        operation: Such as ``AssumeRoleWithSAML``.
        parameters: By their names in the service's model.
        endpoint: The endpoint that was asked.
        now: The instant of the call.
        services: What the federation has, by type.
        client: How the call came.
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
        """Returns the call with who signed it."""
        return SignedCall(**_values(self), caller=caller)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCall(ApiCall):
    """A call with a valid signature, and who signed it."""

    caller: Caller

    def authorize(self, resource: str, *, condition_keys: Context | None = None) -> None:
        """Requires that the caller's policies allow the operation.

        Args:
            resource: The ARN of what it is about; ``*`` where it is about nothing in particular.
            condition_keys: Those that the service adds to the ones of every call.

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
        """Returns the call with its caller's account."""
        return AccountCall(**_values(self), account=account)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCall(SignedCall):
    """A signed call and the caller's account, as it is before the call."""

    account: Account


def _values(call: ApiCall) -> dict[str, Any]:
    return {each.name: getattr(call, each.name) for each in fields(call)}


@dataclass(frozen=True, slots=True)
class Result:
    """What an operation comes to.

    Args:
        elements: The response elements, in the order in which they are sent.
        account: The account as it shall be; None when it stays as it is.
        summary: For the trace; by default the operation and its caller.
        facts: For the trace.
        causes: What made it so where it was not simply done, as ``facts.note`` says.
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
    """An operation that changes no account; it asks for permission itself, if it needs any."""

    run: Callable[[SignedCall], Result]


@dataclass(frozen=True, slots=True)
class AccountOperation:
    """An operation on the caller's account, for which the caller's policies have to allow a resource.

    Args:
        run: What it does.
        resource: Returns the ARN of what a call is about.
        precondition: What is refused before the policies are asked.
    """

    run: Callable[[AccountCall], Result]
    resource: Callable[[AccountCall], str]
    precondition: Callable[[AccountCall], None] = lambda _call: None


Operation = UnsignedOperation | SignedOperation | AccountOperation


@dataclass(frozen=True, slots=True)
class ServiceApi:
    """A service's API.

    Args:
        name: As people know it: ``AWS IAM``.
        prefix: As actions and signatures have it: ``iam``.
        operations: What is offered, by name.
        condition_keys: Returns the condition keys that the service adds to a call about a resource.
        admit: Refuses callers that the service does not answer at all.
        quotes_values: Whether it says which value of a parameter violates a constraint.
        max_form_bytes: How large a call may be.
        denials_name_policies: Whether its denials end in which kind of policy decided.
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
    """The resource of operations that are about nothing in particular."""
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
    """Returns what the trace keeps of a call that went through."""
    by = f" by {call.caller.arn}" if isinstance(call, SignedCall) else ""
    return TraceNote(call.api.name, result.summary or f"{call.operation}{by}", result.facts, causes=result.causes)


@dataclass(frozen=True, slots=True)
class Pagination:
    """How a service hands out long lists: page by page, each but the last with a marker of where the next one begins.

    Args:
        marker: The parameter, and the response element, that carries the marker.
        size: The parameter that says how many items a page has at most.
        invalid_marker: Returns the refusal of a marker that was not handed out.
        marker_text: What a marker says before base64; the braces are the position.
        truncated: The response element that says whether there is a next page; None where the marker alone does.
        past_the_end: Whether a marker from when the list was longer opens an empty page; otherwise it is refused.
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
            call: Has the marker and the size among its parameters.
            name: The response element of the list.
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
