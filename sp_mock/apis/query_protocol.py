"""The Query protocol of STS and IAM, as botocore's service models describe it: fields in, XML out.

Spec: AWS Query protocol; the service models that botocore and the AWS CLI carry
Evidence: documented
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from emulator.kernel.errors import AwsRefusal, DiscoveryRefusal
from sp_mock.apis.service_model import Parameters, ServiceOperations

Answer = Mapping[str, Any]

_MAX_LIST = 1000
_NOT_IN_XML = re.compile("[^\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NUMBER = re.compile(r"-?[0-9]{1,18}", re.ASCII)


class QueryService(ServiceOperations):
    """One service behind the Query protocol."""

    @property
    def namespace(self) -> str:
        """The XML namespace of answers."""
        return str(self.model.metadata["xmlNamespace"])

    def parameters(self, action: str, fields: Mapping[str, str]) -> Parameters:
        """Returns an action's parameters as nested values: ``Tags.member.1.Key`` becomes ``Tags[0]["Key"]``.

        Numbers that are none stay text: ``violations`` tells them.
        """
        shape = self.model.operation_model(action).input_shape
        return {} if shape is None else _structure(shape, fields, "")

    def answer(self, action: str, result: Answer, *, request_id: str) -> str:
        """Returns the XML of an answer; members come in the order of ``result``."""
        operation = self.model.operation_model(action)
        shape = operation.output_shape
        inner = ""
        if shape is not None:
            members = _members(shape, result)
            inner = f"<{action}Result>{members}</{action}Result>" if members else f"<{action}Result/>"
        return (
            f'<{action}Response xmlns="{self.namespace}">{inner}<ResponseMetadata><RequestId>{request_id}</RequestId>'
            f"</ResponseMetadata></{action}Response>"
        )

    def error(self, refusal: AwsRefusal, *, request_id: str) -> str:
        """Returns the XML of a refusal.

        Evidence: observed
        """
        message = refusal.message
        if isinstance(refusal, DiscoveryRefusal):
            message = discovery_message(refusal, request_id=request_id)
        return (
            f'<ErrorResponse xmlns="{self.namespace}">\n  <Error>\n    <Type>Sender</Type>\n'
            f"    <Code>{escape(refusal.code)}</Code>\n    <Message>{_text(message)}</Message>\n  </Error>\n"
            f"  <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n"
        )


def discovery_message(refusal: DiscoveryRefusal, *, request_id: str) -> str:
    """Returns the words of the component that knows the SAML providers, with its signature.

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


def _members(shape: Any, values: Answer) -> str:
    return "".join(
        _element(shape.members[name].serialization.get("name", name), shape.members[name], value)
        for name, value in values.items()
        if value is not None
    )


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
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(_NOT_IN_XML.sub("?", str(value)))
