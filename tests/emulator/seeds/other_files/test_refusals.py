"""Files that no world can be filled from: each is refused by what it is, with what to give instead."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from emulator.kernel.errors import Problem, WorldError
from emulator.seeds.other_files.kinds import WHAT_IS_READ
from tests.emulator.seeds.aws_answers.accounts import ALLOW, TRUST, filled

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
RESPONSE = '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="a"><x/></samlp:Response>'


def _zip(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


def _refused(folder: Path, content: Any) -> Problem:
    with pytest.raises(WorldError) as caught:
        filled(folder, {"x": content})
    (problem,) = caught.value.problems
    assert problem.location.key == "aws.123456789012.seed[0]"
    return problem


TEXTS: list[tuple[str, str | bytes, str, str]] = [
    (
        "nothing",
        "",
        "an empty file",
        "The command that should have written it printed nothing: run it again, and check for an error message.",
    ),
    (
        "blanks",
        " \n\n",
        "an empty file",
        "The command that should have written it printed nothing: run it again, and check for an error message.",
    ),
    ("a PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "a PDF", "Use the export that it was made from, in JSON."),
    ("a picture", b"\x89PNG\r\n\x1a\n\x00\x00", "a PNG image", "Use the export that it was made from, in JSON."),
    ("a zip", _zip("a.txt"), "a zip archive", "Unpack it, and use the files in it."),
    (
        "a workbook",
        _zip("[Content_Types].xml", "xl/workbook.xml"),
        "an Excel workbook",
        "Use the export in JSON: a table does not say which app or account its rows belong to.",
    ),
    ("a document", _zip("word/document.xml"), "a Word document", "Use the export that it was made from, in JSON."),
    (
        "a plan file",
        _zip("tfplan", "tfstate", ".terraform.lock.hcl"),
        "a binary plan, written by terraform plan -out",
        "Use the output of terraform show -json FILE.",
    ),
    ("half a zip", b"PK\x03\x04\x00", "a zip archive", "Unpack it, and use the files in it."),
    (
        "a broken gzip",
        b"\x1f\x8b\x08\x00\x00",
        "a gzip file that cannot be opened",
        "Unpack it, and use the files in it.",
    ),
    (
        "a note in gzip",
        gzip.compress(b"a note to you"),
        "plain text",
        "Use a file exactly as the AWS CLI, Okta's API or Terraform wrote it.",
    ),
    (
        "a certificate in DER",
        b"\x30\x82\x03\x00" + bytes(200),
        "a certificate or a key in DER, or a PKCS #12 file",
        "Use the identity provider's metadata (XML): it contains the certificates.",
    ),
    ("bytes", bytes(range(256)), "a binary file", "Use an export in JSON, YAML or XML."),
    ("Latin-1", "Müller: x".encode("latin-1"), "not text in UTF-8 or UTF-16", "Save the file as UTF-8."),
    ("SQLite", b"SQLite format 3\x00" + bytes(100), "a SQLite database", "Use an export in JSON, YAML or XML."),
    ("tar", bytes(257) + b"ustar" + bytes(100), "a tar archive", "Unpack it, and use the files in it."),
    (
        "a key",
        "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
        "a PEM file (private key)",
        "A provider's private key belongs under saml_providers.NAME.private_keys.",
    ),
    (
        "a certificate",
        "-----BEGIN CERTIFICATE-----\nMII\n",
        "a PEM file (certificate)",
        "Use the identity provider's metadata (XML): in Okta, Sign On > SAML Signing Certificates.",
    ),
    (
        "a token",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "a JSON Web Token",
        "Use the identity provider's metadata (XML): in Okta, Sign On > SAML Signing Certificates.",
    ),
    (
        "SSH",
        "ssh-rsa AAAAB3Nza me@host",
        "an SSH public key",
        "Use the identity provider's metadata (XML): in Okta, Sign On > SAML Signing Certificates.",
    ),
    (
        "credentials",
        f"[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {SECRET}\n",
        "a configuration or credentials file of the AWS CLI",
        (
            "A world needs no real credentials: remove the file. Use the output of aws iam "
            "get-account-authorization-details."
        ),
    ),
    (
        "configuration",
        "[profile dev]\nregion = eu-west-1\n",
        "a configuration or credentials file of the AWS CLI",
        (
            "A world needs no real credentials: remove the file. Use the output of aws iam "
            "get-account-authorization-details."
        ),
    ),
    (
        "variables",
        f"# mine\nAWS_SECRET_ACCESS_KEY={SECRET}\nexport A='b c'\n",
        "a file of environment variables, such as .env",
        (
            "A world needs no real credentials: remove the file. Use the output of aws iam "
            "get-account-authorization-details."
        ),
    ),
    (
        "a refusal of AWS's",
        "\nAn error occurred (AccessDenied) when calling the ListRoles operation: User: arn:aws:iam::1:user/x is not",
        "AWS's error response AccessDenied to ListRoles",
        "Export again with credentials that may make the call.",
    ),
    (
        "no credentials",
        "Unable to locate credentials. You can",
        "an error of the AWS CLI: it found no credentials",
        "Run the command again, and check its output.",
    ),
    (
        "aws s3 ls",
        "2026-01-15 09:00:00 bucket\n2026-01-15 09:00:00 other\n",
        "the output of aws s3 ls",
        "Use the output of aws iam get-account-authorization-details.",
    ),
    (
        "a page",
        "<!DOCTYPE html><html><body>Sign in</body></html>",
        "a web page",
        "Save an export of what the page shows: JSON, YAML or XML, not HTML.",
    ),
    (
        "a form page",
        '<html><input name="SAMLResponse" value="x"></html>',
        "a page with a SAMLResponse",
        (
            "fedemu inspect reads it. To fill a world, use the identity provider's metadata and exports of "
            "the AWS account."
        ),
    ),
    (
        "a Response",
        RESPONSE,
        "a SAML message (Response)",
        (
            "fedemu inspect reads it. To fill a world, use the identity provider's metadata and exports of "
            "the AWS account."
        ),
    ),
    (
        "base64",
        base64.b64encode(RESPONSE.encode()).decode(),
        "a SAML message in base64 (Response)",
        (
            "fedemu inspect reads it. To fill a world, use the identity provider's metadata and exports of "
            "the AWS account."
        ),
    ),
    (
        "a form",
        "SAMLResponse=PHNhbWxwOlJl&RelayState=x",
        "a form with a SAML message",
        (
            "fedemu inspect reads it. To fill a world, use the identity provider's metadata and exports of "
            "the AWS account."
        ),
    ),
    (
        "IAM's XML",
        '<ListRolesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"/>',
        "a response of AWS's API in XML (ListRolesResponse)",
        "Make the call with the AWS CLI and --output json.",
    ),
    (
        "an XML error",
        "<ErrorResponse><Error/></ErrorResponse>",
        "AWS's error response in XML",
        "Export again with credentials that may make the call.",
    ),
    (
        "other XML",
        "<project><a/></project>",
        "XML with the root element project",
        "Use a file exactly as the AWS CLI, Okta's API or Terraform wrote it.",
    ),
    (
        "a table",
        '"login","name","status"\n"a@b.c","A","ACTIVE"\n"d@b.c","B","ACTIVE"\n',
        "a table (CSV)",
        "Use an export in JSON: the response of GET /api/v1/users, or output of the AWS CLI.",
    ),
    (
        "credential report",
        "user,arn,user_creation_time\n<root>,arn,2020\n",
        "an IAM credential report",
        "Use the output of aws iam get-account-authorization-details.",
    ),
    (
        "Markdown",
        "# Title\n\nSee [here](http://x)\n",
        "Markdown",
        "Use a file exactly as the AWS CLI, Okta's API or Terraform wrote it.",
    ),
    (
        "a note",
        "Hello,\nthis is for you.\n",
        "plain text",
        "Use a file exactly as the AWS CLI, Okta's API or Terraform wrote it.",
    ),
    ("a URL", "https://acme.okta.com/app/exk1/sso/saml/metadata", "a URL", "Save what it returns, and use that."),
    ("a script", "#!/bin/sh\naws iam list-roles\n", "a script", "Run it, and use the output of its commands."),
    ("a command", "aws iam list-roles > x.json", "a command (aws …), not its output", "Run it, and use its output."),
    (
        "CDK's source",
        "import * as cdk from 'aws-cdk-lib';\nnew X();\n",
        "the source of a CDK app",
        "Use the template that cdk synth writes to cdk.out.",
    ),
    (
        "one value",
        '"arn:aws:iam::123456789012:role/x"',
        "a single value",
        "Save the complete output: without --query, and with --output json.",
    ),
]


@pytest.mark.parametrize(("content", "what", "fix"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS])
def test_texts_and_bytes_of_other_kinds(tmp_path: Path, content: str | bytes, what: str, fix: str) -> None:
    """Named at the seed's line; nothing of what they hold is said, secrets least of all."""
    problem = _refused(tmp_path, content)
    assert problem.message == f"x: this is {what}"
    assert problem.fix == fix
    assert problem.expected == WHAT_IS_READ
    assert SECRET not in str(problem)


