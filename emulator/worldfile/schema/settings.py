"""What every mapping of the file formats shares, and the forms that their texts may have.

The docstring under a setting is its description in the JSON Schema that ``fedemu schema`` prints. After the sentence
comes the place of the same value in a console, where it has one: ``Okta: Sign On > Session Duration``.
"""

from __future__ import annotations

import ast
import inspect
import ipaddress
import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from textwrap import dedent
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetJsonSchemaHandler

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

_ACCOUNT_ID = re.compile(r"[0-9]{12}", re.ASCII)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]", re.ASCII)
_URL = re.compile(r"https?://[^\s/?#\\@]+(?:[/?#]\S*)?", re.ASCII)
_ORIGIN = re.compile(r"(?:https://[A-Za-z0-9.-]+|http://localhost)(?::[0-9]{1,5})?", re.ASCII)
_PAGE_ORIGIN = re.compile(r"https://[a-z0-9.-]+", re.ASCII)
_PROVIDER_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:saml-provider/[\w.-]{1,128}", re.ASCII)
_PROVIDER_NAME = re.compile(r"[\w._-]{1,128}", re.ASCII)
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ROLE_PATH = re.compile(r"/(?:[\x21-\x7e]{1,510}/)?", re.ASCII)
_POLICY_NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
_ACCESS_KEY_ID = re.compile(r"AKIA[A-Z0-9]{16}", re.ASCII)
_SECRET_ACCESS_KEY = re.compile(r"[A-Za-z0-9/+]{40}", re.ASCII)
_TAG_KEY = re.compile(r"(?!aws:)[\w .:/=+@-]{1,128}")
_ORGANIZATION_ID = re.compile(r"o-[a-z0-9]{10,32}", re.ASCII)
_ROOT_ID = re.compile(r"r-[0-9a-z]{4,32}", re.ASCII)
_UNIT_ID = re.compile(r"ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}", re.ASCII)
_INSTANCE_ALIAS = re.compile(r"(?!d-)[\da-zA-Z]+(?:-*[\da-zA-Z])*", re.ASCII)


def _text(pattern: re.Pattern[str], description: str) -> Any:
    def matches(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(f"{value!r} is not {description}")
        return value

    return AfterValidator(matches)


def _well_formed(url: str) -> str:
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise ValueError(f"{url!r} is not an http(s) URL") from None
    return url


def is_pem(text: object) -> bool:
    """Returns whether a text is itself a key or a certificate, and not the name of a file with one."""
    return isinstance(text, str) and text.lstrip().startswith("-----BEGIN ")


def is_private_key(text: object) -> bool:
    """Returns whether a text is itself a private key, which is never shown."""
    return is_pem(text) and "PRIVATE KEY-----" in str(text)


def number_as_text(value: Any) -> Any:
    """Returns a whole number as its digits, because YAML reads an unquoted year as a number."""
    return str(value) if type(value) is int else value


Label = Annotated[str, _text(_LABEL, "a host name label (lower-case letters, digits and hyphens)")]
Url = Annotated[str, _text(_URL, "an http(s) URL"), AfterValidator(_well_formed)]
Origin = Annotated[
    str, _text(_ORIGIN, "an origin such as https://connect.example.com (https unless localhost, no path)")
]
PageOrigin = Annotated[str, _text(_PAGE_ORIGIN, "the origin of a page such as https://connect.example.com (no port)")]
AccountId = Annotated[str, _text(_ACCOUNT_ID, "an AWS account id: 12 digits, in quotes")]
Region = Annotated[str, _text(_REGION, "an AWS region such as ap-northeast-1")]
ProviderArn = Annotated[str, _text(_PROVIDER_ARN, "an ARN such as arn:aws:iam::123456789012:saml-provider/okta")]
ProviderName = Annotated[str, _text(_PROVIDER_NAME, "a SAML provider name")]
RoleName = Annotated[str, _text(_ROLE_NAME, "an IAM role name")]
RolePath = Annotated[str, _text(_ROLE_PATH, "an IAM path such as /federation/")]
UserName = Annotated[str, _text(_ROLE_NAME, "an IAM user name")]
PolicyName = Annotated[str, _text(_POLICY_NAME, "an IAM policy name")]
AccessKeyId = Annotated[str, _text(_ACCESS_KEY_ID, "an access key id such as AKIAIOSFODNN7EXAMPLE")]
SecretAccessKey = Annotated[str, _text(_SECRET_ACCESS_KEY, "a secret access key of 40 characters")]
TagKey = Annotated[str, _text(_TAG_KEY, "a tag key")]
TagValue = Annotated[str, Field(max_length=256)]
InstanceAlias = Annotated[str, _text(_INSTANCE_ALIAS, "an Amazon Connect instance alias"), Field(max_length=45)]
PolicyJson = dict[str, Any] | str
OrganizationId = Annotated[str, _text(_ORGANIZATION_ID, "an organization's id such as o-a1b2c3d4e5")]
RootId = Annotated[str, _text(_ROOT_ID, "the id of an organization's root such as r-ab12")]
UnitId = Annotated[str, _text(_UNIT_ID, "the id of an organizational unit such as ou-ab12-11111111")]


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError(f"{text!r} is not an IP address such as 203.0.113.10") from None


IpAddress = Annotated[str, AfterValidator(_address)]


class Settings(BaseModel):
    """A mapping in a file: unknown keys and values of another type are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describes every setting by the docstring under it."""
        schema = handler(core_schema)
        described = docstrings(cls)
        for name, setting in handler.resolve_ref_schema(schema).get("properties", {}).items():
            if name in described:
                setting["description"] = described[name]
        return schema


@lru_cache(maxsize=128)
def docstrings(model: type[Settings]) -> Mapping[str, str]:
    """Returns the docstrings under the model's settings, by name.

    Pydantic can do this too (``use_attributedocstrings``), but then it parses the source at every start.
    """
    found: dict[str, str] = {}
    for base in model.__bases__:
        if issubclass(base, Settings) and base is not Settings:
            found |= docstrings(base)
    (definition,) = ast.parse(dedent(inspect.getsource(model))).body
    for setting, text in pairwise(getattr(definition, "body", ())):
        match setting, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(docstring))):
                found[name.rstrip("_")] = " ".join(docstring.split())  # as_ is the key as, which Python keeps
    return found
