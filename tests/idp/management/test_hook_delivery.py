"""Event hooks against a real receiver: verification, delivery, the one retry, and where nothing is ever sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.outbound import OutboundAnswer, OutboundRequest, Unreachable
from emulator.network.calls.outbound import is_loopback
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from idp.management.hook_delivery import HookDelivery
from idp.system_log.service import LoggedEvent
from tests.conftest import USER

HEADERS = {"Authorization": "SSWS 00-example-token-of-the-built-in-world"}
API = "https://acme.okta.com/api/v1"
SECRET = "hook-secret-4711"


class Receiver:
    """A program that hears events: answers challenges, and POSTs with the given statuses."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, str], Any]] = []
        self.statuses: list[int] = []
        self.challenge = ""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                receiver.heard.append(("GET", dict(self.headers), None))
                value = receiver.challenge or self.headers["X-Okta-Verification-Challenge"]
                self._answer(200, json.dumps({"verification": value}).encode())

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.heard.append(("POST", dict(self.headers), body))
                self._answer(receiver.statuses.pop(0) if receiver.statuses else 204, b"")

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Stays silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/events"

    @property
    def methods(self) -> list[str]:
        """The methods of what was heard."""
        return [method for method, _, _ in self.heard]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Returns a receiver that is listening."""
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def hooked(world: World, clock: Clock, keys: KeyFolder, receiver: Receiver) -> Federation:
    """Returns a federation whose world has an event hook."""
    hook = {"url": receiver.url, "authorization": SECRET, "headers": {"X-Team": "blue"}}
    changed = change_world(world, {"/okta/acme/event_hooks": {"provisioner": hook}})
    return Federation(changed, clock=clock, ids=Ids(seed=7), keys=keys)


def _admin(federation: Federation, method: str, path: str, data: Any = None) -> requests.Response:
    return federation.browser().session().request(method, API + path, json=data, headers=HEADERS)


def _join(federation: Federation, group: str = "Supervisors") -> None:
    org = federation.identity_providers["acme"].org
    path = f"/groups/{org.groups[group].group_id}/users/{org.users[USER].user_id}"
    assert _admin(federation, "PUT", path).status_code == 204
    federation.identity_providers["acme"].management.hooks.wait()


def test_a_membership_is_told(hooked: Federation, receiver: Receiver) -> None:
    """The hook is verified once, then gets Okta's JSON with its secret; nothing is sent that did not happen."""
    _join(hooked)
    assert receiver.methods == ["GET", "POST"]
    _, headers, body = receiver.heard[1]
    assert (headers["Authorization"], headers["X-Team"], headers["Content-Type"]) == (
        SECRET,
        "blue",
        "application/json",
    )
    assert (body["eventType"], body["eventTypeVersion"], body["cloudEventsVersion"]) == (
        "com.okta.event_hook",
        "1.0",
        "0.1",
    )
    assert body["source"].startswith("https://acme.okta.com/api/v1/eventHooks/who")
    (event,) = body["data"]["events"]
    assert (event["eventType"], event["displayMessage"]) == (
        "group.user_membership.add",
        "Add user to group membership",
    )
    assert [(t["type"], t["alternateId"], t["displayName"]) for t in event["target"]] == [
        ("User", USER, "Hanako Sato"),
        ("UserGroup", "unknown", "Supervisors"),
    ]
    _join(hooked)
    assert receiver.methods == ["GET", "POST"]


def test_an_assignment_is_told(hooked: Federation, receiver: Receiver) -> None:
    """Assigning a person is an event of the app; assigning a group names each who gains the app by it."""
    org = hooked.identity_providers["acme"].org
    app, person = org.apps["amazon-connect"], org.users["mika@example.com"]
    answer = _admin(
        hooked, "POST", f"/apps/{app.app_id}/users", {"id": person.user_id, "profile": {"role": "ConnectAgent"}}
    )
    assert answer.status_code == 200
    hooked.identity_providers["acme"].management.hooks.wait()
    (event,) = receiver.heard[1][2]["data"]["events"]
    assert event["eventType"] == "application.user_membership.add"
    assert [(t["type"], t["alternateId"]) for t in event["target"]] == [
        ("AppUser", "mika@example.com"),
        ("AppInstance", "Amazon Connect SAML"),
        ("User", "mika@example.com"),
    ]


@pytest.mark.parametrize(
    ("statuses", "methods", "told"),
    [
        ([500, 204], ["GET", "POST", "POST"], ["attempt 1: answered 500", "attempt 2: answered 204"]),
        ([500, 500], ["GET", "POST", "POST"], ["attempt 1: answered 500", "attempt 2: answered 500"]),
    ],
)
def test_a_delivery_is_tried_twice(
    hooked: Federation, receiver: Receiver, statuses: list[int], methods: list[str], told: list[str]
) -> None:
    """There is one retry; both deliveries are in the trace, the secret in neither."""
    receiver.statuses = list(statuses)
    _join(hooked)
    assert receiver.methods == methods
    summaries = [
        d.summary
        for e in hooked.gateway.exchanges
        for d in e.notes
        if d.summary.startswith("tells the event hook provisioner of group.user_membership.add, ")
    ]
    assert [summary.partition(", ")[2] for summary in summaries] == told
    assert SECRET not in json.dumps([e.as_json() for e in hooked.gateway.exchanges]) + repr(hooked.gateway.exchanges)


def test_a_hook_that_does_not_answer_the_challenge_hears_nothing(hooked: Federation, receiver: Receiver) -> None:
    """Verification fails after two attempts, and the event is not sent."""
    receiver.challenge = "another"
    _join(hooked)
    assert receiver.methods == ["GET", "GET"]


