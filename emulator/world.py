"""The world: one file that says the whole set-up, from the Okta users to the Amazon Connect instance.

``emulator.worldfile.world_schema`` is the file's format; ``World`` is a file that was read, with every key's line.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.kernel.errors import Problem, WorldError
from emulator.worldfile.seeds import seeded
from emulator.worldfile.world_schema import Account, ConnectInstance, IamUser, OktaOrg, Role, WorldShape
from emulator.worldfile.yaml_file import Document, Key, check_shape, parse_documents, read_documents, suggestion

DEFAULT_WORLD = Path(__file__).parent.parent / "scenarios" / "worlds" / "connect.yaml"


@dataclass(frozen=True, slots=True)
class World:
    """A world file that has been read and found whole; ``left_out`` is what its seeds hold and it cannot."""

    shape: WorldShape
    document: Document
    left_out: tuple[Problem, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder that paths in the file are relative to."""
        return Path(self.document.file).parent

    def problem(self, key: Key, message: str, expected: str = "", did_you_mean: str = "") -> Problem:
        """Returns a problem at ``key``."""
        return Problem(self.document.location(key), message, expected, did_you_mean)


def load_world(path: Path) -> World:
    """Reads a world file.

    Raises:
        WorldError: the file cannot be read, is no YAML, does not have the shape, or refers to what it does not hold.
    """
    return read_world(_only(read_documents(path, error=WorldError), file=str(path)))


def parse_world(text: str, *, file: str = "world.yaml") -> World:
    """Reads a world from text; ``file`` names it in messages."""
    return read_world(_only(parse_documents(text, file=file, error=WorldError), file=file))


def read_world(document: Document) -> World:
    """Checks a parsed document and returns it as a world.

    Raises:
        WorldError: as ``load_world``.
    """
    document, left_out = seeded(document)
    world = World(check_shape(WorldShape, document, error=WorldError), document, left_out)
    problems = sorted(_dangling_references(world), key=lambda problem: problem.location.line)
    if problems:
        raise WorldError(problems)
    return world


def change_world(world: World, changes: Mapping[str, Any]) -> World:
    """Returns a world with some values replaced, as scenarios ask for.

    Args:
        world: The world to start from.
        changes: JSON pointers (RFC 6901) and new values; null takes the key out. Missing parents are made.

    Raises:
        WorldError: the changed world is not whole.
        KeyError: a pointer leads through something that holds no keys.
    """
    data = copy.deepcopy(world.document.data)
    # A later change may lead into the value of an earlier one, which others who extend it share.
    for pointer, value in copy.deepcopy(dict(changes)).items():
        *parents, last = (part.replace("~1", "/").replace("~0", "~") for part in pointer.removeprefix("/").split("/"))
        node = data
        for part in parents:
            node = node[int(part)] if isinstance(node, list) else node.setdefault(part, {})
            if not isinstance(node, (dict, list)):
                raise KeyError(pointer)
        if isinstance(node, list):
            node[int(last)] = value
        elif value is None:
            node.pop(last, None)
        else:
            node[last] = value
    return read_world(Document(world.document.file, data, world.document.lines))


def _only(documents: list[Document], *, file: str) -> Document:
    if len(documents) != 1 or not isinstance(documents[0].data, dict):
        document = documents[0] if documents else Document(file, None)
        problem = Problem(document.location(()), "this is not a world", "one YAML mapping with version, okta and aws")
        raise WorldError([problem])
    return documents[0]


def _dangling_references(world: World) -> Iterator[Problem]:
    for org_name, org in world.shape.okta.items():
        yield from _dangling_in_okta(world, ("okta", org_name), org)
    apps = {f"{org_name}/{app}" for org_name, org in world.shape.okta.items() for app in org.apps}
    for account_id, account in world.shape.aws.items():
        yield from _dangling_in_aws(world, ("aws", account_id), account, apps)
    yield from _repeated_instances(world)
    for origin, folders in world.shape.pages.items():
        for index, folder in enumerate(folders):
            if not (world.folder / folder).is_dir():
                expected = f"a folder, relative to {world.folder}"
                yield world.problem(("pages", origin, index), f"there is no folder {folder}", expected)


