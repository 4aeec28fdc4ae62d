"""Where a federated user lands: the ``destination`` of the federate URL, in all spellings that are in use."""

from __future__ import annotations

import difflib
import re
from datetime import datetime
from urllib.parse import unquote, urlsplit

from emulator.kernel.records import dataclass
from sp_mock.accounts.model import Account, Instance
from sp_mock.connect.destination_refusals import destination_refused, origin_refused

HOME = "/home"
_NEW_DOMAIN = "new_domain=true"
_OTHER_NAMES = ("dest", "landat", "redirect", "redirect_uri", "return_to", "url", "path", "page")
_ENCODED = re.compile(r"%2f", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FederateQuery:
    """What a federate URL's query asks for: the destination, empty if there is none, and whether the new domain."""

    destination: str = ""
    new_domain: bool = False


def unread_parameter(query: str) -> str:
    """Returns the name of a parameter that was meant to be the destination but is ignored; empty where there is none.

    Args:
        query: Raw query of a federate URL without ``destination``.
    """
    if not query:
        return ""
    names = [name for name in (part.partition("=")[0] for part in query.split("&")) if name and name != "new_domain"]
    meant = {name.lower(): name for name in names}
    near = difflib.get_close_matches("destination", meant, n=1, cutoff=0.6)
    return meant[near[0]] if near else next((meant[name] for name in _OTHER_NAMES if name in meant), "")


@dataclass(frozen=True, slots=True)
class Destination:
    """A URL to go to, and how it was changed from the one that was asked for."""

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
    destination: str,
    instance: Instance,
    *,
    now: datetime,
    base_url: str | None = None,
    account: Account | None = None,
) -> Destination:
    """Resolves a destination: a page of the instance, or an https URL whose origin is approved.

    ``http://`` is silently rewritten to ``https://``, as Amazon Connect does.

    Args:
        destination: The destination as it was asked for.
        instance: The instance that the user signs in to.
        now: The current instant, which decides which approved origins are in effect.
        base_url: The domain at which the user signs in; by default the instance's access URL.
        account: Account of the instance, where the destination comes from the relay state; None where a page of the
            instance asks.

    Raises:
        ConnectRefusal: another scheme, a malformed URL, or an origin that is not approved.

    Spec: Amazon Connect Administrator Guide "configure-saml"
    Evidence: documented (paths, rewriting, approved origins), assumed (the words of the refusal, and that a path
        without a slash is taken)
    """
    base_url = base_url or instance.access_url
    if not destination:
        return Destination(base_url + HOME)
    if any(ord(character) <= 0x20 or character == "\\" for character in destination) or destination.startswith("//"):
        why = "The destination is neither a path nor an http(s) URL."
        raise destination_refused(destination, instance, why, account=account)
    if "://" in destination or destination.lower().startswith(("javascript:", "data:", "vbscript:")):
        return _custom_page(destination, instance, now=now, account=account)
    path = "/" + destination.lstrip("/")
    notes = []
    if not destination.startswith("/"):
        notes.append(f"the destination {destination} has no slash at its beginning; {path} was taken")
    if _ENCODED.search(path):
        notes.append(f"the destination is percent-encoded twice; {path} was taken as it is")
    if path == "/connect" or path.startswith("/connect/"):
        path = path.removeprefix("/connect") or HOME
        if not base_url.endswith("/connect"):
            notes.append("the prefix /connect belongs to the old domain; it was dropped")
    return Destination(base_url + path, "; ".join(notes))


def _custom_page(destination: str, instance: Instance, *, now: datetime, account: Account | None) -> Destination:
    try:
        parts = urlsplit(destination)
        _ = parts.port
    except ValueError:
        why = "The destination is not a well-formed URL."
        raise destination_refused(destination, instance, why, account=account) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise destination_refused(destination, instance, "The destination is not an http(s) URL.", account=account)
    note = "http was rewritten to https" if parts.scheme == "http" else ""
    url = parts._replace(scheme="https").geturl()
    origin = f"https://{parts.netloc.lower()}"
    if origin in instance.origins or origin in map(_https, instance.origins_in_force(now)):
        return Destination(url, note)
    raise origin_refused(destination, origin, instance, account=account)


def _https(origin: str) -> str:
    return "https://" + origin.partition("://")[2]
