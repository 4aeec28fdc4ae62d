"""Programmed logins, as people write them: in the control API, and in tests."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from emulator.building.faults import read_fault
from emulator.building.models import app_named
from emulator.kernel.data_fields import flag_in, number_in, text_in
from emulator.kernel.errors import FederationError, OktaRefusal
from emulator.kernel.explanations import Cause, Planted
from emulator.network.faults.network_fault_data import read_length
from idp.signon.next_logins import REFUSALS, NextLogin, RefusedBy

if TYPE_CHECKING:
    from idp.provider import IdentityProvider
    from idp.saml.draft import Fault

MOST_TIMES = 1_000_000
_MOST_FAULTS = 50
# What may be said of a next login.
KEYS = ("user", "app", "count", "faults", "attributes", "delay", "refused_by", "asks_for_mfa")
_DOES = "faults, attributes, delay, refused_by or asks_for_mfa"


def read_next_login(data: Any, providers: Mapping[str, IdentityProvider], *, by: str = "a test") -> NextLogin:
    """Reads what happens to a person's next logins, from data such as ``{"user": …, "faults": [{…}]}``.

    Args:
        data: ``user`` and what happens; ``app`` to apply to one app only; ``count`` for several logins.
        providers: Orgs, by name.
        by: Who programs it.

    Raises:
        FederationError: the person or app does not exist, or the data would change nothing.
    """
    if not isinstance(data, Mapping):
        raise FederationError("A next login is an object", expected='{"user": "hanako@example.com", "faults": [{…}]}')
    for key in data:
        if key not in KEYS:
            near = difflib.get_close_matches(str(key), KEYS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise FederationError(f"A next login has no {key}{hint}", expected=", ".join(KEYS))
    login, app = text_in(data, "user"), text_in(data, "app")
    provider, app_name = _whose(login, app, providers)
    count = number_in(data, "count", least=1, most=MOST_TIMES)
    faults = (*_faults(data), *_attributes(data))
    delay = read_length(data["delay"], of="delay") if data.get("delay") is not None else timedelta()
    asked = NextLogin(
        org=provider.org.name,
        login=login,
        app=app_name,
        refused_by=_refused_by(data),
        asks_for_mfa=flag_in(data, "asks_for_mfa"),
        faults=faults,
        delay=delay,
        count=1 if count is None else count,
        by=by,
    )
    _require_sense(asked)
    if not faults and not delay:
        return asked
    return _for_apps(asked, provider)


def programmed_refusal(causes: Iterable[Cause]) -> str:
    """Returns what a login was programmed to be refused by, as ``read_next_login`` reads it; empty where nothing was.

    Args:
        causes: Causes of its refusal.
    """
    planted = [each.text for each in causes if isinstance(each, Planted)]
    return next((kind.value for kind, words in REFUSALS.items() for text in planted if words in text), "")


def _whose(login: str, app: str, providers: Mapping[str, IdentityProvider]) -> tuple[IdentityProvider, str]:
    """Returns the org of a person, and the name of the app in it; empty for any app."""
    if not login:
        raise FederationError("A next login needs a user", expected="the login of a person, such as hanako@example.com")
    orgs = {name: each.org for name, each in providers.items()}
    if app:
        org, found = app_named(orgs, app)
        if login not in org.users:
            raise _no_person(login, f"The org {org.name} has no person", list(org.users))
        return providers[org.name], found.name
    having = [name for name, org in orgs.items() if login in org.users]
    if not having:
        raise _no_person(login, "No org has a person", [each for org in orgs.values() for each in org.users])
    if len(having) > 1:
        raise FederationError(
            f"Several orgs have {login}", expected="an app as org/app", fix=f"Name an app of {' or '.join(having)}."
        )
    return providers[having[0]], ""


def _no_person(login: str, who: str, known: list[str]) -> FederationError:
    near = difflib.get_close_matches(login, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return FederationError(f"{who} {login}{hint}", expected=" or ".join(known[:5]) or "a person", received=login)


def _require_sense(asked: NextLogin) -> None:
    """Requires that the data describes something that can happen to a login.

    Raises:
        FederationError: it does not.
    """
    changes = bool(asked.faults or asked.delay)
    if asked.refused_by is not None and asked.asks_for_mfa:
        raise FederationError("A next login has refused_by or asks_for_mfa, not both")
    if asked.refused_by is not None and changes:
        raise FederationError(
            "A login that is refused gets no assertion, so that faults, attributes and delay would do nothing",
            fix="Program them for another login.",
        )
    if asked.asks_for_mfa and changes:
        raise FederationError(
            "asks_for_mfa goes with no faults, attributes or delay",
            fix="Program both, one after the other: the same login takes one at its second factor, one at its app.",
        )
    if asked.refused_by is RefusedBy.LOCKED_OUT and asked.app:
        raise FederationError(
            "locked-out goes with no app: it is decided when the password is given, before an app is opened",
            fix="Leave app out.",
        )
    if not (changes or asked.asks_for_mfa or asked.refused_by is not None):
        raise FederationError("This next login would be as any other", expected=_DOES)


def _for_apps(asked: NextLogin, provider: IdentityProvider) -> NextLogin:
    """Returns it restricted to the apps whose assertions it can change.

    Raises:
        FederationError: there is no such app.
    """
    fits: list[str] = []
    problem = FederationError(f"{asked.login} has no app", fix="Assign one.")
    for name in [asked.app] if asked.app else list(provider.org.apps):
        try:
            provider.require_change(asked.login, name, asked.faults)
            fits.append(name)
        except OktaRefusal as refusal:
            if asked.app:
                problem = FederationError(
                    f"Okta refuses {name} to {asked.login}, so that nothing would come of it",
                    explanation=refusal.explanation,
                    fix=refusal.fix,
                )
        except FederationError as error:
            problem = error
    if not fits:
        raise problem
    return replace(asked, apps=frozenset(fits))


def _faults(data: Mapping[Any, Any]) -> list[Fault]:
    given = data.get("faults") or []
    if not isinstance(given, list | tuple) or len(given) > _MOST_FAULTS:
        raise FederationError(
            f"faults is a list of at most {_MOST_FAULTS}", expected='[{"attribute": "Role", "remove": true}]'
        )
    return [read_fault(each) for each in given]


def _attributes(data: Mapping[Any, Any]) -> list[Fault]:
    """Reads attributes with their values; an attribute without values is left out of the assertion."""
    given = data.get("attributes") or {}
    if not isinstance(given, Mapping) or len(given) > _MOST_FAULTS:
        raise FederationError(
            f"attributes is an object of at most {_MOST_FAULTS}", expected='{"RoleSessionName": ["hanako sato"]}'
        )
    return [_attribute(name, list(values) if isinstance(values, tuple) else values) for name, values in given.items()]


def _attribute(name: Any, values: Any) -> Fault:
    if values == []:
        return read_fault({"attribute": name, "remove": True})
    # A single value may be written without a list around it.
    is_one = isinstance(values, list) and len(values) == 1
    return read_fault({"attribute": name, "set": values[0] if is_one else values})


def _refused_by(data: Mapping[Any, Any]) -> RefusedBy | None:
    text = text_in(data, "refused_by")
    if not text:
        return None
    try:
        return RefusedBy(text)
    except ValueError:
        raise FederationError(
            f"No login is refused by {text}", expected=" or ".join(each.value for each in RefusedBy), received=text
        ) from None
