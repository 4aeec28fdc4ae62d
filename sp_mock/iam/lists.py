"""Pagination in IAM: MaxItems, IsTruncated and Marker."""

from __future__ import annotations

from emulator.kernel.errors import ValidationError
from sp_mock.apis.operations import Pagination
from sp_mock.iam.api_errors import IAM


def _invalid_marker(marker: str) -> ValidationError:
    """Returns the refusal of a marker that was never handed out.

    Spec: AWS IAM API, Marker
    Evidence: assumed
    """
    return ValidationError(
        f"Invalid Marker: {marker}",
        service=IAM,
        check="marker",
        evidence="assumed",
        explanation="Marker is what the answer before gave; it cannot be made up.",
        where="parameter Marker",
        received=marker,
        fix="Begin without a Marker, and hand on the one that each answer gives.",
        spec="AWS IAM API, Marker",
    )


LISTS = Pagination(
    marker="Marker",
    size="MaxItems",
    invalid_marker=_invalid_marker,
    marker_text="from {}",
    truncated="IsTruncated",
    past_the_end=True,
)
