"""The changes between two worlds in a person's words, with their places in both."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from emulator.building.differing import Difference
from emulator.diagnosis.fix import without_secrets
from emulator.diagnosis.origins import Origin, OriginKind, origin_of
from emulator.federation import Federation
from emulator.kernel.explanations import Setting
from emulator.kernel.records import dataclass
from emulator.seeds.seed_report import left_out_of

_LONGEST_VALUE: Final = 160
_MOST_MEMBERS: Final = 5
_KEYS_OF_A_THING: Final = 2
# The text of an origin in a seed.
_ADDRESS: Final = re.compile(r"(?:Terraform|CloudFormation resource) (.+)")
_KINDS: Final[Mapping[str, str]] = {
    "users": "user",
    "groups": "group",
    "apps": "app",
    "roles": "role",
    "policies": "policy",
    "saml_providers": "SAML provider",
    "instances": "instance",
    "oidc_clients": "OIDC client",
    "event_hooks": "event hook",
}
_NAMES: Final[Mapping[str, str]] = {
    "trust": "trust policy",
    "attached_policies": "policies",
    "requires_mfa": "second factor",
    "acs_url": "ACS URL",
    "encryption_mode": "assertion encryption",
    "max_session_duration_seconds": "maximum session duration",
    "session_duration_seconds": "session duration",
    "identity_provider_arn": "identity provider ARN",
    "login_url": "login URL",
    "saml_user_roles": "SAML user roles",
    "key_pair": "signing key",
    "private_key_pem": "private key",
    "certificate_pem": "certificate",
    "groups": "groups",
}


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting that differs between two worlds.

    Args:
        name: The setting in words: ``SAML:aud of the trust policy of the role ConnectAgent``.
        said: How it changed: ``lost https://signin.aws.amazon.com/saml``.
        old: Old value as plain data; None for nothing, and for a secret.
        new: New value.
        before: Where it was stated; None where nothing around it existed.
        after: Where it is stated, or could be.
        is_cited: Whether the refusing service names it; otherwise it is another difference of something involved.
    """

    name: str
    said: str
    old: Any
    new: Any
    before: Origin | None
    after: Origin | None
    is_cited: bool = False

    @property
    def text(self) -> str:
        """The name and the change, as the end of a sentence."""
        return f"{self.name} {self.said}"

    def as_json(self) -> dict[str, Any]:
        """The change as JSON data."""
        return {
            "setting": self.name,
            "change": self.said,
            "before": self.old,
            "after": self.new,
            "before_at": self.before.as_json() if self.before is not None else None,
            "after_at": self.after.as_json() if self.after is not None else None,
            "named_by_the_service": self.is_cited,
        }


def change_of(difference: Difference, before: Federation, after: Federation, *, is_cited: bool) -> SettingChange:
    """Returns a difference in a person's words.

    Args:
        before: Federation built from the world before.
        after: Federation built from the world after.
        is_cited: Whether the refusing service names the setting.
    """
    was, becomes = _origin(difference.before, before), _origin(difference.after, after)
    said = what_became_of(difference)
    reason = _why_left_out(difference, was, after) if difference.is_gone and was is not None else ""
    return SettingChange(
        _name(difference),
        f"{said}: {reason}" if reason else said,
        without_secrets(difference.old),
        without_secrets(difference.new),
        was,
        becomes,
        is_cited,
    )


def _why_left_out(difference: Difference, was: Origin, after: Federation) -> str:
    """Returns why something in a seed is not in the world after, although it is in the file; empty otherwise."""
    if was.kind is not OriginKind.SEED:
        return ""
    seeds = after.world.seeds
    address = _ADDRESS.match(was.text)
    named = re.compile(rf"(Resources\.)?{re.escape(address[1])}(?![\w.\[])") if address else None
    notes = (problem for seed in seeds for problem in seed.left_out)
    found = next((each for each in notes if named is not None and named.match(each.message)), None)
    if found is None and len(difference.keys) == _KEYS_OF_A_THING:
        found = left_out_of(seeds, str(difference.keys[1]).rpartition("/")[2])
    return f"it is left out, {found.message}" if found is not None else ""


def _origin(setting: Setting | None, federation: Federation) -> Origin | None:
    return origin_of(setting, federation) if setting is not None else None


def _name(difference: Difference) -> str:
    setting = difference.after or difference.before
    if setting is None:
        return "the setting"
    path, inside = list(setting.path), setting.inside
    owner = setting.owner
    if not path:
        account_id = getattr(owner, "account_id", "")
        return f"the account {account_id}" if account_id else f"the org {getattr(owner, 'name', '')}"
    words: list[str] = []
    mapping: Any = owner
    while path:
        part = str(path.pop(0))
        mapping = getattr(mapping, part, mapping)
        if part in _KINDS and path and isinstance(mapping, Mapping):
            key = path.pop(0)
            mapping = mapping.get(key)
            shown = getattr(mapping, "alias", "") if part == "instances" else str(key).rpartition("/")[2]
            words.append(f"the {_KINDS[part]} {shown or key}")
        elif part == "inline_policies" and path:
            words.append(f"the inline policy {path.pop(0)}")
        elif part == "assignments" and path:
            path.pop(0)
            words.append(f"the assignment of the {difference.element}" if difference.element else "an assignment")
        elif path and isinstance(path[0], int):
            path.pop(0)
            words.append(f"the {_words(part)} {difference.element}".rstrip())
        else:
            words.append(f"the {_words(part)}")
    leaf = _leaf(inside)
    return " of ".join([*([leaf] if leaf else []), *reversed(words)])


def _words(attribute: str) -> str:
    return _NAMES.get(attribute, attribute.replace("_", " "))


def _leaf(inside: tuple[str | int, ...]) -> str:
    """Returns the named part of a policy: the key of a condition, an element of a statement, a statement."""
    if not inside:
        return ""
    named = [str(part) for part in inside if not isinstance(part, int)]
    if named == ["Statement"]:
        return "a statement"
    return named[-1]


def what_became_of(difference: Difference) -> str:
    """Returns how a setting changed: ``lost https://signin.aws.amazon.com/saml``."""
    old, new = difference.old, difference.new
    if difference.is_new:
        return "is new" + (f": {_shown(new)}" if new is not None else "")
    if difference.is_gone:
        return "is gone" + (f"; it was {_shown(old)}" if old is not None else "")
    if old is None or new is None:
        return "is another one"
    if isinstance(old, list) or isinstance(new, list):
        mine, theirs = _members(old), _members(new)
        lost = [each for each in mine if each not in theirs]
        gained = [each for each in theirs if each not in mine]
        told = [f"{verb} {_few(each)}" for verb, each in (("lost", lost), ("got", gained)) if each]
        return " and ".join(told) or "are in another order"
    return f"is {_shown(new)} and was {_shown(old)}"


def _members(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _few(values: list[Any]) -> str:
    more = len(values) - _MOST_MEMBERS
    return ", ".join(map(_shown, values[:_MOST_MEMBERS])) + (f" and {more:,} more" if more > 0 else "")


def _shown(value: Any) -> str:
    value = without_secrets(value)
    is_plain = isinstance(value, str) and bool(value) and value == value.strip()
    text = value if is_plain else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
