"""Unmodified clients reach https://signin.aws.amazon.com and the rest through the proxy, and refuse without the CA."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from emulator.running.start import Serving
from tests.clients.conftest import CLIENTS, Run, client
from tests.conftest import APP, PROVIDER_ARN, ROLE_ARN, USER
from tests.requirements import installed, program

METADATA = "https://signin.aws.amazon.com/static/saml-metadata.xml"
NODE_FETCH = """
const { EnvHttpProxyAgent, setGlobalDispatcher, fetch } = require("undici");
setGlobalDispatcher(new EnvHttpProxyAgent());
fetch(process.argv[1])
  .then((answer) => answer.text())
  .then((text) => console.log(text.length, text.includes("urn:amazon:webservices")))
  .catch((error) => { console.error(error.cause ? error.cause.code : error); process.exit(7); });
"""
BOTO3 = """
import sys, boto3
answer = boto3.client("sts", aws_access_key_id="x", aws_secret_access_key="y").assume_role_with_saml(
    RoleArn=sys.argv[1], PrincipalArn=sys.argv[2], SAMLAssertion=open(sys.argv[3]).read())
print(answer["AssumedRoleUser"]["Arn"])
"""
REQUESTS = "import sys, requests; print(requests.get(sys.argv[1], timeout=30).status_code)"


def _embed_link(internet: Serving) -> str:
    provider, app = internet.federation.find_app(APP)
    return provider.org.embed_link(app)


def _assertion(internet: Serving, home: Path) -> str:
    path = home / "assertion.txt"
    path.write_text(internet.federation.identity_providers["acme"].mint(USER, APP).saml_response, encoding="utf-8")
    return str(path)


def test_curl(run: Run) -> None:
    """curl reads AWS's metadata; without the authority it refuses (60)."""
    curl = program("curl")
    done = run(curl, "-sS", METADATA)
    assert done.returncode == 0, done.stderr
    assert 'entityID="urn:amazon:webservices"' in done.stdout
    assert run(curl, "-sS", METADATA, trusting=False).returncode == 60


def test_python_requests(run: Run) -> None:
    """requests gets an answer; without the authority it raises SSLError."""
    done = run(sys.executable, "-c", REQUESTS, METADATA)
    assert done.stdout.strip() == "200", done.stderr
    assert "CERTIFICATE_VERIFY_FAILED" in run(sys.executable, "-c", REQUESTS, METADATA, trusting=False).stderr


def test_boto3(run: Run, internet: Serving, home: Path) -> None:
    """boto3 assumes the role at the regional endpoint; without the authority it raises SSLError."""
    command = (sys.executable, "-c", BOTO3, ROLE_ARN, PROVIDER_ARN, _assertion(internet, home))
    done = run(*command)
    assert done.stdout.strip() == f"arn:aws:sts::123456789012:assumed-role/ConnectAgent/{USER}", done.stderr
    assert any(e.url == "https://sts.eu-west-1.amazonaws.com/" for e in internet.federation.gateway.exchanges)
    assert "CERTIFICATE_VERIFY_FAILED" in run(*command, trusting=False).stderr


