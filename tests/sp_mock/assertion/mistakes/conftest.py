"""A function that makes the built-in world with changes, and returns what AWS refuses of a login in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import AwsRefusal
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from idp.saml.faults import parse_fault
from tests.conftest import APP, USER
from tests.sp_mock.conftest import login_of

Refuse = Callable[..., AwsRefusal]


@pytest.fixture
def refuse(world: World, clock: Clock, keys: KeyFolder) -> Refuse:
    """Returns a function that changes the world, issues a Response with faults, and returns the first refusal."""

    def make(changes: Mapping[str, Any], *faults: Mapping[str, Any], **asked: Any) -> AwsRefusal:
        federation = Federation(change_world(world, changes), clock=clock, ids=Ids(seed=7), keys=keys)
        provider = federation.identity_providers["acme"]
        issued = provider.mint(USER, APP, faults=[parse_fault(fault) for fault in faults])
        with pytest.raises(AwsRefusal) as caught:
            login_of(federation, issued.saml_response, **asked).check()
        return caught.value

    return make
