"""Why a requested role is not available: it was sent after all, or nothing in the org has that name."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.kernel.errors import FederationError
from emulator.kernel.explanations import ROLE_ASKED_FOR, Asked, Explanation
from idp.saml.claims import claims_for
from idp.saml.explanations.message import IssuedMessage
from idp.saml.wording import nearest, one_of


def names_of_role(value: str) -> frozenset[str]:
    """Returns the names by which a Role value can be asked for: itself in either order, its ARNs, its role's name."""
    arns = value.split(",")
    names = (arn.rpartition("/")[2] for arn in arns if ":role/" in arn)
    return frozenset((value, ",".join(reversed(arns)), *arns, *names))


def explain_asked_role(message: IssuedMessage, wanted: tuple[str, ...], withheld: Iterable[str]) -> Explanation | None:
    """Returns that Okta sent the role that was asked for, or has none of that name; None where a setting is the cause.

    Args:
        message: The issued message.
        wanted: The role, by name or ARN.
        withheld: Role values that the person would have with other settings.
    """
    sent = _sent(message)
    found = next((value for value in sent if names_of_role(value) & set(wanted)), "")
    if found:
        return Explanation(
            f"The assertion has the role: Okta sent {found}, so that no setting of {message.app.label} keeps it away.",
            want=one_of(wanted),
        )
    if not wanted or any(":" in each for each in wanted):
        return None
    known = {name for value in (*sent, *withheld) for name in names_of_role(value) if ":" not in name}
    if known & set(wanted) or nearest(wanted[0], known):
        return None
    login = message.user.login
    return Explanation(
        f"No setting of {message.app.label} gives {login} or anybody else a role {one_of(wanted)}.",
        (Asked(ROLE_ASKED_FOR),),
        want=one_of(sorted(known)) or "a role that the assertion has",
        got=one_of(wanted),
        fix=f"Ask for {one_of(sorted(known))}." if known else "",
    )


def _sent(message: IssuedMessage) -> tuple[str, ...]:
    try:
        return claims_for(message.org, message.app, message.user).values("Role")
    except FederationError:
        return ()
