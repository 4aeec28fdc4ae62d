"""IAM's name, and the refusals that several of its operations share."""

from __future__ import annotations

from emulator.kernel.errors import LimitExceeded

IAM = "AWS IAM"


def over_quota(message: str, *, evidence: str = "observed") -> LimitExceeded:
    """Returns the refusal of a call that would exceed a quota."""
    return LimitExceeded(
        message,
        service=IAM,
        check="quota",
        evidence=evidence,
        explanation="IAM keeps this many at most.",
        fix="Remove what is no longer needed.",
        spec='AWS IAM UG "reference_iam-quotas"',
    )
