"""Names for the parts of the written world: from the recording, or else names that say what is missing."""

from __future__ import annotations

import re
from dataclasses import replace

from emulator.building.aws_accounts import provider_id_of
from emulator.kernel.partitions import PARTITIONS
from emulator.kernel.records import dataclass
from emulator.reconstruction.idp_style import RecognisedStyle
from emulator.reconstruction.recorded import Recorded
from emulator.reconstruction.setup import sign_in_url
from emulator.recordings.pasted import host_of
from emulator.recordings.recorded_refusals import OKTA

UNKNOWN_ACCOUNT, UNKNOWN = "000000000000", "unknown"
OTHER_APP = "uploaded-to-aws"
CERTIFICATE, PRIVATE_KEY = "encryption-certificate.pem", "encryption-private-key.pem"
_ROLE = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role((?:/[\x21-\x7e]{1,510})?/)([\w+=,.@-]{1,64})", re.ASCII)
_PROVIDER = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):saml-provider/([\w.-]{1,128})", re.ASCII)
_ACS = re.compile(r"(https://[^/]+/saml/acs/)(\w+)")
_LABEL = re.compile(r"[^a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class RoleName:
    """A role of the written world.

    Args:
        arn: ARN of the role.
        partition: From its ARN.
        account_id: From its ARN.
        path: As in the ARN, with slashes at both ends.
        name: Without its path.
        provider: The name of the SAML provider that it comes with.
    """

    arn: str
    partition: str
    account_id: str
    path: str
    name: str
    provider: str


@dataclass(frozen=True, slots=True)
class Names:
    """What the parts of the written world are called.

    Args:
        org: The org's subdomain.
        app: The app's name in the world.
        login: Login of the person.
        roles: The roles that are known, in the order of the message.
        taken: The one that was taken, or else the first.
        is_known: Whether the roles come from the recording, and are not made up.
        is_only_one_usable: Whether AWS took a role without asking, though the message has several.
        partition: The partition that the login goes to.
        acs_url: Where the message is posted.
    """

    org: str
    app: str
    login: str
    roles: tuple[RoleName, ...]
    taken: RoleName
    is_known: bool
    is_only_one_usable: bool
    partition: str
    acs_url: str = ""

    @property
    def provider_arn(self) -> str:
        """The ARN of the SAML provider of the role that was taken."""
        taken = self.taken
        return f"arn:{taken.partition}:iam::{taken.account_id}:saml-provider/{taken.provider}"

    @property
    def whole_app(self) -> str:
        """The app with its org, as ``okta_app`` names it."""
        return f"{self.org}/{self.app}"


def names_of(recorded: Recorded, style: RecognisedStyle) -> Names:
    """Returns what the parts of the written world are called."""
    roles = tuple(_roles(recorded))
    partition = roles[0].partition if roles else _partition_of(recorded)
    unknown = RoleName(
        f"arn:{partition}:iam::{UNKNOWN_ACCOUNT}:role/{UNKNOWN}", partition, UNKNOWN_ACCOUNT, "/", UNKNOWN, UNKNOWN
    )
    wanted = recorded.pair.role_arn if recorded.pair is not None else recorded.role_arn
    names = Names(
        org=_org(recorded, style),
        app="amazon-connect" if recorded.journey.instance is not None else "aws",
        login=_login(recorded),
        roles=roles or (unknown,),
        taken=next((each for each in roles if each.arn == wanted), roles[0] if roles else unknown),
        is_known=bool(roles),
        is_only_one_usable=len({(each.account_id, each.provider) for each in roles}) > 1 and was_not_asked(recorded),
        partition=partition,
    )
    return replace(names, acs_url=_acs_url(recorded, names))


def was_not_asked(recorded: Recorded) -> bool:
    """Returns whether a login came to a role without a choice between several."""
    return recorded.end == "accepted" and not recorded.at_sts and not recorded.role_arn


def role_name(role_arn: str, provider_arn: str) -> RoleName | None:
    """Returns a role and its provider by their names; None where an ARN is not one that IAM can have."""
    role, provider = _ROLE.fullmatch(role_arn), _PROVIDER.fullmatch(provider_arn)
    if role is None or (provider_arn and provider is None) or role[1] not in PARTITIONS:
        return None
    return RoleName(role_arn, role[1], role[2], role[3], role[4], provider[3] if provider is not None else UNKNOWN)


def _roles(recorded: Recorded) -> list[RoleName]:
    known = [(each.role_arn, each.provider_arn) for each in recorded.pairs]
    if not known:
        # Of an encrypted message the role chooser, or the call of STS, may have named the roles.
        arns = [recorded.role_arn, *recorded.journey.offered] if recorded.role_arn else [*recorded.journey.offered]
        known = [(arn, recorded.provider_arn) for arn in arns]
    found = (role_name(*each) for each in dict.fromkeys(known))
    return [each for each in found if each is not None]


def _partition_of(recorded: Recorded) -> str:
    host = host_of(recorded.posted_to)
    return next((each.name for each in PARTITIONS.values() if host.endswith(each.site_domain)), "aws")


def _org(recorded: Recorded, style: RecognisedStyle) -> str:
    if recorded.journey.org:
        return recorded.journey.org
    own_host = recorded.journey.idp_host
    if style.shape.name != "okta" and (recorded.has_message or not own_host):
        return style.shape.name
    # A domain of the org's own, such as login.example.com: the subdomain is not in it.
    labels = own_host.split(".")
    label = _LABEL.sub("-", labels[-2] if len(labels) > 1 else "").strip("-")
    return label[:60] or "unknown-org"


def _login(recorded: Recorded) -> str:
    message = recorded.message
    names = (recorded.journey.username, message.name_id or "", recorded.session_name)
    named = [each for each in names if each.strip()]
    with_address = next((each for each in named if "@" in each), "")
    is_of_okta = recorded.refusal is not None and recorded.refusal.service == OKTA
    login = recorded.journey.username if is_of_okta and recorded.journey.username else with_address
    return (login or next(iter(named), "") or "unknown-person")[:500]


def _acs_url(recorded: Recorded, names: Names) -> str:
    """Returns where the message is posted; the sign-in URL of one SAML provider is the emulated provider's own."""
    host = host_of(recorded.posted_to)
    posted = "" if recorded.at_sts or "signin." not in host else f"https://{host}{_path(recorded.posted_to)}"
    url = posted or recorded.message.recipient or recorded.message.destination or sign_in_url(names.partition)
    return own_acs(url, names)


def own_acs(url: str, names: Names) -> str:
    """Returns an address with the recorded SAML provider's id replaced by that of the emulated one."""
    found = _ACS.fullmatch(url)
    return f"{found[1]}{provider_id_of(names.provider_arn)}" if found is not None else url


def _path(url: str) -> str:
    return "/" + url.partition("://")[2].partition("/")[2].partition("?")[0]
