"""SAML providers as ``aws iam`` prints them: what one is, without its name, and the names, without what they are.

Spec: IAM API Reference, GetSAMLProvider, ListSAMLProviders
Evidence: documented
"""

from __future__ import annotations

import re

from emulator.seeds.arns import arn_of
from emulator.seeds.aws_answers.answers import Answer
from emulator.seeds.aws_answers.fields import Malformed
from emulator.seeds.aws_answers.reading import Known, Reading, names_nothing, word_in
from emulator.worldfile.name_lists import few
from emulator.worldfile.yaml_data import Key

_MENTIONED = re.compile(r"saml-provider/([\w.-]{1,128})", re.ASCII)
_NAME = re.compile(r"[\w.-]{1,128}", re.ASCII)


def read_provider(reading: Reading, answer: Answer) -> None:
    """Reads what ``get-saml-provider`` prints."""
    fields = answer.fields
    name = provider_name(reading, Known(answer, reading.seed.settings))
    what = f"SAML provider {name}"
    with reading.leaving_out(fields, what):
        document = fields.text("SAMLMetadataDocument")
        mode = fields.optional_text("AssertionEncryptionMode")
        if mode not in {"", "Allowed", "Required"}:
            raise Malformed("whether its assertions have to be encrypted is not known", place=fields.place)
        key: Key = ("saml_providers", name)
        part = reading.part()
        part.put(key, {}, fields.place)
        part.put((*key, "metadata"), {"xml": document}, (*fields.place, "SAMLMetadataDocument"))
        if mode:
            part.put((*key, "assertion_encryption"), mode, (*fields.place, "AssertionEncryptionMode"))
        own_keys = reading.own.get("saml_providers")
        own = own_keys.get(name) if isinstance(own_keys, dict) else None
        if fields.listed("PrivateKeyList") and not (isinstance(own, dict) and own.get("private_keys")):
            reading.tell(
                what,
                "its private keys never leave AWS: encrypted assertions cannot be opened here",
                (*fields.place, "PrivateKeyList"),
                f"Give saml_providers.{name}.private_keys in the world, and have the identity provider encrypt for it.",
            )
        if not mode and not fields.has("SAMLProviderUUID") and not fields.has("PrivateKeyList"):
            reading.tell(
                what,
                "whether its assertions have to be encrypted is not in the answer: an older AWS CLI does not print it",
                fields.place,
                "Where they have to be, give assertion_encryption: Required, or run a newer AWS CLI.",
            )
    if name != reading.seed.settings.stem:
        reading.tell(
            what, "its name is not in the answer, and taken from the other files and the file's name", fields.place
        )


def read_provider_list(reading: Reading, answer: Answer) -> None:
    """Reads what ``list-saml-providers`` prints, which is no provider yet."""
    known = {
        provider_name(reading, each) for each in reading.known if each.answer.command == "iam get-saml-provider"
    } | set(reading.own_names("saml_providers"))
    without = []
    for provider in answer.objects("SAMLProviderList"):
        arn = arn_of(provider.data.get("Arn"))
        if arn is None:
            reading.leave_out("a SAML provider", "its ARN is missing", provider.place)
            continue
        reading.part(str(provider.data["Arn"]))
        if arn.name not in known:
            without.append((arn.name, str(provider.data["Arn"]), provider.place))
    if without:
        name, text, place = without[0]
        noun = "SAML provider" if len(without) == 1 else "SAML providers"
        reading.leave_out(
            f"{noun} {few([each[0] for each in without])}",
            "the list has names and no metadata",
            place,
            f"Add aws iam get-saml-provider --saml-provider-arn {text} > {name}.json to the seeds.",
        )


def provider_name(reading: Reading, known: Known) -> str:
    """Returns the name of the provider in an answer that lacks it: from the list of providers or a file."""
    stem = known.settings.stem
    listed = [each for each in reading.known_objects("SAMLProviderList") if arn_of(each.data.get("Arn"))]
    dates = ("CreateDate", "ValidUntil")
    alike = [
        each.data["Arn"].rpartition("/")[2]
        for each in listed
        if all(each.data.get(date) and each.data.get(date) == known.answer.fields.data.get(date) for date in dates)
    ]
    names = [
        *(each.data["Arn"].rpartition("/")[2] for each in listed),
        *reading.own_names("saml_providers"),
        *reading.mentioned(_MENTIONED),
    ]
    if stem in names:
        return stem
    if len(alike) == 1:
        return str(alike[0])
    inside = word_in(stem, names)
    if inside:
        return inside
    nameless = [each for each in reading.known if each.answer.command == "iam get-saml-provider"]
    candidates = list(dict.fromkeys(names))
    if names_nothing(stem) and len(candidates) == 1 and len(nameless) == 1:
        return str(candidates[0])
    return stem if _NAME.fullmatch(stem) else re.sub(r"[^\w.-]+", "-", stem, flags=re.ASCII)[:128] or "provider"
