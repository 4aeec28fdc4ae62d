"""The AWS console, ``console.aws.amazon.com`` and its regional hosts, as far as federation needs it.

``federate_pages`` answers below /connect, ``home_page`` everywhere else: the emulator has no other console page.
"""

from __future__ import annotations

from functools import cache

from flask import Flask

from sp_mock.console import federate_pages, home_page
from sp_mock.pages import CONSOLE, new_site


@cache
def console_site() -> Flask:
    """Builds the site, once per process."""
    return new_site("console", CONSOLE, federate_pages.pages, home_page.pages)
