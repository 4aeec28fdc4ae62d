"""Values that steps capture for later ones, and which of them must not be shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from emulator.network.calls.aws_credentials import Credentials
from emulator.network.trace import REDACTED

_SECRET_KEY: Final = re.compile(
    r"(?i)(secret|token|password|passcode|samlassertion|samlresponse|privatekey|\bsid\b|credentials$)"
)
# Long enough not to occur in other texts by chance.
_SHORTEST_SECRET: Final = 8


class Captures:
    """The captured values, by name."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._secrets: set[str] = set()

    @property
    def values(self) -> Mapping[str, Any]:
        """Values that can fill texts; credentials are not among them."""
        return {name: value for name, value in self._values.items() if not isinstance(value, Credentials)}

    def credentials(self, name: str) -> Credentials | None:
        """Returns the credentials captured under a name."""
        found = self._values.get(name)
        return found if isinstance(found, Credentials) else None

    def keep(self, name: str, value: Any) -> None:
        """Stores a value; an object with an access key is stored as credentials."""
        self._values[name] = credentials_of(value) or value

    def is_secret(self, name: str) -> bool:
        """Returns whether a value must not be shown."""
        return self._values.get(name) in self._secrets if isinstance(self._values.get(name), str) else False

    def hide(self, *secrets: str) -> None:
        """Hides some texts wherever they would be shown from now on."""
        self._secrets.update(each for each in secrets if len(each) >= _SHORTEST_SECRET)

    def hide_secrets_of(self, answer: Any) -> None:
        """Hides the values of an answer's secret keys."""
        self.hide(*_secrets_in(answer))

    def shown(self, text: str) -> str:
        """Returns a text without the known secrets."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, REDACTED)
        return text


def credentials_of(value: Any) -> Credentials | None:
    """Returns the credentials in an object in the form of STS's and IAM's answers, or None."""
    if not isinstance(value, dict) or not isinstance(value.get("SecretAccessKey"), str):
        return None
    return Credentials(str(value.get("AccessKeyId")), value["SecretAccessKey"], str(value.get("SessionToken") or ""))


def _secrets_in(answer: Any, *, is_secret: bool = False) -> Iterator[str]:
    if isinstance(answer, dict):
        for key, value in answer.items():
            yield from _secrets_in(value, is_secret=is_secret or _SECRET_KEY.search(str(key)) is not None)
    elif isinstance(answer, list):
        for value in answer:
            yield from _secrets_in(value, is_secret=is_secret)
    elif is_secret and isinstance(answer, str):
        yield answer
