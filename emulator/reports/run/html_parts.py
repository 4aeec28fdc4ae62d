"""The building blocks of the HTML report: escaped texts, tables, lists of names and texts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence

from emulator.reports.run.page_words import PageWords, english

LONGEST_TEXT = 2_000
MOST_ROWS = 100
_LEFT_OUT = "(left out)"
_NOT_SHOWN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
# A message in a URL is a parameter, perhaps of a URL that is itself a parameter, and then encoded again.
_MESSAGE = re.compile(
    r"((?:SAMLRequest|SAMLResponse|SAMLAssertion|SigninToken)(?:=|%(?:25)*3D))(?:(?!%(?:25)*26)[^&\s#\"'<>])+"
)
_LOOKED_FOR = ("SAML", "SigninToken", "PRIVATE KEY")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)


def escaped(text: str, *, limit: int = LONGEST_TEXT) -> str:
    """Returns a text for HTML, in an element or in a quoted attribute.

    Messages and private keys inside are left out, control characters are shown instead of executed, and a long text is
    cut, with a note that says so.

    Args:
        limit: Maximum number of characters.
    """
    if len(text) <= limit and text.isprintable() and not any(word in text for word in _LOOKED_FOR):
        return html.escape(text)
    text = _PRIVATE_KEY.sub(_LEFT_OUT, _MESSAGE.sub(rf"\1{_LEFT_OUT}", text))
    more = len(text) - limit
    text = _NOT_SHOWN.sub("\N{REPLACEMENT CHARACTER}", text if more <= 0 else text[:limit])
    return html.escape(text if more <= 0 else f"{text}… (cut, {more:,} more characters)")


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table with a row header in the first column.

    Args:
        caption: Caption, and in lower case its class: a word of fedemu's.
        heads: Column heads: words of fedemu's.
        rows: Texts of the cells.
    """
    shown = list(rows)
    head = "".join(f'<th scope="col">{each}</th>' for each in heads)
    body = "".join(
        f'<tr><th scope="row">{escaped(first)}</th>{"".join(f"<td>{escaped(each)}</td>" for each in rest)}</tr>\n'
        for first, *rest in shown[:MOST_ROWS]
    )
    top = f"<caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>"
    return (
        f'<table class="{caption.lower()}">\n{top}\n<tbody>\n{body}</tbody>\n</table>\n'
        f"{more(len(shown) - MOST_ROWS, 'rows')}"
    )


def named(name: str, values: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yields rows of ``definitions``: the first of several values has the name, and very long lists are shortened."""
    shown = [*values[:MOST_ROWS], *([f"and {len(values) - MOST_ROWS:,} more"] if len(values) > MOST_ROWS else [])]
    return ((("" if number else name), value) for number, value in enumerate(shown))


def definitions(rows: Iterable[tuple[str, str]]) -> str:
    """Returns names and texts as a list; a text without a name belongs to the previous name."""
    parts = (f"{f'<dt>{escaped(name)}</dt>' if name else ''}<dd>{escaped(text)}</dd>\n" for name, text in rows)
    return f"<dl>\n{''.join(parts)}</dl>\n"


def figures(rows: Iterable[tuple[str, str]]) -> str:
    """Returns names and texts side by side, as many per line as fit."""
    parts = (f"<div><dt>{escaped(name)}</dt><dd>{escaped(text)}</dd></div>\n" for name, text in rows)
    return f'<dl class="figures">\n{"".join(parts)}</dl>\n'


def more(count: int, what: str, words: PageWords = english) -> str:
    """Returns how many are left out; empty where none are.

    Args:
        count: Number of items left out.
        what: What they are: words of fedemu's.
        words: Words of the page.
    """
    if count <= 0:
        return ""
    told = words("and {count} more {what}, which are left out", count=f"{count:,}", what=words(what))
    return f'<p class="dim">{told}</p>\n'
