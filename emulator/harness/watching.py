"""What a test did, recorded from its first fixture on, for the report of its failure."""

from __future__ import annotations

from typing import Final

import pytest

from emulator.federation import Federation
from emulator.harness.happenings import Happenings
from emulator.harness.server_failures import failures_of

HAPPENINGS: Final = pytest.StashKey[Happenings]()


def watch(request: pytest.FixtureRequest, federation: Federation) -> Happenings:
    """Returns the record of a test's federation, and has its failures reach the test; it can be called repeatedly.

    Args:
        request: Request of a fixture of the test; the federation may be one that a project builds itself.
    """
    known: Happenings | None = request.node.stash.get(HAPPENINGS, None)
    if known is not None and known.federation is federation:
        return known
    happenings = request.node.stash[HAPPENINGS] = Happenings(federation)
    listen = failures_of(request.config).add
    federation.failures.listen(listen)
    request.addfinalizer(lambda: federation.failures.forget(listen))
    return happenings
