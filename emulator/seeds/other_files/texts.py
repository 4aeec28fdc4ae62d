"""Texts that are neither JSON nor YAML, or only by chance: web pages, keys, tokens, tables, output of programs.

Spec: AWS CLI User Guide, "Setting the output format"; IAM User Guide, "Getting credential reports"
Evidence: observed
"""

from __future__ import annotations

import base64
import binascii
import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import unquote

from emulator.seeds.other_files.kinds import OtherKind
from emulator.worldfile.text.kinds_of_text import is_address, is_web_token, pem_name, root_name

_LOOKED_AT = 20_000
_LOGIN = (
    "fedemu inspect reads it. To fill a world, use the identity provider's metadata and exports of the AWS account."
)
_METADATA = "Use the identity provider's metadata (XML): in Okta, Sign On > SAML Signing Certificates."
_AS_JSON = "Run the command again with --output json."
_CREDENTIALS = (
    "A world needs no real credentials: remove the file. Use the output of aws iam get-account-authorization-details."
)
_MESSAGES = frozenset(
    {
        "Response",
        "Assertion",
        "EncryptedAssertion",
        "LogoutResponse",
        "LogoutRequest",
        "AuthnRequest",
        "ArtifactResponse",
    }
)
_AWS_REFUSED = re.compile(r"An error occurred \(([\w.:]{1,80})\) when calling the (\w{1,80}) operation")
_AWS_CLI_SAID: Sequence[tuple[str, str]] = (
    ("Unable to locate credentials", "it found no credentials"),
    ("Unable to parse config file", "it could not read its configuration"),
    ("Could not connect to the endpoint URL", "it could not connect"),
    ("Error loading SSO Token", "its session had expired"),
    ("Token has expired", "its session had expired"),
    ("The SSO session associated", "its session had expired"),
    ("The config profile", "it did not find the profile"),
    ("You must specify a region", "it had no region"),
    ("usage: aws ", "its arguments are wrong"),
    ("aws: error:", "its arguments are wrong"),
)
_TABLE = re.compile(r"-{5,}\s*\n\|\s+(\w{1,80})\s+\|")
_S3_LS = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +\S+")
_INI = re.compile(r"^[ \t]*\[[^\]\n]{1,200}\][ \t]*$", re.MULTILINE)
_AWS_SETTING = re.compile(
    r"^[ \t]*(aws_access_key_id|aws_secret_access_key|aws_session_token|sso_start_url|sso_session|role_arn"
    r"|region|output)[ \t]*=",
    re.MULTILINE,
)
_ENVIRONMENT = re.compile(r"(?:export\s+|set\s+|\$env:)?[A-Za-z_]\w*\s*=.*")
_TERRAFORM = re.compile(
    r'^[ \t]*(?:resource|data|module|variable|output|provider)\s+"[^"\n]*"|^[ \t]*(?:terraform|locals)\s*\{',
    re.MULTILINE,
)
_TERRAFORM_SAID = re.compile(
    r"Terraform will perform the following actions|No changes\. Your infrastructure|^# (?:module\.)?\w+\.\w+.*:$",
    re.MULTILINE,
)
_CDK_SOURCE = re.compile(r"aws-cdk-lib|from aws_cdk|@aws-cdk/|software\.amazon\.awscdk")
_SOURCE = re.compile(
    r"^(?:import |from \w|export |const |function |class |def |package |using |#include|public class )", re.MULTILINE
)
_MARKDOWN = re.compile(r"^(?:#{1,6} \S|```|\* \S|- \[.\] |\|.*\|$)|\]\(\S+\)", re.MULTILINE)
_CREDENTIAL_REPORT = "user,arn,user_creation_time"


def kind_of_text(text: str) -> OtherKind | None:
    """Returns the kind of a text without supported data; None if it is not recognised."""
    start = text[:_LOOKED_AT]
    for kind_of in (*_SURE, *_LIKELY):
        found = kind_of(start)
        if found is not None:
            return replace(found, is_sure=kind_of in _SURE)
    return None


def _empty(text: str) -> OtherKind | None:
    fix = "The command that should have written it printed nothing: run it again, and check for an error message."
    return None if text else OtherKind("an empty file", fix)


def _secret(text: str) -> OtherKind | None:
    name = pem_name(text)
    if name:
        fix = (
            _METADATA
            if "certificate" in name
            else "A provider's private key belongs under saml_providers.NAME.private_keys."
        )
        return OtherKind(f"a PEM file ({name})", fix)
    if re.match(r"(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\S+) AAAA", text):
        return OtherKind("an SSH public key", _METADATA)
    if is_web_token(text):
        return OtherKind("a JSON Web Token", _METADATA)
    if _INI.search(text) and _AWS_SETTING.search(text):
        return OtherKind("a configuration or credentials file of the AWS CLI", _CREDENTIALS)
    return None


def _said_by_the_aws_cli(text: str) -> OtherKind | None:
    refused = _AWS_REFUSED.search(text)
    if refused is not None:
        what = f"AWS's error response {refused[1]} to {refused[2]}"
        return OtherKind(what, "Export again with credentials that may make the call.")
    for words, meaning in _AWS_CLI_SAID:
        if words in text:
            return OtherKind(f"an error of the AWS CLI: {meaning}", "Run the command again, and check its output.")
    if _S3_LS.match(text):
        return OtherKind("the output of aws s3 ls", "Use the output of aws iam get-account-authorization-details.")
    table = _TABLE.match(text)
    if table is not None:
        return OtherKind(f"a table, the output of {table[1]} with --output table", _AS_JSON)
    return None


