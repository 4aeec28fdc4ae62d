"""How the sign-in page words a refusal."""

from __future__ import annotations

from flask import Response

from emulator.kernel.clock import Ids
from emulator.kernel.errors import AwsRefusal, DiscoveryRefusal, InvalidSamlResponse, SignInRefusal, UnusableSessionTags
from sp_mock.apis.query_protocol import discovery_message
from sp_mock.pages import SIGN_IN, refusal_page, service
from sp_mock.signin.cookies import request_endpoint


def sign_in_refusal_page(refusal: AwsRefusal, *, request_id: str = "") -> Response:
    """Answers with the refusal in the sign-in page's words.

    Args:
        request_id: Request id from STS; a new one by default.
    """
    sentence = _sentence(refusal, request_id=request_id or service(Ids).uuid())
    return refusal_page(refusal, brand=SIGN_IN, sentence=sentence, logout_url=request_endpoint().logout_url)


def _sentence(refusal: AwsRefusal, *, request_id: str) -> str:
    """Returns the single sentence that the sign-in page shows.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: observed (letter case, the Proxy part, and STS's other name with session tags)
    """
    if isinstance(refusal, InvalidSamlResponse | SignInRefusal):
        return refusal.message
    if isinstance(refusal, DiscoveryRefusal):
        return f"Failed to assume role: {discovery_message(refusal, request_id=request_id)}. Please try again."
    component = "AWSSecurityTokenV20111201" if isinstance(refusal, UnusableSessionTags) else "AWSSecurityTokenService"
    return (
        f"{refusal.message} (Service: {component}; Status Code: {refusal.status}; "
        f"Error Code: {refusal.code}; Request ID: {request_id}; Proxy: null). Please try again."
    )
