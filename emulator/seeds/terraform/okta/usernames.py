"""The format of an app's user names, which become the RoleSessionName in AWS.

Spec: registry.terraform.io/providers/okta/okta, resource okta_app_saml, user_name_template
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.seeds.terraform.resources import Resource

_USERNAMES: Mapping[str, str] = {
    "${source.login}": "okta_username",
    "${source.email}": "email",
    '${fn:substringBefore(source.login,"@")}': "okta_username_prefix",
    '${fn:substringBefore(source.email,"@")}': "email_prefix",
}
_EXPRESSIONS: Mapping[str, str] = {
    "okta_username": "user.login",
    "email": "user.email",
    "okta_username_prefix": 'String.substringBefore(user.login, "@")',
    "email_prefix": 'String.substringBefore(user.email, "@")',
}


def username_format(resource: Resource) -> str | None:
    """Returns the format of user names in an app, by its name in a world file; None if it is not known."""
    if resource.is_unknown("user_name_template") and resource.values.get("user_name_template") is None:
        return None
    template = resource.text("user_name_template") or "${source.login}"
    found = _USERNAMES.get(template.replace(", ", ","))
    if found is None:
        if resource.text("user_name_template_type") == "NONE":
            return None
        inside = template[2:-1] if template.startswith("${") and template.endswith("}") else template
        if "${" in inside or "fn:" in inside:
            return None
        found = inside.replace("source.", "user.")
    suffix = resource.text("user_name_template_suffix")
    return f'{_EXPRESSIONS.get(found, found)} + "{suffix}"' if suffix else found
