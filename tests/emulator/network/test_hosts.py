"""Names: whose host is whose, aliases, and the bare address."""

from __future__ import annotations

import pytest

from emulator.network.hosts import Hosts, Site

HOSTS = Hosts(
    okta={"acme.okta.com": "acme"},
    connect=lambda: ["acme.my.connect.aws"],
    custom=lambda: ["connect.example.com"],
)


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("acme.okta.com", Site.OKTA),
        ("other.okta.com", None),
        ("signin.aws.amazon.com", Site.SIGN_IN),
        ("ap-northeast-1.signin.aws.amazon.com", Site.SIGN_IN),
        ("us-gov-east-1.signin.amazonaws-us-gov.com", Site.SIGN_IN),
        ("signin.amazonaws.cn", Site.SIGN_IN),
        ("signin.aws.amazon.com.evil.example", None),
        ("xsignin.aws.amazon.com", None),
        ("console.aws.amazon.com", Site.CONSOLE),
        ("eu-central-1.console.aws.amazon.com", Site.CONSOLE),
        ("sts.amazonaws.com", Site.STS),
        ("sts.us-west-2.amazonaws.com", Site.STS),
        ("connect.ap-northeast-1.amazonaws.com", Site.CONNECT_API),
        ("connect-fips.us-gov-west-1.amazonaws.com", Site.CONNECT_API),
        ("cloudtrail.ap-northeast-1.amazonaws.com", Site.CLOUDTRAIL),
        ("cloudtrail.cn-north-1.amazonaws.com.cn", Site.CLOUDTRAIL),
        ("cloudtrail.amazonaws.com", None),
        ("connect.amazonaws.com", None),
        ("s3.amazonaws.com", None),
        ("acme.my.connect.aws", Site.CONNECT),
        ("other.my.connect.aws", None),
        ("connect.example.com", Site.CUSTOM),
        ("", None),
    ],
)
def test_a_host_belongs_to_its_site(host: str, site: Site | None) -> None:
    """Only whole names count; unknown ones belong to nobody."""
    assert HOSTS.site(host) is site


@pytest.mark.parametrize(
    ("authority", "host", "suffix", "bare"),
    [
        ("acme.okta.com", "acme.okta.com", "", ""),
        ("ACME.okta.com:443", "acme.okta.com", "", ""),
        ("acme.okta.com.localhost:7080", "acme.okta.com", ".localhost:7080", ""),
        ("acme.okta.com.localhost", "acme.okta.com", ".localhost", ""),
        ("127.0.0.1:7080", "127.0.0.1", "", "127.0.0.1:7080"),
        ("localhost:7080", "localhost", "", "localhost:7080"),
    ],
)
def test_an_authority_is_a_real_name_an_alias_or_bare(authority: str, host: str, suffix: str, bare: str) -> None:
    """An alias loses its suffix; a bare address stays what it is."""
    address = HOSTS.address(authority)
    assert (address.host, address.suffix, address.bare) == (host, suffix, bare)


@pytest.mark.parametrize(
    ("path", "parameters", "host"),
    [
        ("/", {"Action": "AssumeRoleWithSAML"}, "sts.amazonaws.com"),
        ("/", {}, None),
        ("/saml", {}, "signin.aws.amazon.com"),
        ("/federation", {"Action": "login"}, "signin.aws.amazon.com"),
        ("/sessions/v1/opt-in", {}, "signin.aws.amazon.com"),
        ("/app/UserHome", {}, "acme.okta.com"),
        ("/home/amazon_aws/0oa1/272", {}, "acme.okta.com"),
        ("/api/v1/authn", {}, "acme.okta.com"),
        ("/connect/federate/x", {}, None),
        ("/nothing", {}, None),
    ],
)
def test_on_the_bare_address_the_requests_shape_decides(
    path: str, parameters: dict[str, str], host: str | None
) -> None:
    """What has no shape of a service's is never guessed."""
    assert HOSTS.bare_host(path=path, parameters=parameters) == host


@pytest.mark.parametrize(
    ("scope", "host"),
    [
        ("ap-northeast-1/connect", "connect.ap-northeast-1.amazonaws.com"),
        ("eu-west-1/sts", "sts.eu-west-1.amazonaws.com"),
        ("us-east-1/iam", "iam.amazonaws.com"),
    ],
)
def test_on_the_bare_address_the_signatures_scope_names_the_api(scope: str, host: str) -> None:
    """Service and region are what the client signed for."""
    authorization = (
        f"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260115/{scope}/aws4_request, SignedHeaders=host"
    )
    path, parameters = ("/instance", {}) if "connect" in scope else ("/", {"Action": "X"})
    assert HOSTS.bare_host(path=path, parameters=parameters, authorization=authorization) == host
