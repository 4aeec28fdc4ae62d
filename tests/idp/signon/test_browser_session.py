"""The sign-in page, and the addresses that a person may be sent to after signing in."""

from __future__ import annotations

import pytest
from werkzeug.test import Client

from emulator.federation import Federation
from idp.signon.browser_session import own_path


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/app/UserHome?a=b#c", "/app/UserHome?a=b#c"),
        ("/é", "/é"),
        ("", "/app/UserHome"),
        ("app", "/app/UserHome"),
        ("https://acme.okta.com/", "/app/UserHome"),
        ("//evil.example", "/app/UserHome"),
        ("/\\evil.example", "/app/UserHome"),
        ("/\t/evil.example", "/app/UserHome"),
        ("/\r\nSet-Cookie: sid=x", "/app/UserHome"),
        ("javascript:alert(1)", "/app/UserHome"),
        ("http://[", "/app/UserHome"),
    ],
)
def test_nobody_is_sent_to_another_site(target: str, path: str) -> None:
    """Only paths of this org survive."""
    assert own_path(target) == path


def test_each_sign_in_page_shows_what_is_there_now(federation: Federation) -> None:
    """A page is the same for everybody until a notice, another address or a refused password changes it."""
    client, base_url = Client(federation.identity_providers["acme"].wsgi), "https://acme.okta.com"
    first, again = (client.get("/app/UserHome", base_url=base_url).text for _ in range(2))
    assert first == again
    federation.page_notice.text = "Restarted"
    noticed = client.get("/app/UserHome", base_url=base_url).text
    federation.page_notice.text = ""
    assert '<p class="notice" role="status">Restarted</p>' in noticed
    assert noticed.replace('<p class="notice" role="status">Restarted</p>\n', "") == first
    elsewhere = client.get("/login/login.htm?fromURI=/app/x", base_url=base_url).text
    assert elsewhere.replace("/app/x", "/app/UserHome") == first
    refused = client.post("/login/login.htm", base_url=base_url, data={"username": "hanako@example.com"}).text
    assert "Unable to sign in" in refused
    assert 'value="hanako@example.com"' in refused
    assert client.get("/app/UserHome", base_url=base_url).text == first
