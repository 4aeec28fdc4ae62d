"""Works out values that a plan does not know yet, from references in its configuration to known ones.

In a first plan, most of what federation needs is known only after apply: providers do not have ARNs yet, nor apps ids.
But the ARN of an IAM resource follows from its account and name, and even an unknown id identifies its resource.

Spec: developer.hashicorp.com/terraform/internals/json-format, "Configuration Representation", "Expression
    Representation"
Evidence: documented
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.terraform.configuration import (
    configured_resources,
    index_of,
    inside,
    longest,
    modules_in,
    split_module,
)
from emulator.seeds.terraform.resources import Resource, TerraformFile

_DEEPEST = 20
_RESOURCE = re.compile(
    r"(?P<data>data\.)?(?P<kind>[a-z][\w-]*)\.(?P<name>[\w-]+)(?:\[(?P<index>\d+|\"[^\"]*\")\])?(?P<rest>(?:\.[\w-]+)*)",
    re.ASCII,
)
_OUTPUT = re.compile(r"module\.(?P<module>[\w-]+)(?:\[(?P<index>\d+|\"[^\"]*\")\])?(?:\.(?P<output>[\w-]+))?", re.ASCII)
_OWN_KEY = ("each.", "count.index")
_WORDS = frozenset({"var", "local", "module", "each", "count", "path", "terraform", "self", "data"})


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that is known only after apply; equal to another if both are the same attribute of the same resource."""

    address: str
    attribute: str


Value = Any
"""A JSON value or ``Unknown``."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A value that is already known, so that it cannot itself be what makes an attribute unknown."""

    value: Any


