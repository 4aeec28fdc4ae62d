"""The REST protocol with JSON bodies, as botocore's service models describe it: method, path and body in, JSON out.

Spec: AWS restJson1 protocol; the service models that botocore and the AWS CLI carry
Evidence: documented
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from emulator.kernel.errors import AwsRefusal
from sp_mock.apis.service_model import Parameters, ServiceOperations

Answer = Mapping[str, Any]

_MAX_DEPTH = 30
_LABEL = re.compile(r"\{(\w+)(\+?)\}")
_KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "double": (int, float),
    "float": (int, float),
    "timestamp": (int, float, str),
    "blob": (str,),
}


class MalformedRequest(Exception):
    """The request is no call of the service; the text says why."""


class RestJsonService(ServiceOperations):
    """One service behind the REST protocol with JSON bodies."""

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

    def match(self, method: str, path: str) -> tuple[str, Mapping[str, str]] | None:
        """Returns the operation at this method and path, with the values in the path; None when there is none."""
        wanted = path.rstrip("/") or "/"
        for known, pattern, name in self._routes:
            found = pattern.fullmatch(wanted) if known == method else None
            if found is not None:
                return name, {label: unquote(value) for label, value in found.groupdict().items()}
        return None

    def parameters(
        self, action: str, labels: Mapping[str, str], query: Mapping[str, list[str]], body: bytes
    ) -> Parameters:
        """Returns an operation's parameters from where the model says they stand.

        Raises:
            MalformedRequest: the body is no JSON object, or a value in it is of another type.
        """
        shape = self.model.operation_model(action).input_shape
        if shape is None:
            return {}
        data = _object(body)
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
                values[name] = _typed(member, given, name, 0)
        return values

    def answer(self, action: str, result: Answer) -> str:
        """Returns the JSON of an answer. Instants are seconds since 1970."""
        shape = self.model.operation_model(action).output_shape
        return json.dumps({} if shape is None else _plain(result))

    def status(self, code: str, default: int) -> int:
        """Returns the HTTP status that the model gives an error."""
        if code not in self.model.shape_names:
            return default
        return int(self.model.shape_for(code).metadata.get("error", {}).get("httpStatusCode", default))

    def error(self, refusal: AwsRefusal) -> str:
        """Returns the JSON of a refusal; its code goes into the header ``x-amzn-ErrorType``.

        Evidence: observed
        """
        return json.dumps({"Message": refusal.message})


def _pattern(path: str) -> re.Pattern[str]:
    text, position = "", 0
    for label in _LABEL.finditer(path):
        text += re.escape(path[position : label.start()])
        text += f"(?P<{label[1]}>{'.+' if label[2] else '[^/]+'})"
        position = label.end()
    return re.compile(text + re.escape(path[position:]))


def _object(body: bytes) -> Mapping[str, Any]:
    if not body.strip():
        return {}
    try:
        data = json.loads(body)
        json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise MalformedRequest("The request's body is no JSON.") from None
    if not isinstance(data, dict):
        raise MalformedRequest("The request's body is no JSON object.")
    return data


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


def _typed(shape: Any, value: Any, at: str, depth: int) -> Any:
    """Returns a value of the model's type; members that the model does not have are left out."""
    if depth > _MAX_DEPTH:
        raise MalformedRequest("The request's body is nested too deeply.")
    if shape.type_name == "structure":
        if not isinstance(value, dict):
            raise MalformedRequest(f"{at} is no object.")
        return {
            name: _typed(member, value[member.serialization.get("name", name)], f"{at}.{name}", depth + 1)
            for name, member in shape.members.items()
            if value.get(member.serialization.get("name", name)) is not None
        }
    if shape.type_name == "list":
        if not isinstance(value, list):
            raise MalformedRequest(f"{at} is no list.")
        return [_typed(shape.member, each, at, depth + 1) for each in value]
    if shape.type_name == "map":
        if not isinstance(value, dict):
            raise MalformedRequest(f"{at} is no object.")
        return {key: _typed(shape.value, each, at, depth + 1) for key, each in value.items()}
    kinds = _KINDS.get(shape.type_name, (str,))
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise MalformedRequest(f"{at} is not of type {shape.type_name}.")
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
