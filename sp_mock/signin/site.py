"""The sign-in site, ``signin.aws.amazon.com`` and its regional hosts, GovCloud's and China's.

``saml_pages`` answers at /saml, ``session_pages`` at /oauth and /sessions, ``federation_pages`` at /federation,
``static_pages`` below /static.
"""

from __future__ import annotations

from functools import cache

from flask import Flask

from sp_mock.pages import SIGN_IN, new_site
from sp_mock.signin import federation_pages, saml_pages, session_pages, static_pages


@cache
def sign_in_site() -> Flask:
    """Builds the site, once per process."""
    return new_site(
        "sign-in", SIGN_IN, saml_pages.pages, session_pages.pages, federation_pages.pages, static_pages.pages
    )
