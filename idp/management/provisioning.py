"""The API integration of the AWS app: the org reads which roles exist, with an access key.

It calls ``iam:ListRoles`` and ``iam:ListAccountAliases`` over HTTP, signed with Signature Version 4 like any client of
AWS; in connected accounts it assumes a role first.

Spec: help.okta.com "aws-enable-role-based", "connect-okta-multiple-aws-instances"
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

from lxml import etree

from emulator.kernel.clock import Ids
from emulator.kernel.outbound import OutboundRequest, Send, Unreachable
from emulator.kernel.records import dataclass
from idp.model import App, Provisioning
from idp.refusals import ApiRefusal

CROSS_ACCOUNT_ROLE = "Okta-Idp-cross-account-role"
VERIFIED = "was verified successfully"
CANNOT_CONNECT = "Cannot connect. Please ensure all details are set correctly."
_MAX_PAGES = 20
_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Partition:
    name: str
    iam: str
    sts: str
    region: str


_PARTITIONS = {
    "aws": _Partition("aws", "https://iam.amazonaws.com/", "https://sts.amazonaws.com/", "us-east-1"),
    "aws-us-gov": _Partition(
        "aws-us-gov",
        "https://iam.us-gov.amazonaws.com/",
        "https://sts.us-gov-west-1.amazonaws.com/",
        "us-gov-west-1",
    ),
    "aws-cn": _Partition(
        "aws-cn",
        "https://iam.cn-north-1.amazonaws.com.cn/",
        "https://sts.cn-north-1.amazonaws.com.cn/",
        "cn-north-1",
    ),
}


def try_credentials(app: App, send: Send) -> str:
    """Tries the access key, as the button "Test API Credentials" does.

    Returns:
        Okta's message for success.

    Raises:
        ApiRefusal: AWS cannot be reached, or refused; its message is given as a cause.

    Spec: help.okta.com "aws-enable-role-based"; support.okta.com
    Evidence: documented
    """
    client = _Client(app, send, sentence=CANNOT_CONNECT)
    client.list_roles()
    client.list_aliases()
    return f"{app.label} {VERIFIED}"


def read_roles(app: App, send: Send, *, ids: Ids) -> Provisioning:
    """Returns the API integration with the roles that exist now, as "Refresh Application Data" does.

    With connected accounts the names are written ``[alias] -- rolename``; an account without alias shows its id.

    Raises:
        ApiRefusal: AWS refused, in its words.

    Spec: help.okta.com "aws-enable-role-based", "connect-okta-multiple-aws-instances"
    Evidence: documented (calls, names), observed (the spelling with the alias), assumed (what stands for a lacking one)
    """
    provisioning = _provisioning(app)
    own_account = app.identity_provider_arn.split(":")[4] if app.identity_provider_arn.count(":") > 4 else ""
    if not provisioning.connected_accounts:
        roles = tuple(_Client(app, send).list_roles())
        return replace(provisioning, roles=roles, accounts={})
    roles_by_label: dict[str, str] = {}
    accounts: dict[str, str] = {}
    for account in dict.fromkeys((own_account, *provisioning.connected_accounts)):
        client = _Client(app, send)
        if account and account != own_account:
            client.assume(account, session_name=f"okta-{ids.digits(8)}")
        alias = next(iter(client.list_aliases()), account)
        accounts[alias] = account
        roles_by_label |= {f"[{alias}] -- {name}": name for name in client.list_roles()}
    return replace(provisioning, roles=tuple(roles_by_label), accounts=accounts)


def _provisioning(app: App) -> Provisioning:
    if app.provisioning is None:
        raise _refused(app, "There is no API integration.", "the app has no access key", code="")
    return app.provisioning


class _Client:
    """Calls AWS's query APIs with the app's access key."""

    def __init__(self, app: App, send: Send, *, sentence: str = "") -> None:
        provisioning = _provisioning(app)
        self._app = app
        self._sentence = sentence
        self._send = send
        self._keys: tuple[str, ...] = (provisioning.access_key_id, provisioning.secret_access_key)
        self._partition = _PARTITIONS.get([*app.identity_provider_arn.split(":"), ""][1], _PARTITIONS["aws"])

    def list_roles(self) -> list[str]:
        """Returns the names of all roles, with their paths."""
        return self._all("ListRoles", "Arn", lambda arn: arn.partition(":role/")[2])

    def list_aliases(self) -> list[str]:
        """Returns the account's alias, if it has one."""
        return self._all("ListAccountAliases", "AccountAliases/member", str)

    def assume(self, account: str, *, session_name: str) -> None:
        """Continues with the credentials of the role that a connected account has for Okta."""
        arn = f"arn:{self._partition.name}:iam::{account}:role/{CROSS_ACCOUNT_ROLE}"
        parameters = {"Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": arn, "RoleSessionName": session_name}
        answer = self._call(self._partition.sts, "sts", parameters)
        self._keys = tuple(_texts(answer, name)[0] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"))

    def _all(self, action: str, path: str, read: Callable[[str], str]) -> list[str]:
        found: list[str] = []
        marker = ""
        for _ in range(_MAX_PAGES):
            parameters = {"Action": action, "Version": "2010-05-08", **({"Marker": marker} if marker else {})}
            answer = self._call(self._partition.iam, "iam", parameters)
            found += [read(text) for text in _texts(answer, path)]
            marker = next(iter(_texts(answer, "Marker")), "")
            if not marker:
                break
        return found

    def _signed_headers(self, url: str, service: str, body: bytes) -> dict[str, str]:
        """Returns a call's headers with its signature. botocore is imported late, because few orgs call AWS."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        request = AWSRequest("POST", url, data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
        SigV4Auth(Credentials(*self._keys), service, self._partition.region).add_auth(request)
        return dict(request.headers.items())

    def _call(self, url: str, service: str, parameters: dict[str, str]) -> etree._Element:
        body = urlencode(parameters).encode()
        headers = self._signed_headers(url, service, body)
        reason = f"reads {self._app.label}'s roles: {parameters['Action']}"
        try:
            answer = self._send(OutboundRequest("POST", url, headers, body, reason, _TIMEOUT_SECONDS))
        except Unreachable as error:
            raise self._refused(str(error), str(error), code="") from None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        try:
            root = etree.fromstring(answer.body, parser)
        except etree.XMLSyntaxError:
            raise self._refused("The answer is no XML.", f"status {answer.status}", code="") from None
        if answer.status != 200:
            code, message = next(iter(_texts(root, "Code")), ""), next(iter(_texts(root, "Message")), "")
            raise self._refused(message, f"AWS refused {parameters['Action']}: {code}", code=code)
        return root

    def _refused(self, words: str, explanation: str, *, code: str) -> ApiRefusal:
        return _refused(self._app, words, explanation, code=code, sentence=self._sentence)


def _texts(root: etree._Element, path: str) -> list[str]:
    steps = "/".join(f"{{*}}{name}" for name in path.split("/"))
    return [element.text or "" for element in root.findall(f".//{steps}")]


def _refused(app: App, words: str, explanation: str, *, code: str, sentence: str = "") -> ApiRefusal:
    return ApiRefusal(
        sentence or (f"Error authenticating: {words}" if words else "Error authenticating"),
        code="E0000014",
        status=400,
        check="provisioning",
        evidence="documented" if sentence else "assumed",
        error_causes=(words,) if words else (),
        explanation=explanation,
        where=f"the API integration of {app.label}",
        expected="an IAM user's active access key whose policies allow iam:ListRoles and iam:ListAccountAliases on *",
        received=code,
        fix="Correct the access key, or attach the policy to its user.",
        spec='help.okta.com "aws-enable-role-based"',
    )
