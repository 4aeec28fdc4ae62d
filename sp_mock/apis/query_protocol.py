"""The Query protocol of STS and IAM, as botocore's service models describe it: fields in, XML out.

Spec: AWS Query protocol; the service models that botocore and the AWS CLI carry
Evidence: documented
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from emulator.kernel.errors import AwsRefusal, DiscoveryRefusal, InvalidAction, ValidationError
from sp_mock.apis.operations import ServiceApi
from sp_mock.apis.service_model import Parameters, ResponseElements, ServiceOperations
from sp_mock.apis.wire_protocol import HttpRequest, RequestedOperation
from sp_mock.instants import in_seconds

_MAX_LIST = 1000
# What XML has no character for, as three classes: one class of all that it has takes ten times as long to compile.
_NOT_IN_XML = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f]|[\ud800-\udfff]|[\ufffe\uffff]")
_NUMBER = re.compile(r"-?[0-9]{1,18}", re.ASCII)


class QueryService(ServiceOperations):
    """One service behind the Query protocol."""

    @property
    def namespace(self) -> str:
        """The XML namespace of answers."""
        return str(self.model.metadata["xmlNamespace"])

    def parameters(self, operation: str, fields: Mapping[str, str]) -> Parameters:
        """Returns an operation's parameters as nested values: ``Tags.member.1.Key`` becomes ``Tags[0]["Key"]``.

        Text in place of a number stays text, so that ``violations`` finds it.
        """
        shape = self.model.operation_model(operation).input_shape
        return {} if shape is None else _structure(shape, fields, "")

    def answer(self, operation: str, elements: ResponseElements, *, request_id: str) -> str:
        """Returns the XML of an answer, with its elements in the given order."""
        shape = self.model.operation_model(operation).output_shape
        inner = ""
        if shape is not None:
            members = _members(shape, elements)
            inner = f"<{operation}Result>{members}</{operation}Result>" if members else f"<{operation}Result/>"
        metadata = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
        return f'<{operation}Response xmlns="{self.namespace}">{inner}{metadata}</{operation}Response>'

    def error(self, refusal: AwsRefusal, *, request_id: str) -> str:
        """Returns the XML of a refusal.

        Evidence: observed
        """
        message = self.error_message(refusal, request_id=request_id)
        at_fault = "Receiver" if refusal.status >= 500 else "Sender"
        return (
            f'<ErrorResponse xmlns="{self.namespace}">\n  <Error>\n    <Type>{at_fault}</Type>\n'
            f"    <Code>{escape(refusal.code)}</Code>\n    <Message>{_text(message)}</Message>\n  </Error>\n"
            f"  <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n"
        )

    def error_code(self, refusal: AwsRefusal) -> str:
        """Returns the error code as it is sent."""
        return refusal.code

    def error_message(self, refusal: AwsRefusal, *, request_id: str) -> str:
        """Returns the message; where STS passes on another component's words, with that component's signature."""
        if isinstance(refusal, DiscoveryRefusal):
            return discovery_message(refusal, request_id=request_id)
        return refusal.message


class QueryProtocol(QueryService):
    """The Query protocol as a service's site uses it: ``Action=…`` in the query string or in the form, XML back."""

    paths = ("/",)
    methods = ("GET", "POST")
    content_type = "text/xml"

    def __init__(self, api: ServiceApi) -> None:
        super().__init__(api.prefix, quotes_values=api.quotes_values)
        self._api = api

    def requested_operation(self, request: HttpRequest) -> RequestedOperation:
        """Returns the operation in the parameter Action.

        Raises:
            InvalidAction: the service does not have it in this version, or the emulator does not offer it; it is
                refused before the signature is looked at.
        """
        action, version = request.fields.get("Action", ""), request.fields.get("Version", self.version)
        if action not in self._api.operations or version != self.version:
            raise self._unknown(action, version)
        return RequestedOperation(action)

    def read_parameters(self, requested: RequestedOperation, request: HttpRequest) -> Parameters:
        """Returns the parameters among the request's fields."""
        return self.parameters(requested.name, request.fields)

    def error_headers(self, _refusal: AwsRefusal) -> Mapping[str, str]:
        """Returns no headers, because the code is in the body."""
        return {}

    def not_offered(self, operation: str) -> InvalidAction:
        """Returns the refusal of an action that the emulator does not offer."""
        return self._unknown(operation, self.version)

    def _unknown(self, action: str, version: str) -> InvalidAction:
        is_real = version == self.version and self.knows(action)
        return InvalidAction(
            f"Could not find operation {action} for version {version}",
            service=self._api.name,
            check="action",
            evidence="assumed",
            explanation=f"{self._api.name} has this action, but the emulator does not offer it."
            if is_real
            else f"{self._api.name} has no such action.",
            where="parameter Action",
            expected=", ".join(self._api.operations),
            received=action,
            spec=f"{self._api.name} API",
        )

    def invalid_parameters(self, operation: str, message: str) -> ValidationError:
        """Returns the refusal of parameters that violate constraints."""
        return ValidationError(
            message,
            service=self._api.name,
            check="parameters",
            evidence="observed",
            explanation="The call's parameters are not well-formed; nothing was looked up.",
            where="the call's parameters",
            fix=f"See {operation}'s parameters in the {self._api.name} API reference.",
            spec=f"{self._api.name} API {operation}",
        )

    def malformed(self, reason: str, *, status: int) -> InvalidAction:
        """Returns the refusal of an HTTP request that reaches no action."""
        return InvalidAction(reason, service=self._api.name, check="request", status=status)


