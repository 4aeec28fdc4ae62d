"""The two ARNs given to AssumeRoleWithSAML, and the pair of the assertion that was most likely meant."""

from __future__ import annotations

from emulator.kernel.differences import difference, nearest
from emulator.kernel.errors import ValidationError
from emulator.kernel.explanations import ROLE_ASKED_FOR, Asked
from sp_mock.arn import Arn
from sp_mock.assertion.login_request import RolePair, role_pairs
from sp_mock.assertion.received import ReceivedResponse, receive


def require_arns(role_arn: str, principal_arn: str, *, saml_response: str = "") -> None:
    """Requires that two well-formed parameters name a role and a SAML provider.

    Args:
        role_arn: The parameter RoleArn.
        principal_arn: The parameter PrincipalArn.
        saml_response: The parameter SAMLAssertion, to show what the assertion has instead.

    Raises:
        ValidationError: ``Request ARN is invalid`` or ``Principal ARN is invalid``.

    Spec: AWS STS API "AssumeRoleWithSAML", request parameters
    Evidence: observed
    """
    role, principal = Arn.parse(role_arn), Arn.parse(principal_arn)
    if role is None or not role.is_role:
        raise _invalid("Request ARN is invalid", "RoleArn", role_arn, saml_response, is_swapped=_is_provider(role_arn))
    if principal is None or not principal.is_saml_provider:
        swapped = principal is not None and principal.is_role
        raise _invalid("Principal ARN is invalid", "PrincipalArn", principal_arn, saml_response, is_swapped=swapped)


def _is_provider(arn: str) -> bool:
    parsed = Arn.parse(arn)
    return parsed is not None and parsed.is_saml_provider


def _invalid(message: str, parameter: str, received: str, saml_response: str, *, is_swapped: bool) -> ValidationError:
    what = "a role" if parameter == "RoleArn" else "a SAML provider"
    near = _in_assertion(parameter, received, saml_response)
    padded = received != received.strip()
    differs = f" The assertion has {near}: {difference(near, received)}." if near is not None else ""
    fix = "RoleArn is the role's ARN, PrincipalArn the SAML provider's, SAMLAssertion the base64 Response."
    if padded:
        told = f"The ARN has white space around it: {received!r}. Sign-in trims it in a Role value, STS does not."
        fix = "Write the two ARNs of the Role value without a space after the comma, or trim them in the client."
    elif is_swapped:
        other = "a SAML provider's" if parameter == "RoleArn" else "a role's"
        told = f"The parameter {parameter} is {other} ARN: the two parts of the Role value are exchanged."
        fix = "Tell the two parts of a Role value apart by :role/ and :saml-provider/, not by their order."
    else:
        told = f"The parameter {parameter} is not the ARN of {what}; nothing was looked up."
        fix = f"Pass {near} as {parameter}, as the assertion has it." if near is not None else fix
    return ValidationError(
        message,
        service="AWS STS",
        check="role-arn" if parameter == "RoleArn" else "principal-arn",
        evidence="observed",
        explanation=f"{told}{differs}",
        where="the call's parameters",
        expected=near or f"the ARN of {what}",
        received=received,
        fix=fix,
        spec="AWS STS API AssumeRoleWithSAML",
        causes=(Asked(ROLE_ASKED_FOR),),
    )


def _in_assertion(parameter: str, received: str, saml_response: str) -> str | None:
    """Returns the ARN in the assertion that a parameter was most likely meant to be, or None."""
    message = receive(saml_response) if saml_response else None
    pairs: tuple[RolePair, ...] = role_pairs(message.unverified) if isinstance(message, ReceivedResponse) else ()
    arns = list(dict.fromkeys(p.role_arn if parameter == "RoleArn" else p.provider_arn for p in pairs))
    return nearest(received, arns) or (arns[0] if len(arns) == 1 else None)
