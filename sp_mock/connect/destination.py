"""Where a federated user lands: the ``destination`` of the federate URL, in all the spellings that are in use."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from emulator.errors import ConnectRefusal
from sp_mock.model import Instance

HOME = "/home"


@dataclass(frozen=True, slots=True)
class Destination:
    """A URL to go to, and what was done to the one that was asked for."""

    url: str
    note: str = ""


def read_destination(query: str) -> str:
    """Returns the destination in a federate URL's raw query, decoded once; empty when there is none.

    The value may be percent-encoded or not, may hold a query of its own behind an un-encoded ``?``, and may carry
    ``&new_domain=true`` inside its encoding.

    Spec: Amazon Connect Administrator Guide "configure-saml", "update-your-connect-domain"
    Evidence: documented
    """
    value = next((part for part in query.split("&") if part.startswith("destination=")), "destination=")
    return unquote(value.removeprefix("destination=")).split("&new_domain", 1)[0]


def resolve_destination(destination: str, instance: Instance) -> Destination:
    """Decides where a destination leads: a page of the instance, or an https URL whose origin is approved.

    ``http://`` is rewritten to ``https://`` without a word, as Amazon Connect does.

    Raises:
        ConnectRefusal: another scheme, a malformed URL, or an origin that is not approved.

    Spec: Amazon Connect Administrator Guide "configure-saml"
    Evidence: documented (paths, rewriting, approved origins), assumed (the words of the refusal)
    """
    if not destination:
        return Destination(instance.access_url + HOME)
    if any(ord(character) <= 0x20 or character == "\\" for character in destination) or destination.startswith("//"):
        raise _refused(destination, instance, "The destination is neither a path nor an http(s) URL.")
    if "://" not in destination and not destination.lower().startswith(("javascript:", "data:", "vbscript:")):
        path = "/" + destination.lstrip("/")
        if path == "/connect" or path.startswith("/connect/"):
            path = path.removeprefix("/connect") or HOME
            return Destination(
                instance.access_url + path, "the prefix /connect belongs to the old domain; it was dropped"
            )
        return Destination(instance.access_url + path)
    return _custom_page(destination, instance)


def _custom_page(destination: str, instance: Instance) -> Destination:
    try:
        parts = urlsplit(destination)
        _ = parts.port
    except ValueError:
        raise _refused(destination, instance, "The destination is not a well-formed URL.") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise _refused(destination, instance, "The destination is not an http(s) URL.")
    note = "http was rewritten to https" if parts.scheme == "http" else ""
    url = parts._replace(scheme="https").geturl()
    origin = f"https://{parts.netloc.lower()}"
    if origin == instance.access_url:
        return Destination(url, note)
    if origin not in {approved.lower().rstrip("/") for approved in instance.approved_origins}:
        raise _refused(destination, instance, f"The origin {origin} is not among the instance's approved origins.")
    return Destination(url, note)


def _refused(destination: str, instance: Instance, explanation: str) -> ConnectRefusal:
    return ConnectRefusal(
        "The destination is not allowed for this Amazon Connect instance.",
        code="InvalidRequestException",
        status=400,
        check="destination",
        evidence="assumed",
        explanation=explanation,
        where="RelayState, parameter destination",
        expected=" or ".join(("a path such as /ccp-v2", *instance.approved_origins)),
        received=destination,
        fix="Add the page's origin (scheme, host and port) to the instance's approved_origins.",
        spec='Amazon Connect Administrator Guide "app-integration"',
    )
