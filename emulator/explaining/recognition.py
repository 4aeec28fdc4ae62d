"""Which sentence, check or code is meant by what was given, and which are near where none is."""

from __future__ import annotations

import difflib
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from emulator.diagnosis.check_texts import CheckText
from emulator.explaining.pasted import Pasted
from emulator.explaining.plain_words import plain
from emulator.explaining.sentences import KnownSentences, Sentence, of_check
from emulator.kernel.records import dataclass

# A sentence of fewer words, such as "Not Found", may be in any page: it counts where no longer one is there.
_WORDS_OF_A_SENTENCE = 3
_SHORTEST_PART = 4
_MOST_NEAR = 3
_NEAR_ENOUGH = 0.3
_MOST_WORDS = 60
_NAMED = re.compile(r", check ([a-z0-9-]+)")
_SCRIPT = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_CODE = re.compile(r"[A-Za-z0-9_.]+")


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was recognised.

    Args:
        title: The sentence, the code, or the check's name.
        checks: The checks and topics that can be behind it.
        sentences: The sentence that it is; for a code or a check those that it comes with.
        is_sentence: Whether it is one sentence, so that only the causes that end in it count.
        is_code: Whether it is a code.
    """

    title: str
    checks: tuple[str, ...]
    sentences: tuple[Sentence, ...] = ()
    is_sentence: bool = False
    is_code: bool = False


@dataclass(frozen=True)
class Known:
    """Everything that can be recognised: checks and topics with their texts, sentences, codes."""

    texts: Mapping[str, CheckText]
    sentences: KnownSentences

    @cached_property
    def codes(self) -> Mapping[str, tuple[str, tuple[str, ...]]]:
        """Every code in lower case, with its spelling and its checks."""
        return {code.lower(): (code, checks) for code, checks in self.sentences.codes.items()}

    @cached_property
    def by_words(self) -> Mapping[str, tuple[str, ...]]:
        """What people call checks, in plain words: the names of the checks behind each."""
        found: dict[str, list[str]] = {}
        for text in self.texts.values():
            for words in (text.name.replace("-", " "), *map(plain, text.words)):
                found.setdefault(words, []).append(text.name)
        return {words: tuple(dict.fromkeys(names)) for words, names in found.items()}

    @property
    def names(self) -> list[str]:
        """Every check, topic and code, as people can ask for it."""
        return sorted({*self.texts, *self.sentences.codes})


def recognise(pasted: Pasted, known: Known) -> list[Recognised]:
    """Returns what is meant, in the order in which it is there; nothing where nothing is known.

    A check's name, a code or what people call it comes first where that is all that was given; then a check that is
    named by one of the emulator's own refusals; then whole sentences, codes, and at last parts of sentences.
    """
    asked = plain(pasted.texts[0]) if pasted.is_short and pasted.texts else ""
    found = _named(asked, known) if asked else []
    if not found:
        found = _named_by_us(pasted, known) or _sentences_in(pasted, known) or _codes_in(pasted, known)
    if not found and asked:
        # Two words may be part of a sentence that is about something else.
        is_long = len(asked.split()) >= _WORDS_OF_A_SENTENCE
        found = (is_long and _parts(asked, known)) or _called(asked, known) or _parts(asked, known)
    return found


def nearest(pasted: Pasted, known: Known) -> list[str]:
    """Returns the sentences and names nearest to what was given, the nearest first; three at most."""
    words = [word for text in pasted.texts for word in plain(text[:2000]).split()][:_MOST_WORDS]
    candidates = {
        **{sentence.says: sentence.plain[0].split() for sentence in known.sentences.sentences},
        **{name: name.lower().replace("-", " ").split() for name in known.names},
    }
    counts = Counter(word for each in candidates.values() for word in set(each))
    weigh = {word: 1 / math.log2(2 + count) for word, count in counts.items()}
    meant = {_corrected(word, weigh) for word in dict.fromkeys(words)} - {""}
    total = sum(weigh[word] for word in meant) + 0.3 * (len(set(words)) - len(meant))
    scored: list[tuple[float, str]] = []
    for name, each in candidates.items():
        own = set(each)
        shared = sum(weigh[word] for word in own & meant)
        if shared:
            scored.append((shared / math.sqrt(total * sum(weigh[word] for word in own)), name))
    scored.sort(key=lambda pair: (-pair[0], pair[1]))
    return [name for score, name in scored[:_MOST_NEAR] if score >= _NEAR_ENOUGH]


def _corrected(word: str, weigh: Mapping[str, float]) -> str:
    if word in weigh:
        return word
    near = difflib.get_close_matches(word, weigh, n=1, cutoff=0.8) if len(word) >= _SHORTEST_PART else []
    return near[0] if near else ""


def _named(asked: str, known: Known) -> list[Recognised]:
    """Returns the check, the code, or what people call checks, that is all that was given."""
    name = asked.removeprefix("check ")
    if name in known.texts:
        return [_check(name, known)]
    if asked in known.codes:
        return [_code(asked, known)]
    return [_check(name, known) for name in known.by_words.get(asked, ())]


def _named_by_us(pasted: Pasted, known: Known) -> list[Recognised]:
    """Returns the checks that the emulator's own refusals name, each with the sentence of its that is there too."""
    names = [name for text in pasted.texts for name in _NAMED.findall(text) if name in known.texts]
    said = _sentences_in(pasted, known) if names else []
    found = []
    for name in dict.fromkeys(names):
        own = next((each for each in said if name in each.checks), None)
        found.append(replace(own, checks=(name,)) if own is not None else _check(name, known))
    return found


