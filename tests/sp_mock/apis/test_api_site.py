"""What every API's site does before and after the operation: malformed requests, what is not offered, the trace."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.services import WsgiApp
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.wsgi import call
from emulator.world import DEFAULT_WORLD, load_world
from sp_mock.connect_api.api import service_api_site
from sp_mock.iam_api.api import iam_site
from sp_mock.sts.api import sts_site
from tests.conftest import ACCOUNT, NOW
from tests.sp_mock.apis.calls import call_api, call_environ, error_of

SITES: dict[str, Callable[[], WsgiApp]] = {"sts": sts_site, "iam": iam_site, "connect": service_api_site}
CALLS = {
    "sts": ("POST", "/", b"Action=GetCallerIdentity"),
    "iam": ("POST", "/", b"Action=ListAccountAliases"),
    "connect": ("GET", "/instance", b""),
}
NOT_SIGNED = "Request is missing Authentication Token"
OTHER_ACCOUNT = "210987654321"


MALFORMED = [
    ("sts", "GET", "/nothing", (404, "InvalidAction", "Not Found")),
    ("iam", "GET", "/nothing", (404, "InvalidAction", "Not Found")),
    ("sts", "PUT", "/", (405, "InvalidAction", "Method Not Allowed")),
    ("iam", "DELETE", "/", (405, "InvalidAction", "Method Not Allowed")),
    ("connect", "PATCH", "/instance", (405, "InvalidRequestException", "Method Not Allowed")),
]


@pytest.mark.parametrize(("service", "method", "target", "error"), MALFORMED)
def test_requests_that_reach_no_operation(
    federation: Federation, service: str, method: str, target: str, error: tuple[int, str, str]
) -> None:
    """They get an error in the service's form, and the trace keeps it."""
    assert error_of(call_api(federation, service, method, target)) == error
    refusal = federation.gateway.exchanges[-1].refusal
    assert refusal is not None
    assert (refusal.status, refusal.code, refusal.message) == error


ORDER = [
    ("sts", "POST", "/", b"Action=Nothing", (400, "InvalidAction"), (400, "InvalidAction")),
    ("sts", "POST", "/", b"Action=AssumeRoot", (400, "InvalidAction"), (400, "InvalidAction")),
    ("sts", "POST", "/", b"Action=AssumeRole", (403, "MissingAuthenticationToken"), (400, "ValidationError")),
    ("sts", "POST", "/", b"Action=AssumeRoleWithSAML", (400, "ValidationError"), (400, "ValidationError")),
    ("iam", "POST", "/", b"Action=GetRole", (403, "MissingAuthenticationToken"), (400, "ValidationError")),
    ("connect", "GET", "/nothing", b"", (404, "UnknownOperationException"), (404, "UnknownOperationException")),
    (
        "connect",
        "GET",
        "/prompts-summary/x",
        b"",
        (403, "MissingAuthenticationTokenException"),
        (404, "UnknownOperationException"),
    ),
    (
        "connect",
        "POST",
        "/search-users",
        b"{}",
        (403, "MissingAuthenticationTokenException"),
        (400, "InvalidParameterException"),
    ),
]


@pytest.mark.parametrize(("service", "method", "target", "body", "unsigned", "signed"), ORDER)
def test_what_is_refused_first(
    federation: Federation,
    service: str,
    method: str,
    target: str,
    body: bytes,
    unsigned: tuple[int, str],
    signed: tuple[int, str],
) -> None:
    """An unknown operation, then the signature, then the parameters; AssumeRoleWithSAML takes no signature."""
    assert error_of(call_api(federation, service, method, target, body, signed=False))[:2] == unsigned
    assert error_of(call_api(federation, service, method, target, body))[:2] == signed


@pytest.mark.parametrize("service", SITES)
def test_calls_without_a_signature(federation: Federation, service: str) -> None:
    """Each service says so in its own code."""
    code = {"connect": "MissingAuthenticationTokenException"}.get(service, "MissingAuthenticationToken")
    assert error_of(call_api(federation, service, *CALLS[service], signed=False)) == (403, code, NOT_SIGNED)


SUMMARIES = {
    "sts": ("AWS STS", f"GetCallerIdentity: arn:aws:iam::{ACCOUNT}:user/administrator"),
    "iam": ("AWS IAM", f"ListAccountAliases by arn:aws:iam::{ACCOUNT}:user/administrator"),
    "connect": ("Amazon Connect", f"ListInstances by arn:aws:iam::{ACCOUNT}:user/administrator"),
}


@pytest.mark.parametrize("service", SITES)
def test_the_trace_keeps_each_call(federation: Federation, service: str) -> None:
    """With the service, the operation and who called."""
    assert call_api(federation, service, *CALLS[service]).code == 200
    (note,) = federation.gateway.exchanges[-1].notes
    assert (note.service, note.summary, note.refusal) == (*SUMMARIES[service], None)


@pytest.mark.parametrize("service", SITES)
def test_a_site_is_built_once_per_process(service: str) -> None:
    """Every federation is answered by the same object."""
    assert SITES[service]() is SITES[service]()


@pytest.mark.parametrize("service", SITES)
@pytest.mark.parametrize("target", ["/", "/nothing", "/instance"])
def test_a_call_that_is_bound_to_no_federation_is_not_answered(service: str, target: str) -> None:
    """There is neither an answer nor an error of the service: the exception names the missing binding."""
    with pytest.raises(LookupError, match="the request is bound to no services"):
        call(SITES[service](), call_environ(service, "GET", target))


@pytest.fixture
def two_accounts(tmp_path: Path, keys: KeyFolder) -> dict[str, Federation]:
    """Returns two federations at the same hosts, by their account's id."""
    text = Path(DEFAULT_WORLD).read_text(encoding="utf-8")
    federations = {}
    for account in (ACCOUNT, OTHER_ACCOUNT):
        path = tmp_path / f"{account}.yaml"
        path.write_text(text.replace(ACCOUNT, account), encoding="utf-8")
        federations[account] = Federation(load_world(path), clock=Clock(frozen_at=NOW), ids=Ids(seed=7), keys=keys)
    return federations


def test_each_federation_answers_from_its_own_accounts(two_accounts: dict[str, Federation]) -> None:
    """The same key is a user of another account, an alias is set in one only; also from several threads at once."""
    first, second = two_accounts.values()
    created = b"Action=CreateAccountAlias&AccountAlias=first-alone"
    assert call_api(first, "iam", "POST", "/", created).code == 200
    assert b"first-alone" in call_api(first, "iam", *CALLS["iam"]).body
    assert b"first-alone" not in call_api(second, "iam", *CALLS["iam"]).body
    together = Barrier(6)

    def look(account: str, federation: Federation) -> None:
        together.wait(timeout=60)
        for _ in range(5):
            assert f"<Account>{account}</Account>" in call_api(federation, "sts", *CALLS["sts"]).body.decode()
            instances = json.loads(call_api(federation, "connect", *CALLS["connect"]).body)["InstanceSummaryList"]
            assert all(f":{account}:" in instance["Arn"] for instance in instances)

    with ThreadPoolExecutor(together.parties) as pool:
        for done in [pool.submit(look, *each) for each in [*two_accounts.items()] * 3]:
            done.result()
