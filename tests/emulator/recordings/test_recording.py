"""Recordings of whole logins: HARs of browsers, AWS's role choosers, fedemu's traces."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from emulator.diagnosis.login_result import result_of
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.errors import FederationError
from emulator.network.trace import to_har
from emulator.recordings.logins import RecordedLogin
from emulator.recordings.recorded_refusals import RecordedRefusal
from emulator.recordings.recording import Recording, read_recording
from tests.conftest import APP, TWO_ROLES_USER, USER
from tests.emulator.inspection.vendor_responses import AWS_URL, GOOD, ISSUED, ROLE_ARN, SHAPES, response
from tests.emulator.recordings.har_files import OKTA, entry, form_page, har, login, refused_page

MESSAGE = base64.b64encode(response(SHAPES["okta 2023"])).decode()
OTHER = base64.b64encode(response(SHAPES["okta 2023"], replace(GOOD, session_name="kai"))).decode()
RELAY = "https://us-west-2.console.aws.amazon.com/connect/federate/0a1b2c3d-0000-4000-8000-00000000c0c0"
CONSOLE = "https://us-west-2.console.aws.amazon.com/console/home"


def _read(data: Any) -> Recording:
    return read_recording(json.dumps(data).encode())


def _one(*entries: dict[str, Any]) -> RecordedLogin:
    (found,) = _read(har(*entries)).logins
    return found


@pytest.mark.parametrize(
    "changes",
    [{}, {"has_text": False}, {"has_text": False, "encoded_params": True}, {"is_base64": True}],
    ids=["text and parameters", "parameters alone", "parameters as they were sent", "a page in base64"],
)
def test_each_browsers_har_gives_the_login(changes: dict[str, Any]) -> None:
    """The message, the relay state, when and where it was posted, what AWS said, every request but the script."""
    found = _one(*login(MESSAGE, relay_state=RELAY, **changes))
    assert (found.saml_response, found.relay_state) == (MESSAGE, RELAY)
    assert (found.posted_to, found.posted_at) == (AWS_URL, ISSUED + timedelta(seconds=1))
    assert found.refusal == RecordedRefusal(
        "AWS sign-in", "Response signature invalid", "InvalidIdentityToken", ("signature",), 200, 4
    )
    assert [(hop.number, hop.host, hop.method, hop.path, hop.status) for hop in found.hops] == [
        (1, "example.okta.com", "GET", "/app/UserHome", 200),
        (3, "example.okta.com", "GET", "/home/amazon_aws/0oa1/272", 200),
        (4, "signin.aws.amazon.com", "POST", "/saml", 200),
    ]
    assert found.hops[0].at == ISSUED - timedelta(seconds=3)


def test_a_login_at_the_end_of_a_long_recording_is_found() -> None:
    """A console that was left open asks its servers thousands of times before somebody signs in again."""
    polling = entry("GET", f"{CONSOLE}/api/notifications", 200, at=ISSUED - timedelta(minutes=5), page="{}")
    found = _one(*[polling] * 6_000, *login(MESSAGE, relay_state=RELAY))
    assert (found.saml_response, found.relay_state) == (MESSAGE, RELAY)
    assert found.refusal is not None
    assert (found.refusal.code, found.refusal.hop) == ("InvalidIdentityToken", 6_004)


def test_a_recording_without_the_posted_form_has_it_from_the_page() -> None:
    """Some programs leave out what was posted."""
    entries = login(MESSAGE, relay_state=RELAY)
    del entries[3]["request"]["postData"]
    found = _one(*entries)
    assert (found.saml_response, found.relay_state) == (MESSAGE, RELAY)
    assert (found.posted_to, found.posted_at) == (AWS_URL, ISSUED + timedelta(seconds=1))
    assert found.refusal is not None


def test_the_role_chooser_posts_the_same_login_again() -> None:
    """Its second post is the one that is judged: its instant, and the role that was chosen."""
    data = {
        "SAMLResponse": MESSAGE,
        "RelayState": RELAY,
        "roles_accounts": {"example (210987654321)": [ROLE_ARN]},
        "problems": "{}",
    }
    chooser = f'<html><meta name="data" content="{base64.b64encode(json.dumps(data).encode()).decode()}"></html>'
    chosen = entry(
        "POST",
        AWS_URL,
        302,
        at=ISSUED + timedelta(seconds=90),
        form={"SAMLResponse": MESSAGE, "RelayState": RELAY, "roleIndex": ROLE_ARN},
        location=CONSOLE,
    )
    found = _one(*login(MESSAGE, chosen, relay_state=RELAY, page=chooser))
    assert (found.role_arn, found.posted_at) == (ROLE_ARN, ISSUED + timedelta(seconds=90))
    assert (found.refusal, found.was_taken) == (None, True)


@pytest.mark.parametrize(
    "page",
    [
        '<html><meta name="data" content="{data}"></html>',
        "<html><meta content='{data}' name='data'/></html>",
        '<html><script id="__NEXT_DATA__" type="application/json">{json}</script></html>',
        "<html><script>self.data = JSON.parse({quoted})</script></html>",
        '<form id="saml_form"><input type="hidden" name="RelayState" value="{relay}"/><input type="hidden" '
        'name="SAMLResponse" value="{message}"/></form>',
    ],
    ids=["meta", "meta in another order", "a script", "JSON within JSON", "the page of before 2023"],
)
def test_a_role_chooser_that_was_saved_has_the_message(page: str) -> None:
    """Each of AWS's pages has it at another place."""
    text = json.dumps({"SAMLResponse": MESSAGE, "RelayState": RELAY, "name": ""})
    filled = page.format(
        data=base64.b64encode(text.encode()).decode(),
        json=text,
        quoted=json.dumps(text),
        relay=RELAY,
        message=MESSAGE,
    )
    (found,) = read_recording(filled.encode()).logins
    assert (found.saml_response, found.relay_state) == (MESSAGE, RELAY)


