"""Which STS endpoints serve an account: those of its partition, in regions where STS is active for it."""

from __future__ import annotations

from emulator.kernel.errors import ProviderNotFound, RegionDisabled
from emulator.kernel.explanations import ROLE_ASKED_FOR, Asked, Setting
from sp_mock.apis.operations import ApiCall
from sp_mock.arn import Arn

ENDPOINT = "endpoint"


def require_active_region(call: ApiCall, account_id: str) -> None:
    """Requires that STS is active for the account in the endpoint's region; the global endpoint is always active.

    Raises:
        RegionDisabled: ``STS is not activated in this region for account:…``.

    Spec: AWS IAM UG "id_credentials_temp_enable-regions"
    Evidence: observed
    """
    account, endpoint = call.aws.accounts.get(account_id), call.endpoint
    if account is not None and endpoint.region in account.disabled_sts_regions:
        raise RegionDisabled(
            f"STS is not activated in this region for account:{account_id}. Your account administrator can "
            "activate STS in this region using the IAM Console.",
            service=call.api.name,
            check="sts-region",
            evidence="observed",
            explanation=f"The account has STS switched off in {endpoint.region}.",
            where="the endpoint's host",
            received=endpoint.host,
            fix=f"Activate STS in {endpoint.region}, or use another region's endpoint.",
            spec='AWS IAM UG "id_credentials_temp_enable-regions"',
            causes=(Setting(account, ("disabled_sts_regions",), wanted=endpoint.region), Asked(ENDPOINT)),
        )


def require_same_partition(call: ApiCall, provider_arn: str) -> None:
    """Requires that a SAML provider is in the endpoint's partition: an endpoint knows no others.

    Raises:
        ProviderNotFound: ``Specified provider doesn't exist``.

    Spec: AWS General Reference "AWS service endpoints"
    Evidence: assumed
    """
    arn, endpoint = Arn.parse(provider_arn), call.endpoint
    if arn is not None and arn.partition != endpoint.partition:
        raise ProviderNotFound(
            "Specified provider doesn't exist",
            service=call.api.name,
            check="partition",
            evidence="assumed",
            explanation=f"The endpoint belongs to partition {endpoint.partition}, the provider to {arn.partition}.",
            where="the endpoint's host",
            expected=f"an STS endpoint of {arn.partition}",
            received=endpoint.host,
            fix="Set the region: GovCloud and China have STS endpoints of their own.",
            spec='AWS General Reference "AWS service endpoints"',
            causes=(Asked(ENDPOINT), Asked(ROLE_ASKED_FOR)),
        )
