"""A Role value that names what there is not: what there is instead, and which side has to change it."""

from __future__ import annotations

from emulator.kernel.explanations import ROLE_ASKED_FOR, Asked, Sent, Setting
from sp_mock.assertion.login_request import EntryPoint
from sp_mock.assertion.values import ROLE, attribute_path
from tests.conftest import ACCOUNT, APP, PROVIDER_ARN, ROLE_ARN
from tests.sp_mock.assertion.mistakes.conftest import Refuse

ROLE_PATH = attribute_path(ROLE)
ARN = f"arn:aws:iam::{ACCOUNT}:saml-provider/"
OTHER = "222222222222"
SECOND = {f"/aws/{ACCOUNT}/saml_providers/second": {"metadata": {"okta_app": f"acme/{APP}"}}}
OTHER_APP = {
    "/okta/acme/apps/other": {"identity_provider_arn": PROVIDER_ARN},
    f"/aws/{ACCOUNT}/saml_providers/okta/metadata": {"okta_app": "acme/other"},
}
OTHER_ACCOUNT = {f"/aws/{OTHER}": {"saml_providers": {"okta": {"metadata": {"okta_app": f"acme/{APP}"}}}}}


def _role(value: str) -> dict[str, str]:
    return {"attribute": "Role", "set": value}


def test_a_provider_in_another_spelling(refuse: Refuse) -> None:
    """The nearest one of the account is what was meant; the app's value and the provider's name disagree."""
    refusal = refuse({}, _role(f"{ARN}Okta,{ROLE_ARN}"))
    assert refusal.explanation == (
        f"No IAM SAML provider has the ARN {ARN}Okta; account {ACCOUNT} has {PROVIDER_ARN}: letter case differs: "
        "…saml-provider/[O|o]kta."
    )
    assert (refusal.expected, refusal.received) == (PROVIDER_ARN, f"{ARN}Okta")
    assert refusal.fix == f"Name the SAML provider {PROVIDER_ARN} in the app's Role value."
    sent, setting = refusal.causes
    assert sent == Sent(ROLE_PATH, wanted=(f"{PROVIDER_ARN},{ROLE_ARN}",))
    assert isinstance(setting, Setting)
    assert setting.path == ("saml_providers", PROVIDER_ARN)


def test_the_order_of_the_pair_is_kept(refuse: Refuse) -> None:
    """Where the role comes first, it comes first in what would be right."""
    refusal = refuse({}, _role(f"{ROLE_ARN},{ARN}okta-old"))
    assert refusal.causes[0] == Sent(ROLE_PATH, wanted=(f"{ROLE_ARN},{PROVIDER_ARN}",))


def test_a_provider_of_another_account_that_does_not_exist(refuse: Refuse) -> None:
    """The provider of the role's account is what was meant, and nothing is wrong with that account."""
    moved = PROVIDER_ARN.replace(ACCOUNT, OTHER)
    refusal = refuse({}, _role(f"{moved},{ROLE_ARN}"))
    assert refusal.explanation == (
        f"No IAM SAML provider has the ARN {moved}: account {OTHER} is not among those that are known here ({ACCOUNT})."
        f" It is an ARN of account {OTHER}, and the role is one of account {ACCOUNT}. The account of the role has "
        f"{PROVIDER_ARN}: they differ from character 14 on: arn:aws:iam::[{OTHER}|{ACCOUNT}]:saml-provider…."
    )
    assert refusal.causes == (Sent(ROLE_PATH, wanted=(f"{PROVIDER_ARN},{ROLE_ARN}",)),)


def test_an_account_without_providers(refuse: Refuse) -> None:
    """There is nothing to name: it has to be created."""
    refusal = refuse({f"/aws/{ACCOUNT}/saml_providers": {}})
    assert refusal.explanation == (
        f"No IAM SAML provider has the ARN {PROVIDER_ARN}: account {ACCOUNT} has no SAML provider."
    )
    assert refusal.fix == f"Create the SAML provider okta in account {ACCOUNT}, or name another in the app."
    assert isinstance(refusal.causes[1], Setting)
    assert refusal.causes[1].path == ("saml_providers",)


