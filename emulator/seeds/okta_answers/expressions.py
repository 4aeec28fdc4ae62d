"""Checks whether this product's org can evaluate the expressions and user name templates in Okta's settings.

Those that it cannot are reported where the setting is read, rather than when the org starts. A test compares the names
here with those in ``idp.saml.expressions``.

Spec: developer.okta.com, "Okta Expression Language overview guide"; Applications API, "Username template object"
Evidence: documented
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

FUNCTIONS: Final = frozenset(
    {
        *(
            f"String.{name}"
            for name in (
                *("append", "join", "len", "removeSpaces", "replace", "replaceFirst", "startsWith", "stringContains"),
                *("stringSwitch", "substring", "substringAfter", "substringBefore", "toLowerCase", "toUpperCase"),
            )
        ),
        *(
            f"Arrays.{name}"
            for name in ("add", "remove", "clear", "contains", "flatten", "get", "isEmpty", "size", "toCsvString")
        ),
        *("Convert.toInt", "Convert.toNum"),
        *("isMemberOfGroupName", "isMemberOfAnyGroupName", "isMemberOfGroupNameStartsWith"),
        *("isMemberOfGroupNameContains", "isMemberOfGroupNameRegex"),
        *("Groups.startsWith", "Groups.endsWith", "Groups.contains"),
    }
)
USERNAME_FORMATS: Mapping[str, str] = {
    "${source.login}": "okta_username",
    "${user.login}": "okta_username",
    "${user.userName}": "okta_username",
    '${fn:substringBefore(source.login, "@")}': "okta_username_prefix",
    "${source.email}": "email",
    "${user.email}": "email",
    '${fn:substringBefore(source.email, "@")}': "email_prefix",
}
_MAX_CHARACTERS = 2000
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>\d+)|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"""
    r"""|(?P<mark>==|!=|<=|>=|&&|\|\||[-+!<>?:(),{}]))"""
)
_WORDS = frozenset({"and", "or", "not", "true", "false", "null"})
_ROOTS = frozenset({"user", "appuser", "source", "org", "app"})
_TEMPLATE = re.compile(r"\$\{(.*)\}", re.DOTALL)
_PAIRS = {")": "(", "}": "{"}


def bare(expression: str) -> str:
    """Returns an expression without its wrapping in a template: ``${fn:toLowerCase(user.email)}``."""
    template = _TEMPLATE.fullmatch(expression.strip())
    return re.sub(r"\bfn:(?=[A-Za-z])", "String.", template[1]) if template else expression


def complaint(expression: str) -> str:
    """Returns why an expression cannot be evaluated here; empty if it can."""
    if not expression.strip() or len(expression) > _MAX_CHARACTERS:
        return "it is empty, or too long"
    tokens: list[tuple[str, str]] = []
    position = 0
    while expression[position:].strip():
        match = _TOKEN.match(expression, position)
        if match is None:
            return f"{expression[position:].strip()[0]!r} is unexpected in it"
        kind = match.lastgroup or ""
        tokens.append((kind, match[kind]))
        position = match.end()
    return _unknown_name(tokens) or _misplaced(tokens)


def _unknown_name(tokens: list[tuple[str, str]]) -> str:
    for (kind, name), (_, following) in zip(tokens, [*tokens[1:], ("", "")], strict=True):
        if kind != "name" or name.lower() in _WORDS:
            continue
        if following == "(":
            if name not in FUNCTIONS:
                return f"fedemu does not know the function {name}"
        elif "." not in name or name.partition(".")[0] not in _ROOTS:
            return f"{name} is neither a function nor one of user.…, appuser.…, org.…, app.…"
    return ""


def _misplaced(tokens: list[tuple[str, str]]) -> str:
    """Returns what is wrong with the order of tokens, as far as that can be seen without parsing the expression."""
    opened: list[str] = []
    values = {"text", "number", "name"}
    for (kind, token), (before, last) in zip(tokens, [("mark", "("), *tokens[:-1]], strict=True):
        is_word = kind == "name" and token.lower() in {"and", "or", "not"}
        after_word = before == "name" and last.lower() in {"and", "or", "not"}
        if kind in values and not is_word and (before in values or last == ")") and not after_word:
            return f"{token} is unexpected in it"
        if token in {"(", "{"} and kind == "mark":
            opened.append(token)
        elif kind == "mark" and token in _PAIRS and (not opened or opened.pop() != _PAIRS[token]):
            return f"{token} is unexpected in it"
    kind, last = tokens[-1]
    if opened or (kind == "mark" and last not in _PAIRS):
        return "it ends too early"
    return ""


def username_format(template: str) -> str:
    """Returns an app's user name template in the form of a world file."""
    return USERNAME_FORMATS.get(template.strip(), template.strip())


def is_plain_text(value: str) -> bool:
    """Returns whether an attribute value is plain text, not an expression: ``arn:aws:iam::…`` without quotes."""
    name = value.strip().partition(".")[0]
    return "(" not in value and "${" not in value and '"' not in value and name not in _ROOTS and "'" not in value


def as_literal(value: str) -> str:
    """Returns an expression that evaluates to the given text."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
