"""Where a federated user lands: the ``destination`` of the federate URL, in all the spellings that are in use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

from emulator.kernel.clock import instant
from emulator.kernel.errors import ConnectRefusal
from sp_mock.accounts.model import Instance

HOME = "/home"
_NEW_DOMAIN = "new_domain=true"


@dataclass(frozen=True, slots=True)
class FederateQuery:
    """What a federate URL's query asks for: a destination, empty when there is none, and the instance's new domain."""

    destination: str = ""
    new_domain: bool = False


@dataclass(frozen=True, slots=True)
class Destination:
    """A URL to go to, and what was done to the one that was asked for."""

    url: str
    note: str = ""


def read_federate_query(query: str) -> FederateQuery:
    """Reads a federate URL's raw query; the destination is decoded once.

    The value may be percent-encoded or not, may hold a query of its own behind an un-encoded ``?``, and may carry
    ``&new_domain=true`` inside its encoding.

    Spec: Amazon Connect Administrator Guide "configure-saml", "update-your-connect-domain"
    Evidence: documented
    """
    parts = query.split("&")
    value = next((part for part in parts if part.startswith("destination=")), "destination=")
    destination, *inside = unquote(value.removeprefix("destination=")).split(f"&{_NEW_DOMAIN}", 1)
    return FederateQuery(destination.split("&new_domain", 1)[0], _NEW_DOMAIN in parts or bool(inside))


def resolve_destination(
    destination: str, instance: Instance, *, now: datetime, base_url: str | None = None
) -> Destination:
    """Decides where a destination leads: a page of the instance, or an https URL whose origin is approved.

    ``http://`` is rewritten to ``https://`` without a word, as Amazon Connect does.

    Args:
        destination: What was asked for.
        instance: Whose user is to land.
        now: Decides which approved origins have an effect by now.
        base_url: The domain the user signs in at; the one that the instance sends people to by default.

    Raises:
        ConnectRefusal: another scheme, a malformed URL, or an origin that is not approved.

    Spec: Amazon Connect Administrator Guide "configure-saml"
    Evidence: documented (paths, rewriting, approved origins), assumed (the words of the refusal)
    """
    base_url = base_url or instance.access_url
    if not destination:
        return Destination(base_url + HOME)
    if any(ord(character) <= 0x20 or character == "\\" for character in destination) or destination.startswith("//"):
        raise _refused(destination, instance, "The destination is neither a path nor an http(s) URL.")
    if "://" in destination or destination.lower().startswith(("javascript:", "data:", "vbscript:")):
        return _custom_page(destination, instance, now=now)
    path = "/" + destination.lstrip("/")
    note = ""
    if path == "/connect" or path.startswith("/connect/"):
        path = path.removeprefix("/connect") or HOME
        if not base_url.endswith("/connect"):
            note = "the prefix /connect belongs to the old domain; it was dropped"
    return Destination(base_url + path, note)


def _custom_page(destination: str, instance: Instance, *, now: datetime) -> Destination:
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
    if origin in instance.origins or origin in map(_https, instance.origins_in_force(now)):
        return Destination(url, note)
    approved = {_https(each.lower().rstrip("/")): each for each in instance.approved_origins}
    if origin in approved:
        since = instant(instance.origins_approved_at[approved[origin]])
        delay = instance.timing.origin_propagation_seconds
        why = f"The origin {origin} was approved at {since}; it has no effect until {delay} seconds later."
        raise _refused(destination, instance, why, fix="Wait: a new approved origin takes some minutes to spread.")
    raise _refused(destination, instance, f"The origin {origin} is not among the instance's approved origins.")


def _https(origin: str) -> str:
    return "https://" + origin.partition("://")[2]


def _refused(destination: str, instance: Instance, explanation: str, *, fix: str = "") -> ConnectRefusal:
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
        fix=fix or "Add the page's origin (scheme, host and port) to the instance's approved_origins.",
        spec='Amazon Connect Administrator Guide "app-integration"',
    )