def test_a_hook_by_api(federation: Federation, receiver: Receiver) -> None:
    """Registered, refused verification with the reason, verified, heard, moved, switched off, deleted."""
    given = {
        "name": "by api",
        "events": {"type": "EVENT_TYPE", "items": ["group.user_membership.add"]},
        "channel": {
            "type": "HTTP",
            "version": "1.0.0",
            "config": {
                "uri": receiver.url,
                "headers": [],
                "authScheme": {"type": "HEADER", "key": "Authorization", "value": SECRET},
            },
        },
    }
    hook = _admin(federation, "POST", "/eventHooks", given).json()
    assert (hook["status"], hook["verificationStatus"]) == ("ACTIVE", "UNVERIFIED")
    assert SECRET not in json.dumps(hook)
    here = f"/eventHooks/{hook['id']}"
    receiver.challenge = "another"
    refused = _admin(federation, "POST", f"{here}/lifecycle/verify")
    assert refused.status_code == 400
    assert refused.json()["errorCauses"] == [
        {"errorSummary": "The hook's answer does not carry the challenge as verification."}
    ]
    receiver.challenge = ""
    assert _admin(federation, "POST", f"{here}/lifecycle/verify").json()["verificationStatus"] == "VERIFIED"
    receiver.heard.clear()
    _join(federation)
    assert receiver.methods == ["POST"]
    moved = {**given, "channel": {**given["channel"], "config": {"uri": receiver.url + "/2"}}}  # type: ignore[dict-item]
    assert _admin(federation, "PUT", here, moved).json()["verificationStatus"] == "UNVERIFIED"
    assert _admin(federation, "POST", f"{here}/lifecycle/deactivate").json()["status"] == "INACTIVE"
    assert [each["id"] for each in _admin(federation, "GET", "/eventHooks").json()] == [hook["id"]]
    assert _admin(federation, "DELETE", here).status_code == 204
    assert _admin(federation, "GET", here).json()["errorSummary"] == (
        f"Not found: Resource not found: {hook['id']} (EventHook)"
    )


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"name": ""}, "name: The field cannot be left blank"),
        ({"events": {}}, "events.items: The field cannot be left blank"),
        ({"events": {"items": ["moon.rise"]}}, "events.items: moon.rise is not an event type that the emulator logs"),
        ({"channel": {"config": {"uri": "ftp://x"}}}, "channel.config.uri: The value is no URL"),
        ({"channel": {"config": {"uri": "http://[::1"}}}, "channel.config.uri: The value is no URL"),
        (
            {"channel": {"config": {"uri": "http://127.0.0.1/", "headers": [{"key": "a", "value": "b\r\nc: d"}]}}},
            "channel.config.headers: The field must be a list of key and value",
        ),
    ],
)
def test_hooks_that_cannot_be(federation: Federation, change: dict[str, Any], cause: str) -> None:
    """Each mistake has its cause."""
    good = {
        "name": "x",
        "events": {"items": ["group.user_membership.add"]},
        "channel": {"config": {"uri": "http://127.0.0.1/"}},
    }
    answer = _admin(federation, "POST", "/eventHooks", {**good, **change})
    assert (answer.status_code, answer.json()["errorCauses"]) == (400, [{"errorSummary": cause}])


def test_nothing_leaves_this_machine(world: World, clock: Clock, keys: KeyFolder) -> None:
    """A hook elsewhere is never asked."""
    hook = {"url": "https://hooks.example.net/events"}
    federation = Federation(
        change_world(world, {"/okta/acme/event_hooks": {"far": hook}}), clock=clock, ids=Ids(seed=7), keys=keys
    )
    hook_id = next(iter(federation.identity_providers["acme"].org.event_hooks))
    answer = _admin(federation, "POST", f"/eventHooks/{hook_id}/lifecycle/verify")
    assert answer.json()["errorCauses"] == [
        {"errorSummary": "hooks.example.net is neither an emulated host nor this machine; nothing is sent there"}
    ]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("a.localhost", False),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
        ("", False),
        ("0.0.0.0", False),  # noqa: S104
    ],
)
def test_what_this_machine_is(host: str, expected: bool) -> None:
    """Loopback addresses and localhost; no name that would have to be looked up."""
    assert is_loopback(host) is expected


def test_a_hook_that_does_not_answer_keeps_nobody_from_signing_in(
    world: World, keys: KeyFolder, caplog: pytest.LogCaptureFixture
) -> None:
    """A thousand events wait for it; what comes then is not delivered, and the log says so once."""
    hook = {"url": "http://127.0.0.1:9/", "events": ["user.session.start"]}
    federation = Federation(change_world(world, {"/okta/acme/event_hooks": {"hook": hook}}), keys=keys)
    answers = threading.Event()

    def wait(_request: OutboundRequest) -> OutboundAnswer:
        answers.wait()
        raise Unreachable("nobody is there")

    delivery = HookDelivery(
        federation.identity_providers["acme"].directory,
        wait,
        clock=federation.clock,
        ids=federation.ids,
        failures=federation.failures,
        limits=federation.limits,
    )
    delivery.publish([LoggedEvent({"eventType": "user.session.start"}, federation.clock.now())] * 1010)
    answers.set()
    delivery.wait()
    assert [record.getMessage() for record in caplog.records] == [
        "fedemu: limit reached: 1,000 events wait for event hooks, and further ones are not delivered until some have "
        "been. Have the hooks answer faster, or subscribe them to fewer events"
    ]
