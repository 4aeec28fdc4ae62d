"""Assertions to present, and AWS to present them to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.federation import Federation
from idp.saml.faults import parse_fault
from sp_mock.assertion.login_request import EntryPoint, Presentation
from tests.conftest import APP, USER

Present = Callable[..., Presentation]


@pytest.fixture
def present(federation: Federation) -> Present:
    """Returns a function that issues a Response with faults and presents it."""

    def make(
        *faults: dict[str, Any], user: str = USER, entry_point: EntryPoint = EntryPoint.SIGN_IN, **asked: Any
    ) -> Presentation:
        provider = federation.identity_providers["acme"]
        issued = provider.mint(user, APP, faults=[parse_fault(fault) for fault in faults])
        return Presentation(
            issued.saml_response,
            entry_point=entry_point,
            aws=federation.aws_services.aws,
            now=federation.clock.now(),
            **asked,
        )

    return make
