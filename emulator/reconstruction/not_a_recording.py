"""A file that holds no login but can fill a world: which kind it is, and what to do with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.kernel.errors import FederationError
from emulator.recordings.file_text import file_text
from emulator.seeds.aws_answers.reader import read_answer
from emulator.seeds.cloudformation.template import read_template
from emulator.seeds.okta_answers.reader import read_okta_answer
from emulator.seeds.readers import READERS
from emulator.seeds.saml_metadata import read_metadata
from emulator.seeds.seed_text import parse_seed_text
from emulator.seeds.terraform.reading import read_terraform
from emulator.seeds.terraform.source import refuse_source
from emulator.worldfile.text.json_text import UnreadableJson, refuse_too_many_values
from emulator.worldfile.text.kinds_of_text import is_world_text

# To read more a second time takes too long for a hint.
_MOST_VALUES = 250_000
_KINDS: Mapping[Any, str] = {
    read_template: "a CloudFormation template",
    read_answer: "an answer of the AWS CLI",
    read_terraform: "Terraform's state or plan",
    refuse_source: "Terraform's source",
    read_okta_answer: "an answer of Okta's API",
    read_metadata: "the metadata of an identity provider",
}


def not_a_recording(data: bytes, *, name: str) -> FederationError | None:
    """Returns the error for a file that holds settings, and no login; None for a file of another kind.

    Args:
        data: The file's bytes.
        name: What it is called.
    """
    try:
        content = file_text(data)
        refuse_too_many_values(content, most=_MOST_VALUES)
        text = parse_seed_text(content, name=name)
    except (FederationError, UnreadableJson):
        return None
    if is_world_text(text.text):
        return _error("a world file", fix=f"Its logins are made by: fedemu check {name}")
    kind = next((_KINDS.get(each.read, "") for each in READERS if each.recognises(text)), "")
    return _error(kind, fix=f"Begin a world with it: fedemu init --from {name}") if kind else None


def _error(kind: str, *, fix: str) -> FederationError:
    return FederationError(
        f"This is not a recording of a login: it is {kind}",
        explanation="It says what is set up, and not how a login ended.",
        expected="a HAR of the login, a trace, a SAMLResponse, or CloudTrail events",
        fix=fix,
    )
