"""Federation tokens: the answer to GetFederationToken, and the form field in which a browser posts them.

Spec: Amazon Connect API "GetFederationToken"
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from emulator.kernel.records import dataclass
from sp_mock.accounts.connect_resources import ConnectUser
from sp_mock.accounts.model import Instance
from sp_mock.instants import milliseconds


@dataclass(frozen=True, slots=True)
class FederationToken:
    """The answer to GetFederationToken: the tokens the browser posts to the instance.

    Spec: Amazon Connect API "GetFederationToken"
    """

    user: ConnectUser
    instance: Instance
    access_token: str
    access_token_expiration: datetime
    refresh_token: str
    refresh_token_expiration: datetime

    @property
    def sign_in_url(self) -> str:
        """Where the tokens are posted."""
        return sign_in_url(self.instance.access_url)

    def credentials_json(self) -> str:
        """The form field ``credentials``: expirations are milliseconds since 1970."""
        return json.dumps(
            {
                "AccessToken": self.access_token,
                "AccessTokenExpiration": milliseconds(self.access_token_expiration),
                "RefreshToken": self.refresh_token,
                "RefreshTokenExpiration": milliseconds(self.refresh_token_expiration),
            }
        )


def sign_in_url(base_url: str) -> str:
    """Returns where the pages at a base URL take federation tokens.

    Evidence: observed (the path)
    """
    return f"{base_url}/auth/sign-in"


def read_credentials(text: str) -> tuple[str, str] | None:
    """Returns access and refresh token of a posted ``credentials`` field, or None when it is malformed."""
    try:
        fields: Any = json.loads(text)
        access, refresh = fields["AccessToken"], fields["RefreshToken"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    return (access, refresh) if isinstance(access, str) and isinstance(refresh, str) else None