DATA: list[tuple[str, Any, str, str]] = [
    (
        "a world",
        {"version": 1, "aws": {}},
        "a world file",
        "A world cannot fill another: copy its parts, or use the file itself with --world.",
    ),
    (
        "a scenario",
        {"scenario": "x", "login": {"user": "a"}},
        "a fedemu scenario",
        "Run it with fedemu run. To fill a world, use exports of AWS and Okta.",
    ),
    (
        "a HAR",
        {"log": {"version": "1.2", "entries": []}},
        "a HAR",
        "fedemu record makes a world from a HAR; fedemu inspect checks the login in it.",
    ),
    (
        "CloudTrail",
        {"Records": [{"eventSource": "s", "eventName": "n"}]},
        "a CloudTrail log",
        "fedemu explain reads it. To fill a world, use the output of aws iam get-account-authorization-details.",
    ),
    (
        "events",
        {"Events": [{"CloudTrailEvent": "{}"}]},
        "a CloudTrail log",
        "fedemu explain reads it. To fill a world, use the output of aws iam get-account-authorization-details.",
    ),
    (
        "a policy",
        ALLOW,
        "an IAM policy on its own",
        (
            "A managed policy belongs under policies: {NAME: FILE} of the account, an inline policy under "
            "inline_policies of its role."
        ),
    ),
    (
        "a trust policy",
        TRUST,
        "a trust policy on its own",
        "A trust policy belongs under roles: {NAME: {trust: FILE}} of the account.",
    ),
    (
        "JWKS",
        {"keys": [{"kty": "RSA", "n": "x"}]},
        "a JWKS, the keys of OpenID Connect",
        "Use the identity provider's SAML metadata (XML).",
    ),
    (
        "credentials",
        {"Credentials": {"AccessKeyId": "ASIAX", "SecretAccessKey": SECRET}},
        "a set of AWS credentials",
        "A world needs no real credentials: remove the file.",
    ),
    (
        "a key",
        {"AccessKeyId": "A", "SecretAccessKey": SECRET},
        "a set of AWS credentials",
        "A world needs no real credentials: remove the file.",
    ),
    (
        "discovery",
        {"issuer": "x", "authorization_endpoint": "y"},
        "the discovery document of OpenID Connect",
        "Use the identity provider's SAML metadata (XML).",
    ),
    (
        "Pulumi",
        {"version": 3, "deployment": {"resources": []}},
        "the state of a Pulumi stack",
        (
            "fedemu does not read Pulumi's state. Use the template or the Terraform state that AWS was set "
            "up with, or output of the AWS CLI."
        ),
    ),
    (
        "Kubernetes",
        {"apiVersion": "v1", "kind": "Secret", "data": {"a": SECRET}},
        "a Kubernetes object",
        "Use the template or the Terraform state that AWS was set up with, or output of the AWS CLI.",
    ),
    (
        "Helm",
        {"apiVersion": "v2", "name": "x", "version": "1"},
        "a Helm chart",
        "Use the template or the Terraform state that AWS was set up with, or output of the AWS CLI.",
    ),
    (
        "Compose",
        {"services": {"web": {"image": "nginx"}}},
        "a Docker Compose file",
        "Use the template or the Terraform state that AWS was set up with, or output of the AWS CLI.",
    ),
    (
        "npm",
        {"name": "x", "dependencies": {}},
        "a Node.js package (package.json)",
        "Use a file exactly as the AWS CLI, Okta's API or Terraform wrote it.",
    ),
    (
        "OpenAPI",
        {"openapi": "3.0.0", "info": {}, "paths": {}},
        "an OpenAPI description",
        "Use the API's responses, not its description.",
    ),
    (
        "Postman",
        {"info": {"_postman_id": "x"}, "item": []},
        "a Postman collection",
        "Use the responses to its requests.",
    ),
    (
        "go-vcr",
        {"version": 1, "interactions": [{"request": {"url": "https://acme.okta.com/api/v1/apps"}, "response": {}}]},
        "requests and responses that a test recorded (VCR)",
        "Use the response bodies in it.",
    ),
    (
        "Ruby's VCR",
        {"http_interactions": [], "recorded_with": "VCR 6.2.0"},
        "requests and responses that a test recorded (VCR)",
        "Use the response bodies in it.",
    ),
    (
        "Keycloak",
        {"realm": "x", "enabled": True, "clients": []},
        "a Keycloak realm",
        "Use the identity provider's SAML metadata (XML).",
    ),
    (
        "Entra ID",
        {"appId": "x", "identifierUris": []},
        "an Entra ID application",
        "Use the identity provider's SAML metadata (XML).",
    ),
    (
        "an error of AWS's",
        {"Error": {"Code": "AccessDenied", "Message": "User x is not authorized", "Type": "Sender"}},
        "AWS's error response AccessDenied",
        "Export again with credentials that may make the call.",
    ),
    (
        "a typed error",
        {"__type": "a#AccessDeniedException", "message": "x"},
        "AWS's error response AccessDeniedException",
        "Export again with credentials that may make the call.",
    ),
    (
        "a message",
        {"Message": "User x is not authorized"},
        "an error response",
        "Export again with credentials that may make the call.",
    ),
    (
        "buckets",
        {"Buckets": [{"Name": "x"}]},
        "the output of aws s3api list-buckets",
        "For IAM, use the output of aws iam get-account-authorization-details.",
    ),
    (
        "Identity Center",
        {"PermissionSets": ["x"]},
        "the output of aws sso-admin list-permission-sets",
        "IAM Identity Center is not emulated: use the roles that it created in IAM, from aws iam list-roles.",
    ),
    (
        "an identity store",
        {"Users": [{"UserName": "x", "UserId": "1", "IdentityStoreId": "d-1"}]},
        "a response of IAM Identity Center",
        "IAM Identity Center is not emulated: use the roles that it created in IAM, from aws iam list-roles.",
    ),
    (
        "Cognito",
        {"Users": [{"Username": "x", "UserStatus": "CONFIRMED"}]},
        "a response of Amazon Cognito",
        "For IAM, use the output of aws iam get-account-authorization-details.",
    ),
    (
        "an organization's policies",
        {"Policies": [{"Id": "p-1", "Arn": "arn:aws:organizations::aws:policy/x", "Name": "x"}]},
        "the output of an aws organizations command",
        "Service control policies belong under organization.scps of the account: {NAME: FILE}.",
    ),
    (
        "queues",
        {"QueueSummaryList": []},
        "the output of aws connect list-queues",
        (
            "For Amazon Connect, use the output of list-instances, search-users, list-security-profiles and "
            "list-approved-origins."
        ),
    ),
    (
        "another answer",
        {"Widgets": [], "NextToken": "x"},
        "AWS output that fedemu does not read, with the keys Widgets",
        (
            "For IAM, use the output of aws iam get-account-authorization-details. For Amazon Connect, use "
            "the output of list-instances, search-users, list-security-profiles and list-approved-origins."
        ),
    ),
    ("nothing", {}, "an empty object", "Nothing was found: export again without a filter, or remove the file."),
    (
        "names",
        ["Agent", "Clerk"],
        "a list of 2 values without keys, such as --query prints",
        "Save the complete output: without --query, and with --output json.",
    ),
    (
        "hosts",
        [{"hosts": "all", "tasks": []}],
        "a list of objects of an unknown kind, with the keys hosts, tasks",
        "Use a file exactly as the AWS CLI, Okta's API or Terraform wrote it.",
    ),
    (
        "many keys",
        {f"k{n}": n for n in range(45)},
        "a file of an unknown kind, with the keys k0, k1, k2, k3, k4 and 40 more",
        "Use a file exactly as the AWS CLI, Okta's API or Terraform wrote it.",
    ),
]