def test_problems_on_todays_chooser_are_a_refusal() -> None:
    """They are in the data of the page, not in its text."""
    data = {"SAMLResponse": MESSAGE, "problems": json.dumps({"main": "Response signature invalid (Service: x)"})}
    page = f'<html><meta name="data" content="{base64.b64encode(json.dumps(data).encode()).decode()}"></html>'
    found = _one(*login(MESSAGE, page=page))
    assert found.refusal is not None
    assert found.refusal.message == "Response signature invalid"


def test_several_logins_are_told_apart() -> None:
    """Each has its own requests, message and refusal; the order is that of their time."""
    later = ISSUED + timedelta(minutes=3)
    data = har(*login(OTHER, at=later, page=refused_page("Response has expired")), *login(MESSAGE))
    first, second = _read(data).logins
    assert [first.saml_response, second.saml_response] == [MESSAGE, OTHER]
    assert [hop.number for hop in first.hops] == [1, 3, 4]
    assert [hop.number for hop in second.hops] == [5, 7, 8]
    assert first.refusal is not None
    assert second.refusal is not None
    assert (first.refusal.checks, second.refusal.checks) == (("signature",), ("time-window", "session-end"))


def test_what_okta_refused_before_is_over_when_a_message_was_posted() -> None:
    """A password that was wrong at first does not refuse the login."""
    wrong = entry(
        "POST",
        f"{OKTA}/api/v1/authn",
        401,
        at=ISSUED - timedelta(seconds=9),
        page='{"errorCode":"E0000004","errorSummary":"Authentication failed"}',
        mime="application/json",
    )
    found = _one(wrong, *login(MESSAGE, page="", status=302, location=CONSOLE))
    assert (found.refusal, found.was_taken) == (None, True)
    alone = _one(wrong)
    assert alone.saml_response == ""
    assert alone.refusal == RecordedRefusal(
        "Okta", "Authentication failed", "E0000004", ("okta-sign-in", "session-token"), 401, 1
    )


def test_amazon_connects_refusal_comes_after_the_post() -> None:
    """The page that federates says it; what the CCP said before the login is over."""
    federate = entry(
        "GET",
        RELAY,
        200,
        at=ISSUED + timedelta(seconds=2),
        page="<h1>Access Denied</h1><p>Access Denied. Your account has been authenticated, but has not been onboarded "
        "to this application.</p>",
    )
    expired = entry(
        "GET",
        "https://example.my.connect.aws/ccp-v2",
        200,
        at=ISSUED - timedelta(seconds=30),
        page="<p>Session expired</p>",
    )
    found = _one(expired, *login(MESSAGE, federate, page="", status=302, location=RELAY))
    assert found.refusal is not None
    assert (found.refusal.service, found.refusal.code) == ("Amazon Connect", "UserNotFoundException")
    assert found.refusal.checks == ("connect-user",)


def test_the_sentences_in_a_pages_data_are_no_refusal() -> None:
    """A page's translations hold every sentence that it may ever show."""
    texts = entry(
        "GET",
        "https://example.my.connect.aws/ccp-v2/locales/en",
        200,
        at=ISSUED + timedelta(seconds=5),
        page='{"expired": "Your session has expired. Please log in again to continue."}',
        mime="application/json",
    )
    assert _one(*login(MESSAGE, texts, page="", status=302, location=RELAY)).refusal is None


