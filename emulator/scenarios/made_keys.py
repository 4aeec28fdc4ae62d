"""Keys for SAML providers that require encrypted assertions, created because AWS never reveals the private key."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from emulator.building.aws_accounts import provider_id_of
from emulator.building.key_files import new_key_files
from emulator.federation import Federation
from emulator.kernel.partitions import PARTITIONS
from emulator.kernel.records import dataclass
from emulator.seeds.drafts.draft import MadeFile, WorldDraft, with_placeholders
from emulator.seeds.settling.things import mapping
from emulator.worldfile.schema.aws_schema import Account
from emulator.worldfile.text.yaml_data import Key

_ABOVE: Final = "No file has the private key that opens this provider's assertions: this one is made, and is not AWS's."
_OWN_URL: Final = re.compile(r"/saml/acs/(SAMLSP[A-Z0-9]{10,122})\b")


def add_keys(draft: WorldDraft, federation: Federation) -> bool:
    """Creates a key for each provider that needs one and has none; returns whether there was such a provider.

    Its app then encrypts for the key, and posts to the provider's own sign-in URL.

    Args:
        draft: World that is being written.
        federation: Federation of the same world, with a placeholder for each TODO.
    """
    settings = federation.world.settings
    is_made = False
    for account_id, account in settings.aws.items():
        for name, provider in account.saml_providers.items():
            org, _, app_name = (provider.metadata.okta_app or "").partition("/")
            app = settings.okta[org].apps.get(app_name) if org in settings.okta else None
            if app is None or provider.private_keys:
                continue
            if provider.assertion_encryption == "Required" or app.assertion_encryption is not None:
                _add_key(draft, _Keyless(account_id, account, name, org, app_name))
                is_made = True
    return is_made


@dataclass(frozen=True, slots=True)
class _Keyless:
    """A provider without a key, and the app with its metadata."""

    account_id: str
    account: Account
    name: str
    org: str
    app: str

    @property
    def arn(self) -> str:
        """The provider's ARN."""
        return f"arn:{self.account.partition}:iam::{self.account_id}:saml-provider/{self.name}"

    @property
    def provider_id(self) -> str:
        """The unique id in the provider's own sign-in URL: the one in a trust policy, or else a made-up one."""
        trusts = (json.dumps(role.trust) for role in self.account.roles.values() if self.arn in json.dumps(role.trust))
        named = next((found[1] for trust in trusts if (found := _OWN_URL.search(trust))), None)
        return named or provider_id_of(self.arn)


def _add_key(draft: WorldDraft, keyless: _Keyless) -> None:
    private_key, certificate = new_key_files(keyless.name)
    stem = f"keys/{keyless.name}" if len(draft.data["aws"]) == 1 else f"keys/{keyless.account_id}-{keyless.name}"
    account = _key(draft.data["aws"], keyless.account_id)
    provider = _key(mapping(draft.data["aws"][account], "saml_providers"), keyless.name)
    key: Key = ("aws", account, "saml_providers", provider)
    for setting, value in (
        ("private_keys", [MadeFile(f"{stem}.key", private_key)]),
        ("provider_id", keyless.provider_id),
    ):
        draft.put(("aws", account, "saml_providers", provider, setting), value)
    draft.above[key] = _ABOVE
    at = ("okta", keyless.org, "apps", keyless.app)
    draft.put((*at, "assertion_encryption", "certificate"), MadeFile(f"{stem}.crt", certificate))
    sign_in = f"https://signin.{PARTITIONS[keyless.account.partition].site_domain}/saml"
    own_url = f"{sign_in}/acs/{keyless.provider_id}"
    draft.put((*at, "acs_url"), own_url)
    draft.above[(*at, "acs_url")] = "The provider's own sign-in URL: AWS takes encrypted assertions there."
    draft.made.append(f"the key of the SAML provider {keyless.name} ({stem}.key, {stem}.crt)")
    for role in mapping(draft.data["aws"][account], "roles").values():
        for statement in mapping(role, "trust").get("Statement") or ():
            audiences = mapping(statement, "Condition", "StringEquals")
            if (
                with_placeholders(mapping(statement, "Principal").get("Federated")) == keyless.arn
                and "SAML:aud" in audiences
            ):
                statement["Condition"]["StringEquals"]["SAML:aud"] = [audiences["SAML:aud"], own_url]


def _key(data: Mapping[str, Any], name: str) -> str:
    """Returns the key of a name in a draft, which may be a TODO."""
    return next((each for each in data if with_placeholders(each) == name), name)
