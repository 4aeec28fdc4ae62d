"""Second factors: one-time codes, a push that somebody responds to, a code by SMS.

Spec: RFC 6238; developer.okta.com, Factors API
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from datetime import datetime
from typing import Any

from idp.model import Factor, User

STEP_SECONDS = 30
_DIGITS = 6
_WINDOW = 1
KINDS = {"totp": "token:software:totp", "push": "push", "sms": "sms"}


def totp(secret: str, step: int) -> str:
    """Returns the six digits of a time step, with SHA-1 as in authenticator apps.

    Args:
        secret: Secret in base32.
        step: Seconds since 1970, divided by 30.

    Raises:
        ValueError: the secret is not base32.

    Spec: RFC 6238 §4; RFC 4226 §5.3
    """
    text = secret.replace(" ", "").upper()
    try:
        key = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error:
        raise ValueError("the secret is not base32") from None
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}d}"


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Returns the time step that a code belongs to: the current one, the previous or the next."""
    present = int(now.timestamp()) // STEP_SECONDS
    steps = (present, *(present + delta for delta in range(-_WINDOW, _WINDOW + 1) if delta))
    return next((step for step in steps if hmac.compare_digest(totp(secret, step).encode(), code.encode())), None)


def as_json(factor: Factor, user: User, *, base: str) -> dict[str, Any]:
    """Returns a factor as the Authentication API lists it.

    Args:
        base: Scheme and authority that the client used; clients follow the links.

    Spec: developer.okta.com, Authentication API, "Factor object"
    Evidence: documented
    """
    profiles: dict[str, dict[str, Any]] = {
        "totp": {"credentialId": user.login},
        "push": {
            "credentialId": user.login,
            "deviceType": "SmartPhone_IPhone",
            "keys": [],
            "name": f"{user.first_name or user.login}'s phone",
            "platform": "IOS",
            "version": "17.0",
        },
        "sms": {"phoneNumber": masked(factor.phone)},
    }
    return {
        "id": factor.factor_id,
        "factorType": KINDS[factor.kind],
        "provider": factor.provider,
        "vendorName": factor.provider,
        "profile": profiles[factor.kind],
        "_links": {
            "verify": {
                "href": f"{base}/api/v1/authn/factors/{factor.factor_id}/verify",
                "hints": {"allow": ["POST"]},
            }
        },
    }


def masked(phone: str) -> str:
    """Returns a telephone number with all but the last four digits masked.

    Spec: developer.okta.com, Authentication API, "Factor object"
    Evidence: documented
    """
    return f"{phone[:2]} XXX-XXX-{phone[-4:]}"
