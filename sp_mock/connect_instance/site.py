"""The site of every Amazon Connect instance: ``{alias}.my.connect.aws``, or ``{alias}.awsapps.com/connect``.

``session_pages`` answers below /auth, at /login and /logout, ``agent_api`` below /api, ``ccp_pages`` everywhere else.
"""

from __future__ import annotations

from functools import cache

from emulator.kernel.services import WsgiApp
from sp_mock.connect_instance import agent_api, ccp_pages, session_pages
from sp_mock.connect_instance.instance_site import at_both_domains
from sp_mock.pages import CONNECT, new_site


@cache
def connect_site() -> WsgiApp:
    """Builds the site, once per process; which instance it shows is the request's host's."""
    return at_both_domains(new_site("connect", CONNECT, session_pages.pages, agent_api.pages, ccp_pages.pages))
