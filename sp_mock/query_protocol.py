"""The Query protocol of STS and IAM, as botocore's service models describe it: fields in, XML out.

Spec: AWS Query protocol; the service models that botocore and the AWS CLI carry
Evidence: documented
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from xml.sax.saxutils import escape

from emulator.errors import AwsRefusal, DiscoveryRefusal

Parameters = Mapping[str, Any]
Answer = Mapping[str, Any]

_MAX_LIST = 1000
_NOT_IN_XML = re.compile("[^\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SHOWN = 64
_NUMBER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
# What Java's patterns in the models say with \p, for Python: letters and digits of every script, and spaces.
_SPACES = "\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_UNICODE_CLASSES = {r"\p{L}": r"\w", r"\p{N}": r"\d", r"\p{Z}": _SPACES}


class QueryService:
    """One service's operations.

    Args:
        name: The service as botocore calls it, such as ``iam``.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._patterns: dict[str, re.Pattern[str]] = {}

    @cached_property
    def _model(self) -> Any:
        from botocore.loaders import Loader
        from botocore.model import ServiceModel

        return ServiceModel(Loader().load_service_model(self._name, "service-2"), self._name)

    @property
    def version(self) -> str:
        """The API version, such as ``2010-05-08``."""
        return str(self._model.api_version)

    @property
    def namespace(self) -> str:
        """The XML namespace of answers."""
        return str(self._model.metadata["xmlNamespace"])

    def knows(self, action: str) -> bool:
        """Tells whether the service has such an action."""
        return action in self._model.operation_names

    def parameters(self, action: str, fields: Mapping[str, str]) -> Parameters:
        """Returns an action's parameters as nested values: ``Tags.member.1.Key`` becomes ``Tags[0]["Key"]``.

        Numbers that are none stay text: ``violations`` tells them.
        """
        shape = self._model.operation_model(action).input_shape
        return {} if shape is None else _structure(shape, fields, "")

    def violations(self, action: str, parameters: Parameters) -> list[str]:
        """Returns what is wrong with parameters, in AWS's words and the model's order.

        Evidence: observed (empty and short values, missing ones), assumed (numbers that are none)
        """
        shape = self._model.operation_model(action).input_shape
        return [] if shape is None else list(self._in_structure(shape, parameters, ""))

    def answer(self, action: str, result: Answer, *, request_id: str) -> str:
        """Returns the XML of an answer; members come in the order of ``result``."""
        operation = self._model.operation_model(action)
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

    def _in_structure(self, shape: Any, values: Parameters, path: str) -> Iterator[str]:
        for name, member in shape.members.items():
            at = path + name[0].lower() + name[1:]
            value = values.get(name)
            if value is None:
                if name in shape.required_members:
                    yield f"Value null at '{at}' failed to satisfy constraint: Member must not be null"
                continue
            yield from self._in_value(member, value, at)

    def _in_value(self, shape: Any, value: Any, at: str) -> Iterator[str]:
        if shape.type_name == "structure":
            yield from self._in_structure(shape, value, f"{at}.")
        elif shape.type_name == "list":
            yield from _length(shape, value, "[" + ", ".join(map(str, value))[:_SHOWN] + "]", at)
            for index, item in enumerate(value, start=1):
                yield from self._in_value(shape.member, item, f"{at}.{index}.member")
        elif shape.type_name in {"integer", "long"}:
            yield from _number(shape, value, at)
        elif shape.type_name == "boolean":
            if not isinstance(value, bool):
                yield _violation(str(value), at, "be true or false")
        elif shape.type_name == "string":
            yield from self._in_text(shape, value, at)

    def _in_text(self, shape: Any, value: str, at: str) -> Iterator[str]:
        shown = "***" if shape.metadata.get("sensitive") else value[:_SHOWN]
        if shape.enum and value not in shape.enum:
            yield _violation(shown, at, f"satisfy enum value set: [{', '.join(shape.enum)}]")
        pattern = shape.metadata.get("pattern")
        if pattern and not self._compiled(pattern).fullmatch(value):
            yield _violation(shown, at, f"satisfy regular expression pattern: {pattern}")
        yield from _length(shape, value, shown, at)

    def _compiled(self, pattern: str) -> re.Pattern[str]:
        if pattern not in self._patterns:
            text = pattern.replace(r"\u10000-\u10FFFF", r"\U00010000-\U0010FFFF")
            for java, python in _UNICODE_CLASSES.items():
                text = text.replace(java, python)
            self._patterns[pattern] = re.compile(text)
        return self._patterns[pattern]


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


def _length(shape: Any, value: Sequence[Any], shown: str, at: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and len(value) < low:
        yield _violation(shown, at, f"have length greater than or equal to {low}")
    if high is not None and len(value) > high:
        yield _violation(shown, at, f"have length less than or equal to {high}")


def _number(shape: Any, value: Any, at: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if not isinstance(value, int):
        yield _violation(str(value)[:_SHOWN], at, "be a whole number")
    elif low is not None and value < low:
        yield _violation(str(value), at, f"have value greater than or equal to {low}")
    elif high is not None and value > high:
        yield _violation(str(value), at, f"have value less than or equal to {high}")


def _violation(shown: str, at: str, rule: str) -> str:
    return f"Value '{shown}' at '{at}' failed to satisfy constraint: Member must {rule}"


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
