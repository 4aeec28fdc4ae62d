"""The pictures of docs/walkthrough.md and its Japanese twin: which page each of them shows, and how it is opened."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Locator, Page

from emulator.network.listener.server import Server
from emulator.scenarios.scenario_file import BUILT_IN, Scenario, read_scenarios
from tests import fidelity
from tests.conftest import INSTANCE_ID

FOLDER = fidelity.ROOT / "docs" / "pictures"
WALKTHROUGHS: Mapping[str, Path] = {
    "en": fidelity.ROOT / "docs" / "walkthrough.md",
    "ja": fidelity.ROOT / "docs" / "walkthrough.ja.md",
}
# A picture, its alternative text, and the paragraph below it, whose code spans are on the page.
PICTURE = re.compile(r"^!\[([^\]\n]*)\]\(pictures/([\w.-]+)\)\n\n((?:.+\n)+)", re.MULTILINE)
_WIDTH, _MOST_HEIGHT = 860, 1_000
_ATTEMPTS = 20

Open = Callable[[Page, Server], None]


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as a page of the documents shows it.

    Args:
        file: The file's name.
        alternative: What is read where it is not seen.
        claims: The words beside it that are on the page.
    """

    file: str
    alternative: str
    claims: tuple[str, ...]


def pictures_in(page: str) -> Iterator[Shown]:
    """Yields the pictures in the text of a page."""
    for alternative, file, beside in PICTURE.findall(page):
        claims = re.findall(r"`([^`]+)`", beside)
        yield Shown(file, alternative, tuple(" ".join(each.split()) for each in claims))


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a page.

    Args:
        name: The file's, without the language and ending.
        open: Opens the page.
        scenario: The id of the scenario whose world it shows; the built-in world as it is where it is empty.
        step: The step of the set-up page that is shown; of another page its top is.
        is_ours: Whether the page is one of ours, which is in both languages.
    """

    name: str
    open: Open
    scenario: str = ""
    step: int = 0
    is_ours: bool = False

    def file(self, language: str) -> str:
        """Returns its file's name in the walk of a language."""
        return f"{self.name}.{language}.webp" if self.is_ours else f"{self.name}.webp"


def opens_tile(user: str = "Hanako Sato", tile: str = "Amazon Connect SAML") -> Open:
    """Returns a function that signs somebody in and opens a tile of theirs."""

    def open_it(page: Page, server: Server) -> None:
        page.goto(f"{server.url}/workbench/people")
        page.locator("li.card", has_text=user).locator("button", has_text=tile).click()
        page.wait_for_url(lambda url: "/workbench/" not in url and "okta" not in url)

    return open_it


def signs_in(user: str = "Hanako Sato") -> Open:
    """Returns a function that signs somebody in at Okta."""

    def open_it(page: Page, server: Server) -> None:
        page.goto(f"{server.url}/workbench/people")
        page.locator("li.card", has_text=user).locator("button").first.click()
        page.wait_for_url(lambda url: "/app/UserHome" in url)

    return open_it


def opens_link(user: str, destination: str = "") -> Open:
    """Returns a function that signs somebody in and opens the app's embed link, which may ask for a relay state."""

    def open_it(page: Page, server: Server) -> None:
        page.goto(f"{server.url}/workbench/people")
        link = page.locator("tbody tr", has_text="Amazon Connect SAML").get_by_role("link", name="Open").first
        address = str(link.get_attribute("href"))
        page.get_by_role("button", name=f"Sign in as {user}").click()
        page.wait_for_url(lambda url: "/app/UserHome" in url)
        relay_state = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}"
        relay_state += f"?destination={quote(destination, safe='')}"
        asked = f"?RelayState={quote(relay_state, safe='')}"
        page.goto(f"{address}{asked if destination else ''}")

    return open_it


def opens_set_up(page: Page, server: Server) -> None:
    """Opens the set-up page and waits until everything on it is worked out."""
    page.goto(f"{server.url}/workbench/setup")
    page.locator("li.step").first.wait_for()
    page.locator("[data-waits]").wait_for(state="detached")


def opens_logins(page: Page, server: Server) -> None:
    """Opens the list of the logins after one."""
    opens_tile()(page, server)
    page.goto(server.url)
    page.locator("#live tbody tr").wait_for()


def opens_bookmark(page: Page, server: Server) -> None:
    """Opens the CCP by its address, without a login."""
    page.goto(server.alias("acme.my.connect.aws", "/ccp-v2"))


PICTURES = (
    Picture("01-identity-management", opens_tile(), scenario="AWS-CON-11-1"),
    Picture("02-dashboard", signs_in()),
    Picture("03-get-federation-token", opens_tile(), scenario="AWS-CON-05"),
    Picture("04-iam-user", opens_set_up, step=4, is_ours=True),
    Picture("05-issuer", opens_tile(), scenario="AWS-SIG-05"),
    Picture("06-trust-policy", opens_tile(), scenario="AWS-IAM-02"),
    Picture("07-provider", opens_tile(), scenario="AWS-ROL-07"),
    Picture("08-provisioning", opens_set_up, step=8, is_ours=True),
    Picture("09-app-assignment", opens_link("Mika Mori")),
    Picture("10-connect-user", opens_tile(), scenario="AWS-CON-02"),
    Picture("11-login", opens_logins, is_ours=True),
    Picture("12-relay-state", opens_link("Hanako Sato", "/ccp-v2")),
    Picture("13-other-provider", opens_tile(), scenario="AWS-STY-03-7"),
    Picture("15-idp-initiated", opens_bookmark),
)


@cache
def scenario_named(name: str) -> Scenario:
    """Returns a scenario of the catalogue by its id; only files that may have it are read."""
    family = name.rpartition("-")[0] if name.count("-") > 2 else name
    files = [each for each in BUILT_IN.rglob("*.yaml") if f"id: {family}\n" in each.read_text(encoding="utf-8")]
    return next(each for file in files for each in read_scenarios(file) if each.id == name)


def step_on(page: Page, number: int) -> Locator:
    """Returns a step of the set-up page."""
    heading = page.locator("h3", has_text=re.compile(rf"\b{number} \w"))
    return page.locator("li.step", has=heading).first


def shown_box(page: Page, picture: Picture) -> Mapping[str, float]:
    """Returns which part of a page a picture shows, in pixels."""
    page.set_viewport_size({"width": _WIDTH, "height": _MOST_HEIGHT})
    if picture.step:
        # The page replaces its steps when something of them is another, so that one that was found may be gone.
        boxes = (step_on(page, picture.step).bounding_box() for _ in range(_ATTEMPTS))
        box = next(each for each in boxes if each is not None)
        return {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}
    height = page.evaluate("Math.max(...[...document.body.children].map(e => e.getBoundingClientRect().bottom))")
    return {"x": 0, "y": 0, "width": _WIDTH, "height": min(height + 16, _MOST_HEIGHT)}


def take(page: Page, box: Mapping[str, float]) -> bytes:
    """Returns a part of a page as a picture in the WebP format."""
    session = page.context.new_cdp_session(page)
    taken = session.send(
        "Page.captureScreenshot",
        {
            "format": "webp",
            "quality": 80,
            "clip": {**box, "scale": 1},
            "captureBeyondViewport": True,
        },
    )
    session.detach()
    return base64.b64decode(taken["data"])
