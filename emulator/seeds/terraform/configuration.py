"""The configuration in a plan: the resources of its modules, and the references in its expressions.

Spec: developer.hashicorp.com/terraform/internals/json-format, "Configuration Representation", "Expression
    Representation"
Evidence: documented
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_MODULE = re.compile(r"module\.([\w-]+)(\[(?:\d+|\"[^\"]*\")\])?", re.ASCII)


def modules_in(module: str) -> tuple[str, ...]:
    """Returns the names of the modules in an address, without their indexes."""
    return tuple(match[1] for match in _MODULE.finditer(module))


def configured_resources(module: Any, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Yields the resources of a module and of the modules it calls, each with module names, mode, type and name."""
    resources = module.get("resources") if isinstance(module, dict) else None
    for each in resources if isinstance(resources, list) else ():
        if isinstance(each, dict):
            yield (*names, str(each.get("mode")), str(each.get("type")), str(each.get("name"))), each
    for name, call in inside(module, "module_calls").items():
        yield from configured_resources(inside(call, "module"), (*names, name))


def inside(data: Any, *path: str) -> Mapping[str, Any]:
    """Returns the mapping at a path; an empty one if there is none."""
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def longest(references: Sequence[Any]) -> list[str]:
    """Returns references without the shorter ones that Terraform adds to each: ``a.b`` is dropped next to ``a.b.c``."""
    names = [each for each in references if isinstance(each, str)]
    return [
        name for name in dict.fromkeys(names) if not any(other.startswith((f"{name}.", f"{name}[")) for other in names)
    ]


def split_module(module: str) -> tuple[str, str, str | int | None]:
    """Returns a module address as the parent's address, the address without the last index, and that index."""
    parts = list(_MODULE.finditer(module))
    if not parts:
        return "", "", None
    last = parts[-1]
    index = index_of(last[2].strip("[]")) if last[2] else None
    parent = module[: last.start()].rstrip(".")
    return parent, ".".join(filter(None, [parent, f"module.{last[1]}"])), index


def index_of(text: str | None) -> str | int | None:
    """Returns the index in an address: a number, or a string in quotes."""
    if text is None:
        return None
    return text.strip('"') if text.startswith('"') else int(text)
