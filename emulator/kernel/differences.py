"""Near matches: the nearest of several values, and where two values differ, marked to the character.

People compare values by eye and overlook a blank at the end, a capital letter, a letter of another alphabet or a
missing slash. Everything here is for explanations: no decision is made with it.

This module is part of the kernel: standard library only, importable by every package.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher, get_close_matches
from urllib.parse import unquote

# Longer values are compared by their beginnings, because what somebody sent may be of any length.
_LONGEST = 400
_SHOWN_WHOLE, _SHOWN_BESIDE = 44, 18
_FEW, _ALIKE = 5, 0.6
_WORD = re.compile(r"[^\W_]+|.", re.DOTALL)
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212"
# Letters of other alphabets, as escapes because nobody could tell them apart, and the Latin letters they look like.
_CYRILLIC = (
    "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421"
    "\u0422\u0423\u0425\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456"
    "\u0458\u04bb\u0501\u051b\u051d"
)
_GREEK = "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03bd\u03b1"
_LATIN = "ABESIJKMHOPCTYXaeopcyxsijhdqw" + "ABEZHIKMNOPTYXova"
_BLANKS = {" ": "blank", "\t": "tab", "\n": "line break", "\r": "carriage return"}
_LOOK_ALIKE = str.maketrans(_CYRILLIC + _GREEK + _DASHES, _LATIN + "-" * len(_DASHES))


def nearest(value: str, candidates: Iterable[str]) -> str | None:
    """Returns the candidate that was most likely meant, or None when none resembles the value.

    Letter case, blanks, look-alike letters, hyphens and underscores, the scheme, a slash at the end and percent
    encoding do not count. After that the number of differing characters decides; a part of a value counts as near.

    Args:
        value: The value as written.
        candidates: Possible values; the value itself is skipped.
    """
    wanted = _folded(value)
    best: tuple[float, str] | None = None
    for candidate in candidates:
        if candidate == value:
            continue
        distance = _distance(wanted, _folded(candidate))
        if distance is None:
            continue
        # Among those that only look different, the one that needs the fewest changes.
        rank = (distance or _edits(value[:_LONGEST], candidate[:_LONGEST]) / 1000, candidate)
        best = rank if best is None else min(best, rank)
    return best[1] if best is not None else None


def nearest_login(login: str, known: Iterable[str]) -> str:
    """Returns the login that was probably meant; empty where none is near.

    To be of one company is not enough: the names before the ``@`` have to resemble each other, too.
    """
    folded = {each.casefold(): each for each in known}
    name = login.casefold().partition("@")[0]
    for near in get_close_matches(login.casefold(), folded, n=_FEW, cutoff=0.8):
        if SequenceMatcher(None, name, near.partition("@")[0]).ratio() >= _ALIKE:
            return folded[near]
    same_name = [each for near, each in folded.items() if near.partition("@")[0] == name]
    return same_name[0] if len(same_name) == 1 else ""


def difference(want: str, got: str) -> str:
    """Returns how two values differ as a phrase, such as ``letter case differs: …/[OKTA|okta]``.

    In brackets is the received text, and after the bar the right one; blanks and invisible characters are made visible.

    Args:
        want: What would be right.
        got: What was received.
    """
    if want == got:
        return ""
    marks = _marked(want[:_LONGEST], got[:_LONGEST])
    return f"{_kind(want, got)}: {marks}"


def visible(text: str) -> str:
    """Returns a text with its blanks as ``␠``, and other invisible characters as their code points."""
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character == " ":
        return "␠"
    if _is_blank(character):
        return f"U+{ord(character):04X}"
    return f"{character} U+{ord(character):04X}" if ord(character) > 0x7E else character


def _is_blank(character: str) -> bool:
    """Returns whether a character is invisible: white space, a control character, a formatting mark."""
    return character.isspace() or unicodedata.category(character) in {"Cc", "Cf", "Zs", "Zl", "Zp"}


def _without_blanks(text: str) -> str:
    return "".join(character for character in text if not _is_blank(character))


def _in_latin(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_LOOK_ALIKE)


def _folded(text: str) -> str:
    """Returns a text without the differences that are easily overlooked."""
    plain = _without_blanks(_in_latin(unquote(text[:_LONGEST]))).casefold()
    return _SCHEME.sub("", plain, count=1).rstrip("/").replace("_", "-").replace("-", "")


def _distance(value: str, candidate: str) -> float | None:
    """Returns how far apart two folded texts are, relative to their differing parts; None when too far."""
    if value == candidate:
        return 0.0
    start, end = _common(value, candidate)
    mine, other = value[start : len(value) - end], candidate[start : len(candidate) - end]
    # ARNs and URLs begin alike, so only the parts between the separators around the differences are compared.
    left, right = _word_start(value, start), _word_end(value, len(value) - end)
    mine_word = value[left:right]
    other_word = candidate[left : len(candidate) - (len(value) - right)]
    shorter, longer = sorted((mine_word, other_word), key=len)
    if len(shorter) > 2 and shorter in longer:
        return len(longer) / len(shorter)
    most = max(1, len(longer) // 3)
    if abs(len(mine) - len(other)) > most:
        return None
    edits = _edits(mine, other)
    return float(edits) if edits <= most else None


def _word_start(text: str, position: int) -> int:
    while position > 0 and text[position - 1] not in "/:,@#":
        position -= 1
    return position


def _word_end(text: str, position: int) -> int:
    while position < len(text) and text[position] not in "/:,@#":
        position += 1
    return position


def _common(first: str, second: str) -> tuple[int, int]:
    """Returns how many characters two texts have in common at the start, and at the end of the rest."""
    shorter = min(len(first), len(second))
    start = next((n for n in range(shorter) if first[n] != second[n]), shorter)
    rest = shorter - start
    end = next((n for n in range(rest) if first[-1 - n] != second[-1 - n]), rest)
    return start, end


def _edits(first: str, second: str) -> int:
    """Returns how many characters differ: inserted, omitted, replaced, or swapped with their neighbour."""
    start, end = _common(first, second)
    first, second = first[start : len(first) - end], second[start : len(second) - end]
    before_last: list[int] = []
    last = list(range(len(second) + 1))
    for number, character in enumerate(first, 1):
        row = [number]
        for position, other in enumerate(second, 1):
            cost = min(last[position] + 1, row[-1] + 1, last[position - 1] + (character != other))
            swapped = number > 1 and position > 1 and (character, first[number - 2]) == (second[position - 2], other)
            row.append(min(cost, before_last[position - 2] + 1) if swapped else cost)
        before_last, last = last, row
    return last[-1]


# --- in words ---------------------------------------------------------------------------------------------------------


def _kind(want: str, got: str) -> str:
    """Describes what is easily overlooked."""
    if _without_blanks(got) == _without_blanks(want):
        return _blanks(want, got)
    if got.casefold() == want.casefold():
        return "letter case differs"
    alike = _in_latin(got)
    if alike == _in_latin(want) or (len(alike) == len(got) and alike.casefold() == want.casefold()):
        position, letter = next((n, c) for n, c in enumerate(got) if n >= len(want) or c != want[n])
        name = unicodedata.name(letter, f"U+{ord(letter):04X}").lower()
        return f"character {position + 1} is {name}, which only looks like {want[position : position + 1]}"
    if got.rstrip("/") == want.rstrip("/"):
        return "a slash too many at the end" if len(got) > len(want) else "the slash at the end is missing"
    if _SCHEME.sub("", got) == _SCHEME.sub("", want):
        return "the scheme differs"
    if unquote(got) == want:
        return "it is percent-encoded"
    if got.replace("_", "-") == want.replace("_", "-"):
        return "hyphen and underscore are exchanged"
    start, _ = _common(want, got)
    return f"they differ from character {start + 1} on" if start else "they differ"


def _blanks(want: str, got: str) -> str:
    """Describes which blank is superfluous, and where."""
    start, _ = _common(want, got)
    if len(got) <= len(want):
        return "a blank is missing or another one"
    name = (
        _BLANKS.get(got[start])
        or unicodedata.name(got[start], f"sign without a shape, U+{ord(got[start]):04X},").lower()
    )
    if not _without_blanks(got[:start]):
        return f"a {name} too many at the start"
    if not _without_blanks(got[start:]):
        return f"a {name} too many at the end"
    return f"a {name} too many, character {start + 1}"


# --- marked -----------------------------------------------------------------------------------------------------------


def _marked(want: str, got: str) -> str:
    """Returns both values as one text: equal parts shortened, differing parts in brackets."""
    pieces = list(_pieces(want, got))
    whole = sum(len(mine) + len(other) for mine, other in pieces) <= _SHOWN_WHOLE
    text = ""
    for number, (mine, other) in enumerate(pieces):
        if mine != other:
            text += f"[{visible(mine)}|{visible(other)}]"
        elif whole:
            text += mine
        else:
            text += _folded_up(mine, first=number == 0, last=number == len(pieces) - 1)
    return text


def _folded_up(text: str, *, first: bool, last: bool) -> str:
    """Returns an equal part shortened to what is next to a difference."""
    room = _SHOWN_BESIDE if first or last else 2 * _SHOWN_BESIDE
    if len(text) <= room:
        return text
    head = "" if first else text[: _word_end(text, 1)][:_SHOWN_BESIDE]
    tail = "" if last else text[_word_start(text, len(text) - 1) :][-_SHOWN_BESIDE:]
    return f"{head}…{tail}"


def _pieces(want: str, got: str) -> Iterator[tuple[str, str]]:
    """Yields received and right text part by part: whole words, unless they nearly agree."""
    mine, other = _WORD.findall(got), _WORD.findall(want)
    start, end = _common_words(mine, other)
    yield from _equal(mine[:start])
    middle, wanted = mine[start : len(mine) - end], other[start : len(other) - end]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, middle, wanted, autojunk=False).get_opcodes():
        came, right = "".join(middle[i1:i2]), "".join(wanted[j1:j2])
        if tag != "equal" and _edits(came, right) <= max(1, len(right) // 4):
            yield from _letters(came, right)
        else:
            yield came, right
    yield from _equal(mine[len(mine) - end :])


def _equal(words: list[str]) -> Iterator[tuple[str, str]]:
    if words:
        yield "".join(words), "".join(words)


def _common_words(first: list[str], second: list[str]) -> tuple[int, int]:
    shorter = min(len(first), len(second))
    start = next((n for n in range(shorter) if first[n] != second[n]), shorter)
    rest = shorter - start
    end = next((n for n in range(rest) if first[-1 - n] != second[-1 - n]), rest)
    return start, end


def _letters(came: str, right: str) -> Iterator[tuple[str, str]]:
    start, end = _common(came, right)
    if start:
        yield came[:start], came[:start]
    yield came[start : len(came) - end], right[start : len(right) - end]
    if end:
        yield came[len(came) - end :], came[len(came) - end :]
