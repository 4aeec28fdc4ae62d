"""Why an attribute has its values, or is absent: which statement wrote it, or almost did under another name."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from emulator.kernel.explanations import Change, Explanation, Setting
from idp.model import AttributeStatement
from idp.saml.claims import AWS_ATTRIBUTES, statement_values
from idp.saml.explanations.message import IssuedMessage
from idp.saml.explanations.persons import who_else_has
from idp.saml.explanations.role_arns import disagreements, is_pair
from idp.saml.usernames import (
    application_username,
    field_names,
    field_path,
    field_value,
    username_scope,
    variables_of,
)
from idp.saml.wording import CONSOLE, change, difference, nearest, one_of, visible

_KNOWN = tuple(
    AWS_ATTRIBUTES + name
    for name in ("Role", "RoleSessionName", "SessionDuration", "SourceIdentity", "TransitiveTagKeys")
)
_TAG = AWS_ATTRIBUTES + "PrincipalTag:"
_ALIKE = 0.75


def explain_attribute(message: IssuedMessage, name: str, wanted: tuple[str, ...]) -> Explanation:
    """Returns which attribute statement wrote an attribute, or why none did.

    Args:
        message: The issued message.
        name: Full name of the attribute.
        wanted: What would be right.
    """
    written = [(i, each) for i, each in enumerate(message.app.attributes) if each.name == name]
    if not written:
        return _no_statement(message, name)
    scope = username_scope(
        message.org, message.app, message.user, username=application_username(message.org, message.app, message.user)
    )
    with_values = [(i, each, values) for i, each in written if (values := statement_values(each, scope))]
    if not with_values:
        return _no_value(message, *written[0])
    if len(with_values) > 1 and not wanted:
        causes = tuple(message.setting("attributes", i, "name") for i, _, _ in with_values[:2])
        return Explanation(
            f"Two attribute statements of {message.app.label} are called {name}.",
            causes,
            want=f"one attribute {name}",
            got=one_of(value for _, _, values in with_values for value in values),
            fix=f"Take saml.attributes[{with_values[1][0]}] out ({CONSOLE['saml.attributes']}).",
            changes=(Change(message.setting("attributes", with_values[1][0])),),
        )
    index, statement, values = with_values[0]
    if statement.group_filter:
        return _groups_sent(message, index, statement, values, wanted)
    return _wrong_value(message, index, statement, values, wanted)


# --- No attribute -----------------------------------------------------------------------------------------------------


def _no_statement(message: IssuedMessage, name: str) -> Explanation:
    near = _nearest_statement(message, name)
    if near is None:
        names = ", ".join(visible(each.name) for each in message.app.attributes) or "no attribute statement"
        return Explanation(
            f"No attribute statement of {message.app.label} is called {name}.",
            (message.setting("attributes"),),
            want=name,
            got=names,
            fix=f"Add an attribute statement with the name {name} to saml.attributes ({CONSOLE['saml.attributes']}).",
        )
    return _other_name(message, *near, name)


def explain_attribute_name(message: IssuedMessage, name: str, wanted: tuple[str, ...]) -> Explanation:
    """Returns which attribute statement has a name that AWS does not look for.

    Args:
        message: The issued message.
        name: Full name of the attribute.
        wanted: The name that it should have.
    """
    written = next(((i, each) for i, each in enumerate(message.app.attributes) if each.name == name), None)
    if written is None or not wanted:
        return explain_attribute(message, wanted[0] if wanted else name, ())
    return _other_name(message, *written, wanted[0])


def _other_name(message: IssuedMessage, index: int, statement: AttributeStatement, name: str) -> Explanation:
    marked, written = difference(name, statement.name), visible(statement.name)
    return Explanation(
        f"The attribute statement is called {written}, not {name}{f': {marked}' if marked else ''}.",
        (message.setting("attributes", index, "name"),),
        want=name,
        got=written,
        fix=f"Rename the attribute {written} to {name} (saml.attributes[{index}].name; {CONSOLE['saml.attributes']}).",
        changes=(Change(message.setting("attributes", index, "name"), name),),
    )


def _nearest_statement(message: IssuedMessage, name: str) -> tuple[int, AttributeStatement] | None:
    """Returns the statement that was probably meant: one with a similar name that is not another attribute's."""
    likeness = {
        index: _alike(statement.name, name)
        for index, statement in enumerate(message.app.attributes)
        if statement.name not in _KNOWN
        and not (statement.name.startswith(_TAG) and not name.startswith(_TAG))
        and _closest_known(statement.name, name) == name
    }
    best = max(likeness, key=lambda index: likeness[index], default=None)
    if best is None or likeness[best] < _ALIKE:
        return None
    return best, message.app.attributes[best]