def test_a_role_in_another_spelling(refuse: Refuse) -> None:
    """The nearest role of the account, in the app's value and in IAM."""
    wrong = ROLE_ARN.replace("Connect", "Conect")
    refusal = refuse({}, _role(f"{PROVIDER_ARN},{wrong}"))
    assert refusal.explanation == (
        f"The role {wrong} does not exist; account {ACCOUNT} has {ROLE_ARN}: they differ from character 35 on: "
        "…role/Con[|n]ectAgent. ARNs are case-sensitive."
    )
    sent, setting = refusal.causes
    assert sent == Sent(ROLE_PATH, wanted=(f"{PROVIDER_ARN},{ROLE_ARN}",))
    assert isinstance(setting, Setting)
    assert setting.path == ("roles", ROLE_ARN)


def test_a_role_of_another_account(refuse: Refuse) -> None:
    """Its name exists elsewhere: the account in the value is wrong, and with it the provider's."""
    wrong, provider = ROLE_ARN.replace(ACCOUNT, OTHER), PROVIDER_ARN.replace(ACCOUNT, OTHER)
    refusal = refuse(OTHER_ACCOUNT, _role(f"{provider},{wrong}"))
    assert refusal.explanation == (
        f"The role {wrong} does not exist in account {OTHER}; account {ACCOUNT} has a role of that name. ARNs are "
        "case-sensitive."
    )
    assert refusal.causes == (Sent(ROLE_PATH, wanted=(f"{PROVIDER_ARN},{ROLE_ARN}",)),)


def test_a_role_that_resembles_none(refuse: Refuse) -> None:
    """The account's roles are listed, and nothing is guessed."""
    wrong = f"arn:aws:iam::{ACCOUNT}:role/Billing"
    refusal = refuse({}, _role(f"{PROVIDER_ARN},{wrong}"))
    assert refusal.explanation == (
        f"The role {wrong} does not exist; account {ACCOUNT} has {ROLE_ARN}, "
        f"arn:aws:iam::{ACCOUNT}:role/ConnectSupervisor. ARNs are case-sensitive."
    )
    assert refusal.causes == (Sent(ROLE_PATH),)


def test_metadata_of_another_app(refuse: Refuse) -> None:
    """The provider's metadata is the mistake, and the app's issuer is shown beside it."""
    refusal = refuse(OTHER_APP)
    assert refusal.explanation.startswith(
        f"{PROVIDER_ARN} was made from the metadata of another app or another identity provider: the entityID there is "
    )
    setting, sent = refusal.causes
    assert isinstance(setting, Setting)
    assert setting.path == ("saml_providers", PROVIDER_ARN, "metadata")
    assert isinstance(sent, Sent)
    assert sent.place == "/Response/Assertion/Issuer"


def test_an_issuer_that_another_provider_knows(refuse: Refuse) -> None:
    """The Role value names the wrong provider."""
    refusal = refuse({**OTHER_APP, **SECOND})
    assert refusal.explanation.startswith(
        f"The Role value names {PROVIDER_ARN}, and the assertion comes from the identity provider of {ARN}second: that "
        "provider's metadata has the Issuer http://www.okta.com/"
    )
    assert (refusal.expected, refusal.received) == (f"{ARN}second", PROVIDER_ARN)
    assert refusal.causes[0] == Sent(ROLE_PATH, wanted=(f"{ARN}second,{ROLE_ARN}",))


def test_an_issuer_that_is_nearly_right(refuse: Refuse) -> None:
    """The app's issuer comes first; the metadata may be what has the slash too few."""
    refusal = refuse({}, {"element": "Assertion/Issuer", "set": "http://www.okta.com/exkOxjdGbNDV8koTJj7i/"})
    assert refusal.explanation == (
        f"The Issuer nearly is the entityID in the metadata of {PROVIDER_ARN}: a slash too many at the end: "
        "…kOxjdGbNDV8koTJj7i[/|]."
    )
    assert refusal.causes[0] == Sent("/Response/Assertion/Issuer", wanted=("http://www.okta.com/exkOxjdGbNDV8koTJj7i",))


def test_a_caller_that_asks_for_a_role_in_another_spelling(refuse: Refuse) -> None:
    """What came with the call is wrong: the assertion's pair exists, and the one asked for does not."""
    refusal = refuse({}, entry_point=EntryPoint.STS, role_arn=ROLE_ARN.lower(), provider_arn=PROVIDER_ARN)
    assert refusal.explanation == (
        "The role and the provider asked for are not one value of the assertion's Role attribute. The nearest role "
        "that it has: letter case differs: …role/[connecta|ConnectA]gent."
    )
    assert (refusal.expected, refusal.received) == (
        f"{PROVIDER_ARN},{ROLE_ARN}",
        f"{PROVIDER_ARN},{ROLE_ARN.lower()}",
    )
    assert refusal.fix == f"Ask for {ROLE_ARN} with {PROVIDER_ARN}, as the assertion has them."
    assert refusal.causes == (Asked(ROLE_ASKED_FOR),)


