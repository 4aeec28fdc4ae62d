"""Sessions and credentials: whose they are, and what they look like."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from emulator.kernel.clock import Ids
from sp_mock.arn import Arn
from sp_mock.principals.callers import Caller
from sp_mock.principals.credentials import (
    Credentials,
    FederatedUserSession,
    RoleSession,
    Session,
    UserSession,
    new_access_key_id,
    new_secret_access_key,
)
from tests.conftest import NOW

ACCOUNT = "333333333333"
END = NOW + timedelta(hours=1)


def _arn(resource: str) -> Arn:
    arn = Arn.parse(f"arn:aws-us-gov:iam::{ACCOUNT}:{resource}")
    assert arn is not None
    return arn


SESSIONS: list[tuple[Session, str, str, str]] = [
    (
        RoleSession(_arn("role/desk/Agent"), "AROAEXAMPLE", "hanako", END),
        f"arn:aws-us-gov:sts::{ACCOUNT}:assumed-role/Agent/hanako",
        "AROAEXAMPLE:hanako",
        f"arn:aws-us-gov:iam::{ACCOUNT}:role/desk/Agent",
    ),
    (
        UserSession(_arn("user/admin"), "AIDAEXAMPLE", END),
        f"arn:aws-us-gov:iam::{ACCOUNT}:user/admin",
        "AIDAEXAMPLE",
        f"arn:aws-us-gov:iam::{ACCOUNT}:user/admin",
    ),
    (
        FederatedUserSession(_arn("user/admin"), "guest", END),
        f"arn:aws-us-gov:sts::{ACCOUNT}:federated-user/guest",
        f"{ACCOUNT}:guest",
        f"arn:aws-us-gov:sts::{ACCOUNT}:federated-user/guest",
    ),
]


@pytest.mark.parametrize(("session", "arn", "user_id", "principal_arn"), SESSIONS)
def test_whose_a_session_is(session: Session, arn: str, user_id: str, principal_arn: str) -> None:
    """Its account and partition are its owner's; the caller is named as policies and GetCallerIdentity name it."""
    caller = Caller.of_session(session)
    assert (caller.arn, caller.user_id, caller.principal_arn) == (arn, user_id, principal_arn)
    assert (caller.account_id, caller.partition) == (ACCOUNT, "aws-us-gov")
    assert session.owner_arn.account_id == ACCOUNT


def test_what_credentials_look_like() -> None:
    """Ids by their prefix, secrets of forty characters, and neither in representations."""
    ids = Ids(seed=7)
    assert re.fullmatch("AKIA[A-Z2-7]{16}", new_access_key_id("AKIA", ids=ids))
    assert re.fullmatch("[A-Za-z0-9/+]{40}", new_secret_access_key(ids=ids))
    credentials = Credentials.make(ids=ids, expiration=END)
    assert re.fullmatch("ASIA[A-Z2-7]{16}", credentials.access_key_id)
    assert credentials.secret_access_key not in repr(credentials)
    assert credentials.session_token not in repr(credentials)
