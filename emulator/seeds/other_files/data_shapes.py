"""Unsupported kinds of JSON and YAML, recognised by their keys.

Spec: the formats' own: HAR 1.2, CloudTrail record contents, Kubernetes object schema, OpenAPI, JWK (RFC 7517)
Evidence: documented
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emulator.seeds.other_files.aws_commands import kind_of_aws_answer
from emulator.seeds.other_files.kinds import OtherKind
from emulator.worldfile.name_lists import few

_Data = Mapping[str, Any]
_SHOWN, _LONGEST_KEY, _WORDS = 5, 40, 120
_SYNTH = "Use the stack's template: cdk.out/STACK.template.json, which cdk synth writes."
_MADE_FROM = "Use the template or the Terraform state that AWS was set up with, or output of the AWS CLI."
_METADATA = "Use the identity provider's SAML metadata (XML)."
_LOGIN = (
    "fedemu inspect reads it. To fill a world, use the identity provider's metadata and exports of the AWS account."
)
_EVENTS = "fedemu explain reads it. To fill a world, use the output of aws iam get-account-authorization-details."
_OKTA = "From Okta, use the responses of GET /api/v1/apps, /users, /groups and /apps/ID/users."
_POLICY = (
    "A managed policy belongs under policies: {NAME: FILE} of the account, an inline policy under "
    "inline_policies of its role."
)
_TRUST = "A trust policy belongs under roles: {NAME: {trust: FILE}} of the account."
_NO_CREDENTIALS = "A world needs no real credentials: remove the file."
_NO_KIND = "a file of an unknown kind"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def kind_of_data(data: Any, *, documents: int = 1) -> OtherKind:
    """Returns the kind of unsupported data.

    Args:
        data: The parsed data.
        documents: The number of documents if the data is a list of them.
    """
    if documents > 1:
        return _several(data, documents)
    if isinstance(data, dict):
        return next((kind for kind_of in _KINDS if (kind := kind_of(data)) is not None), _unknown(data))
    if isinstance(data, list):
        return _list(data)
    fix = "Save the complete output: without --query, and with --output json."
    return OtherKind("a single value", fix)


def _several(documents: Sequence[Any], number: int) -> OtherKind:
    if isinstance(documents[0], dict) and ("Resources" in documents[0] or "terraform_version" in documents[0]):
        return OtherKind(f"{number} documents in one file", "Save each in a file of its own.")
    kind = kind_of_data(documents[0])
    return OtherKind(f"{number} documents in one file, the first of which is {kind.what}", kind.fix)


def _list(items: Sequence[Any]) -> OtherKind:
    if not items:
        return OtherKind("an empty list", "Nothing was found: export again without a filter, or remove the file.")
    first = items[0]
    if isinstance(first, dict):
        if "eventType" in first and "published" in first:
            return OtherKind("Okta's System Log", f"{_EVENTS} {_OKTA}")
        kind = kind_of_data(first)
        if kind.what.startswith(_NO_KIND):
            return OtherKind(f"a list of objects of an unknown kind{kind.what.removeprefix(_NO_KIND)}")
        return OtherKind(f"a list of {len(items)} objects, the first of which is {kind.what}", kind.fix)
    fix = "Save the complete output: without --query, and with --output json."
    return OtherKind(f"a list of {len(items)} values without keys, such as --query prints", fix)


def _unknown(data: _Data) -> OtherKind:
    if not data:
        return OtherKind("an empty object", "Nothing was found: export again without a filter, or remove the file.")
    keys = [_CONTROL.sub(" ", key)[:_LONGEST_KEY] for key in map(str, data)]
    return OtherKind(f"{_NO_KIND}, with the keys {few(keys)}")


def _has(data: _Data, *keys: str) -> bool:
    return all(key in data for key in keys)


def _holds(data: _Data, key: str, kind: type) -> bool:
    return isinstance(data.get(key), kind)


def _ours(data: _Data) -> OtherKind | None:
    if "scenario" in data or _has(data, "expect", "login"):
        return OtherKind("a fedemu scenario", "Run it with fedemu run. To fill a world, use exports of AWS and Okta.")
    if _holds(data, "okta", dict) or _holds(data, "aws", dict):
        fix = "A world cannot fill another: copy its parts, or use the file itself with --world."
        return OtherKind("a world file", fix)
    if _has(data, "accounts", "orgs"):
        return OtherKind("a state that fedemu saved", "Use it with fedemu up --state.")
    return None


def _logins_and_events(data: _Data) -> OtherKind | None:
    log = data.get("log")
    if isinstance(log, dict) and "entries" in log:
        return OtherKind("a HAR", "fedemu record makes a world from a HAR; fedemu inspect checks the login in it.")
    records = data.get("Records") or data.get("Events") or [data]
    first = records[0] if isinstance(records, list) and records else None
    if isinstance(first, dict):
        if _has(first, "eventSource", "eventName") or "CloudTrailEvent" in first or "detail-type" in first:
            return OtherKind("a CloudTrail log", _EVENTS)
        if _has(first, "eventType", "published"):
            return OtherKind("Okta's System Log", f"{_EVENTS} {_OKTA}")
    if "SAMLResponse" in data or "samlResponse" in data:
        return OtherKind("a SAMLResponse in JSON", _LOGIN)
    return None


def _refusals(data: _Data) -> OtherKind | None:
    code = data.get("errorCode")
    if isinstance(code, str) and ("errorSummary" in data or "errorId" in data):
        said = _CONTROL.sub(" ", str(data.get("errorSummary") or "")).strip()[:_WORDS]
        words = f": {said}" if said else ""
        return OtherKind(
            f"Okta's error response {_CONTROL.sub(' ', code)[:20]}{words}",
            f"Export again with the token of an administrator who may read it. {_OKTA}",
        )
    error: _Data = data["Error"] if _holds(data, "Error", dict) else data
    code = error.get("Code") or data.get("__type")
    if isinstance(code, str) and {key.lower() for key in error} & {"message", "requestid", "type"}:
        shown = _CONTROL.sub(" ", code).rpartition("#")[2][:60]
        return OtherKind(f"AWS's error response {shown}", "Export again with credentials that may make the call.")
    if {str(key).lower() for key in data} == {"message"}:
        return OtherKind("an error response", "Export again with credentials that may make the call.")
    if "error" in data and ("error_description" in data or isinstance(data["error"], (str, dict))):
        return OtherKind("an error response", "Export again with credentials that may make the call.")
    return None


def _credentials(data: _Data) -> OtherKind | None:
    if _holds(data, "Credentials", dict) or "SecretAccessKey" in data:
        return OtherKind("a set of AWS credentials", _NO_CREDENTIALS)
    if _has(data, "accessToken", "startUrl") or data.get("type") == "service_account" or "access_token" in data:
        return OtherKind("a sign-in token", _NO_CREDENTIALS)
    keys = data.get("keys")
    if isinstance(keys, list) and keys and isinstance(keys[0], dict) and "kty" in keys[0]:
        return OtherKind("a JWKS, the keys of OpenID Connect", _METADATA)
    if "kty" in data and ("n" in data or "x" in data or "k" in data):
        return OtherKind("a JWK, a key of OpenID Connect", _METADATA)
    if _has(data, "issuer", "authorization_endpoint"):
        return OtherKind("the discovery document of OpenID Connect", _METADATA)
    if _has(data, "iss", "aud", "exp"):
        return OtherKind("the claims of a JSON Web Token", _METADATA)
    return None


def _policies(data: _Data) -> OtherKind | None:
    statements = data.get("Statement")
    first = statements[0] if isinstance(statements, list) and statements else statements
    if not isinstance(first, dict) or not ({"Effect", "Action", "NotAction"} & first.keys()):
        return None
    if "Principal" in first or "NotPrincipal" in first:
        return OtherKind("a trust policy on its own", _TRUST)
    return OtherKind("an IAM policy on its own", _POLICY)


def _infrastructure(data: _Data) -> OtherKind | None:
    version = data.get("version")
    if version == "tree-0.1":
        return OtherKind("the CDK's construct tree (tree.json)", _SYNTH)
    if _has(data, "version", "artifacts"):
        return OtherKind("the manifest of a CDK cloud assembly (manifest.json)", _SYNTH)
    if _has(data, "files", "dockerImages"):
        return OtherKind("the CDK's list of assets", _SYNTH)
    if "app" in data and ("context" in data or "watch" in data or isinstance(data["app"], str)):
        return OtherKind("the CDK's settings (cdk.json)", _SYNTH)
    if data and all(
        str(key).startswith(("acknowledged-issue-numbers", "availability-zones:", "@aws-cdk/")) for key in data
    ):
        return OtherKind("the CDK's context (cdk.context.json)", _SYNTH)
    if _holds(data, "deployment", dict) or _holds(data, "checkpoint", dict):
        return OtherKind("the state of a Pulumi stack", f"fedemu does not read Pulumi's state. {_MADE_FROM}")
    if _has(data, "name", "runtime"):
        return OtherKind("a Pulumi project", f"fedemu does not read Pulumi projects. {_MADE_FROM}")
    if _has(data, "service", "provider") or _has(data, "provider", "functions"):
        return OtherKind(
            "a Serverless Framework service",
            "Use the template in .serverless, which serverless package writes.",
        )
    if "apiVersion" in data and "kind" in data:
        return OtherKind("a Kubernetes object", _MADE_FROM)
    if data.get("apiVersion") in {"v1", "v2"} and "name" in data:
        return OtherKind("a Helm chart", _MADE_FROM)
    services = data.get("services")
    if isinstance(services, dict) and any(
        isinstance(each, dict) and {"image", "build"} & each.keys() for each in services.values()
    ):
        return OtherKind("a Docker Compose file", _MADE_FROM)
    return None


def _programs(data: _Data) -> OtherKind | None:
    if "openapi" in data or "swagger" in data:
        return OtherKind("an OpenAPI description", "Use the API's responses, not its description.")
    info = data.get("info")
    if isinstance(info, dict) and ("_postman_id" in info or "getpostman" in str(info.get("schema"))):
        return OtherKind("a Postman collection", "Use the responses to its requests.")
    recorded = data.get("interactions", data.get("http_interactions"))
    if isinstance(recorded, list) and ("version" in data or "recorded_with" in data):
        return OtherKind("requests and responses that a test recorded (VCR)", "Use the response bodies in it.")
    if "lockfileVersion" in data:
        return OtherKind("npm's lock file (package-lock.json)", "")
    if "name" in data and ({"dependencies", "devDependencies", "scripts"} & data.keys()):
        return OtherKind("a Node.js package (package.json)", "")
    if "compilerOptions" in data:
        return OtherKind("TypeScript settings (tsconfig.json)", "")
    if "$schema" in data and ("properties" in data or "$defs" in data):
        return OtherKind("a JSON Schema", "")
    if "jobs" in data or "stages" in data:
        return OtherKind("a CI workflow", "")
    return None


def _identity_providers(data: _Data) -> OtherKind | None:
    if _has(data, "realm", "clients") or _has(data, "realm", "enabled"):
        return OtherKind("a Keycloak realm", _METADATA)
    if _has(data, "appId", "identifierUris") or "servicePrincipalNames" in data or "@odata.context" in data:
        return OtherKind("an Entra ID application", _METADATA)
    if _has(data, "client_id", "callbacks") or _has(data, "client_id", "tenant"):
        return OtherKind("an Auth0 application", _METADATA)
    return None


_KINDS: Sequence[Callable[[_Data], OtherKind | None]] = (
    _ours,
    _logins_and_events,
    _refusals,
    _credentials,
    _policies,
    _infrastructure,
    kind_of_aws_answer,
    _programs,
    _identity_providers,
)
