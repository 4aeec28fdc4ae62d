"""What tests of templates share."""

from __future__ import annotations

import pytest

from emulator.federation import Federation
from tests.conftest import APP


@pytest.fixture
def metadata(federation: Federation) -> str:
    """Returns the metadata of an app, for providers that a template makes."""
    return federation.identity_providers["acme"].metadata(APP).decode()
