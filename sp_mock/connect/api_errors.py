"""The refusals of Amazon Connect's service API. Its codes are the model's; most of the sentences are the emulator's."""

from __future__ import annotations

from emulator.kernel.errors import AwsRefusal

CONNECT_API = "Amazon Connect"
_STATUSES = {
    "ResourceNotFoundException": 404,
    "DuplicateResourceException": 409,
    "ResourceConflictException": 409,
    "ResourceInUseException": 409,
}


def refused(
    code: str,
    words: str,
    *,
    explanation: str,
    where: str,
    expected: str = "",
    received: str = "",
    fix: str,
    status: int = 0,
) -> AwsRefusal:
    """Returns a refusal; its status is derived from the code unless it is given.

    Spec: Amazon Connect API Reference
    Evidence: documented (codes and statuses), assumed (the words)
    """
    return AwsRefusal(
        words,
        service=CONNECT_API,
        code=code,
        status=status or _STATUSES.get(code, 400),
        check="connect-api",
        evidence="assumed",
        explanation=explanation,
        where=where,
        expected=expected,
        received=received,
        fix=fix,
        spec="Amazon Connect API Reference",
    )


def invalid_parameter(parameter: str, words: str, *, expected: str = "", received: str = "", fix: str) -> AwsRefusal:
    """Returns the refusal of a parameter's value: InvalidParameterException (400)."""
    return refused(
        "InvalidParameterException",
        words,
        explanation=words,
        where=parameter,
        expected=expected,
        received=received,
        fix=fix,
    )
