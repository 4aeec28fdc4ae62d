"""A federation that runs: pages, terminal and control API say where a refusal comes from."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from emulator.diagnosis.live import diagnosis_of_exchange
from emulator.diagnosis.origins import OriginKind
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.wsgi import call, make_environ
from emulator.running.control_site import control_site
from emulator.running.start import explain_on_pages
from emulator.workbench.workbench import Workbench
from emulator.world import World, change_world
from tests.conftest import APP, NOW, USER

NO_ROLE = {f"/okta/acme/apps/{APP}/use_group_mapping": True}


def _federation(world: World, keys: KeyFolder, changes: dict[str, Any], *, seed: int = 1) -> Federation:
    changed = change_world(world, changes)
    federation = Federation(changed, clock=Clock(frozen_at=NOW), ids=Ids(seed=seed), keys=keys)
    explain_on_pages(federation)
    federation.gateway.mount_control_site(control_site(Workbench(federation)))
    return federation


def test_the_box_on_a_page_names_the_setting(world: World, keys: KeyFolder) -> None:
    """The sign-in page knows the sender's record by the message that was posted to it."""
    page = log_in(_federation(world, keys, NO_ROLE), user=USER, app=APP).page
    assert (
        "causeUse Group Mapping is on, so the roles of the assignments are not sent; the group filter matches no group"
        in page.visible_text
    )
    assert f"okta.acme.apps.{APP}.use_group_mapping" in page.visible_text


def test_what_somebody_changed_on_the_way_is_found_by_its_id(world: World, keys: KeyFolder) -> None:
    """Among the messages of everybody the one with the same ID is compared, and no setting is blamed."""
    federation = _federation(world, keys, {})
    browser = federation.browser()
    login = log_in(federation, user=USER, app=APP)
    changed = base64.b64decode(login.saml_response).replace(b">hanako@example.com<", b">taro@example.com<", 1)
    browser.post("https://signin.aws.amazon.com/saml", {"SAMLResponse": base64.b64encode(changed).decode()})
    diagnosis = diagnosis_of_exchange(browser.exchanges[-1], federation)
    assert diagnosis is not None
    assert diagnosis.cause == "What arrived is not what was issued: /Response/Assertion/Subject/NameID was changed."
    assert (diagnosis.want, diagnosis.got) == (USER, "taro@example.com")
    assert [origin.kind for origin in diagnosis.origins] == [OriginKind.CHANGED]


def test_a_message_of_nobody_here_has_an_outside_origin(world: World, keys: KeyFolder) -> None:
    """It is not compared with what others were sent."""
    federation = _federation(world, keys, {})
    log_in(federation, user=USER, app=APP)
    foreign = log_in(_federation(world, keys, NO_ROLE, seed=2), user=USER, app=APP).saml_response
    browser = federation.browser()
    browser.post("https://signin.aws.amazon.com/saml", {"SAMLResponse": foreign})
    diagnosis = diagnosis_of_exchange(browser.exchanges[-1], federation)
    assert diagnosis is not None
    assert diagnosis.check == "role-attribute"
    assert [origin.kind for origin in diagnosis.origins] == [OriginKind.OUTSIDE]


def _refusals(federation: Federation, query: str = "", **headers: str) -> tuple[int, Any]:
    environ = make_environ(
        "GET", f"/fedemu/refusals{query}", [("Host", "127.0.0.1:7080"), *headers.items()], b"", scheme="http"
    )
    answer = call(federation.gateway, environ)
    return answer.code, json.loads(answer.body) if answer.code == 200 else answer.body


def test_the_control_api_explains_the_last_refusals(world: World, keys: KeyFolder) -> None:
    """Each with its number, so that a program can ask for those that came since."""
    federation = _federation(world, keys, NO_ROLE)
    log_in(federation, user=USER, app=APP)
    status, data = _refusals(federation)
    assert (status, data["format"]) == (200, 2)
    (refusal,) = data["refusals"]
    assert refusal["check"] == "role-attribute"
    assert refusal["from"][0]["key"] == f"okta.acme.apps.{APP}.use_group_mapping"
    assert refusal["block"].startswith("AWS sign-in refused: InvalidSAMLResponse (400), check role-attribute\n")
    assert _refusals(federation, f"?after={refusal['number']}")[1]["refusals"] == []


@pytest.mark.parametrize("after", ["-1", "x", "9" * 30, "²"])
def test_a_number_that_is_none_leaves_nothing_out(world: World, keys: KeyFolder, after: str) -> None:
    """Nor does it stop the answer."""
    federation = _federation(world, keys, NO_ROLE)
    log_in(federation, user=USER, app=APP)
    assert len(_refusals(federation, f"?after={after}")[1]["refusals"]) == 1


def test_the_refusals_are_not_for_web_pages(world: World, keys: KeyFolder) -> None:
    """A page of another site that a browser shows gets none."""
    status, body = _refusals(_federation(world, keys, NO_ROLE), Origin="https://evil.example")
    assert (status, body) == (403, b"fedemu: the refusals are not for web pages.\n")


def test_a_value_that_a_program_put_into_the_world_is_no_default(world: World, keys: KeyFolder) -> None:
    """It is in no line, and yet it is not left at anything."""
    federation = _federation(world, keys, {f"/okta/acme/apps/{APP}/audience": "urn:example"})
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser)
    diagnosis = diagnosis_of_exchange(browser.exchanges[-1], federation)
    assert diagnosis is not None
    assert diagnosis.origins[0].kind is OriginKind.WORLD
    assert str(diagnosis.origins[0]).endswith(f"  okta.acme.apps.{APP}.audience, set by a program")
