"""How exceptions of Flask sites are watched."""

from __future__ import annotations

from flask.signals import got_request_exception

from emulator.network import site_failures


def test_the_watch_is_held_strongly() -> None:
    """A weak reference has a clean-up of its own, which prints a mistake when the process ends."""
    site_failures.watch_sites()
    assert site_failures._caught in got_request_exception.receivers.values()
