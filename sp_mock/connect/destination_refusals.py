"""How a destination is refused, and whether it or the list of approved origins is at fault.

Spec: Amazon Connect Administrator Guide "app-integration"
"""

from __future__ import annotations

import difflib
from urllib.parse import quote, urlsplit

from emulator.kernel.clock import instant
from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.explanations import RELAY_STATE, Cause, Sent, Setting
from sp_mock.accounts.model import Account, Instance
from sp_mock.connect.federate_urls import federate_url

_SIMILAR = 0.85
_USUAL = "/ccp-v2"


def destination_refused(
    destination: str, instance: Instance, explanation: str, *, account: Account | None
) -> ConnectRefusal:
    """Returns the refusal of a destination that is neither a path nor the URL of a page.

    Args:
        destination: The destination as it was asked for.
        explanation: What is wrong with it.
        account: Account of the instance, where the destination comes from the relay state.
    """
    path = destination.strip().replace("\\", "/")
    is_path = path.startswith("/") and not path.startswith("//") and not any(ord(each) <= 0x20 for each in path)
    right = path if is_path else _USUAL
    wanted = _relay_state(instance, right)
    return _refused(
        destination,
        instance,
        explanation,
        fix=f"Set the destination to a path of the instance such as {right}.",
        causes=(Sent(RELAY_STATE, (wanted,)),) if account is not None else (),
    )


def origin_refused(destination: str, origin: str, instance: Instance, *, account: Account | None) -> ConnectRefusal:
    """Returns the refusal of a page whose origin is not approved, or not yet.

    When the origin is nearly an approved one, the mistake may be in the relay state or in the list; both are named.

    Args:
        destination: The destination as it was asked for.
        origin: Its scheme, host and port.
        account: Account of the instance, where the destination comes from the relay state.
    """
    setting = _approved_origins(account, instance, wanted=origin)
    approved = {_https(each.lower().rstrip("/")): each for each in instance.approved_origins}
    if origin in approved:
        since = instant(instance.origins_approved_at[approved[origin]])
        delay = instance.timing.origin_propagation_seconds
        why = f"The origin {origin} was approved at {since}; it has no effect until {delay} seconds later."
        fix = "Wait: a new approved origin takes some minutes to spread."
        return _refused(destination, instance, why, fix=fix, causes=setting)
    why = f"The origin {origin} is not among the instance's approved origins"
    if urlsplit(origin).hostname == instance.old_domain_host:
        path = urlsplit(destination).path.removeprefix("/connect") or _USUAL
        why = f"The origin {origin} is the instance's old domain, where it has no pages."
        return _with_relay_state(destination, instance, why, path, f"Set the destination to {path}.", account)
    near = _nearest(origin, tuple(approved))
    if near:
        right = destination.replace(destination[: _end_of_origin(destination)], approved[near], 1)
        why = f"{why}; {near} is: {_difference(origin, near)}."
        fix = f"Use {near} in the destination, or add {origin} to the instance's approved_origins."
        refusal = _with_relay_state(destination, instance, why, right, fix, account)
        refusal.causes = (*refusal.causes, *setting)[:2]
        return refusal
    fix = f"Add {origin} to the instance's approved_origins."
    return _refused(destination, instance, f"{why}.", fix=fix, causes=setting)


def _with_relay_state(
    destination: str, instance: Instance, why: str, right: str, fix: str, account: Account | None
) -> ConnectRefusal:
    sent = Sent(RELAY_STATE, (_relay_state(instance, right),))
    return _refused(destination, instance, why, fix=fix, causes=(sent,) if account is not None else ())


def _relay_state(instance: Instance, destination: str) -> str:
    return f"{federate_url(instance)}?destination={quote(destination, safe='')}"


def _approved_origins(account: Account | None, instance: Instance, *, wanted: str) -> tuple[Cause, ...]:
    if account is None:
        return ()
    return (Setting(account, ("instances", instance.instance_id, "approved_origins"), wanted=wanted),)


def _nearest(origin: str, approved: tuple[str, ...]) -> str:
    """Returns the approved origin of the same host, a parent or child domain, or a host with a similar spelling."""
    host = urlsplit(origin).hostname or ""
    for each in approved:
        theirs = urlsplit(each).hostname or ""
        if theirs and host.removeprefix("www.") == theirs.removeprefix("www."):
            return each
    near = difflib.get_close_matches(origin, approved, n=1, cutoff=_SIMILAR)
    return near[0] if near else ""


def _difference(origin: str, near: str) -> str:
    ours, theirs = urlsplit(origin), urlsplit(near)
    if ours.hostname == theirs.hostname:
        return f"the ports differ, {ours.port or 443} and {theirs.port or 443}"
    return f"the hosts differ, {ours.hostname} and {theirs.hostname}"


def _end_of_origin(url: str) -> int:
    end = url.find("/", url.index("://") + 3)
    return len(url) if end < 0 else end


def _https(origin: str) -> str:
    return "https://" + origin.partition("://")[2]


def _refused(
    destination: str, instance: Instance, explanation: str, *, fix: str, causes: tuple[Cause, ...]
) -> ConnectRefusal:
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
        fix=fix,
        spec='Amazon Connect Administrator Guide "app-integration"',
        causes=causes,
    )
