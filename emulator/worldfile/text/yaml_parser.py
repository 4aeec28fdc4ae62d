"""PyYAML's own parser, adapted to split text as libyaml does where they differ: at tabs, and at ``?`` in flow style.

It is used where libyaml is missing, and where libyaml refuses a text, because its error messages do not depend on
libyaml's version.

Spec: YAML 1.2.2 §6.1 "Indentation Spaces", §7.3.3 "Plain Style"
"""

from __future__ import annotations

import yaml
from yaml.scanner import ScannerError
from yaml.tokens import ScalarToken

_BREAKS = "\r\n\x85\u2028\u2029"
_BREAKS_OR_END = f"\0{_BREAKS}"
_BLANKS_OR_END = f" \t{_BREAKS_OR_END}"


class PurePythonLoader(yaml.SafeLoader):
    """A loader to take events from."""

    def scan_to_next_token(self) -> None:
        """Skips spaces, comments and line breaks; a tab only where no indentation could be meant."""
        while True:
            while self.peek() == " " or (self.peek() == "\t" and (self.flow_level or not self.allow_simple_key)):
                self.forward()
            if self.peek() == "#":
                while self.peek() not in _BREAKS_OR_END:
                    self.forward()
            if not self._line_break():
                return
            if not self.flow_level:
                self.allow_simple_key = True

    def scan_plain(self) -> ScalarToken:
        """Scans a scalar without quotes; ``?`` may be part of it everywhere."""
        chunks: list[str] = []
        start = end = self.get_mark()
        indent = self.indent + 1
        spaces: list[str] = []
        while self.peek() != "#":
            length = 0
            while not self._ends_plain(length):
                length += 1
            if length == 0:
                break
            self.allow_simple_key = False
            chunks += [*spaces, self.prefix(length)]
            self.forward(length)
            end = self.get_mark()
            spaces = self.scan_plain_spaces(indent, start) or []
            if not spaces or (not self.flow_level and self.column < indent):
                break
        return ScalarToken("".join(chunks), True, start, end)

    def _ends_plain(self, ahead: int) -> bool:
        character = self.peek(ahead)
        indicators = ",[]{}" if self.flow_level else ""
        if character == ":":
            return self.peek(ahead + 1) in _BLANKS_OR_END + indicators
        return character in _BLANKS_OR_END + indicators

    def scan_plain_spaces(self, indent: int, start_mark: yaml.Mark) -> list[str]:
        """Scans what is between two words of a scalar without quotes: blanks, or folded line breaks."""
        length = 0
        while self.peek(length) in " \t":
            length += 1
        blanks = self.prefix(length)
        self.forward(length)
        if self.peek() not in _BREAKS:
            return [blanks] if blanks else []
        first, others = self._line_break(), []
        self.allow_simple_key = True
        while not self._at_document_marker() and self.peek() in f" \t{_BREAKS}":
            if self.peek() == "\t" and self.column < indent:
                message = "found a tab character that violates indentation"
                raise ScannerError("while scanning a plain scalar", start_mark, message, self.get_mark())
            if self.peek() in " \t":
                self.forward()
            else:
                others.append(self._line_break())
        if self._at_document_marker():
            return []
        return [first, *others] if first != "\n" else others or [" "]

    def _line_break(self) -> str:
        return str(self.scan_line_break())  # type: ignore[no-untyped-call]  # PyYAML's stubs leave its types out

    def _at_document_marker(self) -> bool:
        return self.column == 0 and self.prefix(3) in {"---", "..."} and self.peek(3) in _BLANKS_OR_END
