"""A setting of an AWS account behind a failed login, and edits of what is written there.

Edits keep the written form: a single statement outside a list stays so, and a text becomes a list only where something
is added to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from emulator.fixes.candidate import REMOVED, Candidate, Edit, Finding
from emulator.kernel.errors import WorldError
from emulator.kernel.explanations import RELAY_STATE, Sent, Setting
from emulator.kernel.records import dataclass
from emulator.world import read_world_file
from emulator.worldfile.text.yaml_data import Key, value_at
from emulator.worldfile.text.yaml_file import APPENDED

WIDENS = "The policy may be right and the relay state wrong: it would allow one more instance."
GUARDRAIL = "It changes a guardrail that somebody else set: ask whoever administers it."
_POLICY_TABS = {"policies": "Policies", "users": "Users", "groups": "User groups", "roles": "Roles"}


@dataclass(frozen=True, slots=True)
class Place:
    """A setting at fault, with its place in the world.

    Args:
        finding: The failed login.
        key: World key of the setting, without the path inside a policy.
    """

    finding: Finding
    setting: Setting
    key: Key

    @property
    def account_key(self) -> Key:
        """The world's key of the account."""
        return self.key[:2]

    @property
    def account_id(self) -> str:
        """The account's id."""
        return str(self.key[1])

    @property
    def name(self) -> str:
        """The name of the role, policy or provider that has the setting."""
        return str(self.setting.path[1]).rpartition("/")[2] if len(self.setting.path) > 1 else ""

    @property
    def wanted(self) -> Any:
        """The right value, where the side that named the setting knew it."""
        return self.setting.wanted

    @property
    def is_limit(self) -> bool:
        """Whether it is a guardrail: a policy of the organization, or a permissions boundary."""
        return self.setting.path[0] == "organization" or self.is_boundary

    @property
    def is_boundary(self) -> bool:
        """Whether it is a permissions boundary, or a policy that one of the other settings attaches as one."""
        if self.setting.path[-1] == "permissions_boundary":
            return True
        others = (each.path for each in self.finding.diagnosis.settings)
        return self.setting.path[0] == "policies" and any(path[-1] == "permissions_boundary" for path in others)

    @property
    def data(self) -> Any:
        """The world's data at the key, or None."""
        value, depth = value_at(self.finding.world.document.data, self.key)
        return value if depth == len(self.key) else None

    @property
    def document(self) -> Any:
        """The policy at the key, read from its file where the world names one; None where there is none."""
        return policy_at(self.finding, self.key)

    def written(self, inside: Key) -> Any:
        """Returns the policy's value at a place, or None."""
        value, depth = value_at(self.document, inside)
        return value if depth == len(inside) else None

    @property
    def statement(self) -> Key:
        """The place of the statement that contains the setting; empty where there is none."""
        inside = self.setting.inside
        if not inside or inside[0] != "Statement":
            return ()
        return inside[:2] if len(inside) > 1 and isinstance(inside[1], int) else inside[:1]

    def edit(self, inside: Key, value: object) -> Edit:
        """Returns a change of what is inside the policy."""
        return Edit((*self.key, *inside), value)

    def add(self, inside: Key, value: object) -> Edit:
        """Returns the edit that adds a value to the text or the list at a place."""
        written = self.written(inside)
        if isinstance(written, list):
            return self.edit((*inside, APPENDED), value)
        return self.edit(inside, value if written is None else [written, value])

    def remove(self, inside: Key, value: object) -> Edit | None:
        """Returns the edit that removes a value from the list at a place; None where the list would become empty."""
        written = self.written(inside)
        if not isinstance(written, list) or len(written) < 2 or value not in written:
            return None
        return self.edit((*inside, written.index(value)), REMOVED)

    @property
    def _kind(self) -> str:
        is_of_resources = "resource_control_policies" in self.setting.path
        return "resource control policy" if is_of_resources else "service control policy"

    @property
    def label(self) -> str:
        """The policy, as the end of a sentence: ``the trust policy of role Agent``."""
        path = self.setting.path
        if path[-1] == "trust":
            return f"the trust policy of role {self.name}"
        if path[0] == "organization":
            return f"the {self._kind} {path[-1]}{f' of {path[2]}' if path[1] == 'levels_above' else ''}"
        if "inline_policies" in path:
            return f"the inline policy {path[-1]} of {path[0].removesuffix('s')} {self.name}"  # type: ignore[union-attr]  # the first is a name
        return f"the {'permissions boundary' if self.is_boundary else 'policy'} {self.name}"

    @property
    def console(self) -> str:
        """Where a person changes it."""
        path = self.setting.path
        if path[0] == "organization":
            return f"AWS Organizations console > Policies > {self._kind.capitalize()} > {path[-1]}"
        tab = f"IAM console > {_POLICY_TABS.get(str(path[0]), 'Policies')} > {self.name}"
        if path[-1] == "trust":
            return f"{tab} > Trust relationships"
        if "inline_policies" in path:
            return f"{tab} > Permissions > {path[-1]}"
        if path[-1] == "permissions_boundary":
            return f"{tab} > Permissions > Permissions boundary"
        return f"{tab} > Permissions"

    @property
    def _is_for_relay_state(self) -> bool:
        """Whether it is a policy that allows other instances than the one that a relay state asks for."""
        first = next(iter(self.finding.diagnosis.causes), None)
        is_asked = isinstance(first, Sent) and first.place == RELAY_STATE
        return is_asked and bool(self.setting.inside) and self.finding.diagnosis.check == "get-federation-token"

    def candidate(
        self, title: str, *edits: Edit, warning: str = "", console: str = "", grants: tuple[str, ...] = ()
    ) -> Candidate:
        """Returns a candidate; it carries a warning if it changes a guardrail or only fits a relay state."""
        if self.is_limit and not warning:
            warning = GUARDRAIL
        if self._is_for_relay_state and not warning:
            warning = WIDENS
        return Candidate(title, edits, console or self.console, warning, grants)


def policy_at(finding: Finding, key: Key) -> Any:
    """Returns the policy at a world's key, read from its file where the world names one; None where there is none."""
    value, depth = value_at(finding.world.document.data, key)
    if depth != len(key):
        return None
    if not isinstance(value, str):
        return value
    try:
        return json.loads(read_world_file(finding.world, key, value))
    except (WorldError, ValueError, RecursionError):
        return None


def as_list(value: Any) -> list[Any]:
    """Returns a value as a list: a policy may have a text where a list can be."""
    return [] if value is None else value if isinstance(value, list) else [value]


def statements_of(document: Any) -> Iterator[tuple[Key, Any]]:
    """Yields a policy's statements, each with its place."""
    statements = document.get("Statement") if isinstance(document, dict) else None
    if isinstance(statements, dict):
        yield ("Statement",), statements
    for index, statement in enumerate(statements if isinstance(statements, list) else ()):
        if isinstance(statement, dict):
            yield ("Statement", index), statement


def without_last_index(inside: Sequence[str | int]) -> Key:
    """Returns the place of the list that contains a place, or the place itself outside lists."""
    return tuple(inside[:-1]) if inside and isinstance(inside[-1], int) else tuple(inside)
