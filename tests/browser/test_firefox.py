"""Firefox inside the emulated internet, in the profile that ``fedemu browser`` prepares."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.network.data_folder.certs import CertificateAuthority
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.browsers import BrowserProgram, command_line
from emulator.running.start import Ports, serving
from emulator.world import World
from tests.browser.marionette import firefox_session
from tests.browser.watched_world import WatchedWorld
from tests.conftest import APP, USER
from tests.requirements import program

pytestmark = pytest.mark.browser


def test_firefox_opens_the_dashboard_by_its_real_name(
    world: World, keys: KeyFolder, tmp_path: Path, artefacts: Path
) -> None:
    """The authority is trusted in the profile's own store: the page is asked for and drawn."""
    firefox = BrowserProgram(program("firefox-esr", "firefox"))
    program("certutil")
    profile, picture = tmp_path / "profile", (artefacts / "firefox.png").resolve()
    profile.mkdir()
    picture.unlink(missing_ok=True)
    with serving(Federation(world, keys=keys), Ports(https=None)) as own:
        authority = CertificateAuthority()
        path, *arguments = command_line(
            firefox,
            "https://acme.okta.com/app/UserHome",
            profile=profile,
            proxy=own.running.proxy,
            spki_sha256=authority.spki_sha256,
            ca_file=authority.path,
        )
        command = [path, "--headless", "--screenshot", str(picture), *arguments]
        environment = {**os.environ, "HOME": str(tmp_path)}
        subprocess.run(command, env=environment, capture_output=True, check=True, timeout=120)  # noqa: S603
        asked = [exchange.url for exchange in own.federation.gateway.exchanges]
    assert asked[0] == "https://acme.okta.com/app/UserHome"
    assert picture.stat().st_size > 5000


def test_the_workbench_in_firefox_follows_what_happens(
    tmp_path: Path, watched_world: WatchedWorld, artefacts: Path
) -> None:
    """A login is in the list, and a saved world on its page, without a reload; how long that took is kept."""
    with firefox_session(program("firefox-esr", "firefox"), tmp_path) as firefox:
        firefox.open(watched_world.url)
        assert USER not in firefox.run(f"return {_TEXT}")
        log_in(watched_world.own.federation, user=USER, app=APP)
        row = firefox.wait_for(f"return {_TEXT}.includes('{USER}') && {_TEXT}.includes('arrived')")
        firefox.open(f"{watched_world.url}/workbench/world")
        assert "stops a login" not in firefox.run(f"return {_TEXT}")
        watched_world.save("label: Amazon Connect SAML", "label: x\n        audience: urn:example:app")
        saved = firefox.wait_for(f"return {_TEXT}.includes('It was saved with 2 changed settings.')")
        line = firefox.run("return document.querySelector('li.found.stops > code').textContent")
        assert line == "        audience: urn:example:app"
        watched_world.save("okta:", "oktaa:")
        firefox.wait_for("return document.querySelector('[role=alert]') !== null")
        assert "unknown key oktaa" in firefox.run(f"return {_TEXT}")
    figures = f"from the end of a login to its row: {row:.2f} s\nfrom a save to the page of the world: {saved:.2f} s\n"
    (artefacts / "firefox-workbench.txt").write_text(figures, encoding="utf-8")


_TEXT = "document.body.innerText"
