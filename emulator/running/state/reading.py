"""A state put in the place of a federation's own.

Loading reads and judges everything before it changes anything, so that text which cannot be used leaves the federation
as it was.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

from emulator.federation import Federation, LoadedState
from emulator.kernel.errors import StateError
from emulator.network.gateway import MAX_STATE_BYTES
from emulator.running.state.codec import VERSION, mistakes_of, state_converter
from emulator.running.state.consistency import require_consistency, require_readable_events, require_same_world
from emulator.worldfile.text.yaml_data import Key

if TYPE_CHECKING:
    from cattrs import Converter

    from idp.model import Org
    from sp_mock.accounts.model import Account

_A_STATE = "what GET /fedemu/state answers"
_MOST_MISTAKES = 5
_MOST_CONTAINERS = 10_000_000
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
    require_consistency(accounts, orgs, source)
    require_same_world(federation, accounts, orgs, source)
    values = {
        name: _structured(converter, given.get(name, {}), dict[str, table.kind], f"{source}, tables.{name}")  # type: ignore[name-defined]
        for name, table in tables.items()
    }
    require_readable_events(values, source)
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
    # Empty lists take twenty times as much memory as their text, and a state has few of them.
    if text.count(b"[") + text.count(b"{") > _MOST_CONTAINERS:
        raise StateError(f"{source} holds more lists and objects than a state has", expected=_A_STATE)
    try:
        data = json.loads(text)
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
    try:
        return converter.structure(data, kind)
    except Exception as error:  # noqa: BLE001  what generated code raises at text of strangers is listed nowhere
        mistakes = mistakes_of(error) or [f"it has not the form of {_A_STATE}"]
    shown = [f"{each:.300}" for each in mistakes[:_MOST_MISTAKES]]
    raise StateError(f"{where} cannot be used: {shown[0]}", explanation="; ".join(shown))