@pytest.mark.parametrize(("content", "what", "fix"), [row[1:] for row in DATA], ids=[row[0] for row in DATA])
def test_json_of_other_kinds(tmp_path: Path, content: Any, what: str, fix: str) -> None:
    """Told by its keys, of which at most five are named, and never by a value."""
    problem = _refused(tmp_path, content)
    assert problem.message == f"x: this is {what}"
    assert problem.fix == fix
    assert problem.expected == WHAT_IS_READ
    assert SECRET not in str(problem)


BROKEN = [
    ("cut off", '{"Roles": [{"RoleName": "x",\n "Arn": "arn:a', "the JSON ends too early (line 2, column 9)"),
    ("cut at a comma", '{"Roles": [{"RoleName": "x"},', "the JSON ends too early (line 1, column 30)"),
    ("no comma", '{"a": 1\n "b": 2}', "the JSON is not valid (line 2, column 2)"),
    ("a tab", "a:\n\tb: 1\n", "found character '\\t' that cannot start any token (line 2)"),
    ("two colons", "a: b: c", "mapping values are not allowed here (line 1)"),
    ("twice", "a: 1\na: 2\n", 'found duplicate key "a": the first value would be lost (line 2)'),
    ("an alias of a secret", f"password: *{SECRET[:8]}\n", "found undefined alias (line 1)"),
    ("deep", "[" * 100_000, "there are more than 200 lists and mappings inside one another (line 1)"),
]


