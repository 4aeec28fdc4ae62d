"""Which host name belongs to whom, the ``*.localhost`` aliases, and how a bare address is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

ALIAS_SUFFIX = ".localhost"
BARE_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
_REGION = r"[a-z]{2}(?:-[a-z]+)+-\d"
_SIGN_IN = re.compile(rf"(?:{_REGION}\.)?signin\.(?:aws\.amazon\.com|amazonaws-us-gov\.com|amazonaws\.cn)")
_CONSOLE = re.compile(r"(?:[a-z0-9-]+\.)*console\.(?:aws\.amazon\.com|amazonaws-us-gov\.com|amazonaws\.cn)")
_IAM = re.compile(rf"iam(?:\.(?:us-gov|{_REGION}))?\.amazonaws\.com(?:\.cn)?")
_CONNECT_API = re.compile(rf"connect(?:-fips)?\.{_REGION}\.amazonaws\.com")
_SCOPE = re.compile(r"Credential=[A-Z0-9]{16,128}/\d{8}/([a-z0-9-]+)/(sts|iam|connect)/aws4_request", re.ASCII)
_STS = re.compile(rf"sts(?:-fips)?(?:\.{_REGION})?\.amazonaws\.com(?:\.cn)?")


class Site(StrEnum):
    """Whose pages a host serves."""

    OKTA = "Okta"
    SIGN_IN = "AWS sign-in"
    CONSOLE = "AWS console"
    STS = "AWS STS"
    IAM = "AWS IAM"
    CONNECT = "Amazon Connect"
    CONNECT_API = "Amazon Connect API"
    CUSTOM = "custom page"


@dataclass(frozen=True, slots=True)
class Address:
    """The host a request is for: its real name, and how it was spelled when it was not by its real name.

    ``suffix`` is ``.localhost:7080`` for an alias. ``bare`` is ``127.0.0.1:7080`` for a bare address.
    """

    host: str
    suffix: str = ""
    bare: str = ""


class Hosts:
    """The emulated part of the internet.

    Args:
        okta: Org name by host, for example ``acme.okta.com``; the first is the bare address's.
        connect: Tells the hosts of the Amazon Connect instances as they are now: calls make and delete instances.
        custom: Tells the hosts of custom pages as they are now: approved origins, ACS URLs of custom apps.
        only: The one side that is emulated; both by default.
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
        """Returns whose host this is, or None when it is not emulated."""
        site = self._site(host)
        if self._only is not None and (site is Site.OKTA) is not (self._only == "idp"):
            return None
        return site

    def _site(self, host: str) -> Site | None:
        if host in self.okta:
            return Site.OKTA
        if _SIGN_IN.fullmatch(host):
            return Site.SIGN_IN
        if _CONSOLE.fullmatch(host):
            return Site.CONSOLE
        if _STS.fullmatch(host):
            return Site.STS
        if _IAM.fullmatch(host):
            return Site.IAM
        if _CONNECT_API.fullmatch(host):
            return Site.CONNECT_API
        if host in self._connect():
            return Site.CONNECT
        return Site.CUSTOM if host in self._custom() else None

    def address(self, authority: str) -> Address:
        """Reads a Host header such as ``acme.okta.com.localhost:7080``.

        A bare address is left as it is; ``bare_host`` then decides by the request.
        """
        host, port = split_authority(authority)
        if host in BARE_HOSTS:
            return Address(host, bare=authority.lower())
        if host.endswith(ALIAS_SUFFIX):
            return Address(host.removesuffix(ALIAS_SUFFIX), suffix=ALIAS_SUFFIX + (f":{port}" if port else ""))
        return Address(host)

    def bare_host(self, *, path: str, parameters: Mapping[str, str], authorization: str = "") -> str | None:
        """Returns the real host that a request to the bare address is for, by the request's own shape.

        Args:
            path: The request's path.
            parameters: The form's and the query's fields.
            authorization: The header of that name: the scope of its signature tells service and region.
        """
        scope = _SCOPE.search(authorization or f"Credential={parameters.get('X-Amz-Credential', '')}")
        if scope and scope[2] == "connect":
            return f"connect.{scope[1]}.amazonaws.com"
        if path == "/" and "Action" in parameters:
            return _api_host(parameters, region=scope[1] if scope else "", service=scope[2] if scope else "sts")
        if path in {"/saml", "/oauth", "/federation"} or path.startswith(
            ("/saml/acs/", "/static/saml", "/static/image/", "/sessions/")
        ):
            return "signin.aws.amazon.com"
        if path.startswith(
            ("/app/", "/home/", "/login/", "/api/v1/", "/oauth2/", "/.well-known/", "/activate", "/admin/")
        ):
            return next(iter(self.okta), None)
        return None

    def bare_reaches(self, host: str) -> bool:
        """Tells whether links to ``host`` stay on the bare address.

        Only the default org's do. From sign-in on a browser needs hosts of their own, for the cookies and the region.
        """
        return host == next(iter(self.okta), None)

    @property
    def known(self) -> tuple[str, ...]:
        """Hosts to name when somebody asks for one that is not emulated."""
        aws = (
            "signin.aws.amazon.com",
            "console.aws.amazon.com",
            "sts.amazonaws.com",
            "iam.amazonaws.com",
            "connect.us-east-1.amazonaws.com",
        )
        return tuple(
            host for host in (*self.okta, *aws, *self._connect(), *self._custom()) if self.site(host) is not None
        )


def _api_host(parameters: Mapping[str, str], *, region: str, service: str) -> str:
    """Returns the host of the API that a call is for: by its signature, or unsigned by the partition of its role."""
    arn = parameters.get("RoleArn", "")
    if not region and arn.startswith("arn:aws-cn:"):
        region = "cn-north-1"
    elif not region and arn.startswith("arn:aws-us-gov:"):
        region = "us-gov-west-1"
    if region.startswith("cn-"):
        return f"{service}.{region}.amazonaws.com.cn"
    if region.startswith("us-gov-"):
        return f"sts.{region}.amazonaws.com" if service == "sts" else "iam.us-gov.amazonaws.com"
    return f"sts.{region}.amazonaws.com" if service == "sts" and region else f"{service}.amazonaws.com"


def split_authority(authority: str) -> tuple[str, str]:
    """Splits ``host:port`` into lower-case host and port; the port may be empty."""
    host, colon, port = authority.strip().lower().rpartition(":")
    if colon and port.isascii() and port.isdigit():
        return host.rstrip("."), port
    return authority.strip().lower().rstrip("."), ""
