"""Lines for a shell: credentials from the running emulator, and variables that lead AWS's clients to it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping

_CREDENTIALS = {
    "AccessKeyId": "AWS_ACCESS_KEY_ID",
    "SecretAccessKey": "AWS_SECRET_ACCESS_KEY",
    "SessionToken": "AWS_SESSION_TOKEN",
}
_PROXIES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
_HERE = "127.0.0.1"


def variables_for_credentials(credentials: Mapping[str, str], *, url: str, region: str) -> Iterator[str]:
    """Yields lines for a POSIX shell to evaluate.

    Args:
        credentials: Credentials as STS returns them.
        url: Address of the emulator that knows them; empty where none does, and then no endpoints are set.
        region: Region of the role's resources.
    """
    variables = {variable: credentials[name] for name, variable in _CREDENTIALS.items()}
    if url:
        variables |= {
            "AWS_ENDPOINT_URL": url,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
            **_around_proxies(),
        }
    for name, value in variables.items():
        yield f"export {name}={shlex.quote(value)}"
    if "AWS_CREDENTIAL_EXPIRATION" in os.environ:
        # The expiry of earlier credentials has to go, or SDKs would apply it to these.
        yield "unset AWS_CREDENTIAL_EXPIRATION"


def _around_proxies() -> dict[str, str]:
    """Returns the variable that keeps calls to this machine away from a proxy that the shell uses."""
    if not any(os.environ.get(name) for name in _PROXIES):
        return {}
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    hosts = known if _HERE in known.split(",") else ",".join(filter(None, (known, _HERE)))
    return {"NO_PROXY": hosts, "no_proxy": hosts}
