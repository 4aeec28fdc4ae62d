"""IAM's identifiers: ARNs with paths, and unique ids.

Spec: AWS IAM UG "reference_identifiers"
"""

from __future__ import annotations

from emulator.kernel.clock import Ids
from sp_mock.accounts.model import Account
from sp_mock.arn import Arn
from sp_mock.principals.credentials import UNIQUE_ID_CHARACTERS


def iam_arn(account: Account, resource: str) -> str:
    """Returns the ARN of one of an account's IAM resources: ``role/ConnectAgent``."""
    return f"arn:{account.partition}:iam::{account.account_id}:{resource}"


def new_arn(text: str) -> Arn:
    """Returns the ARN of a resource that a call creates.

    Raises:
        LookupError: it is not an ARN, although the service model has checked the name and the path.
    """
    arn = Arn.parse(text)
    if arn is None:
        raise LookupError(f"the service model lets names pass that make no ARN: {text}")
    return arn


def path_of(arn: Arn) -> str:
    """Returns the path in a role's, a user's or a policy's ARN, with a slash at both ends."""
    return "/" + "".join(f"{part}/" for part in arn.resource.split("/")[1:-1])


def unique_id(prefix: str, *, ids: Ids) -> str:
    """Returns a new unique id such as ``AROA…``."""
    return prefix + ids.pick(UNIQUE_ID_CHARACTERS, 17)
