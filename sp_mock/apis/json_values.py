"""The JSON of requests and answers, for AWS's protocols with JSON bodies: values of the types of a service's model.

Spec: AWS restJson1 and awsJson1.1 protocols; the service models that botocore and the AWS CLI carry
Evidence: documented
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

_MAX_DEPTH = 30
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
    """The request cannot be read as a call; the text gives the reason."""


def json_object(body: bytes) -> Mapping[str, Any]:
    """Returns the object in a request's body; an empty body is an empty object.

    Raises:
        MalformedRequest: it is not a JSON object.
    """
    if not body.strip():
        return {}
    try:
        data = json.loads(body)
        json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise MalformedRequest("The request's body is no JSON.") from None
    if not isinstance(data, dict):
        raise MalformedRequest("The request's body is no JSON object.")
    return data


def typed_value(shape: Any, value: Any, at: str, depth: int) -> Any:
    """Returns a value converted to the model's type, without members that the model does not have.

    Args:
        shape: Type in the service's model.
        value: Value as parsed from JSON.
        at: Name of the value in error messages.
        depth: Current nesting depth.

    Raises:
        MalformedRequest: it is of another type.
    """
    if depth > _MAX_DEPTH:
        raise MalformedRequest("The request's body is nested too deeply.")
    if shape.type_name == "structure":
        if not isinstance(value, dict):
            raise MalformedRequest(f"{at} is no object.")
        return {
            name: typed_value(member, value[member.serialization.get("name", name)], f"{at}.{name}", depth + 1)
            for name, member in shape.members.items()
            if value.get(member.serialization.get("name", name)) is not None
        }
    if shape.type_name == "list":
        if not isinstance(value, list):
            raise MalformedRequest(f"{at} is no list.")
        return [typed_value(shape.member, each, at, depth + 1) for each in value]
    if shape.type_name == "map":
        if not isinstance(value, dict):
            raise MalformedRequest(f"{at} is no object.")
        return {key: typed_value(shape.value, each, at, depth + 1) for key, each in value.items()}
    kinds = _KINDS.get(shape.type_name, (str,))
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise MalformedRequest(f"{at} is not of type {shape.type_name}.")
    return value


def json_value(value: Any) -> Any:
    """Returns response elements as JSON has them: without members that are None, instants as seconds since 1970."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, Mapping):
        return {name: json_value(each) for name, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [json_value(each) for each in value]
    return value
