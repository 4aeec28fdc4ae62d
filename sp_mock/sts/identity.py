"""What STS says about callers and keys, without opening a session.

GetCallerIdentity            whoever signs is told who they are; needs no permission
GetAccessKeyInfo             the account that a key belongs to
DecodeAuthorizationMessage   always refused: nothing here hands out such messages
"""

from __future__ import annotations

from emulator.kernel.errors import InvalidAuthorizationMessage, ValidationError
from sp_mock.apis.operations import Result, SignedCall
from sp_mock.principals.callers import Keyring


def get_caller_identity(call: SignedCall) -> Result:
    """Returns the principal who signed the call.

    Spec: AWS STS API "GetCallerIdentity"
    Evidence: documented
    """
    caller = call.caller
    elements = {"Arn": caller.arn, "UserId": caller.user_id, "Account": caller.account_id}
    return Result(elements, summary=f"GetCallerIdentity: {caller.arn}")


def get_access_key_info(call: SignedCall) -> Result:
    """Returns the account that an access key belongs to.

    Raises:
        ValidationError: the access key does not exist.

    Spec: AWS STS API "GetAccessKeyInfo"
    Evidence: documented (the answer), assumed (the refusal)
    """
    call.authorize("*")
    known = call.services.get(Keyring).find(call.parameters["AccessKeyId"])
    if known is None:
        raise ValidationError(
            "The access key ID does not exist.",
            service=call.api.name,
            check="access-key",
            evidence="assumed",
            explanation="No account of this world has the access key.",
            where="parameter AccessKeyId",
            received=call.parameters["AccessKeyId"],
            spec='AWS STS API "GetAccessKeyInfo"',
        )
    return Result({"Account": known.caller.account_id}, summary="GetAccessKeyInfo")


def decode_authorization_message(call: SignedCall) -> Result:
    """Refuses the message.

    Raises:
        InvalidAuthorizationMessage: always.

    Spec: AWS STS API "DecodeAuthorizationMessage"
    Evidence: assumed
    """
    call.authorize("*")
    raise InvalidAuthorizationMessage(
        "The message is not a valid encoded authorization message.",
        service=call.api.name,
        check="encoded-message",
        evidence="assumed",
        explanation="Messages to decode come with refusals of services that are not emulated, such as EC2.",
        where="parameter EncodedMessage",
        spec='AWS STS API "DecodeAuthorizationMessage"',
    )
