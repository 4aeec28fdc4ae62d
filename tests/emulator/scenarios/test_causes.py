"""What the words of a refusal lead to: texts of checks, and scenarios that were run."""

from __future__ import annotations

import pytest

from emulator.diagnosis.check_texts import read_check_texts
from emulator.scenarios.causes import examples_of, known_words, texts_of
from emulator.scenarios.scenario_file import BUILT_IN, find_scenarios

SCENARIOS = find_scenarios([BUILT_IN / "encryption", BUILT_IN / "session"])
TEXTS = read_check_texts()


@pytest.mark.parametrize(
    ("words", "checks", "scenarios"),
    [
        ("assertion-encryption", ["assertion-encryption"], ["AWS-ENC-02", "AWS-ENC-09"]),
        ("Assertion-Encryption ", ["assertion-encryption"], ["AWS-ENC-02", "AWS-ENC-09"]),
        (
            "ValidationError",
            ["session-duration", "session-tags"],
            ["AWS-DUR-01-1", "AWS-DUR-01-2", "AWS-DUR-01-3", "AWS-TAG-05"],
        ),
        ("rolesessionname is required in authnresponse", ["role-session-name"], ["AWS-RSN-01"]),
        ("invalid saml response", ["assertion-encryption", "response"], ["AWS-ENC-02", "AWS-ENC-07", "AWS-ENC-09"]),
        ("marker", ["marker"], []),
        ("no such words", [], []),
    ],
)
def test_words_lead_to_texts_and_examples(words: str, checks: list[str], scenarios: list[str]) -> None:
    """A check's name leads to that check alone; a code or a sentence to the checks that the examples end in."""
    examples = list(examples_of(words, SCENARIOS))
    assert [text.name for text in texts_of(words, examples, TEXTS)] == checks
    assert [example.scenario.id for example in examples] == scenarios


def test_every_check_and_code_is_known() -> None:
    """They are what an unknown word is compared with."""
    known = known_words(SCENARIOS, TEXTS)
    assert set(TEXTS) < set(known)
    assert "PackedPolicyTooLarge" in known
    assert known == sorted(known)
