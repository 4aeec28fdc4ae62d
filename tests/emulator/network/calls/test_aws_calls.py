"""Calls of AWS APIs in this process: one client serves callers with their own credentials, in their own federations."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.calls.aws_calls import AwsAnswer, AwsCall, make_call
from emulator.network.calls.aws_credentials import Credentials
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World
from tests.conftest import ACCOUNT, NOW
from tests.sdk import ADMINISTRATOR

KEY = Credentials(ADMINISTRATOR["aws_access_key_id"], ADMINISTRATOR["aws_secret_access_key"])
CALLERS = {
    "administrator": (KEY, ""),
    "wrong secret": (Credentials(KEY.access_key_id, "wrong"), "SignatureDoesNotMatch"),
    "unknown key": (Credentials("AKIAIOSFODNN7NOBODY0", "none"), "InvalidClientTokenId"),
    "nobody": (None, "MissingAuthenticationToken"),
}


def _ask(federation: Federation, credentials: Credentials | None) -> AwsAnswer:
    asked = AwsCall("sts", "GetCallerIdentity", {}, "eu-west-1", credentials)
    return make_call(asked, federation.gateway, federation.clock)


@pytest.fixture
def federations(world: World, keys: KeyFolder) -> list[Federation]:
    """Returns two federations of the built-in world."""
    return [Federation(world, clock=Clock(frozen_at=NOW), ids=Ids(seed=seed), keys=keys) for seed in (1, 2)]


def test_callers_one_after_another_have_their_own_answers(federations: list[Federation]) -> None:
    """Each is answered by its own federation, by its own credentials, or without any."""
    for credentials, code in (*CALLERS.values(), *reversed(CALLERS.values())):
        for federation in federations:
            answered = _ask(federation, credentials)
            assert answered.code == code
            assert answered.answer.get("Account") == (None if code else ACCOUNT)
            assert federation.gateway.exchanges[-1] == answered.exchanges[-1]
    assert [len(each.gateway.exchanges) for each in federations] == [2 * len(CALLERS)] * 2


def test_callers_at_the_same_time_have_their_own_answers(federations: list[Federation]) -> None:
    """Calls in several threads share a client, and neither credentials nor a federation."""
    asked = [(federation, *caller) for caller in CALLERS.values() for federation in federations]
    together = Barrier(len(asked))

    def ask(federation: Federation, credentials: Credentials | None, _code: str) -> list[AwsAnswer]:
        together.wait(30)
        return [_ask(federation, credentials) for _ in range(5)]

    with ThreadPoolExecutor(len(asked)) as threads:
        for (federation, _, code), answers in zip(asked, threads.map(ask, *zip(*asked, strict=True)), strict=True):
            assert [each.code for each in answers] == [code] * 5
            assert all(each.exchanges[0] in federation.gateway.exchanges for each in answers)
