"""The pictures of the walk through the consoles show pages as they are, and say of them what is so.

With FEDEMU_PICTURES=1, as ``make pictures`` sets it, they are taken anew. What a test judges is the page: the words
beside a picture are on it, within the part that the picture shows.
"""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Page

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.start import Ports, serving
from emulator.world import World
from tests.browser.walkthrough_pictures import (
    FOLDER,
    PICTURES,
    WALKTHROUGHS,
    Picture,
    pictures_in,
    scenario_named,
    shown_box,
    step_on,
    take,
)
from tests.conftest import NOW

pytestmark = pytest.mark.browser
_EACH = [(each, language) for each in PICTURES for language in (WALKTHROUGHS if each.is_ours else ["en"])]


@pytest.mark.parametrize(("picture", "language"), _EACH, ids=[f"{each.name}-{language}" for each, language in _EACH])
def test_the_page_is_as_the_words_beside_its_picture_say(
    page: Page, world: World, keys: KeyFolder, picture: Picture, language: str
) -> None:
    """A page in services' words is in both walks; of one of ours each walk has its own."""
    of_world = scenario_named(picture.scenario).world if picture.scenario else world
    federation = Federation(of_world, clock=Clock(frozen_at=NOW), ids=Ids(seed=7), keys=keys)
    page.set_extra_http_headers({"Accept-Language": language})
    with serving(federation, Ports(https=None, proxy=None)) as own:
        picture.open(page, own.server)
        page.wait_for_load_state("load")
        box = shown_box(page, picture)
        text = (step_on(page, picture.step) if picture.step else page.locator("body")).inner_text()
        if os.environ.get("FEDEMU_PICTURES"):
            FOLDER.mkdir(exist_ok=True)
            (FOLDER / picture.file(language)).write_bytes(take(page, box))
    on_page = " ".join(text.split())
    walks = [language] if picture.is_ours else [*WALKTHROUGHS]
    for walk in walks:
        (shown,) = [
            each
            for each in pictures_in(WALKTHROUGHS[walk].read_text(encoding="utf-8"))
            if each.file == picture.file(walk)
        ]
        assert shown.claims
        assert [claim for claim in shown.claims if claim not in on_page] == []
    assert box["height"] <= 1_000, "a part of the page is not in the picture"
