"""Every partition by its real names: unmodified clients, through the proxy, with certificates that are verified."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.federation import Federation
from emulator.kernel.clock import Clock
from emulator.network.data_folder.certs import CertificateAuthority
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.world import DEFAULT_WORLD, load_world
from tests.sdk import keys_of

USER = "emi@example.com"
GOVCLOUD = ("govcloud", "aws-us-gov", "333333333333")
CHINA = ("china", "aws-cn", "444444444444")


@pytest.fixture
def federation(keys: KeyFolder) -> Federation:
    """Returns a federation with an account in GovCloud and one in China, by the clients' own clock."""
    return Federation(load_world(DEFAULT_WORLD.parent / "partitions.yaml"), clock=Clock(), keys=keys)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    """Returns an authority of the tests' own."""
    return CertificateAuthority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def server(federation: Federation, authority: CertificateAuthority) -> Iterator[Server]:
    """Serves the proxy."""
    with Server(federation.gateway, proxy=0, authority=authority) as running:
        yield running


@pytest.fixture
def client(server: Server, authority: CertificateAuthority) -> Iterator[Callable[..., Any]]:
    """Returns a function that makes boto3 clients, which go through the proxy and verify."""
    with ExitStack() as open_clients:

        def make(service: str, region: str, **keys_given: str) -> Any:
            made = boto3.client(
                service,
                region_name=region,
                verify=str(authority.path),
                config=Config(proxies={"https": server.proxy_url}, retries={"max_attempts": 0}),
                **{"aws_access_key_id": "x", "aws_secret_access_key": "y", **keys_given},
            )
            return open_clients.enter_context(closing(made))

        yield make


@pytest.fixture
def plain(server: Server, authority: CertificateAuthority) -> Iterator[requests.Session]:
    """Returns a client of web pages that goes through the proxy and verifies."""
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"https": server.proxy_url}
        session.verify = str(authority.path)
        yield session


@pytest.mark.parametrize(
    ("account", "region", "hosts"),
    [
        (CHINA, "cn-north-1", ("sts.cn-north-1.amazonaws.com.cn", "iam.cn-north-1.amazonaws.com.cn")),
        (CHINA, "cn-northwest-1", ("sts.cn-northwest-1.amazonaws.com.cn", "iam.cn-north-1.amazonaws.com.cn")),
        (GOVCLOUD, "us-gov-west-1", ("sts.us-gov-west-1.amazonaws.com", "iam.us-gov.amazonaws.com")),
        (GOVCLOUD, "us-gov-east-1", ("sts.us-gov-east-1.amazonaws.com", "iam.us-gov.amazonaws.com")),
    ],
)
def test_the_sdk_calls_the_apis_of_a_partition(
    federation: Federation,
    client: Callable[..., Any],
    account: tuple[str, str, str],
    region: str,
    hosts: tuple[str, str],
) -> None:
    """STS gives credentials for an assertion; STS and IAM know them again."""
    app, partition, account_id = account
    role = f"arn:{partition}:iam::{account_id}:role/Auditor"
    given = client("sts", region).assume_role_with_saml(
        RoleArn=role,
        PrincipalArn=f"arn:{partition}:iam::{account_id}:saml-provider/okta",
        SAMLAssertion=federation.identity_providers["acme"].mint(USER, app).saml_response,
    )
    credentials = keys_of(given["Credentials"])
    session = f"arn:{partition}:sts::{account_id}:assumed-role/Auditor/{USER}"
    assert client("sts", region, **credentials).get_caller_identity()["Arn"] == session
    with pytest.raises(ClientError) as caught:
        client("iam", region, **credentials).get_role(RoleName="Auditor")
    assert caught.value.response["Error"] == {
        "Type": "Sender",
        "Code": "AccessDenied",
        "Message": f"User: {session} is not authorized to perform: iam:GetRole on resource: {role} because no "
        "identity-based policy allows the iam:GetRole action",
    }
    asked = [exchange.url.removeprefix("https://").rstrip("/") for exchange in federation.gateway.exchanges]
    assert asked == [hosts[0], hosts[0], hosts[1]]


@pytest.mark.parametrize(
    ("app", "sign_in", "console"),
    [
        ("china", "https://signin.amazonaws.cn/saml", "https://console.amazonaws.cn/console/home"),
        (
            "govcloud",
            "https://signin.amazonaws-us-gov.com/saml",
            "https://console.amazonaws-us-gov.com/console/home",
        ),
    ],
)
def test_sign_in_and_console_of_a_partition(
    federation: Federation, plain: requests.Session, app: str, sign_in: str, console: str
) -> None:
    """A login ends at the console of its partition, with every connection verified."""
    assertion = federation.identity_providers["acme"].mint(USER, app).saml_response
    landed = plain.post(sign_in, data={"SAMLResponse": assertion}, timeout=30)
    assert (landed.status_code, landed.url) == (200, console)
    assert [(each.status_code, each.url) for each in landed.history] == [(302, sign_in)]
    assert f"Auditor/{USER}" in landed.text


@pytest.mark.parametrize(
    ("url", "status", "said"),
    [
        ("https://sts.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15", 403, "MissingAuthenticationToken"),
        ("https://iam.amazonaws.com/?Action=ListRoles&Version=2010-05-08", 403, "MissingAuthenticationToken"),
        ("https://eu-west-1.signin.aws.amazon.com/static/saml-metadata.xml", 200, "urn:amazon:webservices"),
        ("https://eu-west-1.console.aws.amazon.com/", 200, "There is no session"),
        ("https://cn-northwest-1.signin.amazonaws.cn/static/saml-metadata.xml", 200, "urn:amazon:webservices"),
        ("https://cn-northwest-1.console.amazonaws.cn/", 200, "There is no session"),
        ("https://us-gov-east-1.signin.amazonaws-us-gov.com/static/saml-metadata.xml", 200, "urn:amazon:webservices"),
        ("https://agency.govcloud.connect.aws/ccp-v2", 200, "Session expired"),
    ],
)
def test_hosts_of_every_partition_have_certificates(plain: requests.Session, url: str, status: int, said: str) -> None:
    """What is asked there is answered by the site itself, over a connection that was verified."""
    answer = plain.get(url, timeout=30)
    assert answer.status_code == status
    assert said in answer.text
