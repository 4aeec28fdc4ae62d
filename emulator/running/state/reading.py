"""A state put in the place of a federation's own.

Loading reads and judges everything before it changes anything, so that text which cannot be used leaves the federation
as it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from emulator.federation import Federation, LoadedState
from emulator.kernel.errors import FederationError, StateError
from emulator.network.gateway import MAX_STATE_BYTES
from emulator.running.state.codec import VERSION, state_converter
from emulator.worldfile.yaml_data import Key

if TYPE_CHECKING:
    from cattrs import Converter

    from idp.model import Org
    from sp_mock.accounts.model import Account

_A_STATE = "what GET /fedemu/state answers"
_MOST_MISTAKES = 5
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def load_state(
    federation: Federation, text: str | bytes, *, source: str = "the state", name_of_state: str = ""
) -> None:
    """Puts a state in the place of the federation's own.

    Tables that the text does not mention are emptied. Orgs that the world no longer has are left out, with their
    tables; orgs and accounts that the world has and the text has not stay as they are.

    Args:
        federation: Whose state.
        text: What ``dump_state`` returned.
        source: What the text is called in messages.
        name_of_state: What it is called where a setting is said to come from it; the source unless given.

    Raises:
        StateError: the text is not a state of this version, or of another world; nothing has changed.
    """
    from idp.model import Org
    from sp_mock.accounts.model import Account

    data = _read(text.encode() if isinstance(text, str) else text, source)
    converter, tables = state_converter(), federation.tables
    given = data["tables"]
    accounts = _structured(converter, data["accounts"], list[Account], f"{source}, accounts")
    orgs = _structured(converter, data["orgs"], dict[str, Org], f"{source}, orgs")
    _require_names(accounts, orgs, source)
    _require_same_world(federation, accounts, orgs, source)
    values = {
        name: _structured(converter, given.get(name, {}), dict[str, table.kind], f"{source}, tables.{name}")  # type: ignore[name-defined]
        for name, table in tables.items()
    }
    with federation.store.lock:
        federation.aws.replace({**federation.aws.accounts, **{each.account_id: each for each in accounts}}.values())
        for name, provider in federation.identity_providers.items():
            if name in orgs:
                provider.directory.replace(orgs[name])
        for name, table in tables.items():
            table.load(values[name])
        owners: dict[Key, Org | Account] = {("aws", account.account_id): account for account in accounts}
        owners |= {("okta", name): org for name, org in orgs.items()}
        federation.loaded_state = LoadedState(name_of_state or source, owners)


def _read(text: bytes, source: str) -> dict[str, Any]:
    if len(text) > MAX_STATE_BYTES:
        raise StateError(f"{source} is larger than {MAX_STATE_BYTES:,} bytes")
    try:
        data = json.loads(text, parse_constant=_no_constant)
        if _SURROGATE.search(text):
            json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        # A few words of it: an encoding error has the whole text in its attributes, and says where the mistake is.
        raise StateError(f"{source} is not JSON: {error!s:.200}", expected=_A_STATE) from None
    version = data.get("version") if isinstance(data, dict) else None
    if not isinstance(data, dict) or type(version) is not int or version != VERSION:
        _refuse_version(data, version, source)
    missing = [key for key in ("accounts", "orgs", "tables") if key not in data]
    if missing:
        raise StateError(f"{source} lacks {missing[0]}", expected=_A_STATE)
    if not isinstance(data["tables"], dict):
        raise StateError(f"{source} cannot be used: tables is not an object", expected='{"tables": {…}}')
    return data


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a value of JSON")


def _refuse_version(data: Any, version: Any, source: str) -> NoReturn:
    if type(version) is int and version > VERSION:
        raise StateError(
            f"{source} is a state of version {version:.0f}, which a newer fedemu has written",
            explanation=f"This one reads states of version {VERSION}.",
            expected=str(VERSION),
            received=f"{version:.0f}",
            fix="Update fedemu, or begin with a new file.",
        )
    received = f"{version!s:.40}" if isinstance(data, dict) else type(data).__name__
    raise StateError(f"{source} is not a state of version {VERSION}", expected=str(VERSION), received=received)


def _structured(converter: Converter, data: Any, kind: Any, where: str) -> Any:
    from cattrs import BaseValidationError, transform_error

    try:
        return converter.structure(data, kind)
    except (BaseValidationError, FederationError, ArithmeticError, ValueError, TypeError, LookupError) as error:
        mistakes = transform_error(error) if isinstance(error, BaseValidationError) else [str(error)]
        shown = [f"{each:.300}" for each in mistakes[:_MOST_MISTAKES]]
        raise StateError(f"{where} cannot be used: {shown[0]}", explanation="; ".join(shown)) from None


def _require_names(accounts: Iterable[Account], orgs: Mapping[str, Org], source: str) -> None:
    """Refuses a state whose keys are not those that its things are found by.

    Raises:
        StateError: they are not.
    """
    known: set[str] = set()
    for account in accounts:
        if account.account_id in known:
            raise StateError(f"{source}, accounts cannot be used: there are two accounts {account.account_id:.40}")
        known.add(account.account_id)
    for name, org in orgs.items():
        if org.name != name:
            raise StateError(f"{source}, orgs cannot be used: the org {name:.60} is called {org.name:.60} in itself")


def _require_same_world(
    federation: Federation, accounts: Iterable[Account], orgs: Mapping[str, Org], source: str
) -> None:
    """Refuses a state that has no org, or no account, of the ones that the world has.

    Raises:
        StateError: it is of another world.
    """
    sides = (
        ("accounts", [each.account_id for each in accounts], list(federation.aws.accounts)),
        ("Okta orgs", list(orgs), list(federation.identity_providers)),
    )
    for kind, of_state, of_world in sides:
        if of_state and of_world and not set(of_state) & set(of_world):
            raise StateError(
                f"{source} is the state of another world: its {kind} are {_listed(of_state)}",
                explanation=f"{federation.world.document.file} has the {kind} {_listed(of_world)}.",
                expected=_listed(of_world),
                received=_listed(of_state),
                fix="Give the world that it belongs to, or begin with a new file.",
            )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(f"{name:.60}" for name in names[:3]) + more
