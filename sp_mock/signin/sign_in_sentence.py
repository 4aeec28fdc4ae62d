"""How the sign-in page words a refusal."""

from __future__ import annotations

from emulator.kernel.errors import AwsRefusal, DiscoveryRefusal, InvalidSamlResponse, SignInRefusal
from sp_mock.apis.query_protocol import discovery_message


def sign_in_sentence(refusal: AwsRefusal, *, request_id: str) -> str:
    """Returns the one sentence the sign-in page shows.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: observed (letter case and the Proxy part)
    """
    if isinstance(refusal, InvalidSamlResponse | SignInRefusal):
        return refusal.message
    if isinstance(refusal, DiscoveryRefusal):
        return f"Failed to assume role: {discovery_message(refusal, request_id=request_id)}. Please try again."
    return (
        f"{refusal.message} (Service: AWSSecurityTokenService; Status Code: {refusal.status}; "
        f"Error Code: {refusal.code}; Request ID: {request_id}; Proxy: null). Please try again."
    )
