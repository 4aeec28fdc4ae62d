"""Requested logins and assertions: made in a federation, with the result as data that any process can use.

``fedemu login`` makes a login in its own federation, or asks the running emulator for one over HTTP; in either case the
report is made here, so that it is the same. This module is imported when the command starts, so everything that a login
needs is imported later, when one is made.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from emulator.kernel.records import dataclass

if TYPE_CHECKING:
    from emulator.access.decision import Who
    from emulator.diagnosis.login_result import LoginResult
    from emulator.federation import Federation
    from emulator.flow import Login


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """A requested login.

    Args:
        user: Okta login.
        app: Name of the app, or ``org/app``.
        relay_state: Replaces the app's default relay state; None keeps it.
        role: Role to take, by name or ARN; None for any.
        lands_on: Address where it should end; empty for what its relay state, or else its role, says.
        source_ip: Address that the requests come from; None for the person's own.
        via: ``browser``, or ``sts`` to pass the assertion to AssumeRoleWithSAML.
        provider: ``PrincipalArn`` of that call; None for the one that goes with the role.
        duration_seconds: ``DurationSeconds`` of that call; None for none.
        faults: Deliberate faults of the assertion, each as YAML text or as an object.
        fixes: Whether to try fixes.
        har: Whether to return an HTTP Archive.
        by_options: Whether command-line options asked for it, which explanations then name.
        folder: Folder that file names in the result are relative to; empty for the federation's own.
        world: Full path of the world file that has to be served; empty for any.
    """

    user: str
    app: str
    relay_state: str | None = None
    role: str | None = None
    lands_on: str = ""
    source_ip: str | None = None
    via: Literal["browser", "sts"] = "browser"
    provider: str | None = None
    duration_seconds: int | None = None
    faults: tuple[Any, ...] = ()
    fixes: bool = True
    har: bool = False
    by_options: bool = False
    folder: str = ""
    world: str = ""


@dataclass(frozen=True, slots=True)
class AssertionRequest:
    """A requested assertion. The attributes are those of ``LoginRequest``."""

    user: str
    app: str
    faults: tuple[Any, ...] = ()
    world: str = ""


def log_in_as_asked(request: LoginRequest, federation: Federation) -> dict[str, Any]:
    """Makes a login and returns the result.

    Returns:
        ``login`` as docs/result.md describes it, ``text`` and ``block`` for people, ``fixable``: whether ``fedemu fix``
        would write a fix, ``warned``: whether it would at least with ``--allow-warnings``, ``built_in``: whether the
        world is the built-in one; if the org does not know the person ``unknown_user``, ``near_user``: somebody of a
        similar name who arrives, and ``app_elsewhere``: an app of another org in which the person does, both empty for
        none; ``near_role``: a similar name of a role, if the one that was asked for is not offered; if STS issued
        credentials also ``credentials``, ``credential_process`` and ``region``; ``har`` on request.

    Raises:
        FederationError: the app does not exist, or a fault is invalid.
        FlowError: the browser cannot continue.
    """
    from emulator.access.decision import Who
    from emulator.building.faults import read_texts_and_data
    from emulator.diagnosis.asked import asked_on_command_line
    from emulator.diagnosis.login_result import result_of
    from emulator.fixes.attempt import Attempt, make_login

    attempt = Attempt(
        request.user,
        request.app,
        relay_state=request.relay_state,
        role=request.role,
        source_ip=request.source_ip,
        lands_on=request.lands_on,
        via=request.via,
        provider=request.provider,
        duration_seconds=request.duration_seconds,
    )
    provider, app = federation.find_app(request.app)
    faults = read_texts_and_data(request.faults)
    given = {"--relay-state": request.relay_state, "--role": request.role, "--source-ip": request.source_ip}
    began = federation.instants
    with provider.faults.apart():
        if faults:
            provider.faults.inject(app.name, request.user, faults)
        login = make_login(attempt, federation, federation.browser())
        options = asked_on_command_line({name: value or None for name, value in given.items()})
        result = result_of(login, federation, options=options if request.by_options else {})
        if request.fixes and result.diagnosis is not None:
            # What tries fixes is larger than all that a login which arrives needs of this package.
            from emulator.fixes.trial import Journey
            from emulator.fixes.trying import with_fixes

            result = with_fixes(result, federation, Journey((attempt,), began))
    told = {**_told(result, request), **_credentials(login, federation), "built_in": is_built_in(federation)}
    return {**told, **_misspelt(login, request, Who(provider.org.name, app.name, request.user), federation)}


def issue_as_asked(request: AssertionRequest, federation: Federation) -> dict[str, Any]:
    """Issues an assertion without a browser and returns it: ``saml_response``, and its ``xml``.

    Raises:
        FederationError: the person or app does not exist, or a fault is invalid.
        OktaRefusal: the app is not assigned to the person.
    """
    from emulator.building.faults import read_texts_and_data

    provider, app = federation.find_app(request.app)
    issued = provider.mint(request.user, app.name, faults=read_texts_and_data(request.faults))
    return {"saml_response": issued.saml_response, "xml": issued.xml.decode("utf-8", "replace")}


def is_built_in(federation: Federation) -> bool:
    """Returns whether a federation's world is the built-in one, which must not be changed."""
    from pathlib import Path

    from emulator.world import DEFAULT_WORLD

    return Path(federation.world.document.file).resolve() == DEFAULT_WORLD.resolve()


