"""What is wrong with a value of the Role attribute that is not a pair of SAML provider and role."""

from __future__ import annotations

import re

from emulator.kernel.differences import nearest, visible
from emulator.kernel.explanations import Sent
from emulator.kernel.records import dataclass
from sp_mock.arn import Arn
from sp_mock.assertion.mistakes.attribute_names import name_mistake, names_received
from sp_mock.assertion.mistakes.mistake import Mistake
from sp_mock.assertion.values import ROLE, AssertionValues, attribute_path

_PAIR = "arn:aws:iam::ACCOUNT:saml-provider/NAME,arn:aws:iam::ACCOUNT:role/NAME"
_SEPARATORS = {
    ";": "a semicolon",
    "|": "a bar",
    "\uff0c": "a full-width comma",
    "\u3001": "an ideographic comma",
    "\n": "a line break",
}
_KINDS = {
    "instance-profile": "an instance profile, which only EC2 uses; the role has an ARN of its own",
    "user": "an IAM user, not a role",
    "group": "an IAM group, not a role",
    "policy": "a policy, not a role",
    "oidc-provider": "a provider of OpenID Connect, not of SAML",
    "assumed-role": "a session of a role, not the role",
}
_RESOURCES = ("role", "saml-provider")
_SPLIT_ARN = re.compile(r"(?<=.)(?=arn:)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RoleValueMistake:
    """What is wrong with one value, as the end of a sentence, and the corrected value where it is obvious."""

    told: str
    wanted: str = ""


def role_value_mistake(value: str) -> RoleValueMistake | None:
    """Explains what is wrong with a value of the Role attribute; None when it is a valid pair."""
    if not value.strip():
        return RoleValueMistake("is empty")
    if "${" in value:
        return RoleValueMistake(f"still has the variable {_variable(value)} in it, which nobody filled in")
    parts = value.split(",")
    if len(parts) == 1:
        return _one_part(value)
    if len(parts) != 2:
        filled = [part for part in parts if part.strip()]
        if len(filled) == 2:
            return RoleValueMistake("has a comma too many", ",".join(part.strip() for part in filled))
        return RoleValueMistake(f"has {len(parts)} parts; a value is one pair, and a second pair is a second value")
    if not all(part.strip() for part in parts):
        return RoleValueMistake(f"has nothing {'before' if not parts[0].strip() else 'after'} the comma")
    return _pair([part.strip() for part in parts])


def _variable(value: str) -> str:
    match = re.search(r"\$\{[^}]*\}?", value)
    return match[0] if match else "${"


def _one_part(value: str) -> RoleValueMistake:
    pieces = [piece for piece in _SPLIT_ARN.split(value.strip()) if piece]
    if len(pieces) == 2:
        first, second = pieces
        between = next((sign for sign in _SEPARATORS if sign in first[-3:]), "")
        name = _SEPARATORS.get(between) or ("a blank" if first[-1:].isspace() else "nothing")
        mended = f"{first.strip().rstrip(''.join(_SEPARATORS)).strip()},{second.strip()}"
        return RoleValueMistake(f"separates its two ARNs with {name}, not with a comma", mended)
    arn = Arn.parse(value.strip())
    if arn is not None and arn.is_role:
        return RoleValueMistake("names the role alone; the SAML provider's ARN is missing")
    if arn is not None and arn.is_saml_provider:
        return RoleValueMistake("names the SAML provider alone; the role's ARN is missing")
    if not value.strip().lower().startswith("arn:"):
        return RoleValueMistake("is a name, not a pair of ARNs")
    part = _part(value.strip())
    return RoleValueMistake(f"is one ARN only, and {part.told}" if part else "is one ARN only")


def _pair(parts: list[str]) -> RoleValueMistake | None:
    mistakes = [_part(part) for part in parts]
    wrong = [(part, mistake) for part, mistake in zip(parts, mistakes, strict=True) if mistake is not None]
    if wrong:
        mended = [m.wanted if m is not None else part for part, m in zip(parts, mistakes, strict=True)]
        told = "; ".join(f"its part {visible(part)} {mistake.told}" for part, mistake in wrong)
        return RoleValueMistake(f"is not usable: {told}", ",".join(mended) if all(mended) else "")
    arns = [Arn.parse(part) for part in parts]
    for kind, other, is_kind in (
        ("roles", "SAML provider", [arn is not None and arn.is_role for arn in arns]),
        ("SAML providers", "role", [arn is not None and arn.is_saml_provider for arn in arns]),
    ):
        if all(is_kind):
            return RoleValueMistake(f"pairs two {kind}; the {other}'s ARN is missing")
    return None


def _part(part: str) -> RoleValueMistake | None:
    """Explains what is wrong with one of the two ARNs; None when it is a role's or a SAML provider's."""
    arn = Arn.parse(part)
    if arn is not None and (arn.is_role or arn.is_saml_provider):
        return None
    if any(character.isspace() for character in part):
        joined = "".join(part.split())
        return RoleValueMistake("has a blank in it", joined if _part(joined) is None else "")
    if not part.startswith("arn:"):
        if part.lower().startswith("arn:"):
            return _mended("does not begin with arn: in lower case", f"arn:{part[4:]}")
        return RoleValueMistake("is not an ARN: it does not begin with arn:")
    return _arn_mistake(part)


def _arn_mistake(part: str) -> RoleValueMistake:
    fields = part.split(":")
    if len(fields) != 6:
        mended = re.sub(r"^(arn:[^:]*:iam):(?=\d)", r"\1::", part)
        return _mended(f"has {len(fields)} fields between colons; an ARN has 6", mended if mended != part else "")
    _, partition, service, region, account, resource = fields
    if re.fullmatch(r"[\d -]+", account) and not account.isdecimal():
        digits = re.sub(r"\D", "", account)
        return _mended(f"writes the account id as {account}, with hyphens", part.replace(account, digits))
    if service != "iam" or region:
        kind = resource.partition("/")[0]
        told = _KINDS.get(kind) or f"is of the service {service or '(none)'}, not of iam"
        if region and service == "iam":
            told = f"names the region {region}; IAM has none"
            return _mended(told, f"arn:{partition}:iam::{account}:{resource}")
        return RoleValueMistake(f"is {told}" if kind in _KINDS else told)
    if not re.fullmatch(r"[0-9]{12}", account):
        return RoleValueMistake(f"has the account id {account or '(none)'}, and one has 12 digits")
    kind, _, name = resource.partition("/")
    if kind in _KINDS:
        return RoleValueMistake(f"is {_KINDS[kind]}")
    if kind in _RESOURCES:
        return RoleValueMistake(f"has no name after {kind}/")
    near = nearest(kind, _RESOURCES)
    mended = f"arn:{partition}:iam::{account}:{near}/{name}" if near and name else ""
    return _mended(f"is of the kind {kind}, and only role and saml-provider are taken", mended)


def _mended(told: str, wanted: str) -> RoleValueMistake:
    return RoleValueMistake(told, wanted if wanted and _part(wanted) is None else "")


def no_usable_role(values: AssertionValues) -> Mistake:
    """Explains why an assertion has no usable value of the Role attribute."""
    attribute = values.attribute(ROLE)
    where = attribute_path(ROLE)
    if attribute is None:
        return name_mistake(values, ROLE) or Mistake(
            "The assertion has no Role attribute: the identity provider found no role for this user.",
            where=where,
            expected=f"an attribute {ROLE}",
            received=names_received(values),
            fix="Assign a role to the user in the Okta app; with group mapping, look at the filter and the pattern.",
            causes=(Sent(where),),
        )
    if not attribute.values:
        return Mistake(
            "The Role attribute has no value.",
            where=where,
            expected=_PAIR,
            received="an attribute without AttributeValue",
            fix="Give the Role attribute a value, or leave it out for people without a role.",
            causes=(Sent(where),),
        )
    value = attribute.values[0]
    wrong = role_value_mistake(value) or RoleValueMistake("is not a pair of a SAML provider ARN and a role ARN")
    told = f"The Role value {visible(value)} {wrong.told}" if value.strip() else f"The Role value {wrong.told}"
    more = len(attribute.values) - 1
    others = (
        " The other value is not a pair either." if more == 1 else f" None of the other {more} values is a pair either."
    )
    return Mistake(
        f"{told}.{others if more else ''}",
        where=where,
        expected=wrong.wanted or _PAIR,
        received=", ".join(attribute.values),
        fix=f"Send {wrong.wanted} as the value."
        if wrong.wanted
        else "Send one pair per value: the SAML provider's ARN, a comma, the role's ARN.",
        causes=(Sent(where, wanted=(wrong.wanted,) if wrong.wanted else ()),),
    )
