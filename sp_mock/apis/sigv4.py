"""Signature Version 4: who makes a call to an AWS API, signed in a header or in the query string.

Spec: AWS IAM UG "reference_sigv-create-signed-request"
Evidence: documented
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote

from emulator.kernel.clock import Clock
from emulator.kernel.errors import (
    ExpiredToken,
    IncompleteSignature,
    InvalidClientTokenId,
    MissingAuthenticationToken,
    SignatureDoesNotMatch,
)
from emulator.kernel.records import dataclass
from sp_mock.apis.operations import ServiceApi
from sp_mock.apis.wire_protocol import HttpRequest
from sp_mock.principals.callers import Caller, Keyring, KnownKey

_ALGORITHM = "AWS4-HMAC-SHA256"
_TOLERANCE = timedelta(minutes=15)
_MAX_LIFETIME_SECONDS = 604_800
_STAMP = "%Y%m%dT%H%M%SZ"
_SPEC = 'AWS IAM UG "reference_sigv-create-signed-request"'
_CREDENTIAL = re.compile(r"([A-Z0-9]{16,128})/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a request claims about its signature."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    session_token: str
    payload_hash: str
    lifetime: timedelta | None = None


def authenticate(request: HttpRequest, keyring: Keyring, *, api: ServiceApi, region: str = "", clock: Clock) -> Caller:
    """Returns the principal who signed a request.

    The request's date is compared with AWS's clock only while that clock shows the true time, because clients follow
    the true time even when the emulator's clock is frozen or shifted. Whether credentials have expired is always
    decided by AWS's clock.

    Args:
        request: The call as it was sent.
        api: The service that is called; its prefix is part of the signature's scope.
        region: The region expected in the scope; empty when any region will do.

    Raises:
        AwsRefusal: MissingAuthenticationToken, IncompleteSignature, InvalidClientTokenId, SignatureDoesNotMatch or
            ExpiredToken.

    Spec: AWS IAM UG "reference_sigv-create-signed-request"
    Evidence: documented (the calculation), observed (codes and words), assumed (their order)
    """
    claim = _read_claim(request, service=api.name)
    expected_scope = f"…/{region or claim.region}/{api.prefix}/aws4_request"
    if claim.service != api.prefix:
        words = f"Credential should be scoped to correct service: '{api.prefix}'. "
        why = f"The call is signed for the service {claim.service}."
        raise _wrongly_scoped(claim, words, why, service=api.name, expected=expected_scope)
    if region and claim.region != region:
        words = "Credential should be scoped to a valid region. "
        why = f"The call is signed for {claim.region}, the endpoint is {region}'s."
        raise _wrongly_scoped(claim, words, why, service=api.name, expected=expected_scope)
    known = keyring.find(claim.access_key_id)
    if known is None or not _same(known.session_token, claim.session_token):
        raise _invalid_token(claim, known, service=api.name)
    if not _same(_signature(request, claim, known.secret_access_key), claim.signature):
        raise _wrong_signature(service=api.name)
    _require_current(claim, service=api.name, clock=clock)
    _require_unexpired(known, service=api.name, clock=clock)
    return known.caller


def _wrong_signature(*, service: str) -> SignatureDoesNotMatch:
    return SignatureDoesNotMatch(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
        "Access Key and signing method. Consult the service documentation for details.",
        service=service,
        check="request-signature",
        evidence="observed",
        explanation="The secret key is another one, or the request was changed after it was signed.",
        where="Authorization, Signature",
        fix="Compare the secret key with the one that was given out; look for a proxy that rewrites headers.",
        spec=_SPEC,
    )


def _wrongly_scoped(claim: _Claim, words: str, why: str, *, service: str, expected: str) -> SignatureDoesNotMatch:
    return SignatureDoesNotMatch(
        words,
        service=service,
        check="request-signature",
        evidence="observed",
        explanation=why,
        where="Authorization, Credential",
        expected=expected,
        received=f"…/{claim.region}/{claim.service}/aws4_request",
        fix="Sign for the service and the region of the endpoint; a global one is its partition's first region's.",
        spec=_SPEC,
    )


def _invalid_token(claim: _Claim, known: KnownKey | None, *, service: str) -> InvalidClientTokenId:
    return InvalidClientTokenId(
        "The security token included in the request is invalid.",
        service=service,
        check="client-token",
        evidence="observed",
        explanation="AWS knows no active access key with this id."
        if known is None
        else "The session token does not belong to the access key.",
        where="Authorization, X-Amz-Security-Token",
        received=claim.access_key_id,
        fix="Use the values of one answer of AssumeRoleWithSAML together, or a user's access key from the world; "
        "a restart without --state forgets temporary credentials.",
        spec=_SPEC,
    )


def _require_current(claim: _Claim, *, service: str, clock: Clock) -> None:
    if not clock.is_true:
        return
    now = clock.now()
    try:
        signed_at = datetime.strptime(claim.timestamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        signed_at = datetime(1970, 1, 1, tzinfo=UTC)
    lifetime = claim.lifetime if claim.lifetime is not None else _TOLERANCE
    if signed_at + lifetime < now:
        limit, word = now - lifetime, f"- {int(lifetime.total_seconds() // 60)} min."
        message = f"Signature expired: {claim.timestamp} is now earlier than {limit:{_STAMP}} ({now:{_STAMP}} {word})"
    elif signed_at > now + _TOLERANCE:
        limit = now + _TOLERANCE
        message = f"Signature not yet current: {claim.timestamp} is still later than {limit:{_STAMP}}"
        message += f" ({now:{_STAMP}} + 15 min.)"
    else:
        return
    raise SignatureDoesNotMatch(
        message,
        service=service,
        check="request-date",
        evidence="observed",
        explanation="The client's clock and AWS's are apart, or the call was kept before it was sent.",
        where="X-Amz-Date",
        expected=f"within 15 minutes of {now:{_STAMP}}",
        received=claim.timestamp,
        fix="Set the client's clock; sign anew.",
        spec=_SPEC,
    )


def _require_unexpired(known: KnownKey, *, service: str, clock: Clock) -> None:
    if known.expires_at is not None and known.expires_at <= clock.now():
        raise ExpiredToken(
            "The security token included in the request is expired",
            service=service,
            check="token-expiry",
            evidence="observed",
            explanation=f"The credentials ended at {known.expires_at:%Y-%m-%dT%H:%M:%SZ} by AWS's clock.",
            where="X-Amz-Security-Token",
            fix="Log in again.",
            spec=_SPEC,
        )


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())


def _read_claim(request: HttpRequest, *, service: str) -> _Claim:
    header, lifetime = request.headers.get("authorization", ""), None
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    if header:
        algorithm, _, rest = header.partition(" ")
        parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
        timestamp, token = request.headers.get("x-amz-date", ""), request.headers.get("x-amz-security-token", "")
    elif "X-Amz-Signature" in query:
        algorithm = query.get("X-Amz-Algorithm", "")
        parts = {name: query.get(f"X-Amz-{name}", "") for name in ("Credential", "SignedHeaders", "Signature")}
        timestamp, token = query.get("X-Amz-Date", ""), query.get("X-Amz-Security-Token", "")
        lifetime = _lifetime(query.get("X-Amz-Expires", ""))
    else:
        raise _not_signed(service=service)
    scope = _CREDENTIAL.fullmatch(parts.get("Credential", ""))
    is_complete = all((parts.get("SignedHeaders"), parts.get("Signature"), timestamp))
    if algorithm != _ALGORITHM or scope is None or not is_complete:
        raise _incomplete(header, service=service)
    return _Claim(
        access_key_id=scope[1],
        date=scope[2],
        region=scope[3],
        service=scope[4],
        signed_headers=tuple(parts["SignedHeaders"].split(";")),
        signature=parts["Signature"],
        timestamp=timestamp,
        session_token=token,
        payload_hash=hashlib.sha256(request.body).hexdigest(),
        lifetime=lifetime,
    )


def _not_signed(*, service: str) -> MissingAuthenticationToken:
    return MissingAuthenticationToken(
        "Request is missing Authentication Token",
        service=service,
        check="authentication",
        evidence="observed",
        explanation="The call is not signed: it has neither an Authorization header nor X-Amz-Signature.",
        where="Authorization",
        fix="Give the client credentials.",
        spec=_SPEC,
    )


def _incomplete(header: str, *, service: str) -> IncompleteSignature:
    return IncompleteSignature(
        "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' "
        "parameter. Authorization header requires 'SignedHeaders' parameter.",
        service=service,
        check="authentication",
        evidence="observed",
        explanation="The signature lacks a part, or is of another version.",
        where="Authorization",
        expected=f"{_ALGORITHM} Credential=…/aws4_request, SignedHeaders=…, Signature=… and X-Amz-Date",
        received=header[:120],
        spec=_SPEC,
    )


def _lifetime(seconds: str) -> timedelta | None:
    """Returns how long a presigned URL is valid; None without a usable X-Amz-Expires: the limit of headers applies."""
    if not re.fullmatch(r"[0-9]{1,6}", seconds, re.ASCII):
        return None
    return timedelta(seconds=min(int(seconds), _MAX_LIFETIME_SECONDS))


def _signature(request: HttpRequest, claim: _Claim, secret: str) -> str:
    canonical = "\n".join(
        (
            request.method,
            quote(request.path or "/", safe="/-_.~"),
            _canonical_query(request.query),
            *(f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in claim.signed_headers),
            "",
            ";".join(claim.signed_headers),
            claim.payload_hash,
        )
    )
    scope = f"{claim.date}/{claim.region}/{claim.service}/aws4_request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"{_ALGORITHM}\n{claim.timestamp}\n{scope}\n{hashed}"
    key = f"AWS4{secret}".encode()
    for part in (claim.date, claim.region, claim.service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, to_sign.encode(), "sha256").hexdigest()


def _canonical_query(query: str) -> str:
    pairs = [
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name != "X-Amz-Signature"
    ]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))
