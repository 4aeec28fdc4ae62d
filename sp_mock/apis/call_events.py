"""A call of an API as CloudTrail records it.

Every call with a valid signature is recorded, whatever its outcome. AssumeRoleWithSAML is unsigned, so its operation
writes its own record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import Any

from emulator.kernel.client_connection import ClientConnection
from emulator.kernel.errors import AwsRefusal
from emulator.kernel.records import dataclass
from sp_mock.apis.api_endpoints import ApiEndpoint
from sp_mock.apis.operations import Result
from sp_mock.apis.service_model import Parameters, ResponseElements
from sp_mock.apis.wire_protocol import WireProtocol
from sp_mock.arn import Arn
from sp_mock.cloudtrail.details import (
    HIDDEN,
    MAX_PARAMETERS,
    MAX_TEXT,
    EventResource,
    RequestDetails,
    within_limit,
)
from sp_mock.cloudtrail.events import RequestOrigin, TrailEvent, has_response_elements, is_read_only
from sp_mock.cloudtrail.history import EventHistory
from sp_mock.cloudtrail.times import worded_time
from sp_mock.cloudtrail.user_identity import another_account, identity_of_caller
from sp_mock.principals.callers import Caller

_NEVER_ANSWERED = frozenset({"SecretAccessKey"})
_HIDDEN_MEMBERS = frozenset({"SessionToken", "SAMLAssertion"})


@dataclass(slots=True)
class CallEntry:
    """What is known of a call so far; it may be refused before the rest is known.

    Args:
        protocol: The wire protocol of the service.
        endpoint: The endpoint that received the call.
        client: How the call reached AWS.
        caller: The principal who signed; None until a signature has been verified.
        parameters: Parameters by their names in the service's model.
    """

    protocol: WireProtocol
    endpoint: ApiEndpoint
    client: ClientConnection
    operation: str = ""
    caller: Caller | None = None
    parameters: Parameters = field(default_factory=dict)

    def answered(self, result: Result, history: EventHistory) -> None:
        """Records a call that succeeded.

        Spec: AWS IAM UG "cloudtrail-integration"; Amazon Connect Administrator Guide "logging-using-cloudtrail"
        Evidence: documented
        """
        if self.caller is None:
            return
        event = self._event(self.caller, history, elements=result.elements)
        history.add(event)
        other = _other_account(event)
        if other:
            # Both accounts get the event; the role owner's copy says only which account the caller came from.
            identity = another_account(event.identity)
            event_id = history.ids.uuid()
            history.add(replace(event, event_id=event_id, account_id=other, principal=identity))

    def refused(self, refusal: AwsRefusal, history: EventHistory, *, request_id: str) -> None:
        """Records a call that was refused after its signature had been verified.

        Spec: AWS IAM UG "cloudtrail-integration" ("all authenticated API requests")
        Evidence: documented (that it is recorded), assumed (that calls with a wrong signature are not)
        """
        if self.caller is None:
            return
        code = self.protocol.error_code(refusal)
        message = self.protocol.error_message(refusal, request_id=request_id)[:MAX_TEXT]
        history.add(
            replace(self._event(self.caller, history), error_code=code, error_message=message, shared_event_id="")
        )

    @property
    def _is_camel_case(self) -> bool:
        """Whether names begin with a lower-case letter: STS's and IAM's do, Amazon Connect's are as in its API.

        Spec: AWS IAM UG "cloudtrail-integration"; Amazon Connect Administrator Guide "logging-using-cloudtrail"
        Evidence: documented
        """
        return str(self.protocol.model.endpoint_prefix) != "connect"

    def _event(self, caller: Caller, history: EventHistory, *, elements: ResponseElements | None = None) -> TrailEvent:
        model, name = self.protocol.model, self.operation
        source = f"{model.endpoint_prefix}.amazonaws.com"
        answer: dict[str, Any] = {}
        if elements is not None and has_response_elements(source, name):
            shape = model.operation_model(name).output_shape
            answer = logged_elements(shape, elements, camel_case=self._is_camel_case)
        parameters = logged_parameters(
            model.operation_model(name).input_shape, self.parameters, camel_case=self._is_camel_case
        )
        event = TrailEvent(
            event_id=history.ids.uuid(),
            time=history.clock.now(),
            source=source,
            name=name,
            region=self.endpoint.region_name,
            account_id=caller.account_id,
            principal=identity_of_caller(caller),
            origin=RequestOrigin.of(self.client, caller.name),
            read_only=is_read_only(source, name),
            details=RequestDetails(
                request_parameters=within_limit(parameters, limit=MAX_PARAMETERS),
                response_elements=within_limit(answer, limit=MAX_PARAMETERS),
                resources=_resources(name, self.parameters),
            ),
        )
        return replace(event, shared_event_id=history.ids.uuid()) if _other_account(event) else event


def _resources(operation: str, parameters: Parameters) -> tuple[EventResource, ...]:
    """Returns the resources that the record lists for a call: the role of AssumeRole.

    Spec: AWS CloudTrail UG "cloudtrail-event-reference-record-contents", resources
    Evidence: documented
    """
    arn = Arn.parse(str(parameters.get("RoleArn"))) if operation == "AssumeRole" else None
    return () if arn is None else (EventResource("AWS::IAM::Role", str(arn)),)


def _other_account(event: TrailEvent) -> str:
    """Returns the account of the role when it is not the caller's.

    Spec: AWS IAM UG "cloudtrail-integration", cross-account events
    Evidence: documented
    """
    owners = {each.account_id for each in event.details.resources} - {event.account_id}
    return next(iter(owners), "")


def logged_parameters(shape: Any, values: Mapping[str, Any], *, camel_case: bool) -> dict[str, Any]:
    """Returns a call's parameters as the record shows them, without the values that the model marks as sensitive.

    Args:
        shape: Type of the parameters in the model; None when the operation takes none.
        camel_case: Whether names begin with a lower-case letter.

    Spec: AWS CloudTrail UG "cloudtrail-event-reference-record-contents", requestParameters
    Evidence: documented (small letters), observed (the word for what is hidden), assumed (that the model decides)
    """
    return {} if shape is None else _logged_structure(shape, values, camel_case)


def logged_elements(shape: Any, values: Mapping[str, Any], *, camel_case: bool) -> dict[str, Any]:
    """Returns an answer's elements as the record shows them: without secret keys, and with session tokens hidden.

    AWS's records show session tokens, which are useless without the secret key; the emulator keeps none of them.

    Args:
        shape: Type of the answer in the model; None when the operation returns nothing.
        camel_case: Whether names begin with a lower-case letter.

    Spec: AWS CloudTrail UG "cloudtrail-event-reference-record-contents", responseElements
    Evidence: documented (no secret key), assumed (the hidden session token)
    """
    return {} if shape is None else _logged_structure(shape, values, camel_case)


def _logged_structure(shape: Any, values: Mapping[str, Any], camel_case: bool) -> dict[str, Any]:
    logged = {}
    for name, value in values.items():
        if value is None or name in _NEVER_ANSWERED or name not in shape.members:
            continue
        member = shape.members[name]
        shown = name[0].lower() + name[1:] if camel_case else name
        is_hidden = name in _HIDDEN_MEMBERS or member.metadata.get("sensitive")
        logged[shown] = HIDDEN if is_hidden else _logged_value(member, value, camel_case)
    return logged


def _logged_value(shape: Any, value: Any, camel_case: bool) -> Any:
    if shape.type_name == "structure":
        return _logged_structure(shape, value, camel_case)
    if shape.type_name == "list":
        return [_logged_value(shape.member, each, camel_case) for each in value]
    if isinstance(value, datetime):
        return worded_time(value) if camel_case else int(value.timestamp())
    return value
