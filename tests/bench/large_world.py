"""A world of many people and roles: role names by group, as a company of that size would map them."""

from __future__ import annotations

from pathlib import Path

_ACCOUNT = "123456789012"


def write_large_world(path: Path, *, people: int, roles: int) -> None:
    """Writes a world in which every person is in one group and every group gives one role."""
    groups = [f"aws#prod#Role{number:04}#{_ACCOUNT}" for number in range(roles)]
    lines = ["version: 1", "okta:", "  acme:", "    users:"]
    for number in range(people):
        name = f"person{number:05}"
        lines += [
            f"      {name}@example.com:",
            f"        first_name: First{number}",
            f"        last_name: Last{number}",
            "        password: correct-horse",
            f'        groups: ["{groups[number % roles]}"]',
        ]
    lines += [
        "    apps:",
        "      amazon-connect:",
        "        catalog: amazon_aws",
        "        label: Amazon Connect SAML",
        f"        identity_provider_arn: arn:aws:iam::{_ACCOUNT}:saml-provider/okta",
        "        use_group_mapping: true",
        "        group_filter: '^aws\\#\\S+\\#(?{{role}}[\\w\\-]+)\\#(?{{accountid}}\\d+)$'",
        "        role_value_pattern: arn:aws:iam::${accountid}:saml-provider/okta,"
        "arn:aws:iam::${accountid}:role/${role}",
        "        assignments:",
        *[f'          - {{group: "{group}"}}' for group in groups],
        "aws:",
        f'  "{_ACCOUNT}":',
        "    alias: acme",
        "    saml_providers:",
        "      okta: {metadata: {okta_app: acme/amazon-connect}}",
        "    roles:",
    ]
    for number in range(roles):
        lines += [
            f"      Role{number:04}:",
            "        trust:",
            "          Version: '2012-10-17'",
            "          Statement:",
            "            - Effect: Allow",
            f"              Principal: {{Federated: 'arn:aws:iam::{_ACCOUNT}:saml-provider/okta'}}",
            "              Action: sts:AssumeRoleWithSAML",
            "              Condition:",
            "                StringEquals:",
            "                  SAML:aud: https://signin.aws.amazon.com/saml",
        ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
