"""What every page and API of the org has in common: the services of the federation whose request is in hand."""

from __future__ import annotations

from typing import TypeVar

from flask import request

from emulator.kernel.services import services_of

Service = TypeVar("Service")


def service(kind: type[Service]) -> Service:
    """Returns the service of this type in the federation whose request is in hand.

    Raises:
        LookupError: the request was bound to no federation, or its org has no such service.
    """
    return services_of(request.environ).get(kind)