def _sentences_in(pasted: Pasted, known: Known) -> list[Recognised]:
    """Returns the sentences in a text, in their order: of those that overlap the longest, or the most exact."""
    for text in map(plain, pasted.texts):
        spans = sorted(_spans(text, known.sentences.sentences), key=lambda span: (-span.length, -span.exactness))
        chosen: list[_Span] = []
        is_taken = bytearray(len(text))
        for span in spans:
            if 1 not in is_taken[span.begin : span.end]:
                chosen.append(span)
                is_taken[span.begin : span.end] = b"\1" * span.length
        whole = [span for span in chosen if len(text[span.begin : span.end].split()) >= _WORDS_OF_A_SENTENCE]
        found: dict[str, Recognised] = {}
        for span in sorted(whole or chosen, key=lambda span: span.begin):
            found.setdefault(span.sentence.says, _sentence(span.sentence, wording=span.wording))
        if found:
            return list(found.values())
    return []


@dataclass(frozen=True, slots=True)
class _Span:
    """Where a wording of a sentence is in a text."""

    begin: int
    end: int
    sentence: Sentence
    wording: int

    @property
    def length(self) -> int:
        return self.end - self.begin

    @property
    def exactness(self) -> int:
        return len(self.sentence.plain[self.wording])


def _spans(text: str, sentences: Iterable[Sentence]) -> Iterator[_Span]:
    for sentence in sentences:
        for wording, pattern in enumerate(sentence.patterns):
            if sentence.longest_parts[wording] not in text:
                continue
            for match in pattern.finditer(text):
                yield _Span(match.start(), match.end(), sentence, wording)


def _codes_in(pasted: Pasted, known: Known) -> list[Recognised]:
    """Returns the codes in a text; a page's scripts name codes that nobody was shown."""
    texts = (_SCRIPT.sub(" ", text) for text in pasted.texts if not pasted.is_page or "<" in text)
    words = (word.strip(".").lower() for text in texts for word in _CODE.findall(text))
    return [_code(code, known) for code in dict.fromkeys(words) if code in known.codes]


def _parts(asked: str, known: Known) -> list[Recognised]:
    """Returns the sentences that a few words are part of."""
    if len(asked) < _SHORTEST_PART:
        return []
    part = re.compile(rf"(?<![a-z0-9]){re.escape(asked)}(?![a-z0-9])")
    sentences = [each for each in known.sentences.sentences if any(part.search(words) for words in each.plain)]
    return [_sentence(each) for each in sentences]


def _called(asked: str, known: Known) -> list[Recognised]:
    """Returns the checks of which a question has a name in it, of several the longest; words such as role are none."""
    names = [words for words in known.by_words if words not in known.texts]
    phrases = [words for words in names if re.search(rf"(?<![a-z0-9]){re.escape(words)}s?(?![a-z0-9])", asked)]
    if not phrases:
        # The words of a name in another order, such as "the origin is not approved".
        meant = set(_singular(asked))
        phrases = [words for words in names if " " in words and set(_singular(words)) <= meant]
    return [_check(name, known) for name in known.by_words[max(phrases, key=len)]] if phrases else []


def _singular(words: str) -> list[str]:
    return [word.removesuffix("s") for word in words.split()]


def _sentence(sentence: Sentence, *, wording: int = 0) -> Recognised:
    """Returns a sentence under the wording that was found, which may be no more than a part of it."""
    is_part = sentence.plain[wording] in sentence.plain[0]
    title = sentence.says if is_part else (sentence.says, *sentence.also)[wording]
    return Recognised(title, sentence.checks, (sentence,), is_sentence=True)


def _check(name: str, known: Known) -> Recognised:
    return Recognised(name, (name,), of_check(name, known.sentences.sentences))


def _code(code: str, known: Known) -> Recognised:
    spelt, checks = known.codes[code]
    sentences: Sequence[Sentence] = [each for each in known.sentences.sentences if each.code.lower() == code]
    return Recognised(spelt, checks, tuple(sentences), is_code=True)
