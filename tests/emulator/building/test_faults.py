"""Faults as people write them: the list of them is on the command line and in the documentation."""

from __future__ import annotations

import re

import pytest

from emulator.building.faults import list_of_faults
from emulator.cli import main
from idp.saml.faults import FAULTS
from tests import fidelity


@pytest.mark.parametrize("verb", ["login", "mint"])
def test_the_command_line_lists_the_faults(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every form is there with what it does, without a user or an app being named."""
    with pytest.raises(SystemExit) as caught:
        main([verb, "--fault", "help"])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    assert out.splitlines() == list(list_of_faults())
    for form in FAULTS:
        assert f"  {{{form.form}}} " in out
        assert form.description in out


def test_the_documentation_lists_the_faults() -> None:
    """A block in docs/scenarios.md is what the command line prints."""
    text = (fidelity.ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```text\n(.*?)\n```", text, re.DOTALL)
    assert "\n".join(list_of_faults()) in blocks, "paste what fedemu login --fault help prints"
