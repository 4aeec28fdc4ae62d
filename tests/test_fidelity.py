"""``make fidelity`` counts the rules, and finds assumed words that are shown without the mark."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import fidelity, wording_marks
from tests.assumed_words import are_some_words_known, are_words_assumed

# What is taken out of a copy of the source, wherever a file has it, and what make fidelity says then.
PLANTED = {
    "emulator/reports/refusal_text.py": (
        "   (the emulator's wording)",
        "block of AwsRefusal: (the emulator's wording) is missing",
    ),
    "emulator/network/trace.py": (
        '"evidence": refusal.evidence,',
        'JSON of ConnectRefusal: "evidence": "assumed" is missing',
    ),
    "emulator/reports/explained_text.py": (
        "; the words are {sentence.known}",
        "explain of OktaRefusal: the words are assumed is missing",
    ),
    "emulator/workbench/words/en.yaml": (
        "(the emulator's wording)",
        "workbench after AWS-SGN-46: (the emulator's wording) is missing",
    ),
    "sp_mock/templates/*.html": ("the emulator's own", "check partition: the emulator's own is missing"),
    "idp/templates/*.html": ("the emulator's own", "check saml-request: the emulator's own is missing"),
    "sp_mock/assertion/wording.py": (
        'evidence="documented" if check in {"base64", "response"} else "assumed",',
        "version: its words are assumed, its refusals say assumed or documented",
    ),
    "sp_mock/assertion/session_checks.py": (
        'evidence="assumed",',
        "session_duration: its words are assumed, its refusals say documented",
    ),
}
# The scenarios that come to the pages and the workbench of these places.
PLANTED_SCENARIOS = ("AWS-REQ-02", "AWS-SGN-45", "AWS-SGN-46")
# Who reads a refusal's words in the roof: what shows them is looked at by tests/wording_marks.py.
SHOWING_WORDS = {
    "arrival.py",
    "workbench/kept_scenarios.py",  # what a scenario expects
    "reports/refusal_text.py",
    "network/trace.py",
    "diagnosis/diagnosis.py",
    "diagnosis/login_groups.py",  # compares
    "reports/sarif_log.py",
    "workbench/exchange_event.py",  # with its evidence
    "workbench/kept_logins.py",
    "workbench/report_words.py",
    "workbench/templates/logins.html",
    "load/judging.py",  # with the mark
    "network/note_header.py",  # hands it on, with its evidence
    "inspection/signature_alone.py",  # documented words
    "reports/inspection_text.py",  # what was recorded: with the mark where fedemu recorded its own wording
    "inspection/judging.py",  # the verdicts' list of fedemu inspect: the block of each follows, with the mark
    "scenarios/comparing.py",  # compares
    "setup_steps/blame.py",  # with the mark, as the block has it
    # What a recording says is looked through for its cause, and becomes what a scenario expects.
    *(f"reconstruction/{each}.py" for each in ("okta_part", "recorded", "replay", "scenario_part", "setup")),
}


def test_nothing_that_is_assumed_is_shown_without_its_mark() -> None:
    """Blocks, JSON, explanations, the workbench and the pages of Okta, AWS and Amazon Connect have it."""
    shown = wording_marks.everything_shown(frozenset())
    assert wording_marks.unmarked(iter(shown)) == []
    pages = " ".join(each.text for each in shown if each.place.startswith("page "))
    for heading in ("<h1>400 Bad Request</h1>", "Amazon Web Services Login</title>", "Amazon Connect</title>"):
        assert heading in pages


def test_every_rule_with_assumed_words_makes_refusals_that_say_so() -> None:
    """The source is read: a rule's refusals, and those of the functions it calls."""
    words = fidelity.assumed_words()
    assert words.unmarked() == []
    assert words.checked() > 40


def test_what_is_planted_is_found(tmp_path: Path) -> None:
    """In a copy without the marks every place is named, and the exit code is 1."""
    for name in ("emulator", "idp", "sp_mock", "tests", "scenarios", "docs"):
        shutil.copytree(fidelity.ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for names, (mark, _) in PLANTED.items():
        texts = {path: path.read_text(encoding="utf-8") for path in tmp_path.glob(names)}
        marked = [path for path, text in texts.items() if mark in text]
        assert marked, f"{mark} is in none of {names}"
        for path in marked:
            path.write_text(texts[path].replace(mark, ""), encoding="utf-8")
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "tests.fidelity", "--count", *PLANTED_SCENARIOS],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 1, done.stderr
    assert [said for _, said in PLANTED.values() if said not in done.stdout] == []


def test_every_place_that_shows_a_refusals_words_is_known() -> None:
    """A new one needs a look at its mark, and a view in tests/wording_marks.py or a line here."""
    folder = fidelity.ROOT / "emulator"
    readers = {
        str(path.relative_to(folder))
        for path in folder.rglob("*.*")
        if path.suffix in {".py", ".html"} and re.search(r"\brefusal\.message\b", path.read_text(encoding="utf-8"))
    }
    assert readers - SHOWING_WORDS == set()


def test_the_counts_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """A rule of several kinds counts under each of them."""
    assert fidelity.counts(["documented (the code), assumed (the words)", "observed 2026", "assumed"]) == {
        "documented": 1,
        "observed": 1,
        "assumed": 2,
    }
    assert fidelity.count_and_judge() == 0
    lines = re.findall(r"^ *(\d+) (\w+)(?:;|$)", capsys.readouterr().out, re.MULTILINE)
    printed = {kind: int(number) for number, kind in lines}
    assert printed["documented"] > printed["assumed"] > printed["observed"] > 100
    assert printed["rules"] == len(list(fidelity.rules()))


@pytest.mark.parametrize(
    ("evidence", "are_words"),
    [
        ("assumed", True),
        ("documented, assumed (that values are true and false only, and the words)", True),
        ("documented (the code), assumed (its words, and that users are what uses it)", True),
        ("observed (the words), assumed (their order)", False),
        ("documented", False),
        ("assumed (which algorithms AWS takes)", False),
    ],
)
def test_of_what_an_evidence_line_speaks(evidence: str, are_words: bool) -> None:
    """Assumed words are distinguished from other things that are assumed."""
    assert are_words_assumed(evidence) is are_words


@pytest.mark.parametrize(
    ("evidence", "are_known"),
    [
        ("assumed", False),
        ("documented (the code), assumed (the words)", False),
        ("documented (the sign-in page's words), assumed (the API's words)", True),
        ("observed 2026 (the words for denied), assumed (the words for the others)", True),
        ("documented (the codes), assumed (some of the words)", True),
    ],
)
def test_of_which_words_an_evidence_line_speaks(evidence: str, are_known: bool) -> None:
    """Where some words are known, not every refusal of the rule needs the mark."""
    assert are_some_words_known(evidence) is are_known
