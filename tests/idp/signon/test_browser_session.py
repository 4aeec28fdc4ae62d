"""The addresses that a person may be sent to after signing in."""

from __future__ import annotations

import pytest

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