def test_a_call_of_sts_is_a_login_too() -> None:
    """With the role, the provider and the length that were asked for, and STS's error."""
    error = (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
        "<Code>ValidationError</Code><Message>The requested DurationSeconds exceeds the MaxSessionDuration set for "
        "this role.</Message></Error><RequestId>0a</RequestId></ErrorResponse>"
    )
    form = {"Action": "AssumeRoleWithSAML", "RoleArn": ROLE_ARN, "PrincipalArn": "arn:p", "SAMLAssertion": MESSAGE}
    call = entry(
        "POST",
        "https://sts.us-west-2.amazonaws.com/",
        400,
        form={**form, "DurationSeconds": "43200"},
        page=error,
        mime="text/xml",
    )
    found = _one(call)
    assert (found.at_sts, found.role_arn, found.provider_arn) == (True, ROLE_ARN, "arn:p")
    assert found.duration_seconds == 43200
    assert found.refusal == RecordedRefusal(
        "AWS STS",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        "ValidationError",
        ("max-session-duration",),
        400,
        1,
    )


def test_a_har_that_was_cut_in_pieces_is_read() -> None:
    """The log alone, the list of requests, one request."""
    entries = login(MESSAGE)
    for data in (har(*entries)["log"], entries, entries[3], {"response": {"content": {"text": form_page(MESSAGE)}}}):
        assert [each.saml_response for each in _read(data).logins] == [MESSAGE]


def test_fedemus_own_recordings_are_read(federation: Federation) -> None:
    """HAR, trace, and what a run prints give the same login with the same refusal."""
    done = log_in(federation, user=USER, app=APP)
    trace = result_of(done, federation).as_json()
    runs = {"format": 2, "scenarios": [{"id": "A", "login": trace}]}
    for data in (to_har(done.exchanges, version="1"), trace, runs):
        (found,) = _read(data).logins
        assert found.saml_response == done.saml_response
        assert (found.refusal, found.was_taken) == (None, True)
        assert found.posted_at == federation.clock.now()


def test_a_choice_of_roles_is_one_login(federation: Federation) -> None:
    """The role is the one that was chosen."""
    done = log_in(federation, user=TWO_ROLES_USER, app=APP, role="ConnectSupervisor")
    (found,) = _read(to_har(done.exchanges, version="1")).logins
    assert found.role_arn.endswith(":role/ConnectSupervisor")


def test_scripts_are_no_part_of_a_login() -> None:
    """However many there are."""
    scripts = [entry("GET", f"{OKTA}/{number}.js", 200) for number in range(6000)]
    assert len(_one(*scripts, *login(MESSAGE, at=ISSUED + timedelta(hours=1))).hops) == 3


def _posted(changed: dict[str, Any]) -> RecordedLogin:
    """Returns the login whose message is in nothing but what was posted."""
    entries = login(MESSAGE, relay_state=RELAY)
    for each in entries:
        each["response"]["content"]["text"] = ""
    post = entries[3]["request"]["postData"]
    post.update({name: value(post[name]) for name, value in changed.items()})
    return _one(*entries)


def test_what_was_posted_is_read_to_its_end() -> None:
    """After two megabytes of another field, or after a thousand others."""
    found = _posted({"text": lambda text: f"ViewState={'x' * 2_100_000}&{text}"})
    assert (found.saml_response, found.relay_state) == (MESSAGE, RELAY)
    others = [{"name": f"f{number}", "value": "x"} for number in range(1_001)]
    found = _posted({"text": lambda _: "", "params": lambda params: [*others, *params]})
    assert (found.saml_response, found.relay_state) == (MESSAGE, RELAY)


def test_of_a_field_that_was_posted_twice_the_first_counts() -> None:
    """The sites read it."""
    found = _posted({"text": lambda text: f"{text}&SAMLResponse=other&RelayState=other"})
    assert (found.saml_response, found.relay_state) == (MESSAGE, RELAY)


def test_a_page_is_read_to_its_end() -> None:
    """The form may be after two megabytes of script."""
    entries = login(MESSAGE, relay_state=RELAY)
    del entries[3]["request"]["postData"]
    content = entries[2]["response"]["content"]
    content["text"] = f"<script>{'x' * 2_100_000}</script>{content['text']}"
    assert _one(*entries).saml_response == MESSAGE


def test_every_login_of_a_recording_is_counted() -> None:
    """The last of many is the last; more than a thousand are refused."""
    messages = [base64.b64encode(f"<Response>{number}</Response>".encode()).decode() for number in range(1_001)]
    posts = [entry("POST", AWS_URL, 200, form={"SAMLResponse": each}) for each in messages]
    assert [each.saml_response for each in _read(har(*posts[:250])).logins] == messages[:250]
    with pytest.raises(FederationError) as caught:
        _read(har(*posts))
    assert (caught.value.message, caught.value.expected) == ("There are 1,001 messages in this file", "at most 1,000")


def test_a_message_is_found_however_deep_it_is() -> None:
    """In a tool's own wrapping."""
    data: Any = {"SAMLResponse": MESSAGE}
    for _ in range(60):
        data = {"body": [data]}
    assert _read(data).logins[0].saml_response == MESSAGE
