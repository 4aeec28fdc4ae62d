"""The values of a template's parameters: those in the seed's settings or else the defaults, checked by type.

Spec: AWS CloudFormation User Guide, "Parameters", "AWS-specific parameter types", "Systems Manager parameter types"
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.seeds.cloudformation.values import Unresolved, given_by, listed, text_of
from emulator.seeds.contents import SeedError
from emulator.worldfile.schema.settings import is_private_key

_OF_THE_ACCOUNT = "AWS::SSM::Parameter::Value<"


def check_given(parameters: Mapping[str, Any], given: Mapping[str, str]) -> None:
    """Refuses parameter values with which CloudFormation would refuse to create the stack.

    Raises:
        SeedError: a value is for an unknown parameter, or is not an allowed value.
    """
    unknown = [name for name in given if name not in parameters]
    if unknown:
        known = f"one of {listed(map(str, parameters))}" if parameters else "no parameters, as the template has none"
        raise SeedError(f"the template has no parameter {listed(unknown)}", expected=known)
    for name, value in given.items():
        definition = parameters[name]
        if isinstance(definition, dict) and not _is_allowed(definition, value):
            shown = "the value" if _is_secret(definition) or is_private_key(value) else value[:80]
            expected = listed(_texts(definition["AllowedValues"]))
            raise SeedError(f"the parameter {name}: {shown} is not one of its AllowedValues", expected=expected)


def parameter_value(name: str, definition: Any, given: Mapping[str, str]) -> Any:
    """Returns a parameter's value: a string, or a list of strings.

    Args:
        name: The parameter's name.
        definition: Its definition in the template.
        given: The values in the seed's settings.

    Raises:
        Unresolved: neither the seed nor the template has a value for it.
    """
    if not isinstance(definition, dict):
        raise Unresolved(f"the parameter {name} is not a mapping")
    kind = str(definition.get("Type", "String"))
    is_list = "CommaDelimitedList" in kind or "List<" in kind
    if name in given:
        return _as_list(given[name]) if is_list else given[name]
    if kind.startswith(_OF_THE_ACCOUNT):
        reason = f"the parameter {name} comes from Systems Manager, whose values only the account knows"
        raise Unresolved(reason, fix=given_by("parameters", name))
    default = definition.get("Default")
    if default is None:
        raise Unresolved(f"the parameter {name} has no default", fix=given_by("parameters", name))
    if is_list and isinstance(default, list):
        return _texts(default)
    if isinstance(default, (dict, list)):
        raise Unresolved(f"the default of the parameter {name} is not a string", fix=given_by("parameters", name))
    if not _is_allowed(definition, text_of(default)):
        reason = f"the default of the parameter {name} is not one of its AllowedValues"
        raise Unresolved(reason, fix=given_by("parameters", name))
    return _as_list(text_of(default)) if is_list else text_of(default)


def _as_list(text: str) -> list[str]:
    return [each.strip() for each in text.split(",")]


def _texts(values: list[Any]) -> list[str]:
    return [text_of(each) for each in values if not isinstance(each, (dict, list)) and each is not None]


def _is_allowed(definition: Mapping[str, Any], value: str) -> bool:
    allowed = definition.get("AllowedValues")
    if not isinstance(allowed, list):
        return True
    # If the parameter is a list, each item must be allowed.
    several = "List" in str(definition.get("Type", ""))
    return all(each in _texts(allowed) for each in (_as_list(value) if several else [value]))


def _is_secret(definition: Mapping[str, Any]) -> bool:
    return str(definition.get("NoEcho")).lower() == "true"
