"""Instants in the management API's objects."""

from __future__ import annotations

from datetime import datetime

from emulator.kernel.clock import instant


def whole_second(moment: datetime) -> str:
    """Returns an instant as objects of the management API show it: to the second, with ``.000``.

    Spec: recordings of 2023 to 2025 in terraform-provider-okta
    Evidence: observed
    """
    return instant(moment.replace(microsecond=0))
