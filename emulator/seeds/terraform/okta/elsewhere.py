"""Finds the names, in the world's other seeds, of people, groups and apps that a Terraform file refers to by id."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.seeds.contents import SeedContents, SeedError
from emulator.seeds.okta_answers.apps import app_key, is_for_aws, label_of
from emulator.seeds.okta_answers.org import answer_in
from emulator.seeds.okta_answers.resources import Kind
from emulator.seeds.seed_text import Seed
from emulator.seeds.terraform.okta.apps import app_keys
from emulator.seeds.terraform.okta.people import NamedObject
from emulator.seeds.terraform.okta.usernames import username_format
from emulator.seeds.terraform.resources import kind_of
from emulator.seeds.terraform.taking import Taking, take


def named_elsewhere(taking: Taking) -> Iterator[NamedObject]:
    """Yields the people, groups and apps that the world's other seeds name."""
    for seed in dict.fromkeys(other.text for other in taking.others if other.text is not taking.seed.text):
        listing = next(each for each in taking.others if each.text is seed)
        yield from _in_terraform(listing, taking) if kind_of(seed.data) else _in_answers(listing)


def _in_terraform(seed: Seed, taking: Taking) -> Iterator[NamedObject]:
    others = [each for each in (taking.seed, *taking.others) if each is not seed]
    try:
        other = take(seed, others, SeedContents(""), "okta")
    except SeedError:
        return  # the caller of that file reports the error
    for resource in other.both("okta_user"):
        yield NamedObject("user", resource.text("id"), resource.text("login"))
    for resource in other.both("okta_group"):
        yield NamedObject("group", resource.text("id"), resource.text("name"))
    for resource, org, key in app_keys(other):
        yield NamedObject("app", resource.text("id"), key, org, username_format(resource) or "")


def _in_answers(seed: Seed) -> Iterator[NamedObject]:
    answer = answer_in(seed.text)
    for found in answer.of(Kind.USER):
        yield NamedObject("user", found.id, found.text("profile", "login"))
    for found in answer.of(Kind.GROUP):
        yield NamedObject("group", found.id, found.text("profile", "name"))
    for found in answer.of(Kind.APP):
        if is_for_aws(found):
            yield NamedObject("app", found.id, app_key(label_of(found)))
