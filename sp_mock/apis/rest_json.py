"""The REST protocol with JSON bodies, as botocore's service models describe it: method, path and body in, JSON out.

Spec: AWS restJson1 protocol; the service models that botocore and the AWS CLI carry
Evidence: documented
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote

from emulator.kernel.errors import AwsRefusal
from sp_mock.apis.json_values import MalformedRequest, json_object, json_value, typed_value
from sp_mock.apis.operations import ServiceApi
from sp_mock.apis.service_model import Parameters, ResponseElements, ServiceOperations
from sp_mock.apis.wire_protocol import HttpRequest, RequestedOperation

_LABEL = re.compile(r"\{(\w+)(\+?)\}")


# A service with JSON bodies has other names for the common errors than STS and IAM have.
ERROR_TYPES = {
    "AccessDenied": "AccessDeniedException",
    "ExpiredToken": "ExpiredTokenException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "IncompleteSignature": "IncompleteSignatureException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
}


class RefusalFactory(Protocol):
    """Makes a service's refusals; the status follows from the code unless it is given."""

    def __call__(
        self,
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
        """Returns the refusal."""
        ...


class RestJsonProtocol(ServiceOperations):
    """The REST protocol as a service's site speaks it: method and path name the operation, bodies are JSON.

    Args:
        api: The service.
        refused: Makes its refusals.
    """

    paths = ("/", "/<path:_path>")
    methods = ("GET", "PUT", "POST", "DELETE")
    content_type = "application/json"

    def __init__(self, api: ServiceApi, *, refused: RefusalFactory) -> None:
        super().__init__(api.prefix)
        self._api = api
        self._refused = refused

    @cached_property
    def _routes(self) -> list[tuple[str, re.Pattern[str], str]]:
        """Returns method, path and operation; a path with fewer labels goes before one with more."""
        routes = []
        for name in self.model.operation_names:
            http = self.model.operation_model(name).http
            path = http["requestUri"].partition("?")[0].rstrip("/") or "/"
            routes.append((path.count("{"), http["method"], _pattern(path), name))
        routes.sort(key=lambda route: route[0])
        return [(method, pattern, name) for _, method, pattern, name in routes]

    def requested_operation(self, request: HttpRequest) -> RequestedOperation:
        """Returns the operation at the request's method and path, offered or not.

        Raises:
            AwsRefusal: UnknownOperationException (404), the service has none there.
        """
        wanted = request.path.rstrip("/") or "/"
        for method, pattern, name in self._routes:
            found = pattern.fullmatch(wanted) if method == request.method else None
            if found is not None:
                return RequestedOperation(name, {label: unquote(value) for label, value in found.groupdict().items()})
        raise self._refused(
            "UnknownOperationException",
            f"Unable to determine service/operation name to be authorized: {request.method} {request.path}",
            explanation=f"{self._api.name} has no operation at this method and path.",
            where="the request line",
            received=f"{request.method} {request.path}",
            fix="Compare with the operation's request syntax in the API reference.",
            status=404,
        )

    def read_parameters(self, requested: RequestedOperation, request: HttpRequest) -> Parameters:
        """Returns an operation's parameters from the path, the query string and the body, as the model has them.

        Raises:
            AwsRefusal: InvalidRequestException (400), the body is not a JSON object, or a value in it is of another
                type.
        """
        query = parse_qs(request.query, keep_blank_values=True)
        try:
            return self._parameters(requested.name, requested.path_parameters, query, request.body)
        except MalformedRequest as error:
            raise self._refused(
                "InvalidRequestException",
                str(error),
                explanation="The request's body does not have the operation's form.",
                where="the request's body",
                fix=f"See {requested.name}'s request syntax in the API reference.",
            ) from None

    def _parameters(
        self, operation: str, labels: Mapping[str, str], query: Mapping[str, list[str]], body: bytes
    ) -> Parameters:
        shape = self.model.operation_model(operation).input_shape
        if shape is None:
            return {}
        data = json_object(body)
        values: dict[str, Any] = {}
        for name, member in shape.members.items():
            place, wire = member.serialization.get("location"), member.serialization.get("name", name)
            given: Any = None
            if place == "uri":
                given = labels.get(wire)
            elif place == "querystring":
                given = _from_query(member, query.get(wire))
            elif place is None:
                given = data.get(wire)
            if given is not None:
                values[name] = typed_value(member, given, name, 0)
        return values

    def answer(self, operation: str, elements: ResponseElements, **_request_id: str) -> str:
        """Returns the JSON of an answer. Instants are seconds since 1970."""
        shape = self.model.operation_model(operation).output_shape
        return json.dumps({} if shape is None else json_value(elements))

    def error(self, refusal: AwsRefusal, **_request_id: str) -> str:
        """Returns the JSON of an error, which is its message alone.

        Evidence: observed
        """
        return json.dumps({"Message": refusal.message})

    def error_headers(self, refusal: AwsRefusal) -> Mapping[str, str]:
        """Returns the header with the error's code.

        Evidence: observed
        """
        return {"x-amzn-ErrorType": self.error_code(refusal)}

    def error_code(self, refusal: AwsRefusal) -> str:
        """Returns the code as REST services have it."""
        return ERROR_TYPES.get(refusal.code, refusal.code)

    def error_message(self, refusal: AwsRefusal, **_request_id: str) -> str:
        """Returns the message."""
        return refusal.message

    def not_offered(self, operation: str) -> AwsRefusal:
        """Returns the refusal of an operation that the service has and the emulator does not offer."""
        return self._refused(
            "UnknownOperationException",
            f"{operation} is not offered",
            explanation=f"{self._api.name} has the operation {operation}, but the emulator does not offer it.",
            where=operation,
            expected=", ".join(sorted(self._api.operations)),
            received=operation,
            fix="Only what logins need is offered.",
            status=404,
        )

    def invalid_parameters(self, operation: str, message: str) -> AwsRefusal:
        """Returns the refusal of parameters that violate constraints."""
        return self._refused(
            "InvalidParameterException",
            message,
            explanation="The call's parameters are not well-formed; nothing was looked up.",
            where="the call's parameters",
            fix=f"See {operation}'s parameters in the API reference.",
        )

    def malformed(self, reason: str, *, status: int) -> AwsRefusal:
        """Returns the refusal of an HTTP request that reaches no operation."""
        return self._refused(
            "InvalidRequestException", reason, explanation=reason, where="request", fix="", status=status
        )


def _pattern(path: str) -> re.Pattern[str]:
    text, position = "", 0
    for label in _LABEL.finditer(path):
        text += re.escape(path[position : label.start()])
        text += f"(?P<{label[1]}>{'.+' if label[2] else '[^/]+'})"
        position = label.end()
    return re.compile(text + re.escape(path[position:]))


def _from_query(shape: Any, values: list[str] | None) -> Any:
    if not values:
        return None
    if shape.type_name == "list":
        return values
    text = values[0]
    if shape.type_name in {"integer", "long"}:
        return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else text
    if shape.type_name == "boolean":
        return {"true": True, "false": False}.get(text, text)
    return text