def _told(result: LoginResult, request: LoginRequest) -> dict[str, Any]:
    from emulator.reports.text import result_block, result_lines
    from emulator.running.requests.told_places import seen_from

    if request.folder:
        result = seen_from(result, request.folder)
    fixes = result.diagnosis.fixes if result.diagnosis is not None else ()
    told: dict[str, Any] = {
        "login": result.as_json(),
        "text": list(result_lines(result)),
        "block": result_block(result),
        "fixable": any(fix.is_written for fix in fixes),
        "warned": any(replace(fix, warning="").is_written for fix in fixes),
    }
    if request.har:
        from emulator.kernel.version import version
        from emulator.network.trace import to_har

        told["har"] = to_har(result.login.exchanges, version=version())
    return told


def _misspelt(login: Login, request: LoginRequest, who: Who, federation: Federation) -> dict[str, Any]:
    """Returns what may be misspelt in a login that failed, with the name whose login arrives, where there is one."""
    from emulator.access.rehearsal import rehearsal_of
    from emulator.arrival import near_role

    refusal, people = login.refusal, federation.identity_providers[who.org].org.users
    if refusal is not None and refusal.check == "okta-sign-in" and who.person not in people:
        near = replace(who, person=refusal.expected)
        is_known = near.person in people
        arrives = is_known and rehearsal_of(federation).decide(near, request.role or "").arrives
        elsewhere = "" if arrives else _app_elsewhere(who, federation)
        return {"unknown_user": True, "near_user": near.person if arrives else "", "app_elsewhere": elsewhere}
    missing = login.shortfall
    if missing is None or missing.check != "role-not-offered" or not request.role:
        return {}
    role = near_role(request.role, missing.got.split(", "))
    arrives = bool(role) and rehearsal_of(federation).decide(who, role).arrives
    return {"near_role": role if arrives else ""}


def _app_elsewhere(who: Who, federation: Federation) -> str:
    """Returns an app of another org in which the person of that login arrives, as ``org/app``; empty for none."""
    from emulator.access.deciding import Decider

    if not any(who.person in provider.org.users for provider in federation.identity_providers.values()):
        return ""
    theirs = (each for each in Decider(federation).decisions() if each.who.person == who.person and each.arrives)
    first = next(theirs, None)
    return f"{first.who.org}/{first.who.app}" if first is not None else ""


def _credentials(login: Login, federation: Federation) -> dict[str, Any]:
    """Returns the credentials that STS issued, and the region of their role's Amazon Connect instance."""
    from emulator.flow import credentials_in
    from emulator.kernel.partitions import partition_of_arn

    credentials = credentials_in(login.page)
    if login.refusal is not None or not credentials:
        return {}
    account = login.role.split(":")[4] if login.role.count(":") > 4 else ""
    regions = {each.arn.region for each in federation.aws.instances if each.arn.account_id == account}
    expiration = _by_this_machine(credentials["Expiration"], federation)
    return {
        "credentials": credentials,
        "credential_process": {"Version": 1, **credentials, "Expiration": expiration},
        "region": regions.pop() if len(regions) == 1 else partition_of_arn(login.role).default_region,
    }


def _by_this_machine(expiration: str, federation: Federation) -> str:
    """Returns when credentials expire by the machine's clock, which SDKs use; the emulator's may differ."""
    from datetime import datetime

    from emulator.kernel.clock import Clock

    if federation.clock.is_true:
        return expiration
    left = datetime.fromisoformat(expiration) - federation.clock.now()
    return f"{Clock().now() + left:%Y-%m-%dT%H:%M:%SZ}"
