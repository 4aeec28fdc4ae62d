"""What was changed between two worlds of all that a login depends on: the person, the app, the role, the instance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from emulator.access.decision import Decision, Who
from emulator.building.differing import Difference, differing
from emulator.building.places import owner_key
from emulator.comparing.changes import SettingChange, change_of, what_became_of
from emulator.federation import Federation
from emulator.kernel.explanations import Setting
from emulator.worldfile.text.yaml_data import Key

MOST_CHANGES = 5
# What an org or an account holds many of; the rest of it is everybody's.
_OF_ORGS = frozenset({"users", "groups", "apps", "oidc_clients", "event_hooks", "api_tokens", "rate_limit"})
_OF_ACCOUNTS = frozenset({"users", "groups", "roles", "policies", "saml_providers", "instances", "alias"})
_Place = tuple[Key, str, str | int]
Told = tuple[tuple[SettingChange, ...], int]


class Involved:
    """The differences of two federations, found by what they are about.

    Args:
        before: The one, as it was built.
        after: The other.
    """

    def __init__(self, before: Federation, after: Federation) -> None:
        self.before = before
        self.after = after

    @cached_property
    def _differences(self) -> Mapping[_Place, Sequence[Difference]]:
        found: dict[_Place, list[Difference]] = {}
        for each in differing(self.before.built, self.after.built):
            setting = each.after or each.before
            if setting is not None:
                kind, name = (*setting.path[:2], "", "")[:2]
                found.setdefault((owner_key(setting.owner), str(kind), name), []).append(each)
        return found

    def told(self, decisions: Sequence[Decision], settings: Iterable[Setting] = ()) -> Told:
        """Returns what was changed that logins depend on, and how much more there is.

        Args:
            decisions: The logins; the first is the one that was made, where one was.
            settings: The settings that the service names which stops them. Where one of these was changed, what else
                was is not told.
        """
        found, is_cited = self.differences(decisions, tuple(settings))
        shown = (change_of(each, self.before, self.after, is_cited=is_cited) for each in found[:MOST_CHANGES])
        return tuple(shown), max(0, len(found) - MOST_CHANGES)

    def differences(
        self, decisions: Sequence[Decision], settings: Sequence[Setting] = ()
    ) -> tuple[list[Difference], bool]:
        """Returns what was changed that logins depend on, as ``told`` does, and whether the service names it."""
        # What is new beside it is named where it resembles what was meant; what is gone or another one comes first.
        cited = sorted(self._cited(settings), key=lambda each: each.is_new)
        cited += self._alike(cited, decisions)
        # The same difference may be found by several ways.
        return list({id(each): each for each in cited or self._about(decisions)}.values()), bool(cited)

    def signature(self, decision: Decision) -> tuple[object, ...]:
        """Returns what was changed of a person and their assignments, without their name: whom it changes alike."""
        return tuple((each.keys[2:], each.element, what_became_of(each)) for each in self._of_person(decision))

    def why_gone(self, who: Who) -> str:
        """Returns why nobody can ask for a login any more; empty where somebody can."""
        org = self.after.built.orgs.get(who.org)
        if org is None:
            return f"the org {who.org} is not there any more"
        if who.person not in org.users:
            return f"is no longer in the org {who.org}"
        return "" if who.app in org.apps else f"the app {who.app} is not there any more"

    def why_gained(self, decision: Decision) -> str:
        """Returns why somebody has a login who could not have had it before; empty where they could."""
        who = decision.who
        org = self.before.built.orgs.get(who.org)
        if org is None:
            return f"the org {who.org} is new"
        if who.person not in org.users:
            return f"is new in the org {who.org}"
        return "" if who.app in org.apps else f"the app {who.app} is new"

    def _cited(self, settings: Sequence[Setting]) -> Iterator[Difference]:
        """Yields the differences at settings, inside them, or around them."""
        for setting in settings:
            keys = _folded((*setting.path, *setting.inside))
            kind, name = (*setting.path[:2], "", "")[:2]
            for each in self._differences.get((owner_key(setting.owner), str(kind), name), ()):
                theirs = _folded(each.keys)
                if keys[: len(theirs)] == theirs or (len(keys) > 1 and theirs[: len(keys)] == keys):
                    yield each

    def _alike(self, cited: Sequence[Difference], decisions: Sequence[Decision]) -> Iterator[Difference]:
        """Yields the same differences of the other roles that a group of logins is about."""
        shapes = {each.keys[2:] for each in cited if each.keys[:1] == ("roles",)}
        for role in dict.fromkeys(each.role for each in decisions) if shapes else ():
            for each in self._differences.get((_account_of(role), "roles", role), ()):
                if each.keys[2:] in shapes and each not in cited:
                    yield each

    def _about(self, decisions: Sequence[Decision]) -> Iterator[Difference]:
        """Yields what was changed of everything that some of the logins depend on, what is nearest to them first."""
        few = decisions[:MOST_CHANGES]
        for each in few:
            yield from self._of_person(each)
        for who in dict.fromkeys((each.who.org, each.who.app) for each in few):
            yield from self._of_app(*who)
        for role in dict.fromkeys(each.role for each in few if each.role):
            yield from self._of_role(role)
        for each in few:
            yield from self._of_instance(each)

    def _of_person(self, decision: Decision) -> Iterator[Difference]:
        who, org = decision.who, ("okta", decision.who.org)
        yield from self._at(org, "", "")
        yield from self._at(org, "users", who.person)
        for group in self._groups(who):
            yield from self._at(org, "groups", group)
        names = {f"person {who.person}", *(f"group {group}" for group in self._groups(who))}
        for each in self._at(org, "apps", who.app):
            if each.keys[2:3] == ("assignments",) and (not each.element or each.element in names):
                yield each

    def _of_app(self, org: str, app: str) -> Iterator[Difference]:
        yield from (each for each in self._at(("okta", org), "apps", app) if each.keys[2:3] != ("assignments",))
        yield from self._of_everybody(("okta", org), _OF_ORGS)

    def _of_role(self, role: str) -> Iterator[Difference]:
        account = _account_of(role)
        yield from self._at(account, "", "")
        yield from self._at(account, "roles", role)
        for federation in (self.before, self.after):
            of = federation.built.accounts.get(str(account[1]))
            found = of.roles.get(role) if of is not None else None
            for policy in found.attached_policies if found is not None else ():
                yield from self._at(account, "policies", policy)
        for place, each in self._differences.items():
            if place[:2] == (account, "saml_providers"):
                yield from each
        yield from self._of_everybody(account, _OF_ACCOUNTS)

    def _of_instance(self, decision: Decision) -> Iterator[Difference]:
        for each in self._at(_account_of(decision.role), "instances", decision.instance_id):
            if each.keys[2:3] != ("users",) or each.keys[3:4] == (decision.connect_user,):
                yield each

    def _of_everybody(self, owner: Key, many: frozenset[str]) -> Iterator[Difference]:
        for (whose, kind, _), found in self._differences.items():
            if whose == owner and kind and kind not in many:
                yield from found

    def _at(self, owner: Key, kind: str, name: str) -> Sequence[Difference]:
        return self._differences.get((owner, kind, name), ())

    def _groups(self, who: Who) -> Iterator[str]:
        for federation in (self.before, self.after):
            org = federation.built.orgs.get(who.org)
            user = org.users.get(who.person) if org is not None else None
            yield from user.groups if user is not None else ()


def _account_of(role: str) -> Key:
    return ("aws", (*role.split(":"), "", "", "", "", "")[4])


def _folded(keys: Key) -> Key:
    """Returns keys as they are compared: those of conditions have no case."""
    return tuple(str(part).lower() for part in keys)
