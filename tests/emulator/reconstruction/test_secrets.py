"""Nothing that is secret in a recording is in what is written of it."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.network.trace import to_har
from emulator.reconstruction.reconstruct import Reconstruction
from tests.conftest import APP, USER
from tests.emulator.inspection.vendor_responses import GOOD, ISSUED, SHAPES, response
from tests.emulator.reconstruction.recordings import made
from tests.emulator.recordings.har_files import OKTA, entry, har, login, refused_page

SECRET = "s3kr1t-0f-the-rec0rding"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzM2tyMXQifQ.c2lnbmF0dXJlLW9m"
RELAY = (
    f"https://us-west-2.console.aws.amazon.com/s3?SigninToken={SECRET}&next=x%3Ftoken%3D{SECRET}"
    f"&destination=/ccp?password={SECRET}"
)


def _written(reconstruction: Reconstruction) -> str:
    return "\n".join([*reconstruction.files.values(), *reconstruction.told, *map(str, reconstruction.differences)])


def _recording() -> dict[str, Any]:
    attributes = (
        ("sessionToken", SECRET),
        ("https://aws.amazon.com/SAML/Attributes/PrincipalTag:ApiKey", SECRET),
        ("link", f"https://app.example.com/?access_token={SECRET}"),
        ("assertion", TOKEN),
    )
    message = base64.b64encode(response(SHAPES["okta 2023"], _with(attributes))).decode()
    signed_in = entry(
        "POST",
        f"{OKTA}/api/v1/authn?token={SECRET}",
        200,
        at=ISSUED - timedelta(seconds=9),
        form={"username": "rin.mori@example.com", "password": SECRET, "passCode": SECRET},
        page=json.dumps({"sessionToken": SECRET, "stateToken": SECRET}),
        mime="application/json",
    )
    signed_in["request"]["headers"].append({"name": "Authorization", "value": f"SSWS {SECRET}"})
    signed_in["request"]["cookies"].append({"name": "idx", "value": SECRET})
    page = refused_page(f"Response signature invalid for https://x.example.com/?token={SECRET} and {TOKEN}")
    return har(signed_in, *login(message, relay_state=RELAY, page=page))


def _with(attributes: tuple[tuple[str, str], ...]) -> Any:
    return replace(GOOD, attributes=attributes)


def test_no_secret_of_a_browsers_recording_is_written() -> None:
    """Cookies, passwords, codes, tokens in addresses, attributes and sentences, and the message itself."""
    recording = _recording()
    written = _written(made(recording))
    assert SECRET not in written
    assert "s3kr1t" not in written
    assert TOKEN not in written
    assert "eyJ" not in written
    message = recording["log"]["entries"][-1]["request"]["postData"]["params"][0]["value"]
    assert not any(message[start : start + 60] in written for start in range(0, len(message) - 60, 30))
    assert "1020secret" not in written
    assert "SigninToken=(redacted)" in written


@pytest.mark.parametrize("relay_state", [None, ""])
def test_no_secret_of_the_emulators_own_recording_is_written(federation: Federation, relay_state: str | None) -> None:
    """What a trace has already without secrets is written without the message too."""
    login_made = log_in(federation, user=USER, app=APP, relay_state=relay_state)
    recording = to_har(login_made.exchanges, version="1")
    written = _written(made(recording))
    message = login_made.saml_response
    assert message[:40] not in written
    assert message[2000:2040] not in written
    assert "correct-horse" not in written
    assert "X509Certificate" not in written
