"""The three kinds of operation: who gets to them, what they may change, and what the trace keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Barrier, Thread

import pytest

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import AccessDenied, AwsRefusal, InvalidClientTokenId
from emulator.kernel.services import Services
from emulator.kernel.trace_notes import Facts, TraceNote
from sp_mock.accounts.model import Account, Aws, User
from sp_mock.apis.api_endpoints import endpoint_of
from sp_mock.apis.operations import (
    AccountCall,
    AccountOperation,
    ApiCall,
    Operation,
    Result,
    ServiceApi,
    SignedCall,
    SignedOperation,
    UnsignedOperation,
    any_resource,
    run_operation,
    trace_note,
)
from sp_mock.arn import Arn
from sp_mock.policies.documents import PolicyDocument
from sp_mock.principals.callers import Authorizer, Caller, Context
from tests.conftest import ACCOUNT, NOW

USER_ARN = f"arn:aws:iam::{ACCOUNT}:user/painter"
PAINT_DOOR = {"Effect": "Allow", "Action": "house:Paint", "Resource": "door"}
REFUSAL = InvalidClientTokenId("not you")


def _user(*statements: dict[str, object]) -> User:
    arn = Arn.parse(USER_ARN)
    assert arn is not None
    policy = PolicyDocument.parse({"Version": "2012-10-17", "Statement": list(statements)}, kind="identity")
    return User(arn, "AIDAPAINTER", inline_policies={"own": policy})


def _call(
    operation: Operation,
    *statements: dict[str, object],
    admit: Callable[[SignedCall], None] = lambda _call: None,
    condition_keys: Callable[[AccountCall, str], Context] = lambda _call, _resource: {},
) -> ApiCall:
    user = _user(*statements or (PAINT_DOOR,))
    aws, clock, services = Aws([Account(ACCOUNT, users={USER_ARN: user})]), Clock(frozen_at=NOW), Services()
    services.provide(Aws, aws)
    services.provide(Ids, Ids(seed=7))
    services.provide(Authorizer, Authorizer(aws, clock=clock))
    return ApiCall(
        api=ServiceApi("House", "house", {"Paint": operation}, condition_keys=condition_keys, admit=admit),
        operation="Paint",
        parameters={"Colour": "red"},
        endpoint=endpoint_of("house.amazonaws.com"),
        now=NOW,
        services=services,
    )


def _signed(call: ApiCall) -> SignedCall:
    user = call.aws.user(USER_ARN)
    assert user is not None
    return call.signed_by(Caller.of_user(user))


def _paint(call: AccountCall) -> Result:
    return Result({"Colour": "red"}, account=replace(call.account, alias="red"))


def _refuse(_call: ApiCall) -> Result:
    raise REFUSAL


def _door(_call: AccountCall) -> str:
    return "door"


def _never(_call: ApiCall) -> Result:
    raise AssertionError("the operation was run")


def test_an_unsigned_operation_is_answered_without_a_caller() -> None:
    """It gets the call as it is, with the federation's services."""
    call = _call(UnsignedOperation(lambda call: Result({"Colour": call.parameters["Colour"]})))
    result = run_operation(call)
    assert result.elements == {"Colour": "red"}
    assert trace_note(call, result) == TraceNote("House", "Paint")


@pytest.mark.parametrize("operation", [SignedOperation(_never), AccountOperation(_never, any_resource)])
def test_a_signed_operation_does_not_run_without_a_signature(operation: Operation) -> None:
    """That is a mistake of whoever reads the request, not an answer."""
    with pytest.raises(TypeError, match="Paint has to be signed"):
        run_operation(_call(operation))


def test_a_signed_operation_asks_for_permission_itself() -> None:
    """Without asking it runs; when it asks, the caller's policies decide on the action that it is."""
    call = _signed(_call(SignedOperation(lambda call: Result({"Caller": call.caller.arn}))))
    result = run_operation(call)
    assert result.elements == {"Caller": USER_ARN}
    assert trace_note(call, result) == TraceNote("House", f"Paint by {USER_ARN}")
    call.authorize("door")
    with pytest.raises(AccessDenied) as caught:
        call.authorize("window")
    assert (caught.value.service, caught.value.message) == (
        "House",
        f"User: {USER_ARN} is not authorized to perform: house:Paint on resource: window because no identity-based "
        "policy allows the house:Paint action",
    )


