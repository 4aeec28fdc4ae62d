"""An event hook receiver: people who are assigned the app in Okta become users of the Amazon Connect instance.

Amazon Connect has neither SCIM nor just-in-time creation; a login without a user ends in "has not been onboarded".
Okta reports an assignment by event hook, and this program calls CreateUser. It needs boto3 and, in the environment:

    CONNECT_INSTANCE_ID       where users are made
    EVENT_HOOK_SECRET         what Okta sends as Authorization
    SECURITY_PROFILE          the name of the new users' security profile; Agent by default
    AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID, …   as for every AWS program

With the emulator: fedemu exec -- python event_hook_receiver.py 9000
"""

from __future__ import annotations

import hmac
import json
import os
import sys
from collections.abc import Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3

MAX_BODY_BYTES = 1_000_000
EVENTS = ("application.user_membership.add", "group.user_membership.add")


class UserMaker:
    """Makes users of one instance."""

    def __init__(self, instance_id: str, security_profile: str) -> None:
        self._connect = boto3.client("connect")
        self._instance_id = instance_id
        self._security_profile = security_profile

    def ensure(self, login: str, first_name: str, last_name: str) -> bool:
        """Creates a user unless there is one; returns whether it did.

        The login goes through as Okta has it: Amazon Connect compares it with RoleSessionName, and case counts.
        """
        if any(user["Username"] == login for user in self._all("list_users", "UserSummaryList")):
            return False
        try:
            self._connect.create_user(
                InstanceId=self._instance_id,
                Username=login,
                IdentityInfo={"FirstName": first_name, "LastName": last_name},  # with SAML no e-mail, no password
                PhoneConfig={"PhoneType": "SOFT_PHONE", "AutoAccept": False, "AfterContactWorkTimeLimit": 0},
                SecurityProfileIds=[
                    self._id("list_security_profiles", "SecurityProfileSummaryList", self._security_profile)
                ],
                RoutingProfileId=self._id(
                    "list_routing_profiles", "RoutingProfileSummaryList", "Basic Routing Profile"
                ),
            )
        except self._connect.exceptions.DuplicateResourceException:
            return False  # somebody else was faster
        return True

    def _id(self, operation: str, member: str, name: str) -> str:
        return str(next(each["Id"] for each in self._all(operation, member) if each["Name"] == name))

    def _all(self, operation: str, member: str) -> Iterable[Mapping[str, Any]]:
        """Goes through every page; the first one holds a hundred."""
        for page in self._connect.get_paginator(operation).paginate(InstanceId=self._instance_id):
            yield from page[member]


def people_in(body: Mapping[str, Any]) -> Iterable[tuple[str, str, str]]:
    """Yields the login, first and last name of everybody in Okta's events."""
    for event in body.get("data", {}).get("events", []):
        if event.get("eventType") not in EVENTS:
            continue
        for target in event.get("target") or []:
            if target.get("type") == "User":
                first, _, last = str(target.get("displayName", "")).partition(" ")
                yield str(target["alternateId"]), first or "-", last or "-"


class Handler(BaseHTTPRequestHandler):
    """Answers Okta: the challenge once, then events."""

    maker: UserMaker
    secret: str

    def do_GET(self) -> None:
        """Proves that this is the receiver's owner's: the challenge comes back."""
        challenge = self.headers.get("X-Okta-Verification-Challenge", "")
        self._answer(200, json.dumps({"verification": challenge}).encode())

    def do_POST(self) -> None:
        """Makes the users of the events in the body."""
        if not hmac.compare_digest(self.headers.get("Authorization", "").encode(), self.secret.encode()):
            self._answer(401)
            return
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY_BYTES:
            self._answer(413)
            return
        try:
            people = list(people_in(json.loads(self.rfile.read(length))))
        except (ValueError, KeyError, TypeError, AttributeError):
            self._answer(400)
            return
        for login, first_name, last_name in people:
            made = self.maker.ensure(login, first_name, last_name)
            print(f"{'made' if made else 'known'} {login}", flush=True)
        self._answer(204)

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Says nothing of requests: their headers hold the secret."""


def main() -> None:
    """Serves on the loopback address until it is stopped."""
    Handler.maker = UserMaker(os.environ["CONNECT_INSTANCE_ID"], os.environ.get("SECURITY_PROFILE", "Agent"))
    Handler.secret = os.environ["EVENT_HOOK_SECRET"]
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9000), Handler)
    print(f"hears http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
