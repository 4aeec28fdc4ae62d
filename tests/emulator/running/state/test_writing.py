"""The state as text: small enough to be read again, the same for the same state, worked out anew where it changed."""

from __future__ import annotations

import json

import pytest

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.errors import StateError
from emulator.network.gateway import MAX_STATE_BYTES
from emulator.running.state.reading import load_state
from emulator.running.state.writing import StateMark, StateWriter, dump_state
from tests.conftest import APP, PROVIDER_ARN, ROLE_ARN, USER
from tests.sdk import Sdk


def test_full_tables_fit(federation: Federation, sdk: Sdk) -> None:
    """Of what logins leave, every table can hold as much as it does, with the longest session policy and names."""
    log_in(federation, user=USER, app=APP)
    assertion = federation.identity_providers["acme"].mint(USER, APP).saml_response
    sdk("sts").assume_role_with_saml(RoleArn=ROLE_ARN, PrincipalArn=PROVIDER_ARN, SAMLAssertion=assertion)
    tables = json.loads(dump_state(federation))["tables"]
    sizes = {
        name: max((len(json.dumps(each)) for each in tables[name].values()), default=0) * table.capacity
        for name, table in federation.tables.items()
    }
    assert sum(sizes.values()) + 2_048 * federation.tables["credentials"].capacity < MAX_STATE_BYTES


def test_what_is_too_large_leaves_out_the_oldest(federation: Federation, other: Federation) -> None:
    """Events go before sessions; the text keeps to its limit and can be loaded."""
    for _ in range(5):
        log_in(federation, user=USER, app=APP)
    whole, sessions = json.loads(dump_state(federation)), 0
    for limit in range(len(dump_state(federation)), 30_000, -4_000):
        text = dump_state(federation, limit=limit)
        assert len(text) <= limit
        tables = json.loads(text)["tables"]
        for name, table in tables.items():
            assert list(table) == list(whole["tables"][name])[len(whole["tables"][name]) - len(table) :]
        if tables["cloudtrail-events"] or tables["okta-system-log/acme"]:
            assert tables["console-sessions"] == whole["tables"]["console-sessions"]
        sessions = len(tables["console-sessions"])
        load_state(other, text)
    assert sessions < 5


def test_what_cannot_be_left_out_is_too_large(federation: Federation) -> None:
    """Accounts and orgs are not cut: the state is refused, and its size named."""
    with pytest.raises(StateError, match=r"^The state is too large: its accounts and orgs have [\d,]+ bytes") as caught:
        dump_state(federation, limit=5_000)
    assert caught.value.message.endswith("a state has at most 5,000")


def test_what_was_left_out_is_counted(federation: Federation) -> None:
    """What the text leaves out is counted by table."""
    log_in(federation, user=USER, app=APP)
    writer = StateWriter(federation)
    text, left_out = writer.write().text, writer.write().left_out
    assert left_out == {}
    assert sum(writer.write(limit=len(text) - 2_000).left_out.values()) in {1, 2}


def test_a_writer_that_has_written_before_writes_the_same(federation: Federation, other: Federation) -> None:
    """What changed, what is new and what is gone are as a writer says that begins anew."""
    writer = StateWriter(federation)
    assert writer.write().text == dump_state(federation)
    log_in(federation, user=USER, app=APP)
    text = writer.write().text
    assert text == dump_state(federation)
    load_state(federation, dump_state(other))
    assert writer.write().text == dump_state(federation) == dump_state(other)


def test_a_mark_is_like_another_until_something_changes(federation: Federation) -> None:
    """A session, a model of AWS and one of Okta; reading changes nothing."""
    log_in(federation, user=USER, app=APP)
    before = StateMark.of(federation)
    dump_state(federation)
    assert StateMark.of(federation).is_like(before)
    assert not before.is_like(None)
    directory = federation.identity_providers["acme"].directory
    changes = (
        lambda: federation.store.tables["console-sessions"].drop("nobody's"),
        lambda: log_in(federation, user=USER, app=APP),
        lambda: federation.aws.replace(federation.aws.accounts.values()),
        lambda: directory.replace(federation.identity_providers["acme"].org),
    )
    alike = []
    for change in changes:
        change()
        alike.append(StateMark.of(federation).is_like(before))
        before = StateMark.of(federation)
    assert alike == [True, False, False, True]