def _dangling_in_okta(world: World, here: Key, org: OktaOrg) -> Iterator[Problem]:
    groups = set(org.groups or (group for user in org.users.values() for group in user.groups))
    for login, user in org.users.items():
        for index, group in enumerate(user.groups):
            if group not in groups:
                yield _dangling(world, (*here, "users", login, "groups", index), "group", group, groups)
    for app_name, app in org.apps.items():
        for index, assignment in enumerate(app.assignments):
            at = (*here, "apps", app_name, "assignments", index)
            if assignment.user is not None and assignment.user not in org.users:
                yield _dangling(world, (*at, "user"), "user", assignment.user, org.users)
            if assignment.group is not None and assignment.group not in groups:
                yield _dangling(world, (*at, "group"), "group", assignment.group, groups)


def _dangling_in_aws(world: World, here: Key, account: Account, apps: set[str]) -> Iterator[Problem]:
    for name, provider in account.saml_providers.items():
        source = provider.metadata.okta_app
        if source is not None and source not in apps:
            key = (*here, "saml_providers", name, "metadata", "okta_app")
            yield _dangling(world, key, "Okta app", source, apps)
    holders: list[tuple[str, str, Role | IamUser]] = [("roles", name, role) for name, role in account.roles.items()]
    holders += [("users", name, user) for name, user in account.users.items()]
    for kind, name, holder in holders:
        named: list[tuple[Key, str]] = [(("policies", index), policy) for index, policy in enumerate(holder.policies)]
        if holder.permissions_boundary is not None:
            named.append((("permissions_boundary",), holder.permissions_boundary))
        for key, policy in named:
            if policy not in account.policies and not policy.startswith("arn:"):
                yield _dangling(world, (*here, kind, name, *key), "policy", policy, account.policies)
    for instance_id, instance in account.connect.items():
        yield from _dangling_in_connect(world, (*here, "connect", instance_id, "users"), instance)


def _dangling_in_connect(world: World, here: Key, instance: ConnectInstance) -> Iterator[Problem]:
    for login, user in instance.users.items():
        for index, profile in enumerate(user.security_profiles):
            if profile not in instance.all_security_profiles:
                key = (*here, login, "security_profiles", index)
                yield _dangling(world, key, "security profile", profile, instance.all_security_profiles)
        if user.routing_profile not in instance.all_routing_profiles:
            key = (*here, login, "routing_profile")
            yield _dangling(world, key, "routing profile", user.routing_profile, instance.all_routing_profiles)


def _dangling(world: World, key: Key, kind: str, name: str, known: Any) -> Problem:
    names = sorted(known)
    expected = f"one of {', '.join(names)}" if names else "one that is defined in this file"
    return world.problem(key, f"there is no {kind} {name}", expected, suggestion(name, names))


def _repeated_instances(world: World) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for account_id, account in world.shape.aws.items():
        for instance_id, instance in account.connect.items():
            for word in (instance_id, instance.alias.lower()):
                if word in seen:
                    key = ("aws", account_id, "connect", instance_id)
                    yield world.problem(
                        key, f"{word} is already the id or alias of {seen[word]}", "unique ids and aliases"
                    )
                seen[word] = instance_id


def read_world_file(world: World, key: Key, name: str, *, limit: int = 1_000_000) -> bytes:
    """Returns the bytes of a file that a world names.

    Args:
        world: Which world.
        key: Where the name stands.
        name: The name, relative to the world file.
        limit: The most bytes that are read.

    Raises:
        WorldError: there is no such file, or it is larger.
    """
    path = world.folder / name
    try:
        if path.stat().st_size > limit:
            raise WorldError([world.problem(key, f"{name} is larger than {limit} bytes")])
        return path.read_bytes()
    except OSError as error:
        problem: Problem = world.problem(key, f"{name}: {error.strerror}", f"a file, relative to {world.folder}")
        raise WorldError([problem]) from None
