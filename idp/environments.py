"""The AWS environments that Okta's AWS app offers, and where each of them takes assertions."""

from __future__ import annotations

# The names besides aws.amazon are not public.
ENVIRONMENTS = {
    "aws.amazon": "https://signin.aws.amazon.com/saml",
    "aws.govcloud": "https://signin.amazonaws-us-gov.com/saml",
    "aws.china": "https://signin.amazonaws.cn/saml",
}
