"""What steps leave to later ones, and what of it nobody is to read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from emulator.network.aws_credentials import Credentials
from emulator.network.trace import REDACTED

_SECRET_KEY: Final = re.compile(
    r"(?i)(secret|token|password|passcode|samlassertion|samlresponse|privatekey|\bsid\b|credentials$)"
)
# Not to be found by chance in other texts.
_SHORTEST_SECRET: Final = 8


class Captures:
    """What was captured so far, by name."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._secrets: set[str] = set()

    @property
    def values(self) -> Mapping[str, Any]:
        """What texts may be filled with; credentials are not among them."""
        return {name: value for name, value in self._values.items() if not isinstance(value, Credentials)}

    def credentials(self, name: str) -> Credentials | None:
        """Returns credentials that were captured under a name."""
        found = self._values.get(name)
        return found if isinstance(found, Credentials) else None

    def keep(self, name: str, value: Any) -> None:
        """Keeps a value; an object with an access key is credentials."""
        self._values[name] = credentials_of(value) or value

    def is_secret(self, name: str) -> bool:
        """Returns whether a value is one that nobody is to read."""
        return self._values.get(name) in self._secrets if isinstance(self._values.get(name), str) else False

    def hide(self, *secrets: str) -> None:
        """Has texts shown without some of their parts from now on."""
        self._secrets.update(each for each in secrets if len(each) >= _SHORTEST_SECRET)

    def hide_secrets_of(self, answer: Any) -> None:
        """Has texts shown without what an answer's keys say is secret."""
        self.hide(*_secrets_in(answer))

    def shown(self, text: str) -> str:
        """Returns a text without the secrets that are known."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, REDACTED)
        return text


def credentials_of(value: Any) -> Credentials | None:
    """Returns the credentials in an object as STS and IAM answer it; None where it holds none."""
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