def test_an_assertion_that_has_the_role_in_another_spelling(refuse: Refuse) -> None:
    """What was sent is wrong: the pair asked for exists."""
    value = f"{PROVIDER_ARN},{ROLE_ARN.replace('Agent', 'agent')}"
    refusal = refuse({}, _role(value), entry_point=EntryPoint.STS, role_arn=ROLE_ARN, provider_arn=PROVIDER_ARN)
    assert (
        refusal.fix == f"Correct the app's Role value: {ROLE_ARN} with {PROVIDER_ARN} exists, what it sends does not."
    )
    assert refusal.causes == (Sent(ROLE_PATH, wanted=(f"{PROVIDER_ARN},{ROLE_ARN}",)), Asked(ROLE_ASKED_FOR))


def test_a_role_that_the_assertion_does_not_offer(refuse: Refuse) -> None:
    """Whoever calls has to ask for what is offered; else the identity provider may say why it does not offer this."""
    role_arn = f"arn:aws:iam::{ACCOUNT}:role/ConnectSupervisor"
    refusal = refuse({}, entry_point=EntryPoint.STS, role_arn=role_arn, provider_arn=PROVIDER_ARN)
    assert refusal.explanation == (
        "The role and the provider asked for are not one value of the assertion's Role attribute. It offers "
        f"{ROLE_ARN}."
    )
    assert refusal.fix == (
        f"Ask for what the assertion has ({ROLE_ARN} with {PROVIDER_ARN}), or assign {role_arn} to the user in the app."
    )
    assert refusal.causes == (Asked(ROLE_ASKED_FOR), Sent(ROLE_PATH, wanted=(f"{PROVIDER_ARN},{role_arn}",)))


def test_metadata_of_another_app_whose_issuer_another_account_knows(refuse: Refuse) -> None:
    """A provider of another account opens no role of this one: the metadata of this account's is the mistake."""
    refusal = refuse({**OTHER_APP, **OTHER_ACCOUNT})
    setting, sent = refusal.causes
    assert isinstance(setting, Setting)
    assert setting.path == ("saml_providers", PROVIDER_ARN, "metadata")
    assert isinstance(sent, Sent)
    assert sent.place == "/Response/Assertion/Issuer"


REQUIRED = {
    "/okta/acme/apps/other": {"identity_provider_arn": f"{ARN}second"},
    f"/aws/{ACCOUNT}/saml_providers/second": {
        "metadata": {"okta_app": "acme/other"},
        "assertion_encryption": "Required",
        "private_keys": ["../../tests/diagnose/worlds/atelier-encryption-private-key.pem"],
    },
}


def test_a_provider_of_another_app_that_requires_encryption(refuse: Refuse) -> None:
    """The Role value is wrong, not the app that does not encrypt."""
    refusal = refuse(REQUIRED, _role(f"{ARN}second,{ROLE_ARN}"))
    assert refusal.check == "assertion-encryption"
    assert refusal.explanation.startswith(
        f"{ARN}second requires encrypted assertions; this one is not. The Role value names {ARN}second, and the "
        f"assertion comes from the identity provider of {PROVIDER_ARN}: "
    )
    assert refusal.fix == f"Name {PROVIDER_ARN} in the Role value."
    assert refusal.causes == (Sent(ROLE_PATH, wanted=(f"{PROVIDER_ARN},{ROLE_ARN}",)),)


def test_a_caller_that_names_the_provider_of_another_app(refuse: Refuse) -> None:
    """What came with the call is wrong, whether that provider requires encryption or not."""
    plain = {
        "/okta/acme/apps/other": {"identity_provider_arn": f"{ARN}second"},
        f"/aws/{ACCOUNT}/saml_providers/second": {"metadata": {"okta_app": "acme/other"}},
    }
    for changes, check in ((REQUIRED, "assertion-encryption"), (plain, "issuer")):
        refusal = refuse(changes, entry_point=EntryPoint.STS, role_arn=ROLE_ARN, provider_arn=f"{ARN}second")
        assert refusal.check == check
        assert f"{ARN}second was asked for, and the assertion comes from the identity " in refusal.explanation
        assert refusal.fix == f"Ask with {PROVIDER_ARN} as PrincipalArn, as the assertion has it."
        assert refusal.causes == (Asked(ROLE_ASKED_FOR),)
