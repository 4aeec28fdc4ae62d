"""Names in braces held against the matrix and the captures: none without a value, and no value for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, USER
from tests.emulator.scenarios.files import LOGIN, problems_of, steps_scenario, steps_text, write

_HEAD = f"scenario: x\nworld: {DEFAULT_WORLD}\n"


@pytest.mark.parametrize(
    ("text", "line", "key", "message", "near"),
    [
        (f"matrix: {{user: [a, b]}}\nlogin: {{user: '{{usr}}', app: {APP}}}\ntags: ['{{user}}']\n", 4, "login.user",
         "the matrix has no usr", "user"),
        (f"matrix: {{user: [a, b]}}\nlogin: {{user: {USER}, app: {APP}}}\n", 3, "matrix.user",
         "nothing uses user: each of its values would run the same scenario again", ""),
        (f"matrix: {{a: ['{{b}}'], b: [x], c: [y]}}\nlogin: {{user: '{{a}}', app: {APP}}}\n", 3, "matrix.c",
         "nothing uses c: each of its values would run the same scenario again", ""),
    ],
)  # fmt: skip
def test_a_matrix_fits_the_names_in_braces(
    tmp_path: Path, text: str, line: int, key: str, message: str, near: str
) -> None:
    """A name that it does not have stays in braces, and a value that nothing uses changes nothing."""
    (problem,) = problems_of(write(tmp_path, f"{_HEAD}{text}expect: arrives\n"))
    assert (problem.location.line, problem.location.key) == (line, key)
    assert (problem.message, problem.did_you_mean) == (message, near)


def test_what_is_captured_is_used(tmp_path: Path) -> None:
    """By a text of a later step, by who signs a call, or by what is expected at the end."""
    (problem,) = problems_of(write(tmp_path, steps_text(f"{LOGIN}\n    capture: {{me: role}}", "wait: 1h")))
    assert (problem.location.line, problem.location.key) == (5, "steps[0].capture.me")
    assert problem.message == "no later step uses me"
    steps_scenario(tmp_path, f"{LOGIN}\n    capture: {{me: role}}", LOGIN, more="expect: {role: '{me}'}\n")


@pytest.mark.parametrize("name", ["role", "lands_on", "check", "outcome"])
def test_null_is_not_an_expectation(tmp_path: Path, name: str) -> None:
    """It would be met by everything; in an answer it is a key that is not there."""
    login = f"login: {{user: {USER}, app: {APP}}}\n"
    (problem,) = problems_of(write(tmp_path, f"{_HEAD}{login}expect:\n  {name}: null\n"))
    assert (problem.location.line, problem.location.key) == (5, f"expect.{name}")
    assert problem.message == f"null says nothing about {name}: whatever comes of it would be right"
    (problem,) = problems_of(write(tmp_path, steps_text(f"{LOGIN}\n    expect: {{{name}: null}}")))
    assert problem.location.key == f"steps[0].expect.{name}"


def test_a_region_that_aws_does_not_have_is_a_mistake(tmp_path: Path) -> None:
    """A client for it would sign for a place that nothing answers at."""
    call = "call: {service: sts, operation: GetCallerIdentity, as: administrator, region: ap-northeast-9}"
    (problem,) = problems_of(write(tmp_path, steps_text(call)))
    assert (problem.location.key, problem.message) == ("steps[0].call.region", "AWS has no region ap-northeast-9")
    assert problem.did_you_mean.startswith("ap-northeast-")


def test_a_world_is_not_a_scenario(tmp_path: Path) -> None:
    """One sentence, with the command that reads it."""
    path = write(tmp_path, DEFAULT_WORLD.read_text(encoding="utf-8"), name="my.yaml")
    (problem,) = problems_of(path)
    assert problem.message == "this is a world, and not a scenario"
    assert problem.fix == f"`fedemu check {path}` says who gets where in it."
