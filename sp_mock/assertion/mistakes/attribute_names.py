"""Attributes whose names are nearly those that AWS looks for: what arrived, and how it differs."""

from __future__ import annotations

import re
from itertools import islice

from emulator.kernel.differences import difference, nearest, visible
from emulator.kernel.explanations import Sent
from sp_mock.assertion.mistakes.mistake import Mistake
from sp_mock.assertion.values import (
    AWS_ATTRIBUTES,
    PRINCIPAL_TAG,
    ROLE,
    ROLE_SESSION_NAME,
    SESSION_DURATION,
    SOURCE_IDENTITY,
    TRANSITIVE_TAG_KEYS,
    AssertionValues,
    attribute_path,
)

KNOWN = (ROLE, ROLE_SESSION_NAME, SESSION_DURATION, SOURCE_IDENTITY, TRANSITIVE_TAG_KEYS)
_MANY = 100
_LAST_PART = re.compile(r"[^/:#]*$")


def near_name(values: AssertionValues, wanted: str) -> str | None:
    """Returns the name of the attribute that was most likely meant to have the wanted name, or None.

    Args:
        wanted: A name that AWS looks for.
    """
    others = (name for each in values.attributes if (name := each.name) not in KNOWN and not _is_tag(name))
    names = list(islice(others, _MANY))
    meant = [name for name in names if _known_name(name) == wanted]
    return nearest(wanted, meant) or next(iter(meant), None)


def misnamed_tag(values: AssertionValues, key: str) -> str | None:
    """Returns the name of the attribute that was most likely meant to be a session tag, or None.

    Args:
        key: The tag's key, which no attribute has.
    """
    names = [name for each in values.attributes if (name := each.name) not in KNOWN and not _is_tag(name)]
    return nearest(PRINCIPAL_TAG + key, names)


def _is_tag(name: str) -> bool:
    return name.startswith(PRINCIPAL_TAG)


def _known_name(name: str) -> str | None:
    """Returns AWS's attribute name that another name resembles, as a whole or in its last part."""
    whole = name.strip()
    if whole.startswith(AWS_ATTRIBUTES[:-1]) or "aws" in whole.lower() or "/SAML/" in whole:
        near = nearest(name, KNOWN)
        if near is not None:
            return near
    last = _last_part(whole)
    by_last = {_last_part(known): known for known in KNOWN}
    exact = {known.lower(): known for known in by_last}.get(last.lower())
    near = exact or (nearest(last, by_last) if len(last) > 3 else None)
    return by_last[near] if near is not None else None


def _last_part(name: str) -> str:
    match = _LAST_PART.search(name.rstrip("/"))
    return match[0] if match else name


def name_mistake(values: AssertionValues, wanted: str) -> Mistake | None:
    """Explains that an attribute nearly has a name that AWS looks for; None when none does.

    Args:
        wanted: The name that AWS looks for and no attribute has.
    """
    name = near_name(values, wanted)
    if name is None:
        return None
    shown = visible(name) if name != name.strip() or not name.isascii() else name
    return Mistake(
        f"The attribute is called {shown}; AWS looks for {wanted}, and compares names exactly: "
        f"{difference(wanted, name)}.",
        where=attribute_path(name),
        expected=wanted,
        received=name,
        fix=f"Change the attribute's name from {shown} to {wanted}.",
        # Only the identity provider can say why it sent no attribute of the right name.
        causes=(Sent(attribute_path(wanted)),),
    )


def names_received(values: AssertionValues) -> str:
    """Returns the names of the attributes that did arrive, for someone who is missing one."""
    names = list(dict.fromkeys(each.name for each in values.attributes))
    shown = ", ".join(name.removeprefix(AWS_ATTRIBUTES) for name in names[:8])
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f"the attributes {shown}{more}" if names else "no attributes"
