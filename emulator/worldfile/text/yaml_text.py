"""Values written as YAML that is read back unchanged: on one line, or as a block of lines."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from emulator.worldfile.text.yaml_data import UnreadableYaml
from emulator.worldfile.text.yaml_file import read_yaml

# What YAML does not accept as a character, or reads as the end of a line even in quotes; surrogates are halves of one.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_NOT_PRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_HALF = re.compile("[\ud800-\udfff]")
# Other YAML parsers read it as a date; a policy's Version is always quoted.
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")


def data_in(text: str) -> Any:
    """Returns the data of a one-document text; CloudFormation's short forms are mappings with one key."""
    ((data, _),) = read_yaml(text, short_forms=lambda tag, value: {f"!{tag}": value})
    return data


def flow(value: Any, *, in_flow: bool = False) -> str:
    """Returns a value on one line.

    Args:
        value: Plain data.
        in_flow: Whether it is inside braces or brackets.
    """
    if isinstance(value, dict):
        inside = ", ".join(f"{flow(k, in_flow=True)}: {flow(v, in_flow=True)}" for k, v in value.items())
        return f"{{{inside}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(flow(each, in_flow=True) for each in value)}]"
    if not isinstance(value, str):
        return json.dumps(value)
    return value if _is_plain(value, in_flow=in_flow) else _quoted(value)


def printable(text: str) -> str:
    """Returns a text that can be in a comment: invalid characters and line ends are replaced."""
    return _NOT_PRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _quoted(value: str) -> str:
    text = json.dumps(_HALF.sub("\N{REPLACEMENT CHARACTER}", value), ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


@lru_cache(maxsize=4096)
def _is_plain(value: str, *, in_flow: bool) -> bool:
    """Returns whether a text is read back unchanged without quotes."""
    if not value or value != value.strip() or _NOT_PRINTABLE.search(value) or "\n" in value or "\t" in value:
        return False
    if _DATE.match(value) or value.startswith("#"):
        return False
    texts = (f"[{value}]", f"{{{value}: b}}") if in_flow else (f"- {value}", f"{value}: b")
    try:
        return (data_in(texts[0]), data_in(texts[1])) == ([value], {value: "b"})
    except UnreadableYaml:
        return False


def block(value: Any, indent: int) -> str:
    """Returns a mapping or a list as lines, each preceded by a line break.

    Args:
        indent: Column of each line.
    """
    space = "\n" + " " * indent
    if isinstance(value, dict) and value:
        return "".join(f"{space}{flow(key)}:{_under(each, indent + 2)}" for key, each in value.items())
    return "".join(f"{space}- {_item(each, indent + 2)}" for each in value)


def _under(value: Any, indent: int) -> str:
    return (
        block(value, indent) if isinstance(value, dict | list) and value and not _is_short(value) else f" {flow(value)}"
    )


def _item(value: Any, indent: int) -> str:
    return block(value, indent).lstrip() if isinstance(value, dict) and value and not _is_short(value) else flow(value)


def _is_short(value: Any) -> bool:
    return len(flow(value)) <= 60
