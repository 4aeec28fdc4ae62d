"""Which host name belongs to which site, the ``*.localhost`` aliases, and how a bare address is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from emulator.kernel.partitions import AWS, PARTITIONS, partition_of_arn, partition_of_region
from emulator.kernel.records import dataclass

ALIAS_SUFFIX = ".localhost"
BARE_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
_SCOPE = re.compile(
    r"Credential=[A-Z0-9]{16,128}/\d{8}/([a-z0-9-]+)/(sts|iam|connect|cloudtrail)/aws4_request", re.ASCII
)


class Site(StrEnum):
    """The service whose pages a host serves."""

    OKTA = "Okta"
    SIGN_IN = "AWS sign-in"
    CONSOLE = "AWS console"
    STS = "AWS STS"
    IAM = "AWS IAM"
    CONNECT = "Amazon Connect"
    CONNECT_API = "Amazon Connect API"
    CLOUDTRAIL = "AWS CloudTrail"
    CUSTOM = "custom page"


def _in_any_partition(host: str) -> re.Pattern[str]:
    """Compiles an expression with names of a partition's parts in braces."""
    return re.compile(
        "|".join(
            host.format(
                region=f"(?:{partition.regions})",
                site_domain=re.escape(partition.site_domain),
                api_domain=re.escape(partition.api_domain),
                iam_host=re.escape(partition.iam_host),
            )
            for partition in PARTITIONS.values()
        ),
        re.ASCII,
    )


_AWS_HOSTS = {
    Site.SIGN_IN: _in_any_partition(r"(?:{region}\.)?signin\.{site_domain}"),
    Site.CONSOLE: _in_any_partition(r"(?:[a-z0-9-]+\.)*console\.{site_domain}"),
    Site.STS: _in_any_partition(r"sts(?:-fips)?(?:\.{region})?\.{api_domain}"),
    Site.IAM: _in_any_partition(r"iam(?:\.{region})?\.{api_domain}|{iam_host}"),
    Site.CLOUDTRAIL: _in_any_partition(r"cloudtrail(?:-fips)?\.{region}\.{api_domain}"),
    Site.CONNECT_API: _in_any_partition(r"connect(?:-fips)?\.{region}\.{api_domain}"),
}
_REGIONAL_APIS = frozenset({"connect", "cloudtrail"})
# The paths by which a request to the bare address is assigned to a site; a star matches any rest.
_BARE_PATHS = {
    Site.SIGN_IN: ("/saml", "/saml/acs/*", "/oauth", "/federation", "/static/saml*", "/static/image/*", "/sessions/*"),
    Site.OKTA: ("/app/*", "/home/*", "/login/*", "/api/v1/*", "/oauth2/*", "/.well-known/*", "/activate*", "/admin/*"),
}


@dataclass(frozen=True, slots=True)
class Address:
    """The host a request is for: its real name, and how the request spelled it if differently.

    ``suffix`` is ``.localhost:7080`` for an alias. ``bare`` is ``127.0.0.1:7080`` for a bare address.
    """

    host: str
    suffix: str = ""
    bare: str = ""


class Hosts:
    """The emulated part of the internet.

    Args:
        okta: Org name by host, for example ``acme.okta.com``; the first org serves the bare address.
        connect: Returns the current hosts of the Amazon Connect instances, because calls create and delete instances.
        custom: Returns the current hosts of custom pages: approved origins, ACS URLs of custom apps.
        only: The only side that is emulated; None for both.
    """

    def __init__(
        self,
        *,
        okta: Mapping[str, str],
        connect: Callable[[], Iterable[str]],
        custom: Callable[[], Iterable[str]],
        only: Literal["idp", "aws"] | None = None,
    ) -> None:
        self._only = only
        self.okta = dict(okta)
        self._connect = connect
        self._custom = custom

    def site(self, host: str) -> Site | None:
        """Returns the site of a host, or None when the host is not emulated."""
        site = self._site(host)
        if self._only is not None and (site is Site.OKTA) is not (self._only == "idp"):
            return None
        return site

    def _site(self, host: str) -> Site | None:
        if host in self.okta:
            return Site.OKTA
        site = _aws_site(host)
        if site is not None:
            return site
        if host in self._connect():
            return Site.CONNECT
        return Site.CUSTOM if host in self._custom() else None

    def address(self, authority: str) -> Address:
        """Reads a Host header such as ``acme.okta.com.localhost:7080``.

        A bare address is returned unchanged; ``bare_host`` then decides by the request.
        """
        return _address(authority)

    def bare_host(self, *, path: str, parameters: Mapping[str, str], authorization: str = "") -> str | None:
        """Returns the real host that a request to the bare address is for, judging by the request itself.

        Args:
            path: Path of the request.
            parameters: Fields of the form and the query.
            authorization: Authorization header; its scope contains service and region.
        """
        scope = _SCOPE.search(authorization or f"Credential={parameters.get('X-Amz-Credential', '')}")
        region, service = scope.groups() if scope else ("", "sts")
        if service in _REGIONAL_APIS:
            return f"{service}.{region}.{partition_of_region(region).api_domain}"
        if path == "/" and "Action" in parameters:
            return _api_host(service, region=region, role_arn=parameters.get("RoleArn", ""))
        site = next((site for site, paths in _BARE_PATHS.items() if any(_matches(path, each) for each in paths)), None)
        if site is Site.SIGN_IN:
            return f"signin.{AWS.site_domain}"
        return next(iter(self.okta), None) if site is Site.OKTA else None

    def bare_reaches(self, host: str) -> bool:
        """Returns whether links to ``host`` stay on the bare address.

        Only the default org's do. From sign-in on a browser needs separate hosts, for the cookies and the region.
        """
        return host == next(iter(self.okta), None)

    @property
    def known(self) -> tuple[str, ...]:
        """The hosts to suggest when somebody asks for one that is not emulated."""
        aws = (
            f"signin.{AWS.site_domain}",
            f"console.{AWS.site_domain}",
            AWS.sts_host,
            AWS.iam_host,
            f"connect.{AWS.default_region}.{AWS.api_domain}",
            f"cloudtrail.{AWS.default_region}.{AWS.api_domain}",
        )
        return tuple(
            host for host in (*self.okta, *aws, *self._connect(), *self._custom()) if self.site(host) is not None
        )


@lru_cache(maxsize=256)
def _address(authority: str) -> Address:
    host, port = split_authority(authority)
    if host in BARE_HOSTS:
        return Address(host, bare=authority.lower())
    if host.endswith(ALIAS_SUFFIX):
        return Address(host.removesuffix(ALIAS_SUFFIX), suffix=ALIAS_SUFFIX + (f":{port}" if port else ""))
    return Address(host)


@lru_cache(maxsize=1024)
def _aws_site(host: str) -> Site | None:
    return next((site for site, hosts in _AWS_HOSTS.items() if hosts.fullmatch(host)), None)


def _matches(path: str, pattern: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


def _api_host(service: str, *, region: str, role_arn: str) -> str:
    """Returns the host of the API that a call is for: by its signature, or if unsigned, by its role's partition."""
    partition = partition_of_region(region) if region else partition_of_arn(role_arn)
    if service == "iam":
        return partition.iam_host
    return f"sts.{region}.{partition.api_domain}" if region else partition.sts_host


def split_authority(authority: str) -> tuple[str, str]:
    """Splits ``host:port`` into lower-case host and port; the port may be empty."""
    host, colon, port = authority.strip().lower().rpartition(":")
    if colon and port.isascii() and port.isdigit():
        return host.rstrip("."), port
    return authority.strip().lower().rstrip("."), ""
