"""Where the request in hand came from."""

from __future__ import annotations

from flask import request

from sp_mock.cloudtrail.details import MAX_TEXT
from sp_mock.cloudtrail.events import RequestOrigin


def request_origin(request_id: str) -> RequestOrigin:
    """Returns where the request in hand came from.

    Args:
        request_id: The id under which it is answered.

    Spec: AWS CloudTrail UG "cloudtrail-event-reference-record-contents", sourceIPAddress, userAgent, tlsDetails
    Evidence: documented
    """
    return RequestOrigin(
        request.remote_addr or "", request.headers.get("User-Agent", "")[:MAX_TEXT], request.host, request_id
    )
