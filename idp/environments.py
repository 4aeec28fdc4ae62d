"""The AWS environments that Okta's AWS app offers, and the URL to which each of them has assertions posted."""

from __future__ import annotations

# The names other than aws.amazon are not public.
ENVIRONMENTS = {
    "aws.amazon": "https://signin.aws.amazon.com/saml",
    "aws.govcloud": "https://signin.amazonaws-us-gov.com/saml",
    "aws.china": "https://signin.amazonaws.cn/saml",
}