def _markup(text: str) -> OtherKind | None:
    if not text.startswith("<"):
        return None
    name = root_name(text.encode())
    lower = name.lower()
    if lower in {"html", "body", "head", "form", "div", "script"} or text[:9].lower() == "<!doctype":
        if "SAMLResponse" in text:
            return OtherKind("a page with a SAMLResponse", _LOGIN)
        return OtherKind("a web page", "Save an export of what the page shows: JSON, YAML or XML, not HTML.")
    if name in _MESSAGES:
        return OtherKind(f"a SAML message ({name})", _LOGIN)
    if name in {"EntityDescriptor", "EntitiesDescriptor"}:
        fix = "Use it as the metadata of a SAML provider: saml_providers: {okta: {metadata: {file: metadata.xml}}}."
        return OtherKind("the metadata of an identity provider", fix)
    if name in {"ErrorResponse", "Error"}:
        return OtherKind("AWS's error response in XML", "Export again with credentials that may make the call.")
    if name.endswith("Response") and "amazonaws.com/doc" in text:
        return OtherKind(
            f"a response of AWS's API in XML ({name})", "Make the call with the AWS CLI and --output json."
        )
    return OtherKind(f"XML with the root element {name}" if name else "XML that is not well-formed", "")


def _message_in_base64(text: str) -> OtherKind | None:
    bare = re.sub(r"\s", "", unquote(text[:4000]).removeprefix("SAMLResponse=").partition("&")[0])
    if "SAMLResponse=" in text or "SAMLRequest=" in text:
        return OtherKind("a form with a SAML message", _LOGIN)
    if len(bare) < 60 or not re.fullmatch(r"[A-Za-z0-9+/=_-]+", bare):
        return None
    try:
        decoded = base64.b64decode(bare[: len(bare) // 4 * 4], altchars=b"-_" if re.search("[-_]", bare) else None)
    except (binascii.Error, ValueError):
        return None
    if decoded.lstrip().startswith(b"<"):
        name = root_name(decoded)
        if name == "EntityDescriptor":
            return OtherKind("metadata in base64", "Decode it: base64 -d FILE > metadata.xml.")
        return OtherKind(f"a SAML message in base64 ({name or 'broken'})", _LOGIN)
    if decoded.lstrip().startswith((b"{", b"[")):
        return OtherKind("JSON in base64", "Decode it: base64 -d FILE > export.json.")
    return OtherKind("base64 of something that is not text", "Decode it, and use what is in it.")


def _program(text: str) -> OtherKind | None:
    if text.startswith("#!"):
        return OtherKind("a script", "Run it, and use the output of its commands.")
    if re.match(r"(?:\$ )?(?:aws|curl|terraform|okta) +\S", text):
        name = re.sub(r"^\$ ", "", text).split()[0]
        return OtherKind(f"a command ({name} …), not its output", "Run it, and use its output.")
    if _CDK_SOURCE.search(text):
        return OtherKind("the source of a CDK app", "Use the template that cdk synth writes to cdk.out.")
    if _TERRAFORM_SAID.search(text):
        return OtherKind("Terraform's output for people", "Use the output of terraform show -json.")
    if _TERRAFORM.search(text) and "{" in text:
        return OtherKind("Terraform's source", "Use the output of terraform show -json for the state, or for a plan.")
    return None


def _settings(text: str) -> OtherKind | None:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if lines and all(map(_ENVIRONMENT.fullmatch, lines)):
        return OtherKind("a file of environment variables, such as .env", _CREDENTIALS)
    if _INI.search(text) and any("=" in line for line in lines):
        return OtherKind("a configuration file (ini or TOML)", "")
    return None


def _table(text: str) -> OtherKind | None:
    if text.startswith(_CREDENTIAL_REPORT):
        return OtherKind("an IAM credential report", "Use the output of aws iam get-account-authorization-details.")
    lines = text.splitlines()[:5]
    for delimiter, name in ((",", "CSV"), ("\t", "tab-separated"), (";", "CSV")):
        try:
            rows = [len(row) for row in csv.reader(lines[:-1] if len(lines) > 2 else lines, delimiter=delimiter)]
        except csv.Error:
            continue
        if len(rows) > 1 and min(rows) > 2 and len(set(rows)) == 1:
            fix = "Use an export in JSON: the response of GET /api/v1/users, or output of the AWS CLI."
            return OtherKind(f"a table ({name})", fix)
    return None


def _prose(text: str) -> OtherKind | None:
    if is_address(text):
        return OtherKind("a URL", "Save what it returns, and use that.")
    if text[:1] in {"{", "["}:
        return None
    if _SOURCE.search(text) and re.search(r"[;{}()]", text):
        return OtherKind("the source of a program", "")
    if text.startswith("#") and _MARKDOWN.search(text):
        return OtherKind("Markdown", "")
    return None


_Kind = Callable[[str], OtherKind | None]
_SURE: Sequence[_Kind] = (_empty, _secret, _said_by_the_aws_cli, _markup)
_LIKELY: Sequence[_Kind] = (
    _message_in_base64,
    _program,
    _settings,
    _table,
    _prose,
)