def _closest_known(written: str, name: str) -> str:
    return max((*dict.fromkeys((name, *_KNOWN)),), key=lambda each: _alike(written, each))


def _alike(one: str, other: str) -> float:
    """Returns how similar two attribute names are: as wholes, in their last parts, and in the last words of these."""
    last, wanted = _last_part(one), _last_part(other)
    same_end = _ratio(_letters(last), wanted)
    whole = _ratio(one.strip(), other) if "/" in one else 0.0
    likeness = max(whole, same_end) * (0.5 + same_end / 2)
    return max(likeness, _ALIKE) if last.split()[-1:] == [wanted] else likeness


def _letters(text: str) -> str:
    return "".join(each for each in text if each.isalnum())


def _ratio(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one.casefold(), other.casefold()).ratio()


def _last_part(name: str) -> str:
    return name.strip().rstrip("/").rpartition("/")[2].strip().casefold()


def _no_value(message: IssuedMessage, index: int, statement: AttributeStatement) -> Explanation:
    """Explains a statement that gives no value for this person."""
    login, console = message.user.login, CONSOLE["saml.attributes"]
    if statement.group_filter:
        groups = ", ".join(message.user.groups) or "no groups"
        return Explanation(
            f"The attribute statement {statement.name} sends the groups whose names {_verb(statement)}, and {login} is "
            f"in none such: {groups}.",
            (message.setting("attributes", index, "group_text"), message.of_user("groups")),
            want=f"a group of {login} that the filter fits",
            got=groups,
            fix=f"Make saml.attributes[{index}].groups fit the names of {login}'s groups ({console}).",
        )
    expressions = ", ".join(statement.expressions)
    causes: tuple[Setting, ...] = (message.setting("attributes", index, "expressions"),)
    fields = [each for text in statement.expressions for each in variables_of(text)]
    fix = f"Write an expression that has a value for {login} in saml.attributes[{index}].values ({console})."
    lacking = [each for each in fields if not field_value(message.user, each)]
    if lacking:
        return _no_field(message, index, statement, lacking[0])
    return Explanation(
        f"The attribute statement {statement.name} is {expressions}, which comes to nothing for {login}: an attribute "
        "without a value is not sent.",
        causes,
        want=f"a value of {statement.name}",
        got="no value",
        fix=fix,
    )


def _no_field(message: IssuedMessage, index: int, statement: AttributeStatement, field: str) -> Explanation:
    """Explains a statement with a field that the person lacks: if nobody has the field, the statement is wrong."""
    login, console, key = message.user.login, CONSOLE["saml.attributes"], f"saml.attributes[{index}].values"
    expressions, theirs = ", ".join(statement.expressions), ".".join(("users", login, *field_path(field)))
    causes = (message.setting("attributes", index, "expressions"), message.of_user(*field_path(field)))
    near, rare = nearest(field, field_names(message.user), cutoff=0.75), who_else_has(message, field)
    fix = f"Give {login} a {field} ({theirs}; Directory > People > person > Profile)."
    setting = message.setting("attributes", index, "expressions")
    changes: tuple[Change, ...] = ()
    if near and rare:
        fix = change("saml.attributes", f"[{expressions.replace(f'.{field}', f'.{near}')}]", key=key)
        changes = _written(setting, [each.replace(f".{field}", f".{near}") for each in statement.expressions])
    elif near:
        changes = _renamed_field(message, near, field)
        causes = (causes[0], message.of_user(*field_path(near)))
        written = ".".join(("users", login, *field_path(near)))
        fix = f"Rename {written} to {field} (Directory > People > person > Profile)."
    elif rare and statement.name == f"{AWS_ATTRIBUTES}RoleSessionName":
        fix = change("saml.attributes", "[user.login]", key=key)
        changes = _written(setting, ["user.login"])
    elif rare:
        fix = f"{fix.removesuffix('.')}, or write an expression of fields that everybody has in {key} ({console})."
    nobody = f" ({rare})" if rare and not near else ""
    return Explanation(
        f"The attribute statement {statement.name} is {expressions}, and {login} has no {field}{nobody}: an "
        "attribute without a value is not sent.",
        causes if rare else (causes[1], causes[0]),
        want=f"a value of {statement.name}",
        got=f"no {field}",
        fix=fix,
        changes=changes,
    )


