"""Case folders are judged by what the command line prints."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.diagnose.cases import judge_cases
from tests.diagnose.commands import Printed
from tests.diagnose.mutants import WORLDS

LOGIN = """1. Okta dashboard  GET https://acme.okta.com/  -> 200
Stopped at https://signin.aws.amazon.com/saml

AWS sign-in refused: InvalidIdentityToken (400), check audience
  said   Response does not contain the required audience.
  why    The audience is another.
  from   world.yaml:18  okta.acme.apps.aws.audience
  fix    Write urn:amazon:webservices.

next: fedemu login
"""
APP = "/okta/harbor/apps/contact-centre"


def test_the_first_explanation_is_a_block_of_rows() -> None:
    """The block begins with its headline and ends with its last row, indented or not."""
    block = Printed(1, LOGIN).block.splitlines()
    assert block[0] == "AWS sign-in refused: InvalidIdentityToken (400), check audience"
    assert block[-1] == "  fix    Write urn:amazon:webservices."
    indented = Printed(1, "".join(f"     {line}\n" for line in LOGIN.splitlines()[3:8]) + "1 scenarios\n").block
    assert indented.splitlines()[-1] == "       fix    Write urn:amazon:webservices."
    assert Printed(0, "Arrived at https://console.aws.amazon.com/\n").block == ""


def _first_line(capsys: pytest.CaptureFixture[str]) -> str:
    """Returns the first line that was printed, with single spaces."""
    return " ".join(capsys.readouterr().out.splitlines()[0].split())


def _case(folder: Path, changes: Mapping[str, object], expected: Mapping[str, object]) -> None:
    folder.mkdir(parents=True)
    (folder.parent / "base.yaml").write_text((WORLDS / "article.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    login = {"user": "mei.tan@harbor.example", "app": "contact-centre"}
    case = {"kind": "login", "changes": dict(changes), "login": login}
    (folder / "case.yaml").write_text(yaml.safe_dump(case), encoding="utf-8")
    (folder / "expected.yaml").write_text(yaml.safe_dump(dict(expected)), encoding="utf-8")


def test_a_case_of_changes_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A case that is named by the printed block counts, and one that is not is printed with what is missing."""
    mistake = {f"{APP}/use_group_mapping": True, f"{APP}/group_filter": "^team_(?{{role}}.+)$"}
    words = {"cause_words": ["group filter"], "production_words": ["invalid SAML response"], "place": "group_filter"}
    _case(tmp_path / "connect" / "01-filter", mistake, words)
    assert judge_cases(tmp_path, only="01-filter") == 0
    assert _first_line(capsys) == "connect/01-filter reproduced yes named yes said yes fixed yes place yes"
    _case(tmp_path / "connect" / "02-filter", mistake, {**words, "cause_words": ["the moon"]})
    assert judge_cases(tmp_path, only="02-filter") == 1
    assert "    named: the moon" in capsys.readouterr().out.splitlines()


def test_a_case_with_its_own_world_is_judged_and_repaired(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The true repair is made too, and the login has to arrive then."""
    folder = tmp_path / "aws" / "01-filter"
    folder.mkdir(parents=True)
    text = (WORLDS / "article.yaml").read_text(encoding="utf-8")
    text = text.replace("use_group_mapping: false", "use_group_mapping: true")
    (folder / "world.yaml").write_text(text, encoding="utf-8")
    expected = {
        "run": {"login": ["mei.tan@harbor.example", "contact-centre"]},
        "reproduces": {"outcome": "refused", "words": ["Your request included an invalid SAML response."]},
        "names": [["group_filter", "group filter"], ["=Agents"]],
        "fix_words": [["filter", "group_mapping"]],
        "place": "group_filter|use_group_mapping",
        "repair": {"changes": {f"{APP}/use_group_mapping": False}},
    }
    (folder / "expected.yaml").write_text(yaml.safe_dump(dict(expected)), encoding="utf-8")
    assert judge_cases(tmp_path) == 0
    assert _first_line(capsys) == "aws/01-filter reproduced yes named yes place yes fix yes fixed yes repaired yes"
