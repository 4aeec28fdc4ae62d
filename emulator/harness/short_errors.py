"""Errors of worlds and of this machine as people read them, without tracebacks into fedemu's code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from emulator.kernel.errors import FederationError
from emulator.reports.errors import error_text
from emulator.running import package_names


@contextmanager
def told_shortly() -> Iterator[None]:
    """Fails the test with an error's block instead of a traceback."""
    try:
        yield
    except FederationError as error:
        raise pytest.fail.Exception(error_text(error), pytrace=False) from None


def require_own_packages() -> None:
    """Fails what is being collected or run if a package of the project has the name of one of ours."""
    with told_shortly():
        package_names.require_own_packages()
