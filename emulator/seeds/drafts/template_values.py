"""What a template does not contain itself: parameters, other stacks' exports, values of deployed resources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from emulator.seeds.cloudformation.files import exports_listed, has_resources
from emulator.seeds.contents import SeedContents
from emulator.seeds.seed_text import Seed, SeedText, parse_seed_text

PLACEHOLDER: Final = "todo"
"""The placeholder for a value that a person has to fill in."""
_METADATA = "SamlMetadataDocument"
_FEDERATED = "Federated"
# Private keys do not belong in a world file as text; a provider's keys are separate files.
_NOT_ASKED = ({_METADATA}, {"AddPrivateKey"}, {"PrivateKey"}, {_METADATA, "AddPrivateKey"})
_WANTED_VALUE = re.compile(r"\bvalues: \{(\w+(?:\.\w+)*): …\}")


def parameters_asked(text: SeedText) -> Iterator[tuple[str, str]]:
    """Yields a template's parameters without a default, and where each is used.

    A provider's metadata and private keys are given in other ways.
    """
    template = _template(text)
    parameters = template.get("Parameters")
    if not isinstance(parameters, dict):
        return
    used: dict[str, set[str]] = {}
    resources = [each for each in template["Resources"].values() if isinstance(each, dict)]
    read = [each for each in resources if str(each.get("Type")).startswith(("AWS::IAM::", "AWS::Connect::"))]
    for where, _, words in _texts_in([read, template.get("Conditions"), template.get("Outputs")], "", ""):
        for name in parameters:
            if str(name) in words:
                used.setdefault(name, set()).add(where)
    for name, parameter in parameters.items():
        places = used.get(name, set())
        if isinstance(parameter, dict) and "Default" not in parameter and places and places not in _NOT_ASKED:
            yield str(name), _FEDERATED if _FEDERATED in places else ""


def imports_asked(text: SeedText) -> Iterator[tuple[str, str]]:
    """Yields the names of the exports that a template imports, if they are plain strings, and where each is used."""
    for where, function, export in _texts_in(_template(text).get("Resources"), "", ""):
        if function == "Fn::ImportValue":
            yield export, where


def exports_of(text: SeedText) -> Iterator[str]:
    """Yields the names of a file's exports, if they are plain strings."""
    yield from (name for name, _ in exports_listed(text.data))
    outputs = _template(text).get("Outputs")
    for output in outputs.values() if isinstance(outputs, dict) else ():
        export = output.get("Export") if isinstance(output, dict) else None
        name = export.get("Name") if isinstance(export, dict) else None
        if isinstance(name, str):
            yield name


def values_asked(seed: Seed, contents: SeedContents) -> dict[str, str]:
    """Returns values that only deployed resources have and a login may need, each with a placeholder."""
    wanted = {found[1] for note in contents.left_out if (found := _WANTED_VALUE.search(note.fix))}
    uses: dict[str, str] = {}
    for where, function, text in _texts_in(_template(seed.text), "", ""):
        name = next((each for each in wanted if text in {each, each.partition(".")[0]}), "")
        if name and function in {"Ref", "Fn::GetAtt"}:
            uses[name] = _FEDERATED if _FEDERATED in {where, uses.get(name)} else where
    return {name: placeholder_at(where, seed.settings.account_id) for name, where in uses.items()}


def placeholder_at(where: str, account_id: str) -> str:
    """Returns the placeholder for a value that a person has to fill in, by the property that it is for."""
    return f"arn:aws:iam::{account_id}:saml-provider/{PLACEHOLDER}" if where == _FEDERATED else PLACEHOLDER


def _template(text: SeedText) -> Mapping[str, Any]:
    """Returns the template in a file or in API output; an empty mapping if there is none."""
    data = text.data
    body = data.get("TemplateBody") if isinstance(data, dict) else None
    if body is not None:
        data = parse_seed_text(body, name=text.name).data if isinstance(body, str) else body
    return data if has_resources(data) else {}


def _texts_in(data: Any, where: str, function: str) -> Iterator[tuple[str, str, str]]:
    """Yields the strings in a template, each with the property and the function that contain it."""
    if isinstance(data, dict):
        for name, value in data.items():
            is_function = name in {"Ref", "Condition"} or str(name).startswith("Fn::")
            if is_function:
                yield from _texts_in(value, where, str(name))
            else:
                yield from _texts_in(value, str(name), "")
    elif isinstance(data, list):
        for each in data:
            yield from _texts_in(each, where, function)
    elif isinstance(data, str):
        yield where, function, data
