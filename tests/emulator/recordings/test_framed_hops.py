"""Pages that a browser did not show in a frame, recognised by the headers of a recording."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.recordings.framed_hops import refused_frame

CCP = "https://example.my.connect.aws/ccp-v2"
CRM = "https://crm.example.com/agent"
OKTA = "https://example.okta.com/"


def _refused(url: str, answer: dict[str, str], *, around: str = CRM, by: str = "iframe") -> tuple[str, tuple[str, ...]]:
    asked = {"Sec-Fetch-Dest": by, "Referer": around}
    request, response = (
        {"headers": [{"name": name, "value": value} for name, value in each.items()]} for each in (asked, answer)
    )
    found = refused_frame(url, request, response)
    return (found.message, found.checks) if found is not None else ("", ())


@pytest.mark.parametrize(
    ("policy", "is_shown"),
    [
        ("frame-ancestors 'self'", False),
        ("frame-ancestors 'none'", False),
        ("default-src 'self'; frame-ancestors 'self' https://other.example.com", False),
        ("frame-ancestors 'self' https://crm.example.com", True),
        ("frame-ancestors https://*.example.com", True),
        ("frame-ancestors crm.example.com", True),
        ("frame-ancestors *", True),
        ("default-src 'self'", True),
    ],
)
def test_the_policy_says_who_may_frame_the_ccp(policy: str, is_shown: bool) -> None:
    """In the words of the browser's console."""
    directive = policy.partition("frame-ancestors ")[2]
    words = (
        "Framing 'https://example.my.connect.aws/' violates the following Content Security Policy directive: "
        f'"frame-ancestors {directive}"'
    )
    expected: tuple[str, tuple[str, ...]] = ("", ()) if is_shown else (words, ("approved-origin",))
    assert _refused(CCP, {"Content-Security-Policy": policy}) == expected


@pytest.mark.parametrize(
    ("url", "changes", "answer"),
    [
        (CCP, {"by": "document"}, {"Content-Security-Policy": "frame-ancestors 'none'"}),
        (CCP, {"around": CCP}, {"Content-Security-Policy": "frame-ancestors 'self'"}),
        (CRM, {"around": OKTA}, {"X-Frame-Options": "DENY"}),
        (CCP, {}, {}),
    ],
    ids=["a window", "its own page", "a page of nobody here", "no header"],
)
def test_other_pages_are_shown(url: str, changes: dict[str, Any], answer: dict[str, str]) -> None:
    """What is in no frame, in a frame of its own, or at another host."""
    assert _refused(url, answer, **changes) == ("", ())


@pytest.mark.parametrize("url", [OKTA, "https://signin.aws.amazon.com/saml"])
def test_sign_in_pages_refuse_every_frame(url: str) -> None:
    """By the older header."""
    host = url.split("/")[2]
    assert _refused(url, {"X-Frame-Options": "DENY"}) == (
        f"Refused to display 'https://{host}/' in a frame because it set 'X-Frame-Options' to 'deny'",
        ("framing", "approved-origin"),
    )


@pytest.mark.parametrize("way", ["headers", "commas", "lines"])
def test_each_of_several_policies_has_to_allow_the_page_around(way: str) -> None:
    """Whichever comes first, and however a browser writes down several headers of one name."""
    policies = ["default-src 'self'", f"frame-ancestors {CRM.removesuffix('/agent')}", "frame-ancestors 'none'"]
    values = {"headers": policies, "commas": [", ".join(policies)], "lines": ["\n".join(policies)]}[way]
    request = {"headers": [{"name": "Sec-Fetch-Dest", "value": "iframe"}, {"name": "Referer", "value": CRM}]}
    headers = [{"name": "Content-Security-Policy", "value": value} for value in values]
    found = refused_frame(CCP, request, {"headers": headers})
    assert found is not None
    assert found.message == (
        "Framing 'https://example.my.connect.aws/' violates the following Content Security Policy directive: "
        "\"frame-ancestors 'none'\""
    )
    assert refused_frame(CCP, request, {"headers": headers[:-1]} if way == "headers" else {"headers": []}) is None


def test_a_policy_takes_the_place_of_the_older_header() -> None:
    """A browser does not look at X-Frame-Options if a policy says who may frame the page."""
    answer = {"Content-Security-Policy": "frame-ancestors *", "X-Frame-Options": "DENY"}
    assert _refused(CCP, answer) == ("", ())
