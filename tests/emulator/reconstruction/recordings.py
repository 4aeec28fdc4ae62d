"""Recordings of the emulator's own logins, as a browser would have written them, and what is made of recordings."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from emulator.network.trace import Exchange, to_har
from emulator.reconstruction.reconstruct import WORLD, Reconstruction, reconstruct
from emulator.reconstruction.recorded import Recorded, recorded
from emulator.reconstruction.signatures import was_changed
from emulator.recordings.recording import read_recording
from emulator.worldfile.text.yaml_text import data_in
from tests.emulator.inspection.vendor_responses import GOOD, ISSUED, SHAPES, Content, response
from tests.emulator.recordings.har_files import har, login, refused_page


def recording_of(exchanges: Sequence[Exchange]) -> dict[str, Any]:
    """Returns a HAR of exchanges without what fedemu alone notes in it: what was decided, and by which check."""
    har = to_har(exchanges, version="1")
    for each in har["log"]["entries"]:
        del each["_decisions"]
    return har


def known(data: Any) -> Recorded:
    """Returns what is known of the last login of a recording."""
    return recorded(read_recording(json.dumps(data).encode()).logins[-1])


def made(data: Any) -> Reconstruction:
    """Returns what is made of the last login of a recording."""
    login = read_recording(json.dumps(data).encode()).logins[-1]
    return reconstruct(recorded(login), is_broken=bool(login.saml_response) and was_changed(login.saml_response))


def world_in(reconstruction: Reconstruction) -> dict[str, Any]:
    """Returns the world that was written, as data."""
    data: dict[str, Any] = data_in(reconstruction.files[WORLD])
    return data


def scenario_in(reconstruction: Reconstruction) -> dict[str, Any]:
    """Returns the scenario that was written, as data."""
    data: dict[str, Any] = data_in(reconstruction.files["scenarios/login.fedemu.yaml"])
    return data


def message_of(content: Content = GOOD, shape: str = "okta 2023") -> str:
    """Returns a SAMLResponse of a product that says something."""
    return base64.b64encode(response(SHAPES[shape], content)).decode()


def refused_with(sentence: str, content: Content = GOOD, *, after: float = 1) -> dict[str, Any]:
    """Returns a recording of a login that AWS sign-in refused with a sentence, so many seconds after its issue."""
    at = ISSUED + timedelta(seconds=after - 1)
    return har(*login(message_of(content), page=refused_page(sentence), at=at))
