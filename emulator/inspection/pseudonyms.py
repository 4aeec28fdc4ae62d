"""Names that stand for people's own in a copy that is sent to others: each always by the same, of the same form.

The form matters: a blank in a RoleSessionName, an upper-case letter or an accent is what a login is refused for, and
has to be there in the copy too. So letters become other letters, digits other digits, and all else stays.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_OTHER_LETTER = "\N{LATIN SMALL LETTER E WITH ACUTE}"
_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")
_IP = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_SHORTEST = 3


class Pseudonyms:
    """Replaces names.

    Args:
        key: Random text: without it nobody can tell whose name was replaced by trying names.
    """

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        self._names: dict[str, str] = {}

    def add(self, names: Iterable[str]) -> None:
        """Takes names that are to be replaced wherever they are. Very short ones are left: they are part of words."""
        for name in names:
            name = name.strip()
            if len(name) >= _SHORTEST:
                self._names[name] = self.of(name)

    def of(self, name: str) -> str:
        """Returns the pseudonym of a name; an address keeps its form, with a domain that nobody has."""
        local, at, domain = name.partition("@")
        if not at:
            return self._of_part(name)
        return f"{self._of_part(local)}@{self._of_part(domain.partition('.')[0])}.example"

    def in_text(self, text: str) -> str:
        """Returns a text with every name, e-mail address and IP address in it replaced."""
        if self._names:
            longest_first = sorted(self._names, key=len, reverse=True)
            pattern = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in longest_first))
            text = pattern.sub(lambda match: self._names[match[0]], text)
        text = _EMAIL.sub(lambda match: match[0] if match[0].endswith(".example") else self.of(match[0]), text)
        return _IP.sub(self._address, text)

    def _address(self, match: re.Match[str]) -> str:
        if match[0].startswith(("127.", "0.", "192.0.2.")) or any(int(part) > 255 for part in match[0].split(".")):
            return match[0]
        return f"192.0.2.{self._digest(match[0])[0]}"

    def _of_part(self, part: str) -> str:
        # Letter case is what two names may differ in: the letters are the same for both.
        digest = self._digest(part.casefold())
        return "".join(self._letter(letter, digest[i % len(digest)]) for i, letter in enumerate(part))

    def _letter(self, letter: str, number: int) -> str:
        if letter.isdecimal() and letter.isascii():
            return str(number % 10)
        if not letter.isalpha():
            return letter
        other = _LETTERS[number % len(_LETTERS)] if letter.isascii() else _OTHER_LETTER
        return other.upper() if letter.isupper() else other

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256)
