"""What tests of the state share: a second federation, and a login by SDK."""

from __future__ import annotations

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World


@pytest.fixture
def other(world: World, clock: Clock, keys: KeyFolder) -> Federation:
    """Returns a second federation of the same world."""
    return Federation(world, clock=clock, ids=Ids(seed=8), keys=keys)
