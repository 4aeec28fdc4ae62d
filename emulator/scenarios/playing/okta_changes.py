"""An administrator's changes in Okta, as requests to the management API."""

from __future__ import annotations

from dataclasses import field
from typing import Any
from urllib.parse import quote

from emulator.federation import Federation
from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from emulator.scenarios.format.step_schema import ANONYMOUS, AppAssignment, GroupMember, OktaSettings
from emulator.worldfile.schema.schema_check import suggestion


@dataclass(frozen=True, slots=True)
class OktaRequest:
    """A request to the management API.

    Args:
        token: API token; empty for a request without one.
        body: JSON data to send; None for nothing.
    """

    method: str
    url: str
    token: str = field(default="", repr=False)
    body: dict[str, Any] | None = None


def okta_request(asked: OktaSettings, federation: Federation) -> OktaRequest:
    """Returns the request that makes a change.

    Args:
        asked: The change.

    Raises:
        FederationError: the org, administrator, group or app does not exist.
    """
    orgs = {name: provider.org for name, provider in federation.identity_providers.items()}
    if asked.org is None and len(orgs) != 1:
        raise FederationError("several orgs could be meant: say which with org", expected=", ".join(orgs))
    org: Any = _named(orgs, asked.org or next(iter(orgs)), "org")
    method, path, body = _method_path_body(asked, org)
    return OktaRequest(method, org.base_url + path, _token(asked, org), body)


def _method_path_body(asked: OktaSettings, org: Any) -> tuple[str, str, dict[str, Any] | None]:
    given = getattr(asked, asked.change)
    if asked.request is not None:
        return asked.request.method, asked.request.path, asked.request.body
    if isinstance(given, GroupMember):
        group = _named(org.groups, given.group, "group")
        method = "PUT" if asked.change == "add_to_group" else "DELETE"
        return method, f"/api/v1/groups/{group.group_id}/users/{quote(given.user, safe='@')}", None
    if isinstance(given, AppAssignment):
        return _assignment(given, org, is_given=asked.change == "assign")
    if asked.change == "delete":
        return "DELETE", f"/api/v1/users/{quote(given, safe='@')}", None
    return "POST", f"/api/v1/users/{quote(given, safe='@')}/lifecycle/{asked.change}", None


def _assignment(given: AppAssignment, org: Any, *, is_given: bool) -> tuple[str, str, dict[str, Any] | None]:
    app = _named(org.apps, given.app, "app")
    body: dict[str, Any] | None = {"profile": given.profile} if given.profile else {}
    if given.group is not None:
        group = _named(org.groups, given.group, "group")
        path = f"/api/v1/apps/{app.app_id}/groups/{group.group_id}"
        return ("PUT", path, body) if is_given else ("DELETE", path, None)
    path = f"/api/v1/apps/{app.app_id}/users/{quote(str(given.user), safe='@')}"
    return ("POST", path, body) if is_given else ("DELETE", path, None)


def _token(asked: OktaSettings, org: Any) -> str:
    if asked.as_ == ANONYMOUS:
        return ""
    tokens: dict[str, str] = dict(org.api_tokens)
    if not tokens:
        raise FederationError(
            f"the org {org.name} has no API token, by which an administrator does this",
            fix=f"Give it one in the world: okta.{org.name}.api_tokens: {{00-token: LOGIN}}",
        )
    if asked.as_ is None:
        return next(iter(tokens))
    token = next((each for each, login in tokens.items() if login == asked.as_), None)
    if token is None:
        known = ", ".join(dict.fromkeys(tokens.values()))
        raise FederationError(f"{asked.as_} has no API token in the org {org.name}", expected=known)
    return token


def _named(known: Any, name: str, what: str) -> Any:
    if name in known:
        return known[name]
    near = suggestion(name, list(known))
    hint = f"; did you mean {near}?" if near else ""
    raise FederationError(f"there is no {what} {name}{hint}", expected=", ".join(known))
