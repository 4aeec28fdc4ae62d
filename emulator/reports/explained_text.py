"""What people read about a sentence, a check or a code: its causes, by the side that has to act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from emulator.diagnosis.check_texts import CheckText
from emulator.diagnosis.login_result import FORMAT
from emulator.explaining.ranking import RankedCause, grouped
from emulator.explaining.recognition import Recognised
from emulator.explaining.sentences import Sentence
from emulator.network.trace import as_text

_MOST_SENTENCES = 6
_MOST_QUESTIONS = 4
HEADINGS = {
    "you": "On your side: what was run, sent or opened",
    "identity provider": "At your identity provider",
    "AWS account": "In your AWS account",
    "browser": "In your browser",
    None: "Least of all: done on purpose",
}


def explained_lines(
    meant: Recognised, causes: Sequence[RankedCause], texts: Mapping[str, CheckText], *, most: int
) -> Iterator[str]:
    """Yields what is known about one sentence, check or code.

    Args:
        meant: What was recognised.
        causes: Its causes, ranked.
        texts: Texts of the checks and topics.
        most: Maximum number of causes.
    """
    yield from _head(meant, texts)
    shown = causes[:most]
    rank = {cause: number for number, cause in enumerate(shown, 1)}
    for group in grouped(shown):
        yield ""
        yield HEADINGS[group.side]
        for cause in group.causes:
            often = f"  [{cause.how_often}]" if group.side else ""
            yield f"  {rank[cause]}. {cause.cause}{often}"
            yield f"     fix  {cause.fix}"
            if cause.reproduced_by:
                yield f"     see  {cause.reproduced_by}"
    if len(causes) > len(shown):
        yield ""
        yield f"and {len(causes) - len(shown)} more, met less often: --all shows them"


def _head(meant: Recognised, texts: Mapping[str, CheckText]) -> Iterator[str]:
    if meant.title in texts:
        yield f"{meant.title}: {texts[meant.title].asks}"
    else:
        yield meant.title
    if meant.is_sentence:
        yield f"  said by  {said_by(meant.sentences[0])}"
    else:
        yield from _said_as(meant.sentences)
        if meant.is_code and len(meant.sentences) > 1:
            yield "  note     A code comes with several sentences: give the sentence too, which says more."
    others = [name for name in meant.checks if name in texts and name != meant.title]
    if len(others) <= _MOST_QUESTIONS:
        yield from (f"  check    {name}: {texts[name].asks}" for name in others)
    else:
        yield f"  checks   {', '.join(others)}"
    for name in meant.checks:
        if name in texts and texts[name].not_emulated:
            yield f"  note     This is not emulated. {texts[name].not_emulated}"


def _said_as(sentences: Sequence[Sentence]) -> Iterator[str]:
    for sentence in sentences[:_MOST_SENTENCES]:
        mark = "" if sentence.known != "assumed" else f"  (the words are assumed: {sentence.source})"
        yield f"  said as  {sentence.says}{mark}"
    if len(sentences) > _MOST_SENTENCES:
        yield f"           and {len(sentences) - _MOST_SENTENCES} other sentences"


def said_by(sentence: Sentence) -> str:
    """Returns who says a sentence, with which code, and whether the words are known to be theirs."""
    status = f" ({sentence.status})" if sentence.status else ""
    code = f", {sentence.code}" if sentence.code else ""
    return f"{sentence.by}{code}{status}; the words are {sentence.known}: {sentence.source}"


def list_of_checks(texts: Iterable[CheckText]) -> Iterator[str]:
    """Yields every check and topic with its question, by group."""
    about = ""
    for text in texts:
        if text.about != about:
            yield from ([""] if about else [])
            about = text.about
            yield about
        yield f"  {text.name:<24} {text.asks}"


def explained_json(found: Sequence[tuple[Recognised, Sequence[RankedCause]]], texts: Mapping[str, CheckText]) -> str:
    """Returns what is known as JSON of format 2: ``{"format": 2, "recognised": [{…}]}``."""
    return as_text({"format": FORMAT, "recognised": [_as_json(*each, texts) for each in found]})


def _as_json(meant: Recognised, causes: Sequence[RankedCause], texts: Mapping[str, CheckText]) -> dict[str, Any]:
    data: dict[str, Any] = {
        "title": meant.title,
        "checks": list(meant.checks),
        "said": [
            {
                "sentence": sentence.says,
                "by": sentence.by,
                "code": sentence.code,
                "status": sentence.status,
                "evidence": sentence.known,
                "source": sentence.source,
            }
            for sentence in meant.sentences
        ],
        "causes": [cause.as_json(rank) for rank, cause in enumerate(causes, 1)],
    }
    not_emulated = [texts[name].not_emulated for name in meant.checks if name in texts and texts[name].not_emulated]
    return data | ({"not_emulated": not_emulated[0]} if not_emulated else {})
