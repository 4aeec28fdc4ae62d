"""The form that a copied curl command posts: "Copy as cURL" in Chrome and Firefox, for bash and for cmd."""

from __future__ import annotations

import re
import shlex

from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from emulator.network.forms import form_decoded

_MAX_CHARACTERS = 1_000_000
_COMMAND = re.compile(r"(?:\$\s*|>\s*)?curl(?:\.exe)?\s", re.IGNORECASE)
_ANSI_C = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}
# cmd escapes a character with a caret; a caret at the end of a line continues the line.
_CARET = re.compile(r"\^(\r?\n|.)", re.DOTALL)
_ENCODED = frozenset({"-d", "--data", "--data-raw", "--data-binary", "--data-ascii"})
_PLAIN = frozenset({"--data-urlencode", "-F", "--form", "--form-string"})


@dataclass(frozen=True, slots=True)
class PostedForm:
    """A form and the address it is posted to; the address is empty if the command has none."""

    url: str
    fields: tuple[tuple[str, str], ...]


def is_curl_command(text: str) -> bool:
    """Returns whether a text is a curl command."""
    return _COMMAND.match(text) is not None


def posted_by(text: str) -> PostedForm:
    """Returns the form that a curl command posts.

    Raises:
        FederationError: the command cannot be read, or reads its form from a file.
    """
    words = _words(text)
    url, fields, option = "", [], ""
    for word in words[1:]:
        if option:
            fields += _fields(option, word)
            option = ""
        elif word in _ENCODED | _PLAIN:
            option = word
        elif word.partition("=")[0] in _ENCODED | _PLAIN and word.startswith("--"):
            fields += _fields(*word.split("=", 1))
        elif word.startswith(("https://", "http://")) and not url:
            url = word
    return PostedForm(url, tuple(fields))


def _words(text: str) -> list[str]:
    if len(text) > _MAX_CHARACTERS:
        raise FederationError("This curl command is too long", expected=f"at most {_MAX_CHARACTERS} characters")
    text = text.lstrip("$> \t")
    is_of_cmd = '^"' in text or re.search(r"\^\r?\n", text) is not None
    if is_of_cmd:
        text = _CARET.sub(lambda match: "" if match[1].isspace() and match[1] != " " else match[1], text)
    else:
        text = _ANSI_C.sub(lambda match: shlex.quote(_ESCAPE.sub(_letter, match[1])), text)
    try:
        return shlex.split(text)
    except ValueError as error:
        raise FederationError(
            f"This curl command cannot be read: {str(error).lower()}",
            expected="the whole command, as the browser copied it",
            fix="Copy it again, with 'Copy as cURL (bash)'.",
        ) from None


def _letter(match: re.Match[str]) -> str:
    code, byte, letter = match.groups()
    if code or byte:
        return chr(int(code or byte, 16))
    return _LETTERS.get(letter, letter)


def _fields(option: str, value: str) -> list[tuple[str, str]]:
    if option in _PLAIN:
        name, _, content = value.partition("=")
        value = content
        decoded = [(name, content)]
    else:
        try:
            decoded = form_decoded(value)
        except ValueError as error:
            raise FederationError(f"The form of this curl command cannot be read: {error}") from None
    if value.startswith("@"):
        raise FederationError(
            f"This curl command reads its form from a file, {value[1:80]}", expected="that file", fix="Give that file."
        )
    return decoded
