"""Amazon Resource Names, parsed once."""

from __future__ import annotations

import re
from functools import lru_cache

from emulator.kernel.records import dataclass

_ARN = re.compile(r"arn:([^:]+):([^:]*):([^:]*):([^:]*):(.+)", re.DOTALL)
# Of a role's ARN; what is longer is parsed and not kept.
_MAX_CHARACTERS = 2048
_ACCOUNT_ID = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, slots=True)
class Arn:
    """An ARN, split into its six parts.

    Spec: AWS General Reference "Amazon Resource Names (ARNs)"
    """

    partition: str
    service: str
    region: str
    account_id: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn | None:
        """Returns the ARN in ``text``, or None when ``text`` is not an ARN."""
        return _parse_kept(text) if len(text) <= _MAX_CHARACTERS else _parse(text)

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account_id}:{self.resource}"

    @property
    def is_role(self) -> bool:
        """Whether this is the ARN of an IAM role."""
        return self._is_iam("role/")

    @property
    def is_saml_provider(self) -> bool:
        """Whether this is the ARN of an IAM SAML provider."""
        return self._is_iam("saml-provider/")

    @property
    def name(self) -> str:
        """The last part of the resource, without its path: the role's or the provider's name."""
        return self.resource.rsplit("/", 1)[-1]

    def _is_iam(self, prefix: str) -> bool:
        return (
            self.service == "iam"
            and not self.region
            and self.resource.startswith(prefix)
            and len(self.resource) > len(prefix)
            and _ACCOUNT_ID.fullmatch(self.account_id) is not None
        )


def _parse(text: str) -> Arn | None:
    match = _ARN.fullmatch(text)
    return Arn(*match.groups()) if match else None


_parse_kept = lru_cache(maxsize=1024)(_parse)
