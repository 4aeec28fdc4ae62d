"""Pages that a browser refused to show in a frame, found by comparing their headers with the page around the frame.

Spec: CSP Level 3 "frame-ancestors"; RFC 7034
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from emulator.recordings.recorded_refusals import CONNECT, OKTA, SIGN_IN, RecordedRefusal

_FRAMES = frozenset({"iframe", "frame"})
_DIRECTIVE = "frame-ancestors"
_REFUSING = frozenset({"deny", "sameorigin"})


def refused_frame(url: str, request: Mapping[str, Any], response: Mapping[str, Any]) -> RecordedRefusal | None:
    """Returns the refusal of a page that a frame requested and that does not allow the page around it.

    Args:
        url: The URL of the page in the frame.
        request: The request, as a HAR has it.
        response: The response to it, as a HAR has it.
    """
    if header_of(request, "sec-fetch-dest") not in _FRAMES:
        return None
    own, around = _origin(url), _origin(header_of(request, "referer"))
    service = _service(own)
    if not own or not service or around == own:
        return None
    lists = [sources for policy in _values_of(response, "content-security-policy") for sources in _ancestors(policy)]
    # Each of several policies has to allow it; X-Frame-Options counts only if no policy says who may frame the page.
    for sources in lists:
        if not any(_allows(each, around) for each in sources):
            words = f"Framing '{own}/' violates the following Content Security Policy directive: "
            return RecordedRefusal(service, f'{words}"{_DIRECTIVE} {" ".join(sources)}"', checks=_checks(service))
    options = next((each.lower() for each in _values_of(response, "x-frame-options") if each.lower() in _REFUSING), "")
    if options and not lists:
        words = f"Refused to display '{own}/' in a frame because it set 'X-Frame-Options' to '{options}'"
        return RecordedRefusal(service, words, checks=("framing", "approved-origin"))
    return None


def framed_by(request: Mapping[str, Any]) -> str:
    """Returns the origin of the page around the frame that sent a request; empty if no frame sent it."""
    return _origin(header_of(request, "referer")) if header_of(request, "sec-fetch-dest") in _FRAMES else ""


def _ancestors(policy: str) -> Iterator[list[str]]:
    """Yields the sources in the first directive of a policy that says who may frame the page."""
    directives = (each.split() for each in policy.split(";"))
    found = next((each[1:] for each in directives if each and each[0].lower() == _DIRECTIVE), None)
    if found is not None:
        yield found


def _values_of(message: Mapping[str, Any], name: str) -> list[str]:
    """Returns every value of a header: of each header of that name, each part between commas."""
    headers = message.get("headers")
    given = (each for each in (headers if isinstance(headers, list) else ()) if isinstance(each, dict))
    values = (str(each.get("value") or "") for each in given if str(each.get("name")).lower() == name)
    return [part.strip() for value in values for part in value.splitlines() for part in part.split(",")]


def header_of(message: Mapping[str, Any], name: str) -> str:
    """Returns a header of a HAR's request or response; empty if there is no header of that name."""
    headers = message.get("headers")
    for each in headers if isinstance(headers, list) else ():
        if isinstance(each, dict) and str(each.get("name")).lower() == name:
            return str(each.get("value") or "")
    return ""


def _checks(service: str) -> tuple[str, ...]:
    return ("approved-origin",) if service == CONNECT else ("framing",)


def _allows(source: str, origin: str) -> bool:
    if source == "*":
        return True
    if source.startswith("'") or not origin:
        return False
    pattern = source.lower().rstrip("/")
    return fnmatch.fnmatchcase(origin, pattern if "://" in pattern else f"https://{pattern}")


def _origin(url: str) -> str:
    """Returns the origin of an address under its real name, without the suffix of an alias."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        port = parts.port
    except ValueError:
        return ""
    if not host:
        return ""
    if host.endswith(".localhost"):
        return f"https://{host.removesuffix('.localhost')}"
    is_usual = port in {None, 443 if parts.scheme == "https" else 80}
    return f"{parts.scheme}://{host}" if is_usual else f"{parts.scheme}://{host}:{port}"


def _service(origin: str) -> str:
    host = origin.partition("://")[2]
    if host.endswith((".my.connect.aws", ".awsapps.com", ".govcloud.connect.aws")):
        return CONNECT
    if ("signin." in host and ".aws" in host) or host.startswith("signin.amazonaws"):
        return SIGN_IN
    return OKTA if host.endswith((".okta.com", ".oktapreview.com")) else ""
