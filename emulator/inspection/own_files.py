"""AWS as two files describe it: an identity provider's metadata, and a role as the AWS CLI prints it.

With these a message is judged without a world: as if the metadata had been uploaded to the SAML provider that the
message names, and the role were the one it asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from emulator.kernel.errors import FileError, InvalidInput, Location, Problem
from emulator.kernel.records import dataclass
from emulator.worldfile.text.json_text import UnreadableJson, json_of
from emulator.worldfile.text.read_files import UnreadableFile, bytes_of
from sp_mock.accounts.model import Account, Aws, Role, SamlProvider
from sp_mock.accounts.provider_metadata import ProviderMetadata, parse_metadata
from sp_mock.arn import Arn
from sp_mock.assertion.login_request import role_pair
from sp_mock.assertion.values import ROLE, AssertionValues
from sp_mock.policies.documents import MalformedPolicy, PolicyDocument

_MAX_BYTES = 10_000_000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NEEDS_METADATA = "this needs the identity provider's metadata: give it with --metadata"
_NEEDS_ROLE = "this needs the role: give it with --role"


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """The files that replace a world.

    Args:
        metadata: Metadata of the identity provider; None where it was not given.
        trust: Trust policy of the role; None where it was not given.
        role_arn: ARN of the role; empty for a trust policy alone.
        max_session_duration_seconds: Maximum session duration of the role.
    """

    metadata: ProviderMetadata | None = None
    trust: PolicyDocument | None = None
    role_arn: str = ""
    max_session_duration_seconds: int = 3600

    @property
    def not_asked(self) -> Mapping[str, str]:
        """The checks that cannot run with these files, with the reason for each."""
        reasons: dict[str, str] = {}
        if self.metadata is None:
            reasons = dict.fromkeys(("provider", "assertion-encryption", "issuer"), _NEEDS_METADATA)
        if self.trust is None:
            reasons |= dict.fromkeys(("trust-policy", "max-session-duration"), _NEEDS_ROLE)
        return reasons

    def aws(self, values: AssertionValues | None) -> Aws:
        """Returns AWS with the SAML provider and the role that a message names, made from these files.

        Args:
            values: What the message says; None for an unreadable one.
        """
        pair = self._pair(values)
        if pair is None:
            return Aws()
        role_arn, provider_arn = pair
        metadata = self.metadata or ProviderMetadata("", (), b"")
        provider = SamlProvider(provider_arn, metadata)
        roles = {}
        if self.trust is not None:
            length = self.max_session_duration_seconds
            role = Role(role_arn, "AROA" + "A" * 17, self.trust, max_session_duration_seconds=length)
            roles = {str(role_arn): role}
        of_provider = Account(
            provider_arn.account_id,
            partition=provider_arn.partition,
            saml_providers={str(provider_arn): provider},
            roles=roles if provider_arn.account_id == role_arn.account_id else {},
        )
        if provider_arn.account_id == role_arn.account_id:
            return Aws([of_provider])
        return Aws([of_provider, Account(role_arn.account_id, partition=role_arn.partition, roles=roles)])

    def _pair(self, values: AssertionValues | None) -> tuple[Arn, Arn] | None:
        """Returns the role and provider that are meant: those of the given role, or else the message's first pair."""
        attribute = values.attribute(ROLE) if values is not None else None
        pairs = [pair for value in (attribute.values if attribute else ()) if (pair := role_pair(value)) is not None]
        pair = next((each for each in pairs if self.role_arn in {"", each.role_arn}), next(iter(pairs), None))
        if pair is None:
            return None
        role, provider = Arn.parse(self.role_arn or pair.role_arn), Arn.parse(pair.provider_arn)
        return (role, provider) if role is not None and provider is not None else None


def read_own_files(*, metadata_file: Path | None, role_file: Path | None) -> OwnFiles:
    """Reads the files that replace a world.

    Args:
        metadata_file: File with the identity provider's metadata.
        role_file: File with the answer of ``aws iam get-role``, the role in it, or its trust policy alone.

    Raises:
        FileError: one of them cannot be used.
    """
    metadata = None
    if metadata_file is not None:
        try:
            metadata = parse_metadata(_bytes_of(metadata_file).removeprefix(_BYTE_ORDER_MARK))
        except InvalidInput as error:
            raise _unusable(metadata_file, f"{error.message}: {error.explanation}", error.expected, error.fix) from None
    if role_file is None:
        return OwnFiles(metadata)
    role = _role_in(role_file)
    document = role.get("AssumeRolePolicyDocument", role)
    if isinstance(document, str):
        document = _json(role_file, unquote(document) if document.lstrip().startswith("%7B") else document)
    try:
        trust = PolicyDocument.parse(document, kind="trust")
    except MalformedPolicy as error:
        raise _unusable(role_file, error.message, error.expected or "a role's trust policy") from None
    arn, length = role.get("Arn"), role.get("MaxSessionDuration")
    return OwnFiles(
        metadata,
        trust,
        role_arn=arn if isinstance(arn, str) else "",
        max_session_duration_seconds=length if isinstance(length, int) else 3600,
    )


def _role_in(path: Path) -> Mapping[str, Any]:
    data = _json(path, _bytes_of(path))
    if isinstance(data, dict) and isinstance(data.get("Role"), dict):
        data = data["Role"]
    if not isinstance(data, dict) or not ("AssumeRolePolicyDocument" in data or "Statement" in data):
        raise _unusable(
            path,
            "it is neither a role nor a trust policy",
            "what `aws iam get-role --role-name NAME` prints, or the trust policy alone",
        )
    return data


def _json(path: Path, text: str | bytes) -> Any:
    try:
        return json_of(text)
    except UnreadableJson as error:
        location = Location(str(path), error.line)
        raise FileError([Problem(location, error.message, "what `aws iam get-role` prints")]) from None


def _bytes_of(path: Path) -> bytes:
    try:
        return bytes_of(path, limit=_MAX_BYTES)
    except UnreadableFile as error:
        raise _unusable(path, error.message, error.expected, error.fix) from None


def _unusable(path: Path, message: str, expected: str, fix: str = "") -> FileError:
    return FileError([Problem(Location(str(path)), message, expected, fix=fix)])