def test_an_account_operation_changes_the_callers_account() -> None:
    """It is given the account as it is, and what it returns takes the account's place."""
    call = _signed(_call(AccountOperation(_paint, _door)))
    assert run_operation(call).elements == {"Colour": "red"}
    assert call.aws.accounts[ACCOUNT].alias == "red"


def test_an_account_that_an_operation_does_not_return_stays() -> None:
    """The account afterwards is the very same object."""
    call = _signed(_call(AccountOperation(lambda _call: Result(), _door)))
    before = call.aws.accounts[ACCOUNT]
    run_operation(call)
    assert call.aws.accounts[ACCOUNT] is before


def test_a_caller_without_permission_changes_nothing() -> None:
    """The operation is not even run."""
    call = _signed(_call(AccountOperation(_never, lambda _call: "window")))
    before = call.aws.accounts[ACCOUNT]
    with pytest.raises(AccessDenied):
        run_operation(call)
    assert call.aws.accounts[ACCOUNT] is before


def test_an_operation_that_refuses_changes_nothing() -> None:
    """What it raises is the answer."""
    call = _signed(_call(AccountOperation(_refuse, _door)))
    before = call.aws.accounts[ACCOUNT]
    with pytest.raises(InvalidClientTokenId, match="not you"):
        run_operation(call)
    assert call.aws.accounts[ACCOUNT] is before


@pytest.mark.parametrize("colour", ["red", "blue"])
def test_policies_see_the_services_condition_keys(colour: str) -> None:
    """They are computed for the resource that the call is about."""
    condition = {"StringEquals": {"house:Colour": "red", "house:Part": "door"}}

    def condition_keys(_call: AccountCall, resource: str) -> Context:
        return {"house:colour": (colour,), "house:part": (resource,)}

    call = _call(AccountOperation(_paint, _door), {**PAINT_DOOR, "Condition": condition}, condition_keys=condition_keys)
    if colour == "red":
        assert run_operation(_signed(call)).elements == {"Colour": "red"}
    else:
        with pytest.raises(AccessDenied):
            run_operation(_signed(call))


def test_who_is_refused_first() -> None:
    """The service's own rule about callers comes before a precondition, and that before the policies."""

    def refuse(words: str) -> Callable[[ApiCall], None]:
        def raise_it(_call: ApiCall) -> None:
            raise AwsRefusal(words)

        return raise_it

    operation = AccountOperation(_never, lambda _call: "window", precondition=refuse("precondition"))
    with pytest.raises(AwsRefusal, match=r"^admission$"):
        run_operation(_signed(_call(operation, admit=refuse("admission"))))
    with pytest.raises(AwsRefusal, match=r"^precondition$"):
        run_operation(_signed(_call(operation)))
    with pytest.raises(AccessDenied):
        run_operation(_signed(_call(AccountOperation(_never, lambda _call: "window"))))


def test_an_operation_may_say_what_the_trace_keeps() -> None:
    """Its own summary and facts."""
    call = _signed(_call(SignedOperation(_never)))
    result = Result(summary="painted the door", facts=Facts(caller=USER_ARN))
    assert trace_note(call, result) == TraceNote("House", "painted the door", Facts(caller=USER_ARN))


def test_calls_at_the_same_time_lose_nothing() -> None:
    """Each change begins with the account that the one before left."""
    together = Barrier(8)

    def count(call: AccountCall) -> Result:
        return Result(account=replace(call.account, alias=str(int(call.account.alias or "0") + 1)))

    call = _signed(_call(AccountOperation(count, _door)))

    def call_often() -> None:
        together.wait(timeout=60)
        for _ in range(25):
            run_operation(call)

    threads = [Thread(target=call_often) for _ in range(together.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert call.aws.accounts[ACCOUNT].alias == "200"
