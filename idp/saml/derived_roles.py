"""Why a person has the Role values that they have, or none: assignments, and groups that a filter did not fit."""

from __future__ import annotations

from emulator.kernel.explanations import Explanation, Setting
from idp.model import App, Org, User
from idp.saml.roles import compile_group_filter


def explain_roles(org: Org, app: App, user: User, *, wanted: tuple[str, ...] = ()) -> Explanation:
    """Returns where a person's Role values come from, or why there are none.

    Args:
        org: The org.
        app: To whom.
        user: About whom.
        wanted: The values that were expected.
    """

    def setting(*path: str | int) -> Setting:
        return Setting(org, ("apps", app.name, *path))

    if app.use_group_mapping:
        pattern = compile_group_filter(app.group_filter)
        fits = [group for group in user.groups if pattern.search(group)]
        if not fits:
            groups = ", ".join(user.groups) or "no groups"
            return Explanation(
                f"Group mapping is on, and the group filter {app.group_filter} matches none of {user.login}'s groups.",
                (setting("group_filter"),),
                want=" or ".join(wanted) or "a group filter that fits the names of the groups",
                got=groups,
                fix="Make the group filter fit the names of the groups.",
            )
        return Explanation(
            "The group filter and the Role Value Pattern made the values.", (setting("role_value_pattern"),)
        )
    return Explanation("The roles are those of the assignments.", (setting("assignments"),))
