"""Causes are ranked over all checks behind a sentence, and grouped by whose side they are on."""

from __future__ import annotations

from emulator.diagnosis.check_texts import CauseText, CheckText
from emulator.explaining.ranking import Group, RankedCause, base_id, grouped, ranked, weight_of, without_repetition
from emulator.explaining.recognition import Recognised
from emulator.explaining.sentences import Sentence

WEIGHTS = {"A-01": 40, "A-02": 70, "A-03": 0}
TEXTS = {
    "first": CheckText(
        "first",
        "A group",
        "Is it?",
        (
            CauseText("Seldom.", "Fix.", "you", 10),
            CauseText("By a scenario.", "Fix.", "AWS account", None, ("A-01", "A-02-3")),
            CauseText("Forged.", "Fix.", "you", None, ("A-03",)),
        ),
    ),
    "second": CheckText(
        "second",
        "A group",
        "Is it?",
        (
            CauseText("Of another sentence.", "Fix.", "browser", 90, says=("Other words",)),
            CauseText("Of this sentence.", "Fix.", "identity provider", 50, says=("Words",)),
            CauseText("In the account.", "Fix.", "AWS account", 20),
        ),
    ),
}


def _sentence(*points_to: str) -> Recognised:
    sentence = Sentence("Words", (), "AWS", "documented", "a guide", ("first", "second"), points_to=points_to)
    return Recognised("Words", sentence.checks, (sentence,), is_sentence=True)


def _told(causes: tuple[RankedCause, ...]) -> list[tuple[str, int]]:
    return [(cause.cause, cause.weight) for cause in causes]


def test_causes_of_all_checks_are_ranked_together() -> None:
    """By their own weight or the greatest of their scenarios; those of another sentence are left out."""
    assert _told(ranked(_sentence(), TEXTS, WEIGHTS)) == [
        ("By a scenario.", 70),
        ("Of this sentence.", 50),
        ("In the account.", 20),
        ("Seldom.", 10),
        ("Forged.", 0),
    ]


def test_a_check_has_the_causes_of_all_its_sentences() -> None:
    """Nobody said which sentence it was."""
    assert _told(ranked(Recognised("second", ("second",)), TEXTS, WEIGHTS)) == [
        ("Of another sentence.", 90),
        ("Of this sentence.", 50),
        ("In the account.", 20),
    ]


def test_what_the_words_point_to_comes_first() -> None:
    """Such as frame-ancestors 'none', which a page without Referer gets."""
    assert _told(ranked(_sentence("A-01"), TEXTS, WEIGHTS))[0] == ("By a scenario.", 95)


def test_the_side_of_the_likeliest_cause_comes_first_and_what_is_done_on_purpose_last() -> None:
    """Within a side the likeliest cause comes first."""
    causes = ranked(_sentence(), TEXTS, WEIGHTS)
    by_words = {cause.cause: cause for cause in causes}
    assert grouped(causes) == (
        Group("AWS account", (by_words["By a scenario."], by_words["In the account."])),
        Group("identity provider", (by_words["Of this sentence."],)),
        Group("you", (by_words["Seldom."],)),
        Group(None, (by_words["Forged."],)),
    )


def test_weights_are_told_in_words() -> None:
    """From 60 often, from 25 sometimes, else rarely; nothing is what is done on purpose."""
    told = [RankedCause("c", "C.", "F.", "you", weight).how_often for weight in (100, 60, 59, 25, 24, 1, 0)]
    assert told == ["often", "often", "sometimes", "sometimes", "rarely", "rarely", "on purpose"]


def test_a_cause_without_a_scenario_is_reproduced_by_none() -> None:
    """The first of several is the one to run."""
    assert RankedCause("c", "C.", "F.", "you", 5).reproduced_by == ""
    assert (
        RankedCause("c", "C.", "F.", "you", 5, ("A-02-3", "A-01")).reproduced_by == "fedemu run --builtin -k A-02-3 -v"
    )


def test_scenarios_of_a_matrix_have_one_weight_between_them() -> None:
    """The number behind the id is left out where only the id is known."""
    assert [base_id(each, WEIGHTS) for each in ("A-01", "A-02-3", "A-02-12")] == ["A-01", "A-02", "A-02"]
    assert weight_of(CauseText("C.", "F.", "you"), WEIGHTS) == 0


def test_the_same_causes_are_told_once() -> None:
    """Under what was said last, which is the more specific of two status codes."""
    one, two = Recognised("one", ("second",)), Recognised("two", ("second",))
    causes = ranked(one, TEXTS, WEIGHTS)
    assert without_repetition([(one, causes), (two, causes)]) == [(two, causes)]
