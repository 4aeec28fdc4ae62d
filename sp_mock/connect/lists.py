"""Pagination in Amazon Connect's service API: MaxResults and NextToken.

Spec: Amazon Connect API Reference, ``NextToken`` and ``MaxResults``
"""

from __future__ import annotations

from emulator.kernel.errors import AwsRefusal
from sp_mock.apis.operations import Pagination
from sp_mock.connect.api_errors import invalid_parameter


def _invalid_token(token: str) -> AwsRefusal:
    """Returns the refusal of a token that was never handed out: InvalidParameterException (400).

    Spec: Amazon Connect API Reference, ``NextToken``
    Evidence: documented (the code), assumed (the words)
    """
    return invalid_parameter("NextToken", "Invalid NextToken", received=token, fix="Begin with the first page.")


LISTS = Pagination(marker="NextToken", size="MaxResults", invalid_marker=_invalid_token)