@dataclass(slots=True)
class References:
    """The values of a file's resources, known or worked out.

    Args:
        file: The Terraform file.
        computed: Returns the future value of an attribute that is known only after apply, if it can be computed.
    """

    file: TerraformFile
    computed: Callable[[Resource, str], str]
    _resources: dict[tuple[str, str, str, str], list[Resource]] = field(default_factory=dict)
    _configured: dict[tuple[str, ...], Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for resource in self.file.resources:
            if not resource.deposed:
                key = (resource.module, resource.mode, resource.kind, resource.name)
                self._resources.setdefault(key, []).append(resource)

    def value(self, resource: Resource, attribute: str, depth: int = 0) -> Value:
        """Returns an attribute's value, or an ``Unknown`` if it cannot be worked out."""
        given = resource.values.get(attribute)
        if given is not None or not resource.is_unknown(attribute):
            return given
        found = self._worked_out(resource, attribute, depth)
        if len(found) > 1:
            found = self._in_turn(resource, attribute, [*map(_bare, found)]) or found
        is_plain = len(found) == 1 and not isinstance(found[0], _Known)
        return found[0] if is_plain else Unknown(resource.address, attribute)

    def text(self, resource: Resource, attribute: str) -> str:
        """Returns an attribute's value if it is a string that is known or can be worked out; otherwise an empty one."""
        value = self.value(resource, attribute)
        return value if isinstance(value, str) else ""

    def values(self, resource: Resource, attribute: str) -> list[Value]:
        """Returns the items of an attribute that is a list or set; those that are unknown as ``Unknown``."""
        given = resource.values.get(attribute)
        known = [each for each in given if each is not None] if isinstance(given, list) else []
        if not resource.is_unknown(attribute):
            return known
        found = [each for each in map(_bare, self._worked_out(resource, attribute, 0)) if each not in known]
        return [*known, *found] if found else [*known, Unknown(resource.address, attribute)]

    def inside(self, resource: Resource, path: Sequence[str | int]) -> list[Value]:
        """Returns the values to which the configuration refers inside a resource's blocks."""
        expression: Any = self._expressions(resource)
        for part in path:
            if isinstance(expression, list) and isinstance(part, int) and part < len(expression):
                expression = expression[part]
            elif isinstance(expression, dict) and isinstance(part, str):
                expression = expression.get(part)
            else:
                return []
        last = next((part for part in reversed(path) if isinstance(part, str)), "")
        return [*map(_bare, self._evaluated(expression, resource, last, 0))]

    def is_configured(self, resource: Resource, attribute: str) -> bool:
        """Returns whether the source sets an attribute; True if there is no source to check."""
        return not self.file.configuration or attribute in self._expressions(resource)

    def provider(self, resource: Resource) -> tuple[str, Mapping[str, Any]]:
        """Returns the key and the settings of a resource's provider; empty ones if the file does not contain them."""
        key = self._configuration_of(resource).get("provider_config_key")
        configured = self.file.configuration.get("provider_config")
        settings = configured.get(key) if isinstance(configured, dict) and isinstance(key, str) else None
        return (key, settings if isinstance(settings, dict) else {}) if isinstance(key, str) else ("", {})

    def constant(self, expression: Any) -> Value:
        """Returns the value of a provider's setting: a constant, or the value of a variable."""
        if not isinstance(expression, dict):
            return None
        if "constant_value" in expression:
            return expression["constant_value"]
        references = expression.get("references")
        names = longest(references) if isinstance(references, list) else []
        return self._variable(names[0].removeprefix("var.")) if len(names) == 1 and names[0][:4] == "var." else None

    def _in_turn(self, resource: Resource, attribute: str, found: Sequence[Value]) -> list[Value]:
        """Returns the value for one of several instances, by its index: ``policy_arn = var.arns[count.index]``.

        Instances with a value that Terraform already knows do not count.
        """
        expression = self._expressions(resource).get(attribute)
        names = inside(expression).get("references")
        if not isinstance(resource.index, int) or not isinstance(names, list) or "count.index" not in names:
            return []
        key = (resource.module, resource.mode, resource.kind, resource.name)
        alike = [
            each for each in self._resources.get(key, []) if isinstance(each.index, int) and each.is_unknown(attribute)
        ]
        if len(alike) != len(found) or any(isinstance(each, Unknown) for each in found):
            return []
        return [found[sorted(each.index for each in alike if isinstance(each.index, int)).index(resource.index)]]

    # --- working out unknown values -----------------------------------------------------------------------------------

    def _worked_out(self, resource: Resource, attribute: str, depth: int) -> list[Value]:
        computed = self.computed(resource, attribute)
        if computed:
            return [computed]
        expression = self._expressions(resource).get(attribute)
        found = self._evaluated(expression, resource, attribute, depth) if expression is not None else []
        return found or [Unknown(resource.address, attribute)]

    def _evaluated(self, expression: Any, resource: Resource, attribute: str, depth: int) -> list[Value]:
        return self._in_module(expression, _Scope(resource.module, resource), attribute, depth)

    def _in_module(self, expression: Any, scope: _Scope, attribute: str, depth: int) -> list[Value]:
        """Returns the values of an expression. A plan lists its references, but not how they are combined.

        Callers only ask for whole names or ids, so the value of a single reference is the value of the expression.
        """
        if not isinstance(expression, dict) or depth > _DEEPEST:
            return []
        if "constant_value" in expression:
            constant = expression["constant_value"]
            return [_Known(each) for each in (constant if isinstance(constant, list) else [constant])]
        references = expression.get("references")
        names = longest(references) if isinstance(references, list) else []
        is_own_key = any(name.startswith(_OWN_KEY) for name in names)
        found: list[Value] = []
        for name in names:
            if name.startswith("each.value"):
                each = self._each_value(name, scope, attribute, depth)
            elif name.startswith(_OWN_KEY):
                continue
            else:
                each = self._named(name, scope, attribute, is_own_key=is_own_key, depth=depth)
            # A reference that cannot be followed, such as to a local value, is part of the expression all the same.
            found += each or [Unknown(scope.module, name)]
        return [each for index, each in enumerate(found) if each not in found[:index]]

    def _named(self, name: str, scope: _Scope, attribute: str, *, is_own_key: bool, depth: int) -> list[Value]:
        if name.startswith("var."):
            return self._argument(name.split(".")[1], scope, attribute, depth)
        output = _OUTPUT.fullmatch(name)
        if output is not None:
            return self._output(output, scope, attribute, depth)
        match = _RESOURCE.match(name)
        if match is None or match["kind"] in _WORDS:
            return []
        wanted = match["rest"].strip(".").split(".")[0] or _TARGETS.get(attribute, "id")
        mode = "data" if match["data"] else "managed"
        targets = self._resources.get((scope.module, mode, match["kind"], match["name"]), [])
        index = index_of(match["index"])
        if index is not None:
            targets = [each for each in targets if each.index == index]
        elif is_own_key and len(targets) > 1:
            targets = [each for each in targets if each.index == scope.index]
        elif not match["rest"] and any(each.index is not None for each in targets):
            return []  # refers to all instances, or to those that match a condition
        return [
            found if each.is_unknown(wanted) else _Known(found)
            for each in targets
            for found in [self.value(each, wanted, depth + 1)]
        ]

    def _each_value(self, name: str, scope: _Scope, attribute: str, depth: int) -> list[Value]:
        """Follows ``for_each = aws_iam_role.agent``, where each value is the instance with the same key."""
        source = self._configuration_of(scope.resource) if scope.resource is not None else {}
        references = inside(source, "for_each_expression").get("references")
        rest = name.removeprefix("each.value").strip(".")
        sources = longest(references) if isinstance(references, list) else []
        names = [f"{each}.{rest}" if rest else each for each in sources]
        return [
            value for each in names for value in self._named(each, scope, attribute, is_own_key=True, depth=depth + 1)
        ]

    def _argument(self, name: str, scope: _Scope, attribute: str, depth: int) -> list[Value]:
        """Returns the value of a variable: the argument of the module call, or the value in the plan."""
        if not scope.module:
            value = self._variable(name)
            return [_Known(each) for each in (value if isinstance(value, list) else [value])]
        parent, _, last = split_module(scope.module)
        expressions = self._call(scope.module).get("expressions")
        argument = expressions.get(name) if isinstance(expressions, dict) else None
        outer = _Scope(parent, None, last)
        return self._in_module(argument, outer, attribute, depth + 1)

    def _output(self, output: re.Match[str], scope: _Scope, attribute: str, depth: int) -> list[Value]:
        path = ".".join(filter(None, [scope.module, f"module.{output['module']}"]))
        outputs = inside(self._call(path), "module", "outputs")
        expression = inside(outputs, str(output["output"]), "expression")
        instances = sorted({module for module, *_ in self._resources if split_module(module)[1] == path})
        index = index_of(output["index"])
        if index is not None:
            instances = [each for each in instances if split_module(each)[2] == index]
        elif len(instances) > 1 and scope.index is not None:
            instances = [each for each in instances if split_module(each)[2] == scope.index] or instances
        return [
            value for each in instances for value in self._in_module(expression, _Scope(each), attribute, depth + 1)
        ]

    def _variable(self, name: str) -> Value:
        variable = self.file.variables.get(name)
        return variable.get("value") if isinstance(variable, dict) else None

    # --- the configuration --------------------------------------------------------------------------------------------

    def _expressions(self, resource: Resource) -> Mapping[str, Any]:
        return inside(self._configuration_of(resource), "expressions")

    def _configuration_of(self, resource: Resource) -> Mapping[str, Any]:
        if not self._configured:
            self._configured = dict(configured_resources(inside(self.file.configuration, "root_module"), ()))
        names = modules_in(resource.module)
        return self._configured.get((*names, resource.mode, resource.kind, resource.name), {})

    def _call(self, module: str) -> Mapping[str, Any]:
        """Returns the call of a module, given the module's address."""
        node: Mapping[str, Any] = inside(self.file.configuration, "root_module")
        call: Mapping[str, Any] = {}
        for name in modules_in(module):
            call = inside(node, "module_calls", name)
            node = inside(call, "module")
        return call


@dataclass(frozen=True, slots=True)
class _Scope:
    """The scope of an expression: its module, its resource, and its key of ``for_each``."""

    module: str
    resource: Resource | None = None
    key: str | int | None = None

    @property
    def index(self) -> str | int | None:
        """The value of ``each.key`` or ``count.index``."""
        return self.resource.index if self.resource is not None else self.key


# The attribute meant by a reference to a whole resource, such as ``aws_iam_role.agent[each.key].name`` in a plan.
_TARGETS: Mapping[str, str] = {
    "role": "name",
    "role_name": "name",
    "roles": "name",
    "user": "name",
    "group": "name",
    "groups": "name",
    "policy_arn": "arn",
    "permissions_boundary": "arn",
    "managed_policy_arns": "arn",
    "policy_arns": "arn",
    "identifiers": "arn",
    "assume_role_policy": "json",
    "policy": "json",
    "saml_metadata_document": "metadata",
    "security_profile_ids": "security_profile_id",
    "routing_profile_id": "routing_profile_id",
}


def _bare(value: Any) -> Value:
    return value.value if isinstance(value, _Known) else value
