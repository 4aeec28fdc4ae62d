"""What group mapping makes of each of a person's groups, and the group filter that would match them."""

from __future__ import annotations

from emulator.kernel.records import dataclass
from idp.saml.explanations.group_filters import filled_in, repaired
from idp.saml.explanations.message import IssuedMessage
from idp.saml.explanations.role_arns import ROLE, arns_in, wanted_arns
from idp.saml.roles import compile_group_filter
from idp.saml.wording import change


@dataclass(frozen=True, slots=True)
class MappedGroup:
    """The result of group mapping for one of the person's groups.

    Args:
        name: Name of the group.
        index: Its position among the person's groups.
        source: Where the group is managed.
        is_let_in: Whether App Filter lets groups of this source through.
        value: The Role value that its name gives; None where the filter does not match.
        found: What the filter's named groups captured.
    """

    name: str
    index: int
    source: str
    is_let_in: bool
    value: str | None
    found: dict[str, str | None]


def mapped_groups(message: IssuedMessage) -> tuple[MappedGroup, ...]:
    """Returns the result of group mapping for each of the person's groups."""
    return tuple(_mapped(message, name, index) for index, name in enumerate(message.user.groups))


def _mapped(message: IssuedMessage, name: str, index: int) -> MappedGroup:
    app, known = message.app, message.org.groups.get(name)
    source = known.source if known else "okta"
    match = compile_group_filter(app.group_filter).search(name)
    found = match.groupdict() if match is not None else {}
    value = filled_in(app.role_value_pattern, found) if match is not None else None
    sources = {each.strip() for each in app.app_filter.split(",")}
    return MappedGroup(name, index, source, source in sources, value, found)


def better_filter(message: IssuedMessage, groups: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, bool]:
    """Returns a filter that matches, preferably one that gives a wanted role."""
    app, roles = message.app, wanted_arns(wanted, ROLE)
    names = [role.name for role in roles]
    if roles:
        found = repaired(
            app.group_filter,
            groups,
            pattern=app.role_value_pattern,
            wanted_roles=names,
            is_right=lambda value: any(arn in roles for arn in arns_in(value)),
        )
        if found[0]:
            return found
    return repaired(app.group_filter, groups, pattern=app.role_value_pattern, wanted_roles=names)


def change_of_filter(better: str, groups: tuple[str, ...]) -> str:
    """Returns sentences that say to set the group filter, and which of a person's groups it then matches."""
    compiled = compile_group_filter(better)
    fitting = [name for name in groups if compiled.search(name) is not None]
    told = f" It matches {', '.join(fitting[:3])}." if fitting else ""
    return f"{change('group_filter', better)}{told}"
