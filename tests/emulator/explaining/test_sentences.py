"""Every sentence of the collected facts, of the catalogue and of the emulator's own refusals is recognised."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from emulator.diagnosis.check_texts import CheckText
from emulator.explaining.catalogue import everything_known
from emulator.explaining.pasted import read_text
from emulator.explaining.ranking import base_id, ranked, weight_of
from emulator.explaining.recognition import recognise
from emulator.explaining.sentences import Sentence
from emulator.scenarios.runner import refusal_in
from emulator.scenarios.scenario_file import Scenario
from emulator.scenarios.weights import scenario_weights
from tests.built_in_scenarios import built_in_scenarios

KNOWN = everything_known()
SENTENCES = KNOWN.sentences.sentences
WEIGHTS = scenario_weights()
SCENARIOS = [s for s in built_in_scenarios() if s.settings.expect.outcome in {"refused", "elsewhere"}]
FACTS = [
    (fact["says"], fact["checks"], fact.get("is_part", False))
    for facts in yaml.safe_load((Path(__file__).parent / "facts.yaml").read_text(encoding="utf-8")).values()
    for fact in facts
]


def checks_of(text: str) -> list[str]:
    """Returns the checks behind everything that is recognised in a text."""
    return list(dict.fromkeys(check for meant in recognise(read_text(text), KNOWN) for check in meant.checks))


@pytest.mark.parametrize(("says", "checks", "is_part"), FACTS, ids=[says[:60] for says, _, _ in FACTS])
def test_every_sentence_of_the_facts_is_known(says: str, checks: list[str], is_part: bool) -> None:
    """As it is, in capitals without quotes, and, unless it is only a part, inside the line that the AWS CLI prints."""
    assert checks_of(says) == checks
    assert checks_of(says.upper().replace("'", "").replace('"', "").replace("\u201c", "")) == checks
    if not is_part:
        line = f"An error occurred (Unknown) when calling the Some operation (reached max retries: 4): {says}\n$ "
        assert checks_of(f"$ aws some command\n\n{line}") == checks


@pytest.mark.parametrize(("says", "checks", "is_part"), FACTS, ids=[says[:60] for says, _, _ in FACTS])
def test_every_sentence_of_the_facts_has_causes(says: str, checks: list[str], is_part: bool) -> None:
    """At least one, with a fix, however the sentence narrows its checks down."""
    for meant in recognise(read_text(says), KNOWN):
        assert ranked(meant, KNOWN.texts, WEIGHTS), f"{says}: {', '.join(checks)} have no cause that ends in it"


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence.says[:60])
def test_every_sentence_leads_to_checks_that_have_texts(sentence: Sentence) -> None:
    """No check or topic is named that is not explained, and each wording finds the sentence again."""
    assert set(sentence.checks) <= KNOWN.texts.keys()
    for wording in (sentence.says, *sentence.also):
        text = wording.replace("<", "").replace(">", "")
        assert checks_of(f"x y z: {text} and so on") == list(sentence.checks)


def test_no_sentence_is_there_twice() -> None:
    """Two entries with the same words would lead to the first one's checks only."""
    words = [words for sentence in SENTENCES for words in (sentence.says, *sentence.also)]
    assert len(words) == len(set(words))


def test_every_code_leads_to_checks_that_have_texts() -> None:
    """Codes of sentences, and codes without text."""
    for code, checks in KNOWN.sentences.codes.items():
        assert set(checks) <= KNOWN.texts.keys(), code
        assert checks_of(code) == list(checks)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_what_the_catalogue_is_told_is_explained(scenario: Scenario) -> None:
    """The words of each refusal lead to its check, and are called assumed only where the refusal says so too."""
    expect = scenario.settings.expect
    refusal = refusal_in(scenario) if expect.outcome == "refused" else None
    if refusal is None:  # nobody refuses it in words of a service: it is elsewhere, or there is no such page
        assert expect.check in KNOWN.texts
        return
    found = recognise(read_text(refusal.message), KNOWN)
    # A token that was made up is refused in three words, which the code beside them makes clear.
    by_code = checks_of(expect.code) if expect.code else []
    assert refusal.check in [*(check for meant in found for check in meant.checks), *by_code]
    known = {sentence.known for meant in found for sentence in meant.sentences}
    if refusal.evidence != "assumed":
        assert known & {"documented", "observed"}
    assert not expect.code or checks_of(expect.code)


@pytest.mark.parametrize("text", KNOWN.texts.values(), ids=lambda text: text.name)
def test_causes_name_scenarios_that_end_so_and_sentences_that_are_known(text: CheckText) -> None:
    """A scenario that shows a cause of a service's check ends in that check; the most frequent cause comes first."""
    ends = {scenario.id: scenario.settings.expect.check for scenario in SCENARIOS}
    own = {sentence.says for sentence in SENTENCES if text.name in sentence.checks}
    weights = [weight_of(cause, WEIGHTS) for cause in text.causes]
    assert weights == sorted(weights, reverse=True)
    for cause in text.causes:
        assert set(cause.says) <= own, cause.cause
        for each in cause.scenarios:
            assert base_id(each, WEIGHTS) in WEIGHTS, f"{each} has no weight"
            if text.name in ends.values():
                same = [check for name, check in ends.items() if name == each or name.startswith(f"{each}-")]
                assert same
                assert all(check in {text.name, None} for check in same), f"{each} ends in {same}"


@pytest.mark.parametrize("name", sorted({base_id(scenario.id, WEIGHTS) for scenario in SCENARIOS}))
def test_every_scenario_that_does_not_arrive_is_a_cause_with_a_weight(name: str) -> None:
    """A scenario is the example of a cause, so that its weight ranks something."""
    assert name in WEIGHTS, f"{name} needs a weight: how often is this what people meet?"
    named = {base_id(each, WEIGHTS) for text in KNOWN.texts.values() for c in text.causes for each in c.scenarios}
    assert name in named, f"no cause in emulator/diagnosis/checks or emulator/explaining/topics names {name}"


def test_a_long_log_of_one_sentence_is_that_sentence() -> None:
    """Every place is looked at once, however often it is said: a log of two megabytes is the most that is read."""
    found = recognise(read_text("Response signature invalid " * 70_000), KNOWN)
    assert [each.title for each in found] == ["Response signature invalid"]
