"""With one side alone no button and no link leads to the other, and the tables go by the world."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
import requests

from emulator.federation import Federation
from emulator.kernel.clock import Clock
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.start import Ports, serving
from emulator.scenarios.runner import START
from emulator.world import DEFAULT_WORLD, load_world

Get = Callable[[str], str]
_PAGES = ("", "workbench/people", "workbench/access", "workbench/setup", "workbench/faults", "workbench/world")


def _served(keys: KeyFolder, only: Literal["idp", "aws"]) -> Iterator[Get]:
    federation = Federation(load_world(DEFAULT_WORLD), clock=Clock(frozen_at=START), keys=keys, only=only)
    session = requests.Session()
    session.trust_env = False
    with serving(federation, Ports(https=None, proxy=None)) as own:
        yield lambda path: session.get(f"{own.server.url}/{path}").text


@pytest.fixture(scope="module")
def aws_alone(keys: KeyFolder) -> Iterator[Get]:
    """Returns what gets a page where AWS's side alone is emulated."""
    yield from _served(keys, "aws")


@pytest.fixture(scope="module")
def okta_alone(keys: KeyFolder) -> Iterator[Get]:
    """Returns what gets a page where Okta's side alone is emulated."""
    yield from _served(keys, "idp")


@pytest.mark.parametrize("path", _PAGES)
def test_nothing_leads_to_an_okta_that_is_not_there(aws_alone: Get, path: str) -> None:
    """It is said where one's own identity provider posts to."""
    text = aws_alone(path)
    assert re.findall(r'(?:href|action)="http://acme\.okta\.com[^"]*"', text) == []
    if path in {"", "workbench/people", "workbench/faults"}:
        assert re.search(r"posts its SAMLResponse to http://signin\.aws\.amazon\.com\.localhost:\d+/saml\.", text)


@pytest.mark.parametrize("path", _PAGES)
def test_nothing_leads_to_an_aws_that_is_not_there(okta_alone: Get, path: str) -> None:
    """Nor to an instance of Amazon Connect."""
    found = re.findall(r'(?:href|action)="http://[^"]*(?:amazon\.com|connect\.aws)\.localhost[^"]*"', okta_alone(path))
    assert found == []


@pytest.mark.parametrize("side", ["aws_alone", "okta_alone"])
def test_the_other_side_is_decided_as_the_world_says(side: str, request: pytest.FixtureRequest) -> None:
    """No page says that no login arrives, since logins go to another emulator or to the real service."""
    get: Get = request.getfixturevalue(side)
    text = get("workbench/access")
    assert "Only one side is emulated here. The other one is decided as the world says it." in text
    assert "3 arrive." in text
    assert "stops a login" not in get("workbench/world")
    assert '<dl class="reason">' not in get("workbench/setup")
