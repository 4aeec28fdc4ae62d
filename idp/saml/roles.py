"""Which roles a person gets in AWS: assigned ones, or ones read from the names of their groups."""

from __future__ import annotations

import re
from functools import lru_cache

from emulator.kernel.errors import FederationError
from idp.model import App, Org, User

_IN_ACCOUNT = re.compile(r"\[(?P<alias>[^\]]+)\] -- (?P<role>.+)")
_NAMED_GROUP = re.compile(r"\(\?\{\{(\w+)\}\}")


def role_values(org: Org, app: App, user: User) -> tuple[str, ...]:
    """Returns the values of the Role attribute: each is ``provider ARN,role ARN``, without repetitions.

    A direct assignment takes precedence over assignments by group, unless all roles are joined. Group mapping replaces
    both.

    Raises:
        FederationError: the app's Identity Provider ARN is not a valid ARN.

    Spec: help.okta.com "aws-configure-aws-app", "connect-okta-multiple-aws-groups"
    Evidence: documented
    """
    if app.use_group_mapping:
        return tuple(dict.fromkeys(_mapped(org, app, user)))
    assignments = org.assigned(app, user)
    chosen = assignments if app.join_all_roles else assignments[:1]
    names = dict.fromkeys(role for assignment in chosen for role in assignment.roles)
    return tuple(_pair(app, name) for name in names)


def _pair(app: App, name: str) -> str:
    """Returns provider and role ARN; ``[alias] -- rolename`` is a role of the account with that alias."""
    arn = app.identity_provider_arn.split(":", 5)
    if len(arn) != 6:
        raise FederationError(
            f"the Identity Provider ARN of {app.label} is no ARN",
            expected="arn:aws:iam::123456789012:saml-provider/okta",
            received=app.identity_provider_arn,
        )
    in_account = _IN_ACCOUNT.fullmatch(name)
    account = arn[4]
    if in_account is not None:
        known = app.provisioning.accounts if app.provisioning else {}
        account, name = known.get(in_account["alias"], in_account["alias"]), in_account["role"]
    return f"arn:{arn[1]}:iam::{account}:{arn[5]},arn:{arn[1]}:iam::{account}:role/{name}"


def _mapped(org: Org, app: App, user: User) -> list[str]:
    """Derives roles from the names of the user's groups that the setting App Filter lets through."""
    sources = {source.strip() for source in app.app_filter.split(",")}
    pattern = compile_group_filter(app.group_filter)
    values = []
    for group in user.groups:
        match = pattern.search(group)
        known = org.groups.get(group)
        if match and (known.source if known else "okta") in sources:
            value = app.role_value_pattern
            for name, text in match.groupdict().items():
                value = value.replace("${" + name + "}", text or "")
            values.append(value)
    return values


@lru_cache(maxsize=64)
def compile_group_filter(text: str) -> re.Pattern[str]:
    """Compiles Okta's regular expressions for groups, whose named groups are written ``(?{{name}}…)``.

    Raises:
        FederationError: it does not compile.

    Spec: help.okta.com "connect-okta-multiple-aws-groups"
    Evidence: documented
    """
    try:
        return re.compile(_NAMED_GROUP.sub(r"(?P<\1>", text))
    except (re.error, OverflowError, RecursionError) as error:
        raise FederationError(
            f"the group filter does not compile: {error}",
            expected=r"a regular expression such as ^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$",
            received=text,
        ) from None
