"""SAML providers as ``aws iam`` prints them: one command omits the name, the other everything but names and dates.

Spec: IAM API Reference, GetSAMLProvider, ListSAMLProviders
Evidence: documented
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from emulator.seeds.arns import arn_of
from emulator.seeds.aws_answers.answers import Answer
from emulator.seeds.aws_answers.fields import Malformed
from emulator.seeds.aws_answers.reading import Known, Reading, names_nothing, word_in
from emulator.seeds.contents import HERE
from emulator.worldfile.name_lists import few
from emulator.worldfile.text.yaml_data import Key

_MENTIONED = re.compile(r"saml-provider/([\w.-]{1,128})", re.ASCII)
_NAME = re.compile(r"[\w.-]{1,128}", re.ASCII)


def read_provider(reading: Reading, answer: Answer) -> None:
    """Reads the output of ``get-saml-provider``."""
    fields = answer.fields
    name = provider_name(reading, Known(answer, reading.seed.settings))
    what = f"SAML provider {name}"
    with reading.leaving_out(fields, what):
        if fields.data.get("AssertionEncryptionMode") not in (None, "", "Allowed", "Required"):
            reading.contents.excluded.append((HERE, "saml_providers", name))
        document = fields.text("SAMLMetadataDocument")
        mode = fields.optional_text("AssertionEncryptionMode")
        if mode not in {"", "Allowed", "Required"}:
            raise Malformed("it is unknown whether its assertions must be encrypted", place=fields.place)
        key: Key = ("saml_providers", name)
        part = reading.part()
        part.put(key, {}, fields.place)
        part.put((*key, "metadata"), {"xml": document}, (*fields.place, "SAMLMetadataDocument"))
        if mode:
            part.put((*key, "assertion_encryption"), mode, (*fields.place, "AssertionEncryptionMode"))
        own_keys = reading.own.get("saml_providers")
        own = own_keys.get(name) if isinstance(own_keys, dict) else None
        if fields.listed("PrivateKeyList") and not (isinstance(own, dict) and own.get("private_keys")):
            reading.add_note(
                what,
                "its private keys never leave AWS, so encrypted assertions cannot be decrypted here",
                (*fields.place, "PrivateKeyList"),
                f"Set saml_providers.{name}.private_keys in the world file, and let the identity provider encrypt "
                "for it.",
            )
        if not mode and not fields.has("SAMLProviderUUID") and not fields.has("PrivateKeyList"):
            reading.add_note(
                what,
                "the output does not say whether its assertions must be encrypted, because the AWS CLI was too old",
                fields.place,
                "If they must be, set assertion_encryption: Required, or use a newer AWS CLI.",
            )
    if name != reading.seed.settings.stem:
        reading.add_note(
            what, "its name is not in the output; it is taken from the file's name and the other files", fields.place
        )


def read_provider_list(reading: Reading, answer: Answer) -> None:
    """Reads the output of ``list-saml-providers``, which alone does not make a provider."""
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
            "the list has only names, no metadata",
            place,
            f"Add the output of aws iam get-saml-provider --saml-provider-arn {text} to the seeds, as {name}.json.",
        )


def provider_name(reading: Reading, known: Known) -> str:
    """Returns the name of a provider in output that lacks it, from the list of providers or the file's name."""
    names = reading.once("provider names", lambda: _provider_names(reading))
    found = _named(reading, known, names)
    if found:
        return found
    stem = known.settings.stem
    nameless = [each for each in reading.known if each.answer.command == "iam get-saml-provider"]
    given = [_named(reading, each, names) for each in nameless]
    left = [name for name in names if name not in given]
    if names_nothing(stem) and len(left) == 1 and given.count("") == 1:
        return left[0]
    return stem if _NAME.fullmatch(stem) else re.sub(r"[^\w.-]+", "-", stem, flags=re.ASCII)[:128] or "provider"


def _provider_names(reading: Reading) -> list[str]:
    """Returns the names of providers that the seeds and the world have or mention."""
    listed = [arn_of(each.data.get("Arn")) for each in reading.known_objects("SAMLProviderList")]
    found = [arn.name for arn in listed if arn is not None]
    return list(dict.fromkeys([*found, *reading.own_names("saml_providers"), *reading.mentioned(_MENTIONED)]))


def _named(reading: Reading, known: Known, names: Sequence[str]) -> str:
    """Returns the name that the file's name or the dates in the list of providers point to; empty if none is."""
    stem = known.settings.stem
    if stem in names:
        return stem
    given = known.answer.fields.data
    alike = [
        each.data["Arn"].rpartition("/")[2]
        for each in reading.known_objects("SAMLProviderList")
        if isinstance(each.data.get("Arn"), str)
        and all(given.get(date) and each.data.get(date) == given.get(date) for date in ("CreateDate", "ValidUntil"))
    ]
    return str(alike[0]) if len(alike) == 1 else word_in(stem, names)
