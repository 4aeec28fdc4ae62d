"""The site of every Amazon Connect instance: ``{alias}.my.connect.aws``, and ``{alias}.awsapps.com/connect`` of some.

``session_pages`` answers below /auth, at /login and /logout, ``agent_api`` below /api, ``ccp_pages`` everywhere else.
"""

from __future__ import annotations

from functools import cache

from emulator.kernel.services import WsgiApp
from sp_mock.connect_instance import agent_api, ccp_pages, session_pages
from sp_mock.connect_instance.instance_site import refuse_old_domain, with_and_without_prefix
from sp_mock.pages import CONNECT, new_site


@cache
def connect_site() -> WsgiApp:
    """Builds the site, once per process; the request's host decides which instance it shows."""
    site = new_site("connect", CONNECT, session_pages.pages, agent_api.pages, ccp_pages.pages)
    site.before_request(refuse_old_domain)
    return with_and_without_prefix(site)
