"""Names that a service does not tell apart: logins and IAM names that differ in capital letters, shared access keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from emulator.kernel.errors import Problem
from emulator.worldfile.schema.world_schema import WorldSettings
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import YamlDocument

_IAM = {"roles": "role", "users": "user", "groups": "group", "policies": "policy"}


def repeated_names(settings: WorldSettings, document: YamlDocument) -> Iterator[Problem]:
    """Yields a problem for each name that is another one's too, because only one of them would be found.

    Spec: AWS IAM UG "reference_iam-quotas" (names are not distinguished by case); developer.okta.com, Users API (logins
        are unique)
    Evidence: documented
    """
    for org_name, org in settings.okta.items():
        for name, first in _alike(org.users):
            said = f"the login {name} is that of {first}: Okta does not tell capital letters apart"
            yield Problem(document.location(("okta", org_name, "users", name)), said, "another login")
    for account_id, account in settings.aws.items():
        for collection, noun in _IAM.items():
            for name, first in _alike(getattr(account, collection)):
                said = f"the {noun} {name} is the {noun} {first}: IAM does not tell capital letters apart"
                yield Problem(document.location(("aws", account_id, collection, name)), said, "another name")
    yield from _repeated_keys(settings, document)


def _repeated_keys(settings: WorldSettings, document: YamlDocument) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for account_id, account in settings.aws.items():
        for name, user in account.users.items():
            for index, each in enumerate(user.access_keys):
                if each.id in owners:
                    key: Key = ("aws", account_id, "users", name, "access_keys", index, "id")
                    said = f"the access key {each.id} is one of {owners[each.id]} already"
                    yield Problem(document.location(key), said, "an access key id of its own")
                owners.setdefault(each.id, f"the user {name} of {account_id}")


def _alike(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yields each name that differs from an earlier one in nothing but capital letters, and that earlier one."""
    seen: dict[str, str] = {}
    for name in names:
        first = seen.setdefault(name.lower(), name)
        if first != name:
            yield name, first
