"""Pseudonyms for people's names in a copy for others: one name always gets the same, in the same form.

The form matters: a login may be refused because of a blank in a RoleSessionName, an upper-case letter or an accent, so
the copy must have it too. Letters become other letters, digits other digits, and everything else stays.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_OTHER_LETTER = "\N{LATIN SMALL LETTER E WITH ACUTE}"
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._+'-])[A-Za-z0-9._+'-]{1,64}(@|%(?:25){0,3}40)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}"
)
_IP = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_WORD = re.compile(r"[^\W_]+")
_SHORTEST, _SHORTEST_WORD = 3, 4


def _any_of(names: Iterable[str]) -> str:
    """Returns a pattern for any of the names, the longest first; few are tried at a place, however many there are."""
    by_start: dict[str, list[str]] = {}
    for name in sorted(names, key=len, reverse=True):
        by_start.setdefault(name[:_SHORTEST].lower(), []).append(name)
    return "|".join(f"(?={re.escape(start)})(?:{'|'.join(map(re.escape, some))})" for start, some in by_start.items())


class Pseudonyms:
    """Replaces names.

    Args:
        key: Random text: without it nobody can find out a name by trying likely ones.
    """

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        self._pattern: re.Pattern[str] | None = None

    def take(self, names: Iterable[str]) -> None:
        """Adds names to replace: whole names everywhere, and their words in running text.

        Very short names are kept, and words within an address or an ARN, because they are more often ordinary words.
        """
        whole = {stripped for name in names if len(stripped := name.strip()) >= _SHORTEST}
        words = {
            word
            for name in whole
            for word in _WORD.findall(name.partition("@")[0])
            if len(word) >= _SHORTEST_WORD and not word.isdecimal()
        }
        # The positions at which a name can begin are found once, because a text may be long and the names many.
        patterns = [rf"(?<!\w)(?:{_any_of(whole)})(?!\w)"] if whole else []
        if words:
            patterns.append(rf"(?<![\w/:.@-])(?:{_any_of(words)})(?![\w/:@-])")
        self._pattern = re.compile("|".join(patterns), re.IGNORECASE) if patterns else None

    def of(self, name: str) -> str:
        """Returns the pseudonym of a name; an address keeps its form, with a domain that nobody owns."""
        local, at, domain = name.partition("@")
        if not at:
            return self._of_words(name)
        if domain.endswith(".example"):
            return name
        return f"{self._of_words(local)}@{self._of_words(domain.partition('.')[0])}.example"

    def in_text(self, text: str) -> str:
        """Returns a text with every name, e-mail address and IP address in it replaced."""
        text = _EMAIL.sub(self._address_of_mail, text)
        if self._pattern is not None:
            text = self._pattern.sub(lambda match: self.of(match[0]), text)
        return _IP.sub(self._address, text)

    def _address_of_mail(self, match: re.Match[str]) -> str:
        return self.of(match[0].replace(match[1], "@")).replace("@", match[1])

    def _address(self, match: re.Match[str]) -> str:
        if match[0].startswith(("127.", "0.", "192.0.2.")) or any(int(part) > 255 for part in match[0].split(".")):
            return match[0]
        return f"192.0.2.{self._digest(match[0])[0]}"

    def _of_words(self, part: str) -> str:
        return _WORD.sub(lambda match: self._of_word(match[0]), part)

    def _of_word(self, word: str) -> str:
        # Two names may differ in case only, so letters are replaced independently of case.
        digest = self._digest(word.casefold())
        return "".join(self._letter(letter, digest[i % len(digest)]) for i, letter in enumerate(word))

    def _letter(self, letter: str, number: int) -> str:
        if letter.isdecimal() and letter.isascii():
            return str(number % 10)
        if not letter.isalpha():
            return letter
        other = _LETTERS[number % len(_LETTERS)] if letter.isascii() else _OTHER_LETTER
        return other.upper() if letter.isupper() else other

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256)
