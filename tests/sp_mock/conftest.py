"""Messages to judge, and requests to judge them by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import AwsRefusal
from idp.saml.faults import parse_fault
from sp_mock.assertion.checks import check_message, run_checks, verdicts
from sp_mock.assertion.login_request import EntryPoint, LoginRequest, resolve_request
from sp_mock.assertion.received import ReceivedMessage, receive
from sp_mock.assertion.signature import VerifiedAssertion
from tests.conftest import APP, USER


@dataclass(frozen=True, slots=True)
class Login:
    """A received message and the request to judge it by."""

    message: ReceivedMessage
    request: LoginRequest

    def verify(self) -> VerifiedAssertion:
        """Goes through the checks up to the signature."""
        return check_message(self.message, self.request)

    def check(self) -> VerifiedAssertion:
        """Goes through all checks."""
        return run_checks(self.message, self.request)

    def refusals(self) -> dict[str, AwsRefusal]:
        """Returns the refusal of each check that fails by itself."""
        found = {check.name: refusal for check, refusal in verdicts(self.message, self.request) if refusal is not None}
        return {name: refusal for name, refusal in found.items() if refusal.check == name}


Send = Callable[..., Login]


def login_of(
    federation: Federation, saml_response: str, *, entry_point: EntryPoint = EntryPoint.SIGN_IN, **asked: Any
) -> Login:
    """Receives a SAMLResponse and resolves the request with which it came."""
    aws = federation.aws_services.aws
    addressed = asked.get("provider_arn") or asked.get("acs_provider_arn")
    message = receive(saml_response, addressed_to=aws.saml_provider(addressed) if addressed else None)
    now = asked.pop("now", federation.clock.now())
    return Login(message, resolve_request(message, aws=aws, entry_point=entry_point, now=now, **asked))


@pytest.fixture
def send(federation: Federation) -> Send:
    """Returns a function that issues a Response with faults and sends it to AWS."""

    def make(*faults: dict[str, Any], user: str = USER, **asked: Any) -> Login:
        provider = federation.identity_providers["acme"]
        issued = provider.mint(user, APP, faults=[parse_fault(fault) for fault in faults])
        return login_of(federation, issued.saml_response, **asked)

    return make