def test_aws_cli(run: Run, internet: Serving, home: Path) -> None:
    """The AWS CLI assumes the role; without the authority it refuses."""
    command = (
        client("aws"),
        "sts",
        "assume-role-with-saml",
        *("--role-arn", ROLE_ARN, "--principal-arn", PROVIDER_ARN),
        *("--saml-assertion", f"file://{_assertion(internet, home)}"),
    )
    done = run(*command)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["AssumedRoleUser"]["Arn"].endswith(f"assumed-role/ConnectAgent/{USER}")
    given = {
        "AWS_ACCESS_KEY_ID": answer["Credentials"]["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": answer["Credentials"]["SecretAccessKey"],
        "AWS_SESSION_TOKEN": answer["Credentials"]["SessionToken"],
    }
    identity = run(client("aws"), "sts", "get-caller-identity", extra=given)
    assert json.loads(identity.stdout)["Arn"] == answer["AssumedRoleUser"]["Arn"], identity.stderr
    refused = run(*command, trusting=False)
    assert refused.returncode != 0
    assert "SSL validation failed" in refused.stderr


def test_node_fetch(run: Run) -> None:
    """Node's fetch with undici's standard proxy agent reads the metadata; without the authority it refuses."""
    modules = {"NODE_PATH": str(CLIENTS / "node_modules"), "NODE_NO_WARNINGS": "1"}
    installed(CLIENTS / "node_modules" / "undici" / "package.json")
    command = (program("node"), "-e", NODE_FETCH, METADATA)
    done = run(*command, extra=modules)
    assert done.stdout.split()[1:] == ["true"], done.stderr
    refused = run(*command, extra=modules, trusting=False)
    assert refused.returncode == 7
    assert refused.stderr.strip() in {"SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"}


@pytest.mark.parametrize("password", ["correct-horse", "wrong"])
def test_okta_awscli(run: Run, home: Path, password: str) -> None:
    """okta-awscli logs in, finds the app and prints credentials; a wrong password is reported in Okta's words."""
    (home / ".okta-aws").write_text(
        f"[default]\nbase-url = acme.okta.com\nfactor = OKTA\n"
        f"username = {USER}\npassword = {password}\nrole = {ROLE_ARN}\n",
        encoding="utf-8",
    )
    command = (client("okta-awscli"), "-v", "--force")
    done = run(*command)
    if password == "wrong":
        assert done.returncode == 1
        assert "Authentication failed" in done.stderr
        return
    assert done.returncode == 0, done.stderr
    assert "export AWS_ACCESS_KEY_ID=ASIA" in done.stdout
    assert "CERTIFICATE_VERIFY_FAILED" in run(*command, trusting=False).stderr


@pytest.mark.parametrize("password", ["correct-horse", "wrong"])
def test_aws_okta_processor(run: Run, internet: Serving, password: str) -> None:
    """aws-okta-processor prints what credential_process wants; a wrong password is reported."""
    command = (
        client("aws-okta-processor"),
        "authenticate",
        *("--no-okta-cache", "--no-aws-cache", "-s", "-u", USER, "-o", "acme.okta.com", "-r", ROLE_ARN),
        *("-a", _embed_link(internet)),
    )
    secret = {"AWS_OKTA_PASS": password}
    done = run(*command, extra=secret)
    if password == "wrong":
        assert done.returncode == 1
        assert "Authentication failed" in done.stdout + done.stderr
        return
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["AccessKeyId"].startswith("ASIA")
    refused = run(*command, extra=secret, trusting=False)
    assert (refused.returncode, refused.stdout) == (1, "Error: Connection Error\n")


def test_gimme_aws_creds(run: Run, internet: Serving, home: Path) -> None:
    """gimme-aws-creds logs in by its classic flow and prints credentials; a wrong password exits with 2."""
    (home / ".okta_aws_login_config").write_text(
        "[DEFAULT]\nokta_org_url = https://acme.okta.com\ngimme_creds_server = appurl\n"
        f"app_url = {_embed_link(internet)}\nokta_username = {USER}\ncred_profile = acc-role\n"
        "write_aws_creds = False\noutput_format = json\nresolve_aws_alias = False\nenable_keychain = False\n"
        f"aws_rolename = {ROLE_ARN}\n",
        encoding="utf-8",
    )
    command = (client("gimme-aws-creds"), "-o", "json")
    done = run(*command, extra={"OKTA_PASSWORD": "correct-horse"})
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["role"]["arn"] == ROLE_ARN
    assert answer["credentials"]["aws_access_key_id"].startswith("ASIA")
    refused = run(*command, extra={"OKTA_PASSWORD": "wrong"})
    assert refused.returncode == 2
    assert "E0000004" in refused.stdout + refused.stderr


def test_a_program_in_exec_gets_the_emulator_its_arguments_and_its_exit_code(run: Run) -> None:
    """fedemu exec hands over variables and arguments and returns what the program returns."""
    script = "import os, sys; print(os.environ['HTTPS_PROXY'], sys.argv[1:]); sys.exit(42)"
    fedemu = (sys.executable, "-m", "emulator", "exec", "--")
    done = run(*fedemu, sys.executable, "-c", script, "--flag", "a b", extra={"PYTHONPATH": str(Path.cwd())})
    assert done.returncode == 42, done.stderr
    assert done.stdout.startswith("http://127.0.0.1:")
    assert done.stdout.strip().endswith("['--flag', 'a b']")
