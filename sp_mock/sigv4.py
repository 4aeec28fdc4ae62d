"""Signature Version 4: who makes a call to an AWS API, by header or by query string.

Spec: AWS IAM UG "reference_sigv-create-signed-request"
Evidence: documented
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote

from emulator.errors import (
    ExpiredToken,
    IncompleteSignature,
    InvalidClientTokenId,
    MissingAuthenticationToken,
    SignatureDoesNotMatch,
)
from sp_mock.credentials import CredentialStore, RoleSession

_ALGORITHM = "AWS4-HMAC-SHA256"
_SERVICE = "AWS STS"
_SPEC = 'AWS IAM UG "reference_sigv-create-signed-request"'
_CREDENTIAL = re.compile(r"([A-Z0-9]{16,128})/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A call as it was sent. Header names are lower-case; ``host`` is the one the client used."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a request says about its signature."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    session_token: str
    payload_hash: str


def authenticate(request: SignedRequest, store: CredentialStore) -> RoleSession:
    """Returns the session whose credentials signed a request.

    The request's date is not compared with AWS's clock, which may be frozen here while clients follow the true time;
    the credentials' end is.

    Raises:
        AwsRefusal: MissingAuthenticationToken, IncompleteSignature, InvalidClientTokenId, SignatureDoesNotMatch or
            ExpiredToken.

    Spec: AWS IAM UG "reference_sigv-create-signed-request"
    Evidence: documented (the calculation), observed (codes and words), assumed (their order)
    """
    claim = _read_claim(request)
    issued = store.find(claim.access_key_id)
    if issued is None or not _same(issued.credentials.session_token, claim.session_token):
        raise InvalidClientTokenId(
            "The security token included in the request is invalid.",
            service=_SERVICE,
            check="client-token",
            evidence="observed",
            explanation="The access key is not one that this emulator gave out."
            if issued is None
            else "The session token does not belong to the access key.",
            where="Authorization, X-Amz-Security-Token",
            received=claim.access_key_id,
            fix="Use the three values of one answer of AssumeRoleWithSAML; a restart of the emulator forgets them.",
            spec=_SPEC,
        )
    expected = _signature(request, claim, issued.credentials.secret_access_key)
    if not _same(expected, claim.signature):
        raise SignatureDoesNotMatch(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details.",
            service=_SERVICE,
            check="request-signature",
            evidence="observed",
            explanation="The secret key is another one, or the request was changed after it was signed.",
            where="Authorization, Signature",
            fix="Compare the secret key with the answer of AssumeRoleWithSAML; look for a proxy that rewrites headers.",
            spec=_SPEC,
        )
    if store.is_over(issued):
        raise ExpiredToken(
            "The security token included in the request is expired",
            service=_SERVICE,
            check="token-expiry",
            evidence="observed",
            explanation=f"The credentials ended at {issued.credentials.expiration:%Y-%m-%dT%H:%M:%SZ} by AWS's clock.",
            where="X-Amz-Security-Token",
            fix="Log in again.",
            spec=_SPEC,
        )
    return issued.session


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())


def _read_claim(request: SignedRequest) -> _Claim:
    header = request.headers.get("authorization", "")
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    if header:
        algorithm, _, rest = header.partition(" ")
        parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
        timestamp, token = request.headers.get("x-amz-date", ""), request.headers.get("x-amz-security-token", "")
        payload_hash = request.headers.get("x-amz-content-sha256", "") or hashlib.sha256(request.body).hexdigest()
    elif "X-Amz-Signature" in query:
        algorithm = query.get("X-Amz-Algorithm", "")
        parts = {name: query.get(f"X-Amz-{name}", "") for name in ("Credential", "SignedHeaders", "Signature")}
        timestamp, token = query.get("X-Amz-Date", ""), query.get("X-Amz-Security-Token", "")
        payload_hash = hashlib.sha256(request.body).hexdigest()
    else:
        raise MissingAuthenticationToken(
            "Request is missing Authentication Token",
            service=_SERVICE,
            check="authentication",
            evidence="observed",
            explanation="The call is not signed: it has neither an Authorization header nor X-Amz-Signature.",
            where="Authorization",
            fix="Give the client credentials.",
            spec=_SPEC,
        )
    scope = _CREDENTIAL.fullmatch(parts.get("Credential", ""))
    if (
        algorithm != _ALGORITHM
        or scope is None
        or not all((parts.get("SignedHeaders"), parts.get("Signature"), timestamp))
    ):
        raise IncompleteSignature(
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' "
            "parameter. Authorization header requires 'SignedHeaders' parameter.",
            service=_SERVICE,
            check="authentication",
            evidence="observed",
            explanation="The signature lacks a part, or is of another version.",
            where="Authorization",
            expected=f"{_ALGORITHM} Credential=…/aws4_request, SignedHeaders=…, Signature=… and X-Amz-Date",
            received=header[:120],
            spec=_SPEC,
        )
    signed = tuple(parts["SignedHeaders"].split(";"))
    return _Claim(
        access_key_id=scope[1],
        date=scope[2],
        region=scope[3],
        service=scope[4],
        signed_headers=signed,
        signature=parts["Signature"],
        timestamp=timestamp,
        session_token=token,
        payload_hash=payload_hash,
    )


def _signature(request: SignedRequest, claim: _Claim, secret: str) -> str:
    canonical = "\n".join(
        (
            request.method,
            quote(unquote(request.path) or "/", safe="/-_.~"),
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
