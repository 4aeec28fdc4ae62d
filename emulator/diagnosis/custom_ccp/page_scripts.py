"""What a script says without being run: names with plain values, and the settings of a call.

This is not a JavaScript engine. It reads texts, numbers, objects and combinations of them; everything else is
``UNKNOWN``, and nothing is reported about that.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from emulator.diagnosis.custom_ccp.script_tokens import Token, read_tokens
from emulator.diagnosis.custom_ccp.script_values import UNKNOWN, Call, Given, Names, Settings

_MAX_DEPTH = 30
# How much unreadable expression text is read for a script's names, in total, and for each call.
_MOST_STEPS = 500_000
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_HOLE = re.compile(r"\$\{([^{}]*)\}")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\n": ""}
_CONDITIONAL = frozenset({"if", "else", "for", "while", "switch", "catch"})
_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "undefined": None}
_ARITHMETIC = {"*": operator.mul, "-": operator.sub}
_OPENING, _CLOSING = "([{", ")]}"
_GLOBALS = frozenset({"window", "globalThis", "self"})


def read_names(script: str, *, first_line: int = 1, known: Names | None = None) -> Names:
    """Returns the names to which a script assigns plain values, in any of its functions.

    Args:
        script: Text of the script.
        first_line: Line of the file on which it begins.
        known: Names from other scripts of the page.
    """
    reader = _Reader(read_tokens(script, first_line), {**(known or {})})
    reader.collect()
    return reader.names


def read_calls(script: str, function: str, *, first_line: int = 1, known: Names | None = None) -> Iterator[Call]:
    """Yields the calls of a function whose second argument holds settings.

    Args:
        script: Text of the script.
        function: Name of the function, without what precedes a dot.
        first_line: Line of the file on which the script begins.
        known: Names from other scripts of the page.
    """
    tokens = read_tokens(script, first_line)
    reader = _Reader(tokens, {**(known or {})})
    reader.collect()
    for index in range(len(tokens) - 1):
        if tokens[index].text == function and tokens[index].kind == "name" and tokens[index + 1].text == "(":
            if index and tokens[index - 1].text == "function":
                continue
            settings = reader.second_argument(index + 2)
            if settings is not None:
                yield Call(tokens[index].line, settings)


class _Reader:
    def __init__(self, tokens: Sequence[Token], names: Names) -> None:
        self._tokens = tokens
        self._steps = _MOST_STEPS
        self.names = names

    def collect(self) -> None:
        """Collects every assignment of a plain value to a name or to a property of one."""
        blocks: list[bool] = []
        for index, token in enumerate(self._tokens):
            if token.text == "{":
                blocks.append(self._is_conditional_block(index))
            elif token.text == "}" and blocks:
                blocks.pop()
            elif token.text == "=" and index and self._text(index + 1) != "=":
                maybe = any(blocks) or self._is_conditional(index)
                self._assign(index, maybe=maybe)

    def _assign(self, index: int, *, maybe: bool) -> None:
        path = self._path_before(index)
        if not path:
            return
        value, _ = self._expression(index + 1, 0)
        line = self._tokens[index - 1].line
        if maybe:
            value = UNKNOWN
        if len(path) == 1:
            known = self.names.get(path[0], value)
            self.names[path[0]] = value if not maybe or known is value else UNKNOWN
        elif len(path) == 2 and isinstance(self.names.get(path[0]), Settings):
            settings: Settings = self.names[path[0]]
            self.names[path[0]] = Settings({**settings.given, path[1]: Given(value, line)}, settings.complete)

    def _path_before(self, index: int) -> list[str]:
        """Returns the names before an equals sign: ``config.ccpUrl`` gives two."""
        path: list[str] = []
        at = index - 1
        while at >= 0 and self._tokens[at].kind == "name":
            path.insert(0, self._tokens[at].text)
            if self._text(at - 1) != ".":
                break
            at -= 2
        return path[1:] if len(path) > 1 and path[0] in _GLOBALS else path

    def _is_conditional(self, index: int) -> bool:
        """Returns whether a statement without a block belongs to an ``if``."""
        at = index - 1
        while at > 0 and (self._tokens[at].kind == "name" or self._tokens[at].text == "."):
            if self._tokens[at].text in _CONDITIONAL:
                return True
            at -= 1
        return self._text(at) in {"&&", "||", "?"} or (self._text(at) == ")" and self._before_parenthesis(at) != "")

    def _is_conditional_block(self, index: int) -> bool:
        before = self._text(index - 1)
        return before == "else" or (before == ")" and self._before_parenthesis(index - 1) != "")

    def _before_parenthesis(self, closing: int) -> str:
        """Returns the keyword before the parenthesis that closes here, where it belongs to a condition."""
        depth = 0
        for at in range(closing, max(closing - 500, -1), -1):
            depth += (self._text(at) == ")") - (self._text(at) == "(")
            if depth == 0:
                word = self._text(at - 1)
                return word if word in _CONDITIONAL else ""
        return ""

    def second_argument(self, index: int) -> Settings | None:
        """Returns the settings of a call whose arguments begin here, or None where it has no second argument."""
        self._steps = _MOST_STEPS
        _, index = self._expression(index, 0)
        if self._text(index) != ",":
            return None
        value, _ = self._expression(index + 1, 0)
        return value if isinstance(value, Settings) else Settings(complete=False)

    def whole(self) -> Any:
        """Returns the value of a script that is a single expression."""
        value, index = self._expression(0, _MAX_DEPTH - 3)
        return value if index >= len(self._tokens) else UNKNOWN

    def _text(self, index: int) -> str:
        return self._tokens[index].text if 0 <= index < len(self._tokens) else ""

    def _expression(self, index: int, depth: int) -> tuple[Any, int]:
        """Returns the value of the expression that begins here, and where it ends."""
        value, index = self._operand(index, depth)
        while (sign := self._text(index)) in {"+", "*", "-"}:
            other, index = self._operand(index + 1, depth)
            value = _put_together(value, sign, other)
        if self._ends(index):
            return value, index
        return UNKNOWN, self._skip(index)

    def _ends(self, index: int) -> bool:
        if index >= len(self._tokens) or self._tokens[index].text in {",", ";", ")", "]", "}", ":"}:
            return True
        # A line may end a statement without a semicolon.
        is_new_line = index > 0 and self._tokens[index].line > self._tokens[index - 1].line
        return is_new_line and self._tokens[index].kind == "name"

    def _skip(self, index: int) -> int:
        """Returns where an unreadable expression ends."""
        open_ones = 0
        while index < len(self._tokens):
            self._steps -= 1
            if self._steps < 0:
                return len(self._tokens)
            text = self._text(index)
            if text in _OPENING and self._tokens[index].kind == "sign":
                open_ones += 1
            elif text in _CLOSING and self._tokens[index].kind == "sign":
                open_ones -= 1
            if open_ones < 0 or (open_ones == 0 and text in {",", ";"}):
                return index
            index += 1
        return index

    def _operand(self, index: int, depth: int) -> tuple[Any, int]:
        if index >= len(self._tokens) or depth > _MAX_DEPTH:
            return UNKNOWN, index
        token = self._tokens[index]
        if token.kind == "text":
            return _unescaped(token.text[1:-1]), index + 1
        if token.kind == "template":
            return self._template(token.text[1:-1]), index + 1
        if token.kind == "number":
            return float(token.text.replace("_", "")), index + 1
        if token.text == "{":
            return self._object(index + 1, depth + 1)
        if token.text == "(":
            value, after = self._expression(index + 1, depth + 1)
            return (value, after + 1) if self._text(after) == ")" else (UNKNOWN, after)
        if token.text == "!" and self._text(index + 1) in {"0", "1"}:
            return self._text(index + 1) == "0", index + 2
        if token.kind == "name":
            return self._name(index, depth)
        return UNKNOWN, index

    def _name(self, index: int, depth: int) -> tuple[Any, int]:
        name = self._text(index)
        if name in _WORDS:
            return _WORDS[name], index + 1
        if name in {"encodeURIComponent", "encodeURI"} and self._text(index + 1) == "(":
            value, after = self._expression(index + 2, depth + 1)
            safe = "!'()*-._~" + ("" if name == "encodeURIComponent" else ";/?:@&=+$,#")
            return (quote(value, safe=safe) if isinstance(value, str) else UNKNOWN), after + 1
        if name in _GLOBALS and self._text(index + 1) == ".":
            index += 2
            name = self._text(index)
        value = self.names.get(name, UNKNOWN)
        index += 1
        while self._text(index) in {".", "?."} and index + 1 < len(self._tokens):
            value = _member(value, self._text(index + 1))
            index += 2
        while self._text(index) == "[":
            key, after = self._expression(index + 1, depth + 1)
            value, index = _member(value, key) if isinstance(key, str) else UNKNOWN, after + 1
        if self._text(index) == "(":
            return UNKNOWN, index
        return value, index

    def _template(self, text: str) -> Any:
        parts: list[str] = []
        end = 0
        for hole in _HOLE.finditer(text):
            value = _Reader(read_tokens(hole[1], 1), self.names).whole()
            if not isinstance(value, str):
                return UNKNOWN
            parts += [_unescaped(text[end : hole.start()]), value]
            end = hole.end()
        rest = text[end:]
        return UNKNOWN if "${" in rest else "".join((*parts, _unescaped(rest)))

    def _object(self, index: int, depth: int) -> tuple[Any, int]:
        """Reads an object from after its opening brace."""
        given: dict[str, Given] = {}
        complete = True
        while index < len(self._tokens) and self._text(index) != "}":
            token = self._tokens[index]
            if token.text == ",":
                index += 1
            elif token.text == "...":
                value, index = self._expression(index + 1, depth)
                if isinstance(value, Settings):
                    given |= value.given
                complete &= isinstance(value, Settings) and value.complete
            elif token.kind in {"name", "text"} and self._text(index + 1) == ":":
                name = token.text if token.kind == "name" else token.text[1:-1]
                value, index = self._expression(index + 2, depth)
                given[name] = Given(value, token.line)
            elif token.kind == "name" and self._text(index + 1) in {",", "}"}:
                given[token.text] = Given(self.names.get(token.text, UNKNOWN), token.line)
                index += 1
            else:  # a method, a computed name
                complete &= token.kind == "name"
                index = max(self._skip(index), index + 1)
        return Settings(given, complete), index + 1


def _put_together(left: Any, sign: str, right: Any) -> Any:
    if sign == "+" and isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, float) and isinstance(right, float):
        return left + right if sign == "+" else _ARITHMETIC[sign](left, right)
    return UNKNOWN


def _member(value: Any, name: str) -> Any:
    return value.given[name].value if isinstance(value, Settings) and name in value.given else UNKNOWN


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    escape = match[1]
    if len(escape) > 1:
        return chr(int(escape[1:], 16))
    return _ESCAPES.get(escape, escape)
