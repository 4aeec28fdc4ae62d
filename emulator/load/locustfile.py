"""The load of ``fedemu load``, for Locust: ``locust -f`` this file."""

from __future__ import annotations

from emulator.load.login_user import LoginUser


class Person(LoginUser):
    """The user of the load, whose options are in ``emulator.load.options``."""
