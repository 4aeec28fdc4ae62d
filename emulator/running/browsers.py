"""Finds a browser and starts it in a temporary profile, the only place where the local authority is trusted."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from emulator.kernel.errors import EnvironmentProblem
from emulator.kernel.records import dataclass

_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
    "brave-browser",
    "firefox",
    "firefox-esr",
)
_PLACES = {
    "darwin": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
        "/Applications/Firefox.app/Contents/MacOS/firefox",
    ),
    "win32": (
        r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
        r"%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe",
        r"%ProgramFiles%\Mozilla Firefox\firefox.exe",
    ),
}


@dataclass(frozen=True, slots=True)
class BrowserProgram:
    """A browser on this machine."""

    path: str

    @property
    def is_firefox(self) -> bool:
        """Whether it is Firefox; every other known browser takes Chromium's switches."""
        return "firefox" in Path(self.path).name.lower()


def find_browser(wanted: str = "") -> BrowserProgram:
    """Returns the wanted browser, or the first one found.

    Args:
        wanted: Name or path; empty for any.

    Raises:
        EnvironmentProblem: none was found.
    """
    names = (wanted,) if wanted else _NAMES
    for name in names:
        path = shutil.which(name)
        if path:
            return BrowserProgram(path)
    for place in _PLACES.get(sys.platform, ()):
        path = os.path.expandvars(place)
        if Path(path).exists() and wanted.lower() in path.lower():
            return BrowserProgram(path)
    raise EnvironmentProblem(
        f"The browser {wanted} was not found" if wanted else "No browser was found",
        expected=", ".join(names),
        fix="Name one with --browser, or open the alias addresses that fedemu up prints in any browser.",
    )


def command_line(
    browser: BrowserProgram, url: str, *, profile: Path, proxy: str, spki_sha256: bytes, ca_file: Path
) -> list[str]:
    """Prepares a profile and returns the command that opens ``url`` in it.

    Chromium gets the digest of the authority's key as a switch. Firefox finds the authority in the profile's own store,
    which is written by ``certutil`` of the NSS tools.

    Raises:
        EnvironmentProblem: Firefox without certutil.
    """
    if browser.is_firefox:
        _prepare_firefox(profile, proxy, ca_file)
        return [browser.path, "--no-remote", "--profile", str(profile), url]
    _prepare_chromium(profile)
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [
        browser.path,
        f"--user-data-dir={profile}",
        f"--proxy-server={proxy}",
        "--proxy-bypass-list=<-loopback>;localhost;127.0.0.1;*.localhost",
        f"--ignore-certificate-errors-spki-list={base64.b64encode(spki_sha256).decode()}",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        *root,
        url,
    ]


def _prepare_chromium(profile: Path) -> None:
    """Allows third-party cookies, which an embedded CCP needs; some builds block them in fresh profiles."""
    folder = profile / "Default"
    folder.mkdir(parents=True, exist_ok=True)
    preferences = {"profile": {"block_third_party_cookies": False, "cookie_controls_mode": 0}}
    (folder / "Preferences").write_text(json.dumps(preferences), encoding="utf-8")


def _prepare_firefox(profile: Path, proxy: str, ca_file: Path) -> None:
    certutil = shutil.which("certutil")
    if certutil is None:
        raise EnvironmentProblem(
            "Firefox needs certutil to trust the local authority in its profile",
            fix="Install the NSS tools (Debian: libnss3-tools), or use Chromium.",
        )
    host, _, port = proxy.removeprefix("http://").partition(":")
    preferences = {
        "network.proxy.type": 1,
        "network.proxy.http": host,
        "network.proxy.http_port": int(port),
        "network.proxy.ssl": host,
        "network.proxy.ssl_port": int(port),
        "network.proxy.no_proxies_on": "localhost, 127.0.0.1",
        "browser.shell.checkDefaultBrowser": False,
        "datareporting.policy.dataSubmissionEnabled": False,
    }
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items()]
    (profile / "user.js").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for arguments in (["-N", "--empty-password"], ["-A", "-n", "fedemu", "-t", "C,,", "-i", str(ca_file)]):
        subprocess.run([certutil, "-d", f"sql:{profile}", *arguments], check=True, capture_output=True)  # noqa: S603  certutil as found on PATH
