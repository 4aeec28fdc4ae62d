"""HARs as browsers write them, of logins at AWS's real hosts: what they hold is ours."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.emulator.inspection.vendor_responses import AWS_URL, ISSUED

OKTA = "https://example.okta.com"


def form_page(message: str, relay_state: str = "", *, action: str = AWS_URL) -> str:
    """Returns the page with which Okta posts a message."""
    escaped = action.replace(":", "&#x3a;").replace("/", "&#x2f;")
    return (
        f'<!DOCTYPE html><html><body><form id="appForm" action="{escaped}" method="POST">'
        f'<input name="SAMLResponse" type="hidden" value="{message.replace("+", "&#x2b;").replace("=", "&#x3d;")}"/>'
        f'<input name="RelayState" type="hidden" value="{relay_state.replace("/", "&#x2f;")}"/></form></body></html>'
    )


def refused_page(sentence: str) -> str:
    """Returns a page of AWS sign-in with one sentence on it."""
    return (
        '<!DOCTYPE html><html><head><title>Amazon Web Services Sign-In</title><script>var problems = {"main": "x"};'
        f'</script></head><body><div id="main_error"><p>{sentence}</p></div></body></html>'
    )


def entry(
    method: str,
    url: str,
    status: int,
    *,
    at: datetime = ISSUED,
    form: dict[str, str] | None = None,
    page: str = "",
    location: str = "",
    mime: str = "text/html; charset=utf-8",
    is_base64: bool = False,
    has_text: bool = True,
    encoded_params: bool = False,
) -> dict[str, Any]:
    """Returns one request of a HAR.

    Args:
        method: Such as ``POST``.
        url: The address.
        status: The HTTP status of the answer.
        at: The time of the request.
        form: What was posted.
        page: The answer's text.
        location: Where it leads.
        mime: The answer's type.
        is_base64: Whether the page is kept in base64, as Chromium does with some.
        has_text: Whether the posted text is kept beside its parameters.
        encoded_params: Whether the parameters are kept as they were sent.
    """
    content: dict[str, Any] = {"size": len(page), "mimeType": mime, "text": page}
    if is_base64:
        content |= {"text": base64.b64encode(page.encode()).decode(), "encoding": "base64"}
    request: dict[str, Any] = {
        "method": method,
        "url": url,
        "httpVersion": "http/2.0",
        "headers": [{"name": "Cookie", "value": "sid=1020secret"}, {"name": "User-Agent", "value": "Mozilla/5.0"}],
        "cookies": [{"name": "sid", "value": "1020secret"}],
        "queryString": [],
    }
    if form is not None:
        quoted = {name: quote(value, safe="") for name, value in form.items()}
        params = quoted if encoded_params else form
        request["postData"] = {
            "mimeType": "application/x-www-form-urlencoded",
            "params": [{"name": name, "value": value} for name, value in params.items()],
        }
        if has_text:
            request["postData"]["text"] = "&".join(f"{name}={value}" for name, value in quoted.items())
    return {
        # Firefox writes the zone of the machine.
        "startedDateTime": at.isoformat(timespec="milliseconds"),
        "time": 120.5,
        "request": request,
        "response": {
            "status": status,
            "headers": [
                {"name": "Set-Cookie", "value": "sid=1020secret; Path=/; Secure\nDT=1020secret; Secure"},
                *([{"name": "Location", "value": location}] if location else []),
            ],
            "cookies": [{"name": "sid", "value": "1020secret", "httpOnly": True, "secure": True}],
            "content": content,
            "redirectURL": location,
        },
    }


def har(*entries: dict[str, Any]) -> dict[str, Any]:
    """Returns a HAR with these requests."""
    return {"log": {"version": "1.2", "creator": {"name": "Firefox", "version": "133.0"}, "entries": list(entries)}}


def login(
    message: str, *answer: dict[str, Any], relay_state: str = "", at: datetime = ISSUED, **changes: Any
) -> list[dict[str, Any]]:
    """Returns the requests of a login from the tile on.

    Args:
        message: The SAMLResponse.
        answer: What comes after the post; a refusal's page where nothing is given.
        relay_state: The field.
        at: When the tile was opened; it is posted a second later.
        changes: How the post is kept.
    """
    post: dict[str, Any] = {"page": refused_page("Response signature invalid"), **changes}
    return [
        entry("GET", f"{OKTA}/app/UserHome", 200, at=at - timedelta(seconds=3), page="<html>dashboard</html>"),
        entry("GET", f"{OKTA}/static/app.js", 200, at=at - timedelta(seconds=2), mime="application/javascript"),
        entry("GET", f"{OKTA}/home/amazon_aws/0oa1/272", 200, at=at, page=form_page(message, relay_state)),
        entry(
            "POST",
            AWS_URL,
            post.pop("status", 200),
            at=at + timedelta(seconds=1),
            form={"SAMLResponse": message, "RelayState": relay_state},
            **post,
        ),
        *answer,
    ]
