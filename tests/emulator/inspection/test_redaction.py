"""Copies for others: no secret and no name is left, and the inspector says the same of them as of the originals."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from emulator.inspection.judge import Judge
from emulator.inspection.pseudonyms import Pseudonyms
from emulator.inspection.redaction import redacted, without_secrets
from emulator.kernel.clock import Ids
from emulator.kernel.errors import FederationError
from emulator.recordings.recording import read_recording
from tests.emulator.inspection.vendor_responses import GOOD, ISSUED, SHAPES, response, wrapped
from tests.emulator.recordings.har_files import OKTA, entry, har, login, refused_page
from tests.emulator.recordings.test_recorded_events import OKTA as OKTA_EVENT
from tests.emulator.recordings.test_recorded_events import REFUSED

XML = response(SHAPES["entra id"], replace(GOOD, session_name="Rin Mori"))
MESSAGE = base64.b64encode(XML).decode()
RELAY = "https://us-west-2.console.aws.amazon.com/connect/federate/0a1b2c3d-0000-4000-8000-00000000c0c0"


def _copy(data: Any) -> str:
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return redacted(text, ids=Ids(seed=1))


def _har() -> dict[str, Any]:
    answer = '{"errorCode":"E0000004","errorSummary":"Authentication failed"}'
    wrong = entry(
        "POST",
        f"{OKTA}/api/v1/authn?token=seekrit&next=https%3A%2F%2Fx.example%2F%3Fcode%3Dseekrit%26X-Amz-Security-Token%3Dseekrit",
        401,
        at=ISSUED - timedelta(seconds=30),
        form={"username": "rin.mori@example.com", "password": "seekrit"},
        page=answer,
        mime="application/json",
    )
    federate = entry(
        "GET",
        RELAY,
        200,
        at=ISSUED + timedelta(seconds=2),
        page='<form><input name="credentials" value="{&quot;AccessToken&quot;:&quot;seekrit&quot;}"/></form>',
    )
    page = refused_page("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
    return har(wrong, *login(MESSAGE, federate, relay_state=RELAY, page=page, is_base64=True))


@pytest.mark.parametrize(
    "data",
    [
        XML,
        MESSAGE.encode(),
        XML[:-200],
        base64.b64encode(XML[:-201]),
        "\n".join(map(json.dumps, (REFUSED, REFUSED))).encode(),
        f"SAMLResponse={quote(MESSAGE, safe='')}&RelayState=x".encode(),
        f'<html><form><input name="SAMLResponse" value="{MESSAGE}"/></form></html>'.encode(),
        _har(),
        {"steps": [{"url": "https://signin.aws.amazon.com/saml", "form": {"SAMLResponse": MESSAGE}, "method": "POST"}]},
        REFUSED,
        {"Events": [{"CloudTrailEvent": json.dumps(REFUSED)}]},
        [OKTA_EVENT],
    ],
    ids=[
        "XML",
        "base64",
        "XML cut off",
        "base64 cut off",
        "lines",
        "a form",
        "a page",
        "a HAR",
        "a trace",
        "CloudTrail",
        "LookupEvents",
        "Okta",
    ],
)
def test_no_name_and_no_secret_is_left(data: Any) -> None:
    """Not even inside of the messages; the copy is read as the original is."""
    copy = _copy(data)
    logins = read_recording(copy.encode()).logins
    inside = [base64.b64decode(each.saml_response).decode() for each in logins if each.saml_response]
    for text in (copy, *inside):
        for word in ("rin.mori", "Rin", "Mori", "seekrit", "1020secret"):
            assert word not in text
    assert "192.0.2.7" in copy or "sourceIPAddress" not in copy


def test_of_cookies_the_names_and_attributes_stay() -> None:
    """They are what a browser goes by."""
    entries = json.loads(_copy(_har()))["log"]["entries"]
    assert entries[0]["response"]["headers"] == [
        {"name": "Set-Cookie", "value": "sid=(redacted); Path=/; Secure\nDT=(redacted); Secure"}
    ]
    assert entries[0]["request"]["headers"][0] == {"name": "Cookie", "value": "sid=(redacted)"}
    assert entries[0]["request"]["cookies"] == [{"name": "sid", "value": "(redacted)"}]


def test_the_inspector_says_the_same_of_a_copy() -> None:
    """What is refused, when, where, with which check; the signature alone is left open."""
    original, copy = (read_recording(text.encode()) for text in (json.dumps(_har()), _copy(_har())))
    before, after = (Judge().inspect_login(each.logins, 1) for each in (original, copy))
    assert before.said == after.said
    assert before.relay_state == after.relay_state
    assert [hop.as_json() for hop in before.login.hops] == [hop.as_json() for hop in after.login.hops]
    assert before.inspection is not None
    assert after.inspection is not None
    assert [each.check for each in before.inspection.failed] == ["role-session-name"]
    assert [each.check for each in after.inspection.failed] == ["role-session-name"]
    assert "this copy was redacted, so that its signature fits no more: give the message as it came" in [
        each.text for each in after.inspection.not_asked
    ]
    assert list(before.inspection.facts) == list(after.inspection.facts)


def test_a_name_is_always_replaced_by_the_same() -> None:
    """In the message, beside it, with another case and in parts; its form stays."""
    names = Pseudonyms("key")
    names.take(["Rin.Mori@example.com"])
    text = names.in_text("Rin.Mori@example.com, rin.mori@example.com and Mori; arn:aws:iam::1:role/Mori")
    first, rest = text.split(", ", 1)
    assert rest.startswith(f"{first.lower()} and ")
    assert [letter.isupper() for letter in first] == [letter.isupper() for letter in "Rin.Mori@example.example"]
    assert rest.endswith("arn:aws:iam::1:role/Mori")
    blank = names.of("Rin Mori é7")
    assert (blank[3], blank[8], blank[9:10].isascii(), blank[10].isdecimal()) == (" ", " ", False, True)
    assert Pseudonyms("other").of("Rin") != names.of("Rin")


def test_apps_keep_their_names_in_oktas_log() -> None:
    """Of what an event is about only people are replaced."""
    (event,) = read_recording(_copy([OKTA_EVENT]).encode()).events
    assert event.facts["App"] == "Amazon Connect"
    assert event.who != "rin.mori@example.com"


def test_roles_keep_their_names_in_cloudtrail() -> None:
    """The issuer of a session is a role, whatever its field is called."""
    issuer = {"type": "Role", "arn": "arn:aws:iam::210987654321:role/Support", "userName": "Support"}
    event = {**REFUSED, "userIdentity": {**REFUSED["userIdentity"], "sessionContext": {"sessionIssuer": issuer}}}
    assert json.loads(_copy(event))["userIdentity"]["sessionContext"]["sessionIssuer"] == issuer


def test_what_is_judged_by_structure_stays_as_it_was() -> None:
    """A forged assertion is found in the copy too, and an unsigned message."""
    for message, check in ((wrapped(SHAPES["okta 2023"]), "response"), (wrapped(SHAPES["adfs"]), "response")):
        (found,) = read_recording(_copy(message).encode()).logins
        inspected = Judge().inspect_login((found,), 1)
        assert inspected.inspection is not None
        assert [each.check for each in inspected.inspection.failed] == [check]


def test_what_cannot_be_read_is_not_copied() -> None:
    """A file that is cut off would hide what is in it."""
    with pytest.raises(FederationError, match="This looks like JSON but is not"):
        redacted(json.dumps(_har()).encode()[:-20], ids=Ids())


@pytest.mark.parametrize(
    "name",
    [
        *(
            "api_key",
            "client_secret",
            "code",
            "credential",
            "jwt",
            "key",
            "passCode",
            "password2",
            "private_key",
            "pwd",
        ),
        *("SAMLRequest", "SAMLart", "sig", "state", "ticket", "verifier", "X-Amz-Credential", "X-Amz-Signature"),
    ],
)
def test_a_secret_is_left_out_wherever_a_recording_has_it(name: str) -> None:
    """In addresses and their fragments, headers, forms, JSON, messages of a web socket and a page's own scripts."""
    page = (
        "<p>Response signature invalid</p><input value='seekrit' name=stateToken>"
        """<script>var stateToken = 'seek\\x2Drit'; load({"idToken":"seekrit","accessToken" : "seekrit"})</script>"""
    )
    posted = {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": name, "value": "seekrit"}]}
    request = {
        "method": "POST",
        "url": f"https://rin:seekrit!@acme.okta.com/reset_password/seekrit-1?{name}=seekrit#{name}=seekrit",
        "headers": [{"name": f"X-{name}", "value": "seekrit"}, {"name": "Accept", "value": "text/html"}],
        "queryString": [{"name": name, "value": "seekrit"}],
        "postData": posted,
    }
    kept = {"request": request, "response": {"status": 400, "content": {"mimeType": "text/html", "text": page}}}
    text = {"request": {**request, "postData": {"text": json.dumps({name: "seekrit"})}}, "response": {}}
    sent = {"request": request, "_webSocketMessages": [{"type": "send", "data": json.dumps({name: "seekrit"})}]}
    recorded = _har()
    recorded["log"]["entries"] += [kept, text, sent]
    copy = _copy(recorded)
    assert "seekrit" not in copy
    assert "rit'" not in copy
    assert "Response signature invalid" in copy
    assert '"value": "text/html"' in copy
    assert f"?{name}=(redacted)#{name}=(redacted)" in copy


@pytest.mark.parametrize(
    ("address", "without"),
    [
        ("https://x.example/?destination=/ccp?password=a", "https://x.example/?destination=/ccp?password=(redacted)"),
        ("https://x.example/?password=a?b=c&d=e", "https://x.example/?password=(redacted)&d=e"),
        ("/x?d=%252Fccp%253Ftoken%253Da", "/x?d=%252Fccp%253Ftoken%253D(redacted)"),
        ("/x?code=&b=c", "/x?code=&b=c"),
        ("?a=" * 100_000 + "?token=b", "?a=" * 100_000 + "?token=(redacted)"),
    ],
)
def test_a_parameter_in_the_value_of_another(address: str, without: str) -> None:
    """An address in an address has secrets of its own, encoded or not."""
    assert without_secrets(address) == without


def test_every_name_is_replaced_however_many_there_are() -> None:
    """The two-thousandth as the first."""
    names = [f"Rinkohanako{number:04d}" for number in range(3_000)]
    events = [{**OKTA_EVENT, "actor": {**OKTA_EVENT["actor"], "alternateId": name}} for name in names]
    copy = _copy(events)
    assert [name for name in names if name in copy] == []


def test_the_names_in_a_long_body_are_replaced() -> None:
    """After two megabytes of another field."""
    body = f"ViewState={'x' * 2_100_000}&username=Rinko"
    assert "Rinko" not in _copy({"request": {"postData": {"text": body}}, "note": "Rinko"})


def test_a_copy_of_a_log_has_every_message() -> None:
    """Each as a form, in the same order."""
    other = base64.b64encode(response(SHAPES["entra id"], replace(GOOD, session_name="Kai Mori"))).decode()
    copy = _copy(f"login {MESSAGE}\nlogin {other}\n".encode())
    assert [line.partition("=")[0] for line in copy.splitlines()] == ["SAMLResponse", "SAMLResponse"]
    messages = [base64.b64decode(each.saml_response).decode() for each in read_recording(copy.encode()).logins]
    assert ["Mori" in message for message in messages] == [False, False]