@pytest.mark.parametrize(("content", "said"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_what_is_broken_is_refused_with_its_place(tmp_path: Path, content: str, said: str) -> None:
    """By line, and by column where that is known; what is there is not repeated."""
    problem = _refused(tmp_path, content)
    assert problem.message == f"x: this is neither YAML nor JSON: {said}"


def test_several_documents_are_named_by_the_first(tmp_path: Path) -> None:
    """As scenarios, manifests of Kubernetes and JSON Lines are."""
    several = "apiVersion: v1\nkind: A\n---\napiVersion: v1\nkind: B\n"
    assert _refused(tmp_path, several).message == (
        "x: this is 2 documents in one file, the first of which is a Kubernetes object"
    )
    assert _refused(tmp_path, '{"a": 1}\n{"a": 2}\n{"a": 3}').message == (
        "x: this is 3 documents in one file, the first of which is a file of an unknown kind, with the keys a"
    )


@pytest.mark.parametrize("blank", ["\n", " \n", "\t\n", " ", "\r\n"])
def test_a_text_of_blanks_is_looked_at_once(tmp_path: Path, blank: str) -> None:
    """However many blank lines a file has, no expression begins anew at each of them."""
    assert _refused(tmp_path, f"x\n{blank * 200_000}y").message.startswith("x: this is ")
