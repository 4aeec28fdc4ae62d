"""Starting Chromium with a driver at its side: for the aliases on this machine, or as ``fedemu browser`` does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Browser, BrowserContext, Playwright

from emulator.network.data_folder.certs import CertificateAuthority
from emulator.running.browsers import BrowserProgram, command_line
from emulator.running.start import Serving

_NO_NETWORK = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *.localhost, EXCLUDE 127.0.0.1"
_NO_PROXY = "localhost,127.0.0.1,*.localhost"  # as in the command of ``fedemu browser``


def headless(playwright: Playwright, chromium: str) -> Browser:
    """Starts Chromium so that it reaches nothing but this machine.

    Args:
        playwright: The driver.
        chromium: The browser's path.
    """
    return playwright.chromium.launch(
        executable_path=chromium,
        headless=True,
        args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", _NO_NETWORK],
    )


class SharedBrowser:
    """One Chromium for several tests: each has a context with cookies, storage, a cache and a proxy of its own.

    It starts with the first context, since the authority that it trusts is known inside a test only.

    Args:
        playwright: The driver.
        chromium: The browser's path.
        profile: A folder for the profile.
        preferences: The profile's, which hold in every context.
    """

    def __init__(self, playwright: Playwright, chromium: str, profile: Path, preferences: Mapping[str, Any]) -> None:
        self._start = partial(launch, playwright, chromium, profile=profile, preferences=preferences)
        self._first: BrowserContext | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._first is not None:
            self._first.close()

    def new_context(self, internet: Serving) -> BrowserContext:
        """Opens a context that reaches the emulated internet only.

        Args:
            internet: What it reaches.
        """
        if self._first is None:
            self._first = self._start(internet=internet)
        assert self._first.browser is not None
        context = self._first.browser.new_context(proxy={"server": internet.running.proxy, "bypass": _NO_PROXY})
        context.set_default_timeout(30_000)
        return context


def launch(
    playwright: Playwright,
    chromium: str,
    internet: Serving,
    profile: Path,
    *,
    trusting: bool = True,
    preferences: Mapping[str, Any] | None = None,
    popups: bool = True,
) -> BrowserContext:
    """Starts Chromium in a profile of its own that reaches the emulated internet only.

    Args:
        playwright: The driver.
        chromium: The browser's path.
        internet: What it reaches.
        profile: A folder for the profile.
        trusting: Whether the profile trusts the local authority.
        preferences: The profile's, in place of those that ``fedemu browser`` writes.
        popups: Whether the driver lets every popup through, as it does by default.
    """
    authority = CertificateAuthority()
    _, *switches, _url = command_line(
        BrowserProgram(chromium),
        "about:blank",
        profile=profile,
        proxy=internet.running.proxy,
        spki_sha256=authority.spki_sha256 if trusting else b"\0" * 32,
        ca_file=authority.path,
    )
    if preferences is not None:
        (profile / "Default" / "Preferences").write_text(json.dumps({"profile": preferences}))
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=chromium,
        headless=True,
        args=[*(each for each in switches if not each.startswith("--user-data-dir")), "--disable-gpu"],
        ignore_default_args=[] if popups else ["--disable-popup-blocking"],
    )
    context.set_default_timeout(30_000)
    return context
