"""Addresses at another host of an instance, and pages that are not there: what they resemble, and the setting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator.diagnosis.diagnosis import Diagnosis
from emulator.diagnosis.login_result import diagnosis_of
from emulator.federation import Federation
from emulator.flow import Outcome, log_in, visit
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, USER

INSTANCE = f"aws.{ACCOUNT}.connect.{INSTANCE_ID}"
ASKED = "the address that came with the request"


def _told(federation: Federation, url: str, outcome: Outcome) -> Diagnosis:
    login = visit(federation.browser(), url)
    assert login.outcome is outcome
    told = diagnosis_of(login, federation)
    assert told is not None
    return told


def _origins(told: Diagnosis) -> list[str]:
    return [each.location.key if each.location is not None else each.text for each in told.origins]


@pytest.mark.parametrize(
    ("host", "like", "right", "origins", "otherwise"),
    [
        (
            "acne.my.connect.aws",
            "; no instance has the alias acne; the nearest is acme, at acme.my.connect.aws",
            "acme.my.connect.aws",
            [ASKED, f"{INSTANCE}.alias"],
            "; or set the instance's alias, if that is wrong",
        ),
        (
            "acme.connect.aws",
            "; the instance acme is at acme.my.connect.aws: the domain is my.connect.aws, not connect.aws",
            "acme.my.connect.aws",
            [ASKED, f"{INSTANCE}.domain"],
            "",
        ),
    ],
)
def test_a_host_that_resembles_an_instances(
    federation: Federation, host: str, like: str, right: str, origins: list[str], otherwise: str
) -> None:
    """What was opened, and the setting that gives the instance its host."""
    url = f"https://{host}/ccp-v2"
    told = _told(federation, url, Outcome.ELSEWHERE)
    assert told.check == "host-not-emulated"
    assert told.why == (
        f"The browser cannot open {url}: {host} is not emulated, and nothing leaves this machine{like}."
    )
    assert (told.want, told.got) == (f"https://{right}/ccp-v2", url)
    assert told.fix == f"Open https://{right}/ccp-v2{otherwise}."
    assert _origins(told) == origins


def test_a_host_that_resembles_none(federation: Federation) -> None:
    """Nothing but the address is at fault."""
    told = _told(federation, "https://www.example.org/", Outcome.ELSEWHERE)
    assert (told.check, told.want, told.fix) == ("host-not-emulated", "", "")
    assert _origins(told) == [ASKED]


def test_a_page_that_is_not_served(world: World, keys: KeyFolder, tmp_path: Path) -> None:
    """The address is at fault; which folders were looked into is said."""
    (tmp_path / "ccp.html").write_text("<title>Desk</title>")
    federation = Federation(change_world(world, {"/pages": {"https://crm.example.com": [str(tmp_path)]}}), keys=keys)
    told = _told(federation, "https://crm.example.com/ccp2", Outcome.REFUSED)
    assert told.check == "no-such-page"
    assert (
        told.why
        == f"https://crm.example.com/ccp2 was answered with status 404: there is no file for /ccp2 in {tmp_path}."
    )
    assert _origins(told) == [ASKED]


def test_a_login_that_is_wanted_at_the_domain_that_an_instance_has_not(federation: Federation) -> None:
    """The instance's domain is at fault, not the relay state that led to it."""
    login = log_in(federation, user=USER, app=APP, lands_on="https://acme.awsapps.com/connect/home")
    told = diagnosis_of(login, federation)
    assert told is not None
    assert told.check == "lands-on"
    assert (
        told.why == "The login reached the instance acme at acme.my.connect.aws; it has no pages at acme.awsapps.com."
    )
    assert (told.want, told.got) == ("https://acme.awsapps.com/connect/home", "domain: my.connect.aws")
    assert _origins(told) == [f"{INSTANCE}.domain"]


def test_the_other_domain_of_an_instance_that_has_both(world: World, keys: KeyFolder) -> None:
    """The relay state chooses between the two."""
    changes: dict[str, Any] = {f"/aws/{ACCOUNT}/connect/{INSTANCE_ID}/domain": "awsapps.com"}
    federation = Federation(change_world(world, changes), keys=keys)
    login = log_in(federation, user=USER, app=APP, lands_on="https://acme.my.connect.aws/home")
    told = diagnosis_of(login, federation)
    assert told is not None
    assert _origins(told) == [f"okta.acme.apps.{APP}.default_relay_state"]