def discovery_message(refusal: DiscoveryRefusal, *, request_id: str) -> str:
    """Returns the words of the component that looks up SAML providers, with its signature.

    Evidence: observed
    """
    return (
        f"{refusal.message} (Service: AWSOpenIdDiscoveryService; Status Code: {refusal.status}; "
        f"Error Code: {refusal.discovery_code}; Request ID: {request_id}; Proxy: null)"
    )


def _structure(shape: Any, fields: Mapping[str, str], prefix: str) -> dict[str, Any]:
    found = {}
    for name, member in shape.members.items():
        value = _value(member, fields, prefix + name)
        if value is not None:
            found[name] = value
    return found


def _value(shape: Any, fields: Mapping[str, str], name: str) -> Any:
    if shape.type_name == "structure":
        return _structure(shape, fields, f"{name}.") or None
    if shape.type_name == "list":
        return _list(shape, fields, name)
    text = fields.get(name)
    if text is None:
        return None
    if shape.type_name in {"integer", "long"} and _NUMBER.fullmatch(text):
        return int(text)
    if shape.type_name == "boolean" and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    return text


def _list(shape: Any, fields: Mapping[str, str], name: str) -> list[Any] | None:
    if fields.get(name) == "":
        return []
    items: list[Any] = []
    while len(items) < _MAX_LIST:
        item = _value(shape.member, fields, f"{name}.member.{len(items) + 1}")
        if item is None:
            break
        items.append(item)
    return items or None


def _members(shape: Any, values: ResponseElements) -> str:
    written = []
    for name, value in values.items():
        if value is not None:
            member = shape.members[name]
            written.append(_element(member.serialization.get("name", name), member, value))
    return "".join(written)


def _element(tag: str, shape: Any, value: Any) -> str:
    if shape.type_name == "structure":
        inner = _members(shape, value)
    elif shape.type_name == "list":
        inner = "".join(_element("member", shape.member, item) for item in value)
    elif shape.type_name == "map":
        inner = "".join(
            f"<entry>{_element('key', shape.key, key)}{_element('value', shape.value, item)}</entry>"
            for key, item in value.items()
        )
    else:
        inner = _text(value)
    return f"<{tag}>{inner}</{tag}>" if inner else f"<{tag}/>"


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return in_seconds(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    # Printable text has none of those characters, and Python sees that faster than an expression does.
    return escape(text if text.isascii() and text.isprintable() else _NOT_IN_XML.sub("?", text))
