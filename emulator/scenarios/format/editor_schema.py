"""The JSON Schema of scenario files for editors, which allows a name in braces wherever a word or number belongs."""

from __future__ import annotations

from typing import Any, Final

from emulator.scenarios.format.login_schema import LoginSettings
from emulator.worldfile.schema.settings import Settings

_FILLED: Final = {"type": "string", "pattern": r"^\{[A-Za-z_][A-Za-z0-9_]*\}$"}
_DIGITS: Final = {"type": "string", "pattern": "^[0-9]{1,9}$"}
_KEPT: Final = ("description", "title", "default")


def editor_schema(model: type[Settings]) -> dict[str, Any]:
    """Returns a model's JSON Schema, which accepts ``{name}`` wherever a file may have it."""
    schema: dict[str, Any] = _with_names(model.model_json_schema(by_alias=True))
    # What a login omits may come from another scenario or the folder's defaults.
    schema.get("$defs", {}).get(LoginSettings.__name__, {}).pop("required", None)
    return schema


def _with_names(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_names(each) for each in node]
    if not isinstance(node, dict):
        return node
    if "enum" in node or node.get("type") in {"integer", "boolean"}:
        kept = {name: node[name] for name in _KEPT if name in node}
        plain = {name: value for name, value in node.items() if name not in kept}
        digits = [_DIGITS] if node.get("type") == "integer" else []
        return kept | {"anyOf": [plain, *digits, _FILLED]}
    return {name: _with_names(value) for name, value in node.items()}
