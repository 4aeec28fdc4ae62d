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
    ("nothing", "", "an empty file", "The command that was to write it printed nothing"),
    ("blanks", " \n\n", "an empty file", "The command that was to write it printed nothing"),
    ("a PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "a PDF", "Give the text of it"),
    ("a picture", b"\x89PNG\r\n\x1a\n\x00\x00", "a PNG image", "Give the text of it"),
    ("a zip", _zip("a.txt"), "a zip archive", "Unpack it"),
    ("a workbook", _zip("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook", "Give the export as JSON"),
    ("a document", _zip("word/document.xml"), "a Word document", "Give the text of it"),
    (
        "a plan file",
        _zip("tfplan", "tfstate", ".terraform.lock.hcl"),
        "a plan as terraform plan -out writes it",
        "Give what terraform show -json FILE prints of it.",
    ),
    ("half a zip", b"PK\x03\x04\x00", "a zip archive", "Unpack it"),
    ("a broken gzip", b"\x1f\x8b\x08\x00\x00", "a gzip file that cannot be opened", "Unpack it"),
    ("a note in gzip", gzip.compress(b"a note to you"), "text for people to read", "Give a file as AWS's"),
    ("a certificate in DER", b"\x30\x82\x03\x00" + bytes(200), "a certificate or a key in DER", "Give the identity"),
    ("bytes", bytes(range(256)), "a binary file", "Give the export itself"),
    ("Latin-1", "Müller: x".encode("latin-1"), "not text in UTF-8 or UTF-16", "Save the file as UTF-8."),
    ("SQLite", b"SQLite format 3\x00" + bytes(100), "a SQLite database", "Give the export itself"),
    ("tar", bytes(257) + b"ustar" + bytes(100), "a tar archive", "Unpack it"),
    (
        "a key",
        "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
        "a PEM file (private key)",
        "A provider's",
    ),
    ("a certificate", "-----BEGIN CERTIFICATE-----\nMII\n", "a PEM file (certificate)", "Give the identity provider's"),
    ("a token", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "a JSON Web Token", "Give the identity provider's"),
    ("SSH", "ssh-rsa AAAAB3Nza me@host", "a public key of SSH", "Give the identity provider's"),
    (
        "credentials",
        f"[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {SECRET}\n",
        "a configuration or credentials file of the AWS CLI",
        "A world needs no real credentials: take the file out.",
    ),
    ("configuration", "[profile dev]\nregion = eu-west-1\n", "a configuration or credentials file", "A world needs no"),
    (
        "variables",
        f"# mine\nAWS_SECRET_ACCESS_KEY={SECRET}\nexport A='b c'\n",
        "a list of variables",
        "A world needs no",
    ),
    (
        "a refusal of AWS's",
        "\nAn error occurred (AccessDenied) when calling the ListRoles operation: User: arn:aws:iam::1:user/x is not",
        "AWS's refusal AccessDenied of ListRoles, in place of an answer",
        "Run the command again with credentials that may make the call.",
    ),
    ("no credentials", "Unable to locate credentials. You can", "what the AWS CLI says when it found no", "Run the"),
    ("aws s3 ls", "2026-01-15 09:00:00 bucket\n2026-01-15 09:00:00 other\n", "what aws s3 ls prints", "Give what aws"),
    ("a page", "<!DOCTYPE html><html><body>Sign in</body></html>", "a web page", "Save what the page shows"),
    (
        "a form page",
        '<html><input name="SAMLResponse" value="x"></html>',
        "a page with a SAMLResponse",
        "A login is read",
    ),
    ("a Response", RESPONSE, "a SAML message (Response)", "A login is read with fedemu inspect"),
    ("base64", base64.b64encode(RESPONSE.encode()).decode(), "a SAML message in base64 (Response)", "A login is read"),
    ("a form", "SAMLResponse=PHNhbWxwOlJl&RelayState=x", "a form with a SAML message", "A login is read"),
    (
        "IAM's XML",
        '<ListRolesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"/>',
        "an answer of AWS's API as",
        "",
    ),
    (
        "an XML error",
        "<ErrorResponse><Error/></ErrorResponse>",
        "AWS's refusal of a call, as XML",
        "Make the call again",
    ),
    ("other XML", "<project><a/></project>", "XML with the root project", "Give a file as AWS's"),
    (
        "a table",
        '"login","name","status"\n"a@b.c","A","ACTIVE"\n"d@b.c","B","ACTIVE"\n',
        "a table (CSV)",
        "Give the export",
    ),
    (
        "credential report",
        "user,arn,user_creation_time\n<root>,arn,2020\n",
        "IAM's credential report",
        "Give what aws iam",
    ),
    ("Markdown", "# Title\n\nSee [here](http://x)\n", "Markdown", "Give a file as AWS's"),
    ("a note", "Hello,\nthis is for you.\n", "text for people to read", "Give a file as AWS's"),
    ("an address", "https://acme.okta.com/app/exk1/sso/saml/metadata", "an address", "Save what it answers"),
    ("a script", "#!/bin/sh\naws iam list-roles\n", "a script", "Run it"),
    ("a command", "aws iam list-roles > x.json", "a command (aws …), and not what it prints", "Run it"),
    ("CDK's source", "import * as cdk from 'aws-cdk-lib';\nnew X();\n", "the source of a CDK app", "Give the template"),
    (
        "one value",
        '"arn:aws:iam::123456789012:role/x"',
        "one value, and not a whole file of data",
        "Give a whole answer",
    ),
]


@pytest.mark.parametrize(("content", "what", "fix"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS])
def test_texts_and_bytes_of_other_kinds(tmp_path: Path, content: str | bytes, what: str, fix: str) -> None:
    """Named at the seed's line; nothing of what they hold is said, secrets least of all."""
    problem = _refused(tmp_path, content)
    assert problem.message.startswith(f"x: this is {what}")
    assert problem.fix.startswith(fix)
    assert problem.expected == WHAT_IS_READ
    assert SECRET not in str(problem)


DATA: list[tuple[str, Any, str, str]] = [
    ("a world", {"version": 1, "aws": {}}, "a world file", "A world is not a seed of another"),
    ("a scenario", {"scenario": "x", "login": {"user": "a"}}, "a scenario of fedemu's", "Run it with fedemu run"),
    ("a HAR", {"log": {"version": "1.2", "entries": []}}, "a HAR", "fedemu record makes a world of a HAR"),
    (
        "CloudTrail",
        {"Records": [{"eventSource": "s", "eventName": "n"}]},
        "a log of CloudTrail's events",
        "fedemu explain",
    ),
    ("events", {"Events": [{"CloudTrailEvent": "{}"}]}, "a log of CloudTrail's events", "fedemu explain reads it."),
    ("a policy", ALLOW, "an IAM policy alone", "A policy belongs under policies: {NAME: FILE} of the account"),
    ("a trust policy", TRUST, "a trust policy alone", "A trust policy belongs under roles: {NAME: {trust: FILE}}"),
    (
        "JWKS",
        {"keys": [{"kty": "RSA", "n": "x"}]},
        "a JWKS, the keys of OpenID Connect",
        "Give the identity provider's",
    ),
    (
        "credentials",
        {"Credentials": {"AccessKeyId": "ASIAX", "SecretAccessKey": SECRET}},
        "a set of AWS credentials",
        "A world needs no real credentials: take the file out.",
    ),
    ("a key", {"AccessKeyId": "A", "SecretAccessKey": SECRET}, "a set of AWS credentials", "A world needs no real"),
    (
        "discovery",
        {"issuer": "x", "authorization_endpoint": "y"},
        "the discovery document of OpenID",
        "Give the identity",
    ),
    (
        "Pulumi",
        {"version": 3, "deployment": {"resources": []}},
        "the state of a Pulumi stack",
        "Pulumi's states are not",
    ),
    (
        "Kubernetes",
        {"apiVersion": "v1", "kind": "Secret", "data": {"a": SECRET}},
        "an object of Kubernetes",
        "Give the",
    ),
    ("Helm", {"apiVersion": "v2", "name": "x", "version": "1"}, "a chart of Helm", "Give the template or the state"),
    ("Compose", {"services": {"web": {"image": "nginx"}}}, "a Docker Compose file", "Give the template or the state"),
    ("npm", {"name": "x", "dependencies": {}}, "a package of Node.js (package.json)", "Give a file as AWS's"),
    (
        "OpenAPI",
        {"openapi": "3.0.0", "info": {}, "paths": {}},
        "the description of an API (OpenAPI)",
        "Give what the API",
    ),
    (
        "Postman",
        {"info": {"_postman_id": "x"}, "item": []},
        "a collection of Postman's",
        "Give what the requests in it",
    ),
    (
        "go-vcr",
        {"version": 1, "interactions": [{"request": {"url": "https://acme.okta.com/api/v1/apps"}, "response": {}}]},
        "requests and answers that a test recorded (VCR)",
        "Give the bodies of the answers",
    ),
    (
        "Ruby's VCR",
        {"http_interactions": [], "recorded_with": "VCR 6.2.0"},
        "requests and answers that a test recorded (VCR)",
        "Give the bodies of the answers",
    ),
    (
        "Keycloak",
        {"realm": "x", "enabled": True, "clients": []},
        "a realm of Keycloak's",
        "Give the identity provider's",
    ),
    ("Entra ID", {"appId": "x", "identifierUris": []}, "an application of Entra ID's", "Give the identity provider's"),
    (
        "an error of AWS's",
        {"Error": {"Code": "AccessDenied", "Message": "User x is not authorized", "Type": "Sender"}},
        "AWS's refusal AccessDenied, in place of an answer",
        "Make the call again with credentials that may",
    ),
    (
        "a typed error",
        {"__type": "a#AccessDeniedException", "message": "x"},
        "AWS's refusal AccessDeniedException",
        "Make",
    ),
    ("a message", {"Message": "User x is not authorized"}, "a refusal, in place of an answer", "Make the call again"),
    ("buckets", {"Buckets": [{"Name": "x"}]}, "what aws s3api list-buckets prints", "For IAM give what aws iam"),
    (
        "Identity Center",
        {"PermissionSets": ["x"]},
        "what aws sso-admin list-permission-sets prints",
        "IAM Identity Center",
    ),
    (
        "an identity store",
        {"Users": [{"UserName": "x", "UserId": "1", "IdentityStoreId": "d-1"}]},
        "an answer of IAM Identity Center",
        "IAM Identity Center is not emulated",
    ),
    (
        "Cognito",
        {"Users": [{"Username": "x", "UserStatus": "CONFIRMED"}]},
        "an answer of Amazon Cognito",
        "For IAM give",
    ),
    (
        "an organization's policies",
        {"Policies": [{"Id": "p-1", "Arn": "arn:aws:organizations::aws:policy/x", "Name": "x"}]},
        "an answer of aws organizations",
        "Service control policies belong under organization.scps of the account: {NAME: FILE}.",
    ),
    (
        "queues",
        {"QueueSummaryList": []},
        "what aws connect list-queues prints",
        "For Amazon Connect give list-instances",
    ),
    (
        "another answer",
        {"Widgets": [], "NextToken": "x"},
        "an answer of AWS's that is not read: it has Widgets",
        "For IAM",
    ),
    ("nothing", {}, "an empty object", "Nothing was found"),
    ("names", ["Agent", "Clerk"], "a list of 2 values without keys, such as --query leaves", "Give a whole answer"),
    (
        "hosts",
        [{"hosts": "all", "tasks": []}],
        "no kind of file that is read: the first object in it has hosts, tasks",
        "",
    ),
    (
        "many keys",
        {f"k{n}": n for n in range(45)},
        "no kind of file that is read: at its top it has k0, k1, k2, k3, k4 and 40 more",
        "",
    ),
]


@pytest.mark.parametrize(("content", "what", "fix"), [row[1:] for row in DATA], ids=[row[0] for row in DATA])
def test_json_of_other_kinds(tmp_path: Path, content: Any, what: str, fix: str) -> None:
    """Told by its keys, of which at most five are named, and never by a value."""
    problem = _refused(tmp_path, content)
    assert problem.message.startswith(f"x: this is {what}")
    assert problem.fix.startswith(fix)
    assert problem.expected == WHAT_IS_READ
    assert SECRET not in str(problem)


BROKEN = [
    ("cut off", '{"Roles": [{"RoleName": "x",\n "Arn": "arn:a', "the JSON breaks off (line 2, column 9)"),
    ("cut at a comma", '{"Roles": [{"RoleName": "x"},', "the JSON breaks off (line 1, column 30)"),
    ("no comma", '{"a": 1\n "b": 2}', "the JSON is broken (line 2, column 2)"),
    ("a tab", "a:\n\tb: 1\n", "found character '\\t' that cannot start any token (line 2)"),
    ("two colons", "a: b: c", "mapping values are not allowed here (line 1)"),
    ("twice", "a: 1\na: 2\n", 'found duplicate key "a": the first value would be lost (line 2)'),
    ("an alias of a secret", f"password: *{SECRET[:8]}\n", "found undefined alias (line 1)"),
    ("deep", "[" * 100_000, "there are more than 200 lists and mappings inside one another (line 1)"),
]


@pytest.mark.parametrize(("content", "said"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_what_is_broken_is_told_with_its_place(tmp_path: Path, content: str, said: str) -> None:
    """By line, and by column where that is known; what is there is not repeated."""
    problem = _refused(tmp_path, content)
    assert problem.message == f"x: this is neither YAML nor JSON: {said}"


def test_several_documents_are_told_by_the_first(tmp_path: Path) -> None:
    """As scenarios, manifests of Kubernetes and JSON Lines are."""
    several = "apiVersion: v1\nkind: A\n---\napiVersion: v1\nkind: B\n"
    assert _refused(tmp_path, several).message == (
        "x: this is 2 documents in one file, the first of which is an object of Kubernetes"
    )
    assert _refused(tmp_path, '{"a": 1}\n{"a": 2}\n{"a": 3}').message == (
        "x: this is 3 documents in one file, the first of which is no kind of file that is read: at its top it has a"
    )


@pytest.mark.parametrize("blank", ["\n", " \n", "\t\n", " ", "\r\n"])
def test_a_text_of_blanks_is_looked_at_once(tmp_path: Path, blank: str) -> None:
    """However many blank lines a file has, no expression begins anew at each of them."""
    assert _refused(tmp_path, f"x\n{blank * 200_000}y").message.startswith("x: this is ")
