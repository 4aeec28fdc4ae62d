"""The JSON protocol 1.1, as botocore's service models describe it: a header names the operation, bodies are JSON.

Spec: AWS awsJson1.1 protocol; the service models that botocore and the AWS CLI carry
Evidence: documented
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from emulator.kernel.errors import AwsRefusal
from sp_mock.apis.json_values import MalformedRequest, json_object, json_value, typed_value
from sp_mock.apis.operations import ServiceApi
from sp_mock.apis.rest_json import ERROR_TYPES
from sp_mock.apis.service_model import Parameters, ResponseElements, ServiceOperations
from sp_mock.apis.wire_protocol import HttpRequest, RequestedOperation

_TARGET = "x-amz-target"


def json_refusal(
    code: str,
    words: str,
    *,
    service: str,
    check: str,
    explanation: str,
    where: str,
    expected: str = "",
    received: str = "",
    status: int = 400,
) -> AwsRefusal:
    """Returns a refusal of a service with the JSON protocol, in the emulator's own words.

    Evidence: assumed (the words)
    """
    return AwsRefusal(
        words,
        service=service,
        code=code,
        status=status,
        check=check,
        evidence="assumed",
        explanation=explanation,
        where=where,
        expected=expected,
        received=received,
        fix="Compare with the operation's parameters in the API reference.",
        spec=f"{service} API",
    )


class JsonProtocol(ServiceOperations):
    """The JSON protocol as a service's site speaks it.

    Args:
        api: The service that is called.
        exceptions: Name of the exception that a wrong parameter gets, by the parameter's name in lower camel case;
            others get ValidationException.
    """

    paths = ("/",)
    methods = ("POST",)
    content_type = "application/x-amz-json-1.1"

    def __init__(self, api: ServiceApi, *, exceptions: Mapping[str, str]) -> None:
        super().__init__(api.prefix)
        self._api = api
        self._exceptions = exceptions

    def requested_operation(self, request: HttpRequest) -> RequestedOperation:
        """Returns the operation that the header X-Amz-Target names; some SDKs leave the service's package out.

        Raises:
            AwsRefusal: UnknownOperationException (400), the service has no such operation.
        """
        target = request.headers.get(_TARGET, "")
        prefix, _, name = target.rpartition(".")
        known = str(self.model.metadata["targetPrefix"])
        if prefix not in {known, known.rpartition(".")[2]} or not self.knows(name):
            raise self._refused(
                "UnknownOperationException",
                "",
                check="action",
                explanation=f"{self._api.name} has no such operation.",
                where="header X-Amz-Target",
                expected=f"{known}.{next(iter(self._api.operations))}",
                received=target,
            )
        return RequestedOperation(name)

    def read_parameters(self, requested: RequestedOperation, request: HttpRequest) -> Parameters:
        """Returns the parameters in the request's body.

        Raises:
            AwsRefusal: SerializationException (400), the body is not a JSON object, or a value in it is of another
                type.
        """
        shape = self.model.operation_model(requested.name).input_shape
        try:
            body = json_object(request.body)
            read: Parameters = {} if shape is None else typed_value(shape, body, requested.name, 0)
        except MalformedRequest as error:
            raise self._refused(
                "SerializationException",
                str(error),
                check="parameters",
                explanation="The request's body does not have the operation's form.",
                where="the request's body",
            ) from None
        return read

    def answer(self, operation: str, elements: ResponseElements, **_request_id: str) -> str:
        """Returns the JSON of an answer. Instants are seconds since 1970."""
        shape = self.model.operation_model(operation).output_shape
        return json.dumps({} if shape is None else json_value(elements))

    def error(self, refusal: AwsRefusal, **_request_id: str) -> str:
        """Returns the JSON of an error."""
        return json.dumps({"__type": self.error_code(refusal), "message": refusal.message})

    def error_headers(self, _refusal: AwsRefusal) -> Mapping[str, str]:
        """Returns none: the code is in the body."""
        return {}

    def error_code(self, refusal: AwsRefusal) -> str:
        """Returns the code as services with JSON bodies have it."""
        return ERROR_TYPES.get(refusal.code, refusal.code)

    def error_message(self, refusal: AwsRefusal, **_request_id: str) -> str:
        """Returns the message."""
        return refusal.message

    def not_offered(self, operation: str) -> AwsRefusal:
        """Returns the refusal of an operation that the service has and the emulator does not offer."""
        return self._refused(
            "UnsupportedOperationException",
            f"{operation} is not offered",
            check="action",
            explanation=f"{self._api.name} has the operation {operation}, but the emulator does not offer it.",
            where="header X-Amz-Target",
            expected=", ".join(self._api.operations),
            received=operation,
        )

    def invalid_parameters(self, operation: str, message: str) -> AwsRefusal:
        """Returns the refusal of parameters that violate constraints."""
        names = (name for name in self._exceptions if f"at '{name}" in message)
        return self._refused(
            self._exceptions.get(next(names, ""), "ValidationException"),
            message,
            check="parameters",
            explanation="The call's parameters are not well-formed; nothing was looked up.",
            where=f"the parameters of {operation}",
        )

    def malformed(self, reason: str, *, status: int) -> AwsRefusal:
        """Returns the refusal of an HTTP request that reaches no operation."""
        return self._refused(
            "UnknownOperationException",
            reason,
            check="request",
            explanation=reason,
            where="request",
            status=status,
        )

    def _refused(
        self,
        code: str,
        words: str,
        *,
        check: str,
        explanation: str,
        where: str,
        expected: str = "",
        received: str = "",
        status: int = 400,
    ) -> AwsRefusal:
        return json_refusal(
            code,
            words,
            service=self._api.name,
            check=check,
            explanation=explanation,
            where=where,
            expected=expected,
            received=received,
            status=status,
        )
