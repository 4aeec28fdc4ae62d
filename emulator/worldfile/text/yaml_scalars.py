"""What YAML scalars mean: YAML 1.2's core schema, so that ``no``, ``on`` and ``12:30`` are text.

Numbers may also be binary or hold underscores, which the core schema takes for text.

Spec: YAML 1.2.2 §10.3.2 "Tag Resolution"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TEXT = object()
_WORDS: Mapping[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_BEGINS_A_NUMBER = frozenset("-+.0123456789")
_INT = re.compile(r"[-+]?(?:0b[01][01_]*|0o[0-7][0-7_]*|0x[0-9a-fA-F][0-9a-fA-F_]*|[0-9][0-9_]*)", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_MOST_DIGITS = 4300
_BASES = {"0b": 2, "0o": 8, "0x": 16}


def plain_scalar(text: str) -> Any:
    """Returns what a scalar without quotes means.

    Raises:
        ValueError: it is a number with more digits than Python reads.
    """
    value = _WORDS.get(text, _TEXT)
    if value is not _TEXT:
        return value
    if text[0] in _BEGINS_A_NUMBER:
        if _INT.fullmatch(text):
            digits = text.replace("_", "")
            if len(digits) > _MOST_DIGITS:  # Python accepts longer ones in base 16, but cannot show them
                raise ValueError(digits)
            return int(digits, _BASES.get(digits.lstrip("+-")[:2], 10))
        if _FLOAT.fullmatch(text):
            return float(text.replace("_", ""))
    return text


CORE_TAGS = "tag:yaml.org,2002:"
TYPES_OF_TAGS: Mapping[str, type] = {
    f"{CORE_TAGS}str": str,
    f"{CORE_TAGS}int": int,
    f"{CORE_TAGS}float": float,
    f"{CORE_TAGS}bool": bool,
    f"{CORE_TAGS}null": type(None),
    f"{CORE_TAGS}map": dict,
    f"{CORE_TAGS}seq": list,
}
