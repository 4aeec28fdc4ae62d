"""The version of fedemu, for everything that it writes."""

from __future__ import annotations

from functools import cache


@cache
def version() -> str:
    """Returns the version of the installed distribution."""
    from importlib import metadata  # it takes as long to import as all of the kernel

    return metadata.version("fedemu")
