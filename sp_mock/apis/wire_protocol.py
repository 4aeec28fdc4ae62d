"""What AWS's protocols differ in: where a request names its operation and parameters, and how answers are written.

``api_site`` asks these questions of whichever protocol a service has: the Query protocol or REST with JSON bodies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol

from emulator.kernel.errors import AwsRefusal
from emulator.kernel.records import dataclass
from sp_mock.apis.service_model import Parameters, ResponseElements


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it was sent.

    Args:
        method: Such as ``POST``.
        path: With its percent-encoding: an ARN in it holds slashes that separate nothing.
        query: The query string, encoded.
        headers: By lower-case name; ``host`` is the one that the client used.
        body: The bytes that a signature covers.
        fields: Query string and form, decoded; where both have a name the form counts.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RequestedOperation:
    """The operation that a request names, and the parameters that are part of the request's path."""

    name: str
    path_parameters: Mapping[str, str] = field(default_factory=dict)


class WireProtocol(Protocol):
    """How one service is called over HTTP, and how it answers."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths at which there are operations, as Flask's rules."""
        ...

    @property
    def methods(self) -> tuple[str, ...]:
        """The HTTP methods by which operations are called."""
        ...

    @property
    def content_type(self) -> str:
        """The media type of answers and errors."""
        ...

    @property
    def model(self) -> Any:
        """botocore's model of the service."""
        ...

    def requested_operation(self, request: HttpRequest) -> RequestedOperation:
        """Returns the operation that a request names.

        Raises:
            AwsRefusal: the service has no such operation.
        """
        ...

    def read_parameters(self, requested: RequestedOperation, request: HttpRequest) -> Parameters:
        """Returns the operation's parameters by their names in the service's model.

        Raises:
            AwsRefusal: the request cannot be read.
        """
        ...

    def violations(self, operation: str, parameters: Parameters) -> Sequence[str]:
        """Returns the constraints of the service's model that parameters violate, in AWS's words."""
        ...

    def answer(self, operation: str, elements: ResponseElements, *, request_id: str) -> str:
        """Returns the body of an answer."""
        ...

    def error(self, refusal: AwsRefusal, *, request_id: str) -> str:
        """Returns the body of an error."""
        ...

    def error_headers(self, refusal: AwsRefusal) -> Mapping[str, str]:
        """Returns the headers that an error has beside its media type."""
        ...

    def error_code(self, refusal: AwsRefusal) -> str:
        """Returns the error's code as the protocol spells it."""
        ...

    def error_message(self, refusal: AwsRefusal, *, request_id: str) -> str:
        """Returns the error's message."""
        ...

    def not_offered(self, operation: str) -> AwsRefusal:
        """Returns the refusal of an operation that the service has and the emulator does not offer."""
        ...

    def invalid_parameters(self, operation: str, message: str) -> AwsRefusal:
        """Returns the refusal of parameters that violate constraints."""
        ...

    def malformed(self, reason: str, *, status: int) -> AwsRefusal:
        """Returns the refusal of an HTTP request that reaches no operation, by its path, its method or its size."""
        ...
