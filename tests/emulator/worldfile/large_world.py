"""Worlds as large as a company's: people in groups, a role for each group, and everybody in Amazon Connect."""

from __future__ import annotations

from collections.abc import Iterator

INSTANCE = "12345678-90ab-cdef-1234-567890abcdef"


def large_world(*, people: int, roles: int) -> str:
    """Returns the text of a world file."""
    return "\n".join([*_okta(people, roles), *_aws(people, roles), ""])


def _okta(people: int, roles: int) -> Iterator[str]:
    yield "version: 1\nokta:\n  acme:"
    yield f"    groups: [{', '.join(f'Group{number}' for number in range(roles))}]\n    users:"
    for number in range(people):
        groups = f"Group{number % roles}, Group{(number + 1) % roles}"
        name = f"first_name: Person{number}, last_name: Family{number}"
        yield f"      person{number}@example.com: {{{name}, password: secret-{number}, groups: [{groups}]}}"
    yield "    apps:\n      amazon-connect:"
    yield "        identity_provider_arn: arn:aws:iam::123456789012:saml-provider/okta\n        assignments:"
    for number in range(roles):
        yield f"          - {{group: Group{number}, role: Role{number}, saml_user_roles: [Role{number}]}}"


def _aws(people: int, roles: int) -> Iterator[str]:
    yield 'aws:\n  "123456789012":\n    saml_providers: {okta: {metadata: {okta_app: acme/amazon-connect}}}'
    yield "    policies:"
    for number in range(roles):
        yield f'      login{number}:\n        Version: "2012-10-17"\n        Statement:\n          - Effect: Allow'
        yield "            Action: connect:GetFederationToken"
        yield '            Resource: "*"'
        yield f'            Condition: {{StringEquals: {{"connect:InstanceId": {INSTANCE}}}}}'
    yield "    roles:"
    for number in range(roles):
        yield f"      Role{number}:\n        policies: [login{number}]\n        trust:"
        yield '          Version: "2012-10-17"\n          Statement:\n            - Effect: Allow'
        yield '              Principal: {Federated: "arn:aws:iam::123456789012:saml-provider/okta"}'
        yield "              Action: sts:AssumeRoleWithSAML"
    yield f"    connect:\n      {INSTANCE}:\n        alias: acme\n        region: ap-northeast-1\n        users:"
    for number in range(people):
        yield f"          person{number}@example.com: {{first_name: Person{number}, last_name: Family{number}}}"
