"""An org knows its apps by their Okta identifiers, which last."""

from __future__ import annotations

import re

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import FederationError
from idp.model import User, app_ids
from tests.conftest import APP, USER


def test_identifiers_last_over_restarts_and_differ_between_apps() -> None:
    """They come from the names alone: these values are bookmarked and stand in AWS's metadata."""
    assert app_ids("acme", "amazon-connect") == app_ids("acme", "amazon-connect")
    many = [each for org in ("a", "b") for app in ("x", "y") for each in app_ids(org, app)]
    assert len(set(many)) == 8
    assert all(re.fullmatch(r"(0oa|exk)[0-9A-Za-z]{17}", each) for each in many)


def test_an_app_is_found_by_either_identifier(federation: Federation) -> None:
    """By neither, there is none."""
    org = federation.identity_providers["acme"].org
    app = org.apps[APP]
    assert org.app_by_external_key(app.external_key) is app
    assert org.app_by_id(app.app_id) is app
    assert org.app_by_external_key(app.app_id) is None
    assert org.app_by_id("") is None


def test_addresses_are_oktas(federation: Federation) -> None:
    """The SSO URL, the embed link, and the issuer that is not an address."""
    org = federation.identity_providers["acme"].org
    app = org.apps[APP]
    assert org.sso_url(app) == f"https://acme.okta.com/app/amazon_aws/{app.external_key}/sso/saml"
    assert org.embed_link(app) == f"https://acme.okta.com/home/amazon_aws/{app.app_id}/272"
    assert app.issuer == f"http://www.okta.com/{app.external_key}"


def test_a_password_does_not_show() -> None:
    """A user can be printed."""
    assert "hunter2" not in repr(User(user_id="00u1", login="a@example.com", password="hunter2"))


@pytest.mark.parametrize(
    ("login", "app", "message", "received"),
    [
        ("nobody@example.com", APP, "The org acme has no user nobody@example.com", "nobody@example.com"),
        (USER, "nothing", "The org acme has no app nothing", "nothing"),
    ],
)
def test_minting_for_nobody_or_nothing_is_told(
    federation: Federation, login: str, app: str, message: str, received: str
) -> None:
    """The message names the org, the expectation what there is."""
    with pytest.raises(FederationError) as caught:
        federation.identity_providers["acme"].mint(login, app)
    assert (caught.value.message, caught.value.received) == (message, received)
    assert USER in caught.value.expected or APP in caught.value.expected


def test_metadata_of_no_app_is_told(federation: Federation) -> None:
    """In the same words."""
    with pytest.raises(FederationError, match="The org acme has no app nothing"):
        federation.identity_providers["acme"].metadata("nothing")
