"""How a Resource of a policy differs from the resource of a request, in words.

Spec: AWS IAM UG "reference_policies_elements_resource", "reference_policies_variables"; Amazon Connect Administrator
    Guide "security_iam_id-based-policy-examples"
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from sp_mock.policies.patterns import Context, Template

WITH_VARIABLES = "2012-10-17"
_PARTS = 6
_NAMES = {1: "the partition", 2: "the service", 3: "the region", 4: "the account"}
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_INSTANCE = re.compile(r"instance/(?P<id>[^/]*)(?P<rest>.*)", re.DOTALL)
_OF_IAM_USERS = frozenset({"aws:username"})


def resource_difference(written: str, received: str, *, variables: Context, version: str) -> str:
    """Returns how a Resource differs from the ARN of a request, as the rest of a sentence about a statement.

    Args:
        written: Resource as the policy writes it.
        received: ARN of the request's resource.
        variables: Values for ``${…}``, by key in lower case.
        version: Version of the policy.
    """
    if "${" in written and version != WITH_VARIABLES:
        return f"its Version is {version}, in which {_first_variable(written)} is plain text"
    has_variables = version == WITH_VARIABLES
    pattern = Template(written, variables=has_variables).plain(variables) or written
    patterns, parts = pattern.split(":", _PARTS - 1), received.split(":", _PARTS - 1)
    if len(patterns) < _PARTS or len(parts) < _PARTS:
        return f"its Resource is {written}, and the request is about {received}"
    differences = [
        f"its Resource has {name} {patterns[index] or '(none)'}, and the request has {parts[index] or '(none)'}"
        for index, name in _NAMES.items()
        if not Template(patterns[index], variables=False).matches(parts[index], {})
    ]
    written_path = written.split(":", _PARTS - 1)[-1]
    if not Template(written_path, variables=has_variables).matches(parts[-1], variables):
        differences += _in_paths(written_path, patterns[-1], parts[-1], variables)
    return "; ".join(differences) or f"its Resource is {written}, and the request is about {received}"


def _first_variable(written: str) -> str:
    match = _VARIABLE.search(written)
    return match[0] if match else "${…}"


def _in_paths(written: str, filled: str, received: str, variables: Context) -> Iterator[str]:
    """Yields the differences in the part of an ARN whose meaning depends on the service."""
    unknown = [
        name for name in _VARIABLE.findall(written) if Template(f"${{{name}}}", variables=True).plain(variables) is None
    ]
    yield from (_unknown_variable(name, variables) for name in unknown)
    asked, named = _INSTANCE.fullmatch(received), _INSTANCE.fullmatch(filled)
    if asked is None or named is None:
        if not unknown:
            yield f"its Resource has {written}, and the request is about {received}"
        return
    if not Template(named["id"], variables=False).matches(asked["id"], {}):
        yield f"its Resource names the instance {named['id']}, and {asked['id']} is asked for"
    if unknown or Template(named["rest"], variables=False).matches(asked["rest"], {}):
        return
    if not named["rest"].strip("/"):
        yield f"its Resource ends at the instance, and the request is about {_kind(asked['rest'])} of it"
    elif not asked["rest"]:
        yield f"its Resource goes on with {named['rest']}, and the request is about the instance itself"
    elif "aws:userid" in written.lower() and "${aws:userid}" not in written.lower():
        yield "its Resource has aws:userid, but not as the variable ${aws:userid}"
    else:
        yield f"its Resource ends in {_after_the_instance(written)}, and the request in {asked['rest']}"


def _after_the_instance(written: str) -> str:
    match = _INSTANCE.fullmatch(written)
    return match["rest"] if match else written


def _kind(rest: str) -> str:
    return f"a {rest.split('/')[1]}" if rest.count("/") else rest


def _unknown_variable(name: str, variables: Context) -> str:
    key = name.partition(",")[0].strip().lower()
    if key in _OF_IAM_USERS:
        return f"its Resource has the variable ${{{name}}}, which IAM users have and role sessions do not"
    near = difflib.get_close_matches(key, variables, n=1, cutoff=0.7)
    hint = f"; ${{{near[0]}}} has one" if near else ""
    return f"its Resource has the variable ${{{name}}}, which has no value in this request{hint}"
