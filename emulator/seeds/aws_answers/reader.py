"""Reads a file with output of the AWS CLI.

The account that something belongs to follows from the ARNs in the output or, if there are none, from another seed, from
the file's name, or from where the file is listed. The file may be JSON, YAML or text, contain the output of several
commands, and be listed under several accounts, each of which takes only what belongs to it.

Spec: AWS CLI User Guide, "Setting the output format"
Evidence: observed
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulator.seeds.aws_answers.account import read_access_keys, read_aliases, read_identity
from emulator.seeds.aws_answers.answers import Answer, answers_in, unread_in
from emulator.seeds.aws_answers.connect import (
    read_instances,
    read_origins,
    read_people,
    read_permissions,
    read_routing_profiles,
    read_security_profiles,
)
from emulator.seeds.aws_answers.identities import AS_JSON, read_details, read_groups, read_roles, read_users
from emulator.seeds.aws_answers.policies import (
    read_attached,
    read_inline_policy,
    read_policies,
    read_policy_names,
    read_policy_version,
)
from emulator.seeds.aws_answers.providers import read_provider, read_provider_list
from emulator.seeds.aws_answers.reading import Reader, Reading
from emulator.seeds.aws_answers.unknown_denials import exclude_unreadable
from emulator.seeds.contents import SeedContents, SeedError
from emulator.seeds.seed_text import Seed, SeedText
from emulator.worldfile.name_lists import few
from emulator.worldfile.text.yaml_data import Key


def is_answer(text: SeedText) -> bool:
    """Returns whether a text is the output of a supported AWS CLI command."""
    return text.text_output is not None or bool(answers_in(text))


def read_answer(seed: Seed, others: Sequence[Seed]) -> SeedContents:
    """Reads a file of command output.

    Args:
        seed: The file's seed.
        others: The other seeds of the world, which may have what this one lacks.

    Raises:
        SeedError: it is text output of a command that prints policy documents.
    """
    output = seed.text.text_output
    if output is not None and output.lost_by:
        raise SeedError(
            f"this is the text output of aws iam {output.lost_by}, which loses the keys of policies",
            expected="its output in JSON or YAML",
            fix=AS_JSON,
        )
    answers = answers_in(seed.text)
    commands = list(dict.fromkeys(each.command for each in answers))
    kind = f"aws {commands[0]}" if len(commands) == 1 else "output of the AWS CLI"
    contents = SeedContents(
        kind,
        text=lambda place: f"printed by {_command_at(answers, place)}",
        is_written_by_a_program=True,
        source=lambda place: f"the account in AWS, then run {_command_at(answers, place)} again",
    )
    reading = Reading(seed, contents, others, answers)
    for answer in answers:
        for reader in _READERS[answer.command]:
            with reading.leaving_out(answer.fields, f"aws {answer.command}"):
                reader(reading, answer)
    exclude_unreadable(reading)
    _note_the_rest(reading, kind)
    return contents


def _command_at(answers: Sequence[Answer], place: Key) -> str:
    """Returns the command that printed what is at a place."""
    holding = [each for each in answers if place[: len(each.fields.place)] == each.fields.place]
    return f"aws {holding[-1].command}" if holding else "the AWS CLI"


def _note_the_rest(reading: Reading, kind: str) -> None:
    """Notes what is not taken from a file: other accounts' data, missing pages, and what no known command printed."""
    contents, text = reading.contents, reading.seed.text
    for answer in reading.answers:
        for name, place in answer.odd_entries():
            reading.leave_out(f"an entry of {name}", "it is not a mapping", place)
    for place in unread_in(text):
        reading.leave_out(f"part {int(place[0]) + 1} of the file", "it is not the output of a supported command", place)
    for line in text.text_output.unread[:5] if text.text_output is not None else ():
        reading.leave_out(f"line {line}", "it is not a line of text output that fedemu understands", (), AS_JSON)
    last = {each.command: each for each in reading.answers}
    for command, answer in last.items():
        if answer.is_cut:
            fix = "Run the command again without --max-items, --page-size or --no-paginate."
            reading.leave_out(
                f"aws {command}", "it is one page of several; the following pages are missing", answer.fields.place, fix
            )
    if reading.tags_of_awss:
        reason = "tags that begin with aws: are set by AWS only, and worlds do not have them"
        reading.leave_out(f"tags {few(reading.tags_of_awss)}", reason, ())
    nothing = not any(part.data for part in contents.accounts.values())
    if nothing and not contents.left_out and not contents.notes:
        reading.add_note(kind, "it adds nothing to the world", ())


def _nothing(_reading: Reading, _answer: Answer) -> None:
    """Reads nothing: no login depends on this command's output."""


_READERS: Mapping[str, Sequence[Reader]] = {
    "iam get-account-authorization-details": (read_policies, read_details),
    "iam get-saml-provider": (read_provider,),
    "iam list-saml-providers": (read_provider_list,),
    "iam get-policy-version": (read_policy_version,),
    "iam get-role-policy": (read_inline_policy,),
    "iam get-user-policy": (read_inline_policy,),
    "iam get-group-policy": (read_inline_policy,),
    "iam list-attached-*-policies": (read_attached,),
    "iam list-*-policies": (read_policy_names,),
    "iam get-role": (read_roles,),
    "iam list-roles": (read_roles,),
    "iam get-group": (read_groups,),
    "iam list-groups": (read_groups,),
    "iam get-user": (read_users,),
    "iam list-users": (read_users,),
    "iam get-policy": (read_policies,),
    "iam list-policies": (read_policies,),
    "iam list-account-aliases": (read_aliases,),
    "iam list-access-keys": (read_access_keys,),
    "iam create-access-key": (read_access_keys,),
    "sts get-caller-identity": (read_identity,),
    "connect list-instances": (read_instances,),
    "connect describe-instance": (read_instances,),
    "connect describe-instance-attribute": (_nothing,),
    "connect list-instance-attributes": (_nothing,),
    "connect list-users": (read_people,),
    "connect describe-user": (read_people,),
    "connect search-users": (read_people,),
    "connect list-approved-origins": (read_origins,),
    "connect list-security-profiles": (read_security_profiles,),
    "connect describe-security-profile": (read_security_profiles,),
    "connect search-security-profiles": (read_security_profiles,),
    "connect list-security-profile-permissions": (read_permissions,),
    "connect list-routing-profiles": (read_routing_profiles,),
    "connect describe-routing-profile": (read_routing_profiles,),
    "connect search-routing-profiles": (read_routing_profiles,),
    "connect list-user-hierarchy-groups": (_nothing,),
}
