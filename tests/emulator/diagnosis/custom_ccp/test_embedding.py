"""The page around a frame and the tile: what is wrong with them, and where it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.diagnosis.custom_ccp.embedding import explain_embedding, origins_of_embedding
from emulator.federation import Federation
from emulator.flow import visit
from emulator.kernel.explanations import Explanation, PageAround, Tile
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from tests.conftest import INSTANCE_ID

CRM = "https://connect.example.com"
FEDERATE = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}"
PAGE = """<script>
connect.core.initCCP(box, {
  ccpUrl: "https://acme.my.connect.aws/%s",
  loginPopup: true, loginPopupAutoClose: true,
});
</script>
"""


@pytest.fixture
def served(world: World, keys: KeyFolder, tmp_path: Path) -> Federation:
    """Serves two pages of one origin that make different mistakes."""
    (tmp_path / "a.html").write_text(PAGE % "home")
    (tmp_path / "b.html").write_text(PAGE % "login")
    return Federation(change_world(world, {"/pages": {CRM: [str(tmp_path)]}}), keys=keys)


def _origins(cause: PageAround | Tile, federation: Federation) -> list[str]:
    return [str(each) for each in origins_of_embedding(cause, federation)]


def test_the_mistake_of_the_page_that_was_opened_last_comes_first(served: Federation, tmp_path: Path) -> None:
    """Several pages of an origin: the trace knows which one the browser has."""
    cause = PageAround(CRM, ("ccpUrl", "loginUrl"))
    assert _origins(cause, served) == [f"{tmp_path / 'a.html'}:3  ccpUrl"]
    visit(served.browser(), f"{CRM}/b")
    explanation = explain_embedding(cause, served)
    assert explanation is not None
    assert explanation.why == "ccpUrl is the login page /login, which refuses every frame."
    assert explanation.want == "https://acme.my.connect.aws/ccp-v2"
    assert explanation.got == "https://acme.my.connect.aws/login"
    assert explanation.fix == "Set ccpUrl to https://acme.my.connect.aws/ccp-v2."
    assert _origins(cause, served) == [f"{tmp_path / 'b.html'}:3  ccpUrl"]


def test_only_the_settings_that_can_be_at_fault_count(served: Federation, tmp_path: Path) -> None:
    """In the order in which the refusal names them; one that is right is still where it is written."""
    explanation = explain_embedding(PageAround(CRM, ("loginUrl", "ccpUrl")), served)
    assert explanation is not None
    assert explanation.why.startswith("There is no loginUrl")
    right = PageAround(CRM, ("loginPopup",))
    assert explain_embedding(right, served) is None
    assert _origins(right, served) == [f"{tmp_path / 'a.html'}:4  loginPopup"]


def test_a_page_that_told_no_origin_may_be_any_that_is_served(served: Federation, tmp_path: Path) -> None:
    """Its referrer policy is looked for in all of them."""
    (tmp_path / "c.html").write_text('<meta name="referrer" content="no-referrer">')
    assert _origins(PageAround("", ("referrer",)), served) == [f"{tmp_path / 'c.html'}:1  referrer"]


def test_a_page_that_is_not_served_here(federation: Federation) -> None:
    """It is named as far as it is known."""
    assert explain_embedding(PageAround(CRM, ("ccpUrl",)), federation) is None
    assert _origins(PageAround(CRM, ("ccpUrl",)), federation) == [f"the page at {CRM}: ccpUrl"]
    assert _origins(PageAround("", ("referrer",)), federation) == ["the page around the frame: referrer"]


def test_the_tile_that_leads_there(federation: Federation) -> None:
    """With its link; no setting is at fault."""
    provider, app = federation.find_app("amazon-connect")
    link = provider.org.embed_link(app)
    assert explain_embedding(Tile(FEDERATE), federation) == Explanation(
        "",
        fix=f"Begin at the identity provider: open the tile Amazon Connect SAML of acme.okta.com, {link}",
    )
    assert _origins(Tile(FEDERATE), federation) == []


def test_no_tile_leads_there(world: World, keys: KeyFolder) -> None:
    """The relay state is what is missing."""
    changes = {"/okta/acme/apps/amazon-connect/default_relay_state": None}
    federation = Federation(change_world(world, changes), keys=keys)
    assert explain_embedding(Tile(FEDERATE), federation) == Explanation(
        "No tile of an org here leads to this instance.",
        want=f"an app whose default relay state is {FEDERATE}",
        fix=f"Set the default relay state of the app to {FEDERATE}, and open its tile.",
    )
