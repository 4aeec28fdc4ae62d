"""The sign-in and console hosts of a partition and a region, and which URLs lead to AWS itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

from emulator.kernel.partitions import AWS, CHINA, GOVCLOUD, PARTITIONS, REGION, Partition
from emulator.kernel.records import dataclass

_REGION = re.compile(rf"(?:.+\.)?({REGION})\.(?:signin|console)\..+")
_DOMAINS = "|".join(re.escape(partition.site_domain) for partition in PARTITIONS.values())
# One label before console is a region or a service; with two, it is an account's own console host.
_CONSOLE = re.compile(rf"(?:[a-z][a-z0-9-]*\.)?(?:console|signin)\.(?:{_DOMAINS})")
_SIGN_IN = re.compile(rf"(?:[a-z][a-z0-9-]*\.)?signin\.(?:{_DOMAINS})")
_SIGN_IN_URL = re.compile(rf"https://(?:[a-z0-9-]+\.)?signin\.(?:{_DOMAINS})/(?:static/)?saml(?:/acs/[A-Z0-9]+)?")
_NOT_IN_URLS = re.compile(r"[\x00-\x20\\]")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a browser came in: a partition, and the region when the host names one.

    Spec: AWS General Reference "AWS Sign-In endpoints and quotas"
    Evidence: documented (the hosts), assumed (that pages lead on to hosts of the same region)
    """

    partition: Partition = AWS
    region: str = ""

    @classmethod
    def of_host(cls, host: str) -> Endpoint:
        """Reads the host name of a sign-in or console page."""
        return _endpoint_of(host)

    @property
    def region_name(self) -> str:
        """The region; where the host names none, the partition's default region."""
        return self.region or self.partition.default_region

    @property
    def sign_in_url(self) -> str:
        """The sign-in site, without a trailing slash."""
        return f"https://{self._prefix}signin.{self.partition.site_domain}"

    @property
    def console_url(self) -> str:
        """The console, without a trailing slash."""
        return f"https://{self._prefix}console.{self.partition.site_domain}"

    @property
    def console_home(self) -> str:
        """The page for a person who asked for no page."""
        return f"{self.console_url}/console/home"

    @property
    def logout_url(self) -> str:
        """What ``click here`` leads to."""
        return f"{self.sign_in_url}/oauth?Action=logout"

    @property
    def _prefix(self) -> str:
        return f"{self.region}." if self.region else ""


@lru_cache(maxsize=1024)
def _endpoint_of(host: str) -> Endpoint:
    partition = next((p for p in PARTITIONS.values() if host.endswith(f".{p.site_domain}")), AWS)
    match = _REGION.fullmatch(host)
    # A region of another partition, us-gov-west-1.console.aws.amazon.com, has no sign-in page.
    is_own = match is not None and re.fullmatch(partition.regions, match[1], re.ASCII)
    return Endpoint(partition, match[1] if match and is_own else "")


GLOBAL = Endpoint()


def is_aws_site(host: str) -> bool:
    """Returns whether a host belongs to AWS, whatever it serves."""
    sites = (AWS.site_domain, f"console.{GOVCLOUD.site_domain}", f"console.{CHINA.site_domain}")
    return any(host == site or host.endswith(f".{site}") for site in sites) or is_sign_in_host(host)


def is_console_host(host: str) -> bool:
    """Returns whether a host is a console or sign-in host that is not specific to an account.

    Spec: AWS IAM UG "id_roles_providers_enable-console-custom-url"
    Evidence: observed (other hosts, account hosts among them, are refused)
    """
    return _CONSOLE.fullmatch(host) is not None


def is_sign_in_host(host: str) -> bool:
    """Returns whether a host serves sign-in."""
    return _SIGN_IN.fullmatch(host) is not None


def is_sign_in_url(url: str) -> bool:
    """Returns whether assertions are posted to a URL: any partition's and region's, or a SAML provider's own.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"
    Evidence: documented
    """
    return _SIGN_IN_URL.fullmatch(url) is not None


def why_not_followed(url: str, *, allowed: Callable[[str], bool], kind: str) -> str:
    """Returns why a URL must not be followed, as the end of a sentence; empty when it may be followed.

    Args:
        url: The URL to be redirected to.
        allowed: Returns whether a host is safe.
        kind: What safe hosts are, for example ``an AWS site``.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "is not a URL"
    if _NOT_IN_URLS.search(url):
        return "contains spaces, control characters or backslashes"
    if parts.scheme != "https" or not host:
        return "is not an https URL"
    if port not in {None, 443} or "@" in parts.netloc or not allowed(host):
        return f"leads to {host}, which is not {kind}"
    return ""