def _written(setting: Setting, expressions: list[str]) -> tuple[Change, ...]:
    return (Change(setting, expressions),)


def _renamed_field(message: IssuedMessage, present: str, name: str) -> tuple[Change, ...]:
    """Returns the changes that rename a person's field; none for one of Okta's own fields."""
    if present not in message.user.profile:
        return ()
    value = message.user.profile[present]
    return (
        Change(message.of_user("profile", name), list(value) if isinstance(value, tuple) else value),
        Change(message.of_user("profile", present)),
    )


def _verb(statement: AttributeStatement) -> str:
    verbs = {"starts_with": "start with", "equals": "equal", "contains": "contain", "regex": "match"}
    return f"{verbs[statement.group_filter]} {statement.group_text}"


# --- Another value ----------------------------------------------------------------------------------------------------


def _groups_sent(
    message: IssuedMessage, index: int, statement: AttributeStatement, values: tuple[str, ...], wanted: tuple[str, ...]
) -> Explanation:
    return Explanation(
        f"The attribute statement {statement.name} sends the groups of {message.user.login} whose names "
        f"{_verb(statement)}.",
        (message.setting("attributes", index, "group_text"), message.of_user("groups")),
        want=one_of(wanted),
        got=one_of(values),
        fix=f"Make saml.attributes[{index}].groups fit the right groups only ({CONSOLE['saml.attributes']}).",
    )


def _wrong_value(
    message: IssuedMessage, index: int, statement: AttributeStatement, values: tuple[str, ...], wanted: tuple[str, ...]
) -> Explanation:
    corrected = _corrected(statement, values, wanted)
    position, better, what = corrected if corrected is not None else (0, "", "")
    expression = statement.expressions[position]
    key = f"saml.attributes[{index}].values[{position}]"
    return Explanation(
        f"The attribute statement {statement.name} is {expression}{f': {what}' if what else ''}.",
        (message.setting("attributes", index, "expressions", position), *_fields_behind(message, expression)),
        want=one_of(wanted),
        got=visible(one_of(values)) if what else one_of(values),
        fix=change("saml.attributes", better, key=key)
        if better
        else f"Let {key} come to {one_of(wanted)} ({CONSOLE['saml.attributes']})."
        if wanted
        else "",
        changes=(Change(message.setting("attributes", index, "expressions", position), better),) if better else (),
    )


def _fields_behind(message: IssuedMessage, expression: str) -> Iterator[Setting]:
    """Yields the person's own field that an expression takes its value from."""
    yield from (message.of_user(*field_path(name)) for name in variables_of(expression)[:1])


def _corrected(
    statement: AttributeStatement, values: tuple[str, ...], wanted: tuple[str, ...]
) -> tuple[int, str, str] | None:
    """Returns the place of the wrong expression, what to write there, and how the two differ."""
    found = next(disagreements(values, wanted), None)
    if found is not None:
        for position, expression in enumerate(statement.expressions):
            if str(found.got) in expression:
                better = expression.replace(str(found.got), str(found.want))
                return position, better, difference(str(found.want), str(found.got))
    right = [each for each in wanted if each not in values]
    if not right or len(right) < len(wanted):
        return None
    parts = [(value, got, want) for value in values for got in (value, *value.split(",")) for want in right]
    alike = {each: _ratio(*each[1:]) for each in parts if each[1].count(",") == each[2].count(",")}
    for value, got, want in sorted(alike, key=lambda each: -alike[each])[:1]:
        at = next((i for i, each in enumerate(statement.expressions) if got in each and f'"{value}"' in each), None)
        if at is not None and alike[value, got, want] >= _ALIKE:
            return at, statement.expressions[at].replace(got, want), difference(want, got)
    first = right[0]
    if len(values) == 1 and statement.expressions == (f'"{values[0]}"',):
        if {" ", ","} & set(first) and not is_pair(first):
            return None
        return 0, f'"{first}"', difference(first, values[0])
    return None
