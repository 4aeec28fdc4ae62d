"""Okta's own SDKs, unmodified, set a world up over the management API; the logins that come of it arrive."""

from __future__ import annotations

import json
import sys

from emulator.flow import log_in
from emulator.running.start import Serving
from tests.clients.conftest import CLIENTS, Run
from tests.conftest import APP, ROLE_ARN, USER
from tests.requirements import installed, program

TOKEN = "00-example-token-of-the-built-in-world"
PYTHON_SDK = """
import asyncio, json, sys
from okta.client import Client
import okta.models as m

async def main():
    host, port = sys.argv[1].removeprefix("http://").split(":")
    proxy = {"host": host, "port": int(port)}
    client = Client({"orgUrl": "https://acme.okta.com", "token": sys.argv[2], "proxy": proxy})
    told = {}

    async def get(call):
        answer = await call
        result, error = answer[0], answer[2] if len(answer) > 2 else answer[1]
        if error:
            raise SystemExit(str(error))
        return result

    profile = m.UserProfile(login="ada@example.com", email="ada@example.com", firstName="Ada", lastName="Byron")
    password = m.UserCredentialsWritable(password=m.PasswordCredential(value="tlpWENT2m"))
    user = await get(client.create_user(m.CreateUserRequest(profile=profile, credentials=password), activate=True))
    found = await get(client.list_users(search='profile.login eq "ada@example.com"'))
    told["found"] = [each.profile.login for each in found]
    (agents,) = await get(client.list_groups(q="Agents"))
    await get(client.assign_user_to_group(agents.id, user.id))
    told["links"] = [link.label for link in await get(client.list_app_links(user.id))]
    told["own links"] = [link.label for link in await get(client.list_app_links("me"))]
    (app,) = await get(client.list_applications())
    key = await get(client.generate_application_key(app.id, 2))
    told["keys"] = [each.kid == key.kid for each in await get(client.list_application_keys(app.id))]
    request = m.AppUserAssignRequest(id=user.id, profile={"samlRoles": ["ConnectSupervisor"]})
    await get(client.assign_user_to_application(app.id, request))
    answer = await client.get_user("nobody")
    told["error"] = str(answer[2])
    print(json.dumps(told))

asyncio.run(main())
"""
PYTHON_LOG = """
import asyncio, json, sys
from datetime import datetime, timedelta, timezone
from okta.client import Client

async def main():
    host, port = sys.argv[1].removeprefix("http://").split(":")
    proxy = {"host": host, "port": int(port)}
    client = Client({"orgUrl": "https://acme.okta.com", "token": sys.argv[2], "proxy": proxy})

    async def rows(**query):
        events, _, error = await client.list_log_events(**query)
        if error:
            raise SystemExit(str(error))
        return [[e.event_type, e.outcome.result, e.outcome.reason, e.actor.alternate_id] for e in events]

    since = (datetime.now(timezone.utc) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    failed = 'eventType eq "user.session.start" and outcome.result eq "FAILURE"'
    told = {"failed": await rows(filter=failed, since=since)}
    told["sso"] = await rows(filter='target.displayName eq "Amazon Connect SAML" and eventType sw "user.auth"')
    told["latest"] = await rows(q="hanako", sort_order="DESCENDING", limit=1, since=since)
    _, _, error = await client.list_log_events(filter="eventType is x")
    told["error"] = str(error)
    print(json.dumps(told))

asyncio.run(main())
"""
NODE_SDK = """
const okta = require(process.argv[2]);
const client = new okta.Client({ orgUrl: "https://acme.okta.com", token: process.argv[3] });
const all = async (collection) => {
  const found = [];
  await (await collection).each((each) => { found.push(each); });
  return found;
};
(async () => {
  const profile = { login: "ada@example.com", email: "ada@example.com", firstName: "Ada", lastName: "Byron" };
  const body = { profile, credentials: { password: { value: "tlpWENT2m" } } };
  const user = await client.userApi.createUser({ body, activate: true });
  const told = { status: user.status };
  told.pages = (await all(client.userApi.listUsers({ limit: 2 }))).map((each) => each.profile.firstName);
  const [agents] = await all(client.groupApi.listGroups({ q: "Agents" }));
  await client.groupApi.assignUserToGroup({ groupId: agents.id, userId: user.id });
  told.links = (await all(client.userApi.listAppLinks({ userId: user.id }))).map((each) => each.label);
  told.own = (await all(client.userApi.listAppLinks({ userId: "me" }))).map((each) => each.label);
  const day = { since: new Date(Date.now() - 3600e3).toISOString(), filter: 'eventType sw "user.lifecycle"', limit: 1 };
  told.log = (await all(client.systemLogApi.listLogEvents(day))).map((each) => each.eventType);
  await client.userApi.getUser({ userId: "nobody" }).catch((error) => {
    told.error = [error.status, error.errorCode, error.errorSummary];
  });
  console.log(JSON.stringify(told));
})().catch((error) => { console.error(error); process.exit(1); });
"""


def test_the_python_sdk(run: Run, internet: Serving) -> None:
    """A person, a membership, a second assignment and a key; the person then logs in with two roles."""
    running = internet.running
    done = run(sys.executable, "-c", PYTHON_SDK, running.proxy, TOKEN, extra={"SSL_CERT_FILE": running.ca_file})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "found": ["ada@example.com"],
        "links": ["Amazon Connect SAML"],
        "own links": [],
        "keys": [False, True],
        "error": "Okta HTTP 404 E0000007 Not found: Resource not found: nobody (User)\n",
    }
    login = log_in(internet.federation, user="ada@example.com", app=APP, role="ConnectAgent")
    assert login.role == ROLE_ARN
    assert login.refusal is not None
    assert login.refusal.check == "connect-user"


def test_the_system_log_in_the_python_sdk(run: Run, internet: Serving) -> None:
    """Its models take every event; filters, keywords and order are the SDK's own parameters."""
    federation, running = internet.federation, internet.running
    assert log_in(federation, user=USER, app=APP).refusal is None
    body = {"username": USER, "password": "wrong"}
    federation.browser().session().post("https://acme.okta.com/api/v1/authn", json=body)
    done = run(sys.executable, "-c", PYTHON_LOG, running.proxy, TOKEN, extra={"SSL_CERT_FILE": running.ca_file})
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    failure = ["user.session.start", "FAILURE", "INVALID_CREDENTIALS", USER]
    assert told["failed"] == [failure]
    assert told["sso"] == [["user.authentication.sso", "SUCCESS", None, USER]]
    assert told["latest"] == [failure]
    assert "E0000053 Invalid filter 'eventType is x': Unrecognized attribute operator 'is'" in told["error"]


def test_the_node_sdk(run: Run, internet: Serving) -> None:
    """The same, with a list of two pages."""
    node, sdk = program("node"), installed(CLIENTS / "node_modules" / "@okta" / "okta-sdk-nodejs")
    done = run(node, "-e", NODE_SDK, "x", str(sdk), TOKEN)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "status": "ACTIVE",
        "pages": ["Hanako", "Taro", "Mika", "Ada"],
        "links": ["Amazon Connect SAML"],
        "own": [],
        "log": ["user.lifecycle.create", "user.lifecycle.activate"],
        "error": [404, "E0000007", "Not found: Resource not found: nobody (User)"],
    }
