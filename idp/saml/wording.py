"""Words that the explanations share: how to write a change, and how two values differ."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

CONSOLE = {
    "acs_url": "app > Sign On > ACS URL, of a custom app General > SAML Settings > Single sign-on URL",
    "app_filter": "app > Sign On > App Filter",
    "assertion_encryption": "app > General > SAML Settings > Assertion Encryption",
    "assignments": "app > Assignments",
    "audience": "app > General > SAML Settings > Audience URI (SP Entity ID)",
    "default_relay_state": "app > Sign On > Default Relay State",
    "environment": "app > Sign On > AWS Environment",
    "group_filter": "app > Sign On > Group Filter",
    "identity_provider_arn": "app > Sign On > Identity Provider ARN",
    "join_all_roles": "app > Sign On > Join all roles",
    "role_value_pattern": "app > Sign On > Role Value Pattern",
    "saml.attributes": "app > General > SAML Settings > Attribute Statements",
    "saml.authn_context": "app > General > SAML Settings > Authentication context class",
    "saml.destination": "app > General > SAML Settings > Destination URL",
    "saml.issuer": "app > General > SAML Settings > SAML Issuer ID",
    "saml.name_id": "app > General > SAML Settings > Application username > Custom",
    "saml.name_id_format": "app > General > SAML Settings > Name ID format",
    "saml.recipient": "app > General > SAML Settings > Recipient URL",
    "saml.signature_algorithm": "app > General > SAML Settings > Signature Algorithm",
    "saml.signed": "app > General > SAML Settings > Response and Assertion Signature",
    "session_duration": "app > Sign On > Session Duration",
    "signing": "app > Sign On > SAML Signing Certificates",
    "use_group_mapping": "app > Sign On > Use Group Mapping",
    "username_format": "app > Sign On > Application username format",
}
_LONG = 60
_SHOWN = 12
_VISIBLE = str.maketrans({" ": "␣", "\t": "⇥", "\n": "↵", "\u00a0": "⍽", "\u200b": "(zero width space)"})


def change(name: str, value: str, *, key: str = "") -> str:
    """Returns the sentence that says to set a setting of the app.

    Args:
        name: Key in the world, by which the console's label is found.
        value: Value to write.
        key: Full key where it goes deeper, such as ``saml.attributes[0].name``.
    """
    return f"Set {key or name}: {value} ({CONSOLE[name]})."


def one_of(values: Iterable[str]) -> str:
    """Returns values with ``or`` between them."""
    return " or ".join(values)


def nearest(value: str, candidates: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Returns the candidate that is most similar to a value, ignoring case; empty when none is similar."""
    folded = {each.casefold(): each for each in candidates}
    found = difflib.get_close_matches(value.casefold(), list(folded), n=1, cutoff=cutoff)
    return folded[found[0]] if found else ""


def difference(want: str, got: str) -> str:
    """Returns how two nearly equal values differ, with blanks made visible; empty when they are not nearly equal."""
    if want == got or not want or not got:
        return ""
    if got.strip() == want:
        side = " and ".join(
            side for side, is_there in (("before", got[0].isspace()), ("after", got[-1].isspace())) if is_there
        )
        return f"there is a blank {side} it: {visible(got)}"
    if "".join(got.split()) == want:
        return f"there is a blank in it: {visible(got)}"
    start = _common(want, got)
    end = min(_common(want[::-1], got[::-1]), len(want) - start, len(got) - start)
    if start + end < max(len(want), len(got)) / 2:
        return ""
    # Whole words are shown: Oprator instead of Operator, rather than only the missing letter.
    while start and _is_word(got[start - 1]) and _is_word(got[start : start + 1] + want[start : start + 1]):
        start -= 1
    while end and _is_word(got[-end]) and _is_word(got[: len(got) - end][-1:] + want[: len(want) - end][-1:]):
        end -= 1
    has, wants = visible(got[start : len(got) - end]), visible(want[start : len(want) - end])
    if not wants:
        return f"{has} is too much in {_folded(got, start, end)}"
    if not has:
        return f"{wants} is missing in {_folded(got, start, end)}"
    only_case = ", only the case differs" if got.casefold() == want.casefold() else ""
    return f"{has} in place of {wants}{only_case}"


def _is_word(text: str) -> bool:
    return any(each.isalnum() or each in "-_" for each in text)


def visible(text: str) -> str:
    """Returns a text with its blanks made visible."""
    return text.translate(_VISIBLE)


def _common(one: str, other: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _folded(text: str, start: int, end: int) -> str:
    """Returns a text, or for a long one the part that differs with a little around it."""
    if len(text) <= _LONG:
        return visible(text)
    first, last = max(0, start - _SHOWN), min(len(text), len(text) - end + _SHOWN)
    return ("…" if first else "") + visible(text[first:last]) + ("…" if last < len(text) else "")


def key_text(path: Iterable[str | int]) -> str:
    """Returns a path in the form of a world's key: ``assignments[0].role``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
