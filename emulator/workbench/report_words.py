"""The words that pages share with reports about a login, in the language of the page.

The English texts under keys that begin with ``report_`` are those of the reports' code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from emulator.diagnosis.diagnosis import Diagnosis
from emulator.kernel.errors import NetworkFailure
from emulator.reports.run.html_message import ASSUMED
from emulator.reports.run.page_words import PageWords
from emulator.workbench.words import Words, words_of

PREFIX = "report_"


def report_words(words: Words) -> PageWords:
    """Returns the words of reports in the language of a page; texts without a translation stay English."""
    texts = _by_english(words.language)

    def said(text: str, /, **values: object) -> str:
        text = texts.get(text, text)
        return text.format(**values) if values else text

    return said


@cache
def _by_english(language: str) -> Mapping[str, str]:
    english, own = words_of("en"), words_of(language)
    return {text: own[key] for key, text in english.items() if key.startswith(PREFIX)}


def step_words(words: Words) -> Mapping[str, str]:
    """Returns the names of requests in a login in the language of a page, by their English names."""
    english, own = words_of("en"), words_of(words.language)
    return {text: own[key] for key, text in english.items() if key.startswith(f"{PREFIX}step_")}


def why_rows(diagnosis: Diagnosis, words: PageWords) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Returns why a login was refused or ended elsewhere: a headline, and below it names and texts.

    Args:
        diagnosis: The explanation.
        words: Words of the page.
    """
    rows = ((words(name), text) for name, text in _rows(diagnosis, words))
    return _headline(diagnosis, words), tuple(rows)


def _headline(diagnosis: Diagnosis, words: PageWords) -> str:
    refusal = diagnosis.refusal
    if refusal is None:
        return words("The login did not arrive, check {check}", check=diagnosis.check)
    told = {"service": refusal.service, "code": refusal.code, "status": refusal.status, "check": refusal.check}
    if isinstance(refusal, NetworkFailure):
        return words("{service} failed: {code}, check {check}", **told)
    if not refusal.status:
        return words("{service} refused: {code}, check {check}", **told)
    return words("{service} refused: {code} ({status}), check {check}", **told)


def _rows(diagnosis: Diagnosis, words: PageWords) -> Iterator[tuple[str, str]]:
    refusal = diagnosis.refusal
    if refusal is not None:
        assumed = f" {words(ASSUMED)}" if refusal.evidence == "assumed" else ""
        yield "said", f"{refusal.message}{assumed}"
    yield from diagnosis.rows
