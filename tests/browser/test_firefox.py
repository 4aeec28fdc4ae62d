"""Firefox inside the emulated internet, in the profile that ``fedemu browser`` prepares."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.network.certs import CertificateAuthority
from emulator.network.keys import KeyFolder
from emulator.running.browsers import BrowserProgram, command_line
from emulator.running.start import Ports, serving
from emulator.world import World
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
