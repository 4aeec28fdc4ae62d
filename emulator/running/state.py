"""A federation's state as JSON: AWS's accounts and Okta orgs as calls have left them, and everybody's sessions.

    {"version": 1, "accounts": [...], "orgs": {...}, "tables": {"credentials": {...}, "console-sessions": {...}, ...}}

What is written can be read again: a text that would be too large leaves out the oldest, of histories first.
Loading reads everything before it changes anything, so that text which cannot be used leaves the federation as it was.
The text holds secret keys and session tokens, as the federation does; a file of it is readable by its owner only.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
import threading
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.federation import Federation, LoadedState
from emulator.kernel.errors import FederationError, StateError
from emulator.network.gateway import MAX_STATE_BYTES
from emulator.worldfile.yaml_data import Key

if TYPE_CHECKING:
    from cattrs import Converter

VERSION = 1


def dump_state(federation: Federation, *, limit: int = MAX_STATE_BYTES) -> str:
    """Returns the state as JSON text, each thing in a table on a line of its own. The same state gives the same text.

    Args:
        federation: Whose state.
        limit: How many bytes it may have; what is oldest is left out to keep to it, of histories first.
    """
    converter = _converter()
    all_tables = federation.tables
    with federation.store.lock:
        accounts = list(federation.aws.accounts.values())
        orgs = {name: provider.org for name, provider in federation.identity_providers.items()}
        histories = {name for name, table in all_tables.items() if table.is_history}
        tables = {name: dict(table.running()) for name, table in all_tables.items()}
    data = {
        "version": VERSION,
        "accounts": converter.unstructure(accounts),
        "orgs": converter.unstructure(orgs),
    }
    head = json.dumps(data, indent=1).removesuffix("\n}")
    entries = {
        name: deque(f"{json.dumps(key)}: {json.dumps(converter.unstructure(value))}" for key, value in values.items())
        for name, values in tables.items()
    }
    frame = sum(len(name) + _TABLE_FRAME for name in entries)
    _leave_out_oldest(entries, histories, limit=limit - len(head) - frame - _TABLE_FRAME)
    written = (f"  {json.dumps(name)}: {{{_lines(lines)}}}" for name, lines in entries.items())
    return f'{head},\n "tables": {{\n' + ",\n".join(written) + "\n }\n}\n"


# What surrounds a table's lines at most, and what begins and ends each of them.
_TABLE_FRAME, _LINE_FRAME = 16, 5


def _lines(entries: Iterable[str]) -> str:
    lines = ",\n".join(f"   {entry}" for entry in entries)
    return f"\n{lines}\n  " if lines else ""


def _leave_out_oldest(entries: Mapping[str, deque[str]], histories: Collection[str], *, limit: int) -> None:
    """Takes the oldest entries out until the others keep to a limit: of histories first, and of the largest table."""
    sizes = {name: sum(len(entry) + _LINE_FRAME for entry in table) for name, table in entries.items()}
    excess = sum(sizes.values()) - limit
    while excess > 0 and any(sizes.values()):
        name = max(sizes, key=lambda each: (bool(sizes[each]) and each in histories, sizes[each]))
        size = len(entries[name].popleft()) + _LINE_FRAME
        sizes[name] -= size
        excess -= size


def load_state(
    federation: Federation, text: str | bytes, *, source: str = "the state", name_of_state: str = ""
) -> None:
    """Puts a state in the place of the federation's own.

    Tables that the text does not mention are emptied; tables of Okta orgs that the world no longer has are left out.

    Args:
        federation: Whose state.
        text: What ``dump_state`` returned.
        source: What the text is called in messages.
        name_of_state: What it is called where a setting is said to come from it; the source unless given.

    Raises:
        StateError: the text is not a state of this version; nothing has changed.
    """
    from idp.model import Org
    from sp_mock.accounts.model import Account

    if len(text) > MAX_STATE_BYTES:
        raise StateError(f"{source} is larger than {MAX_STATE_BYTES} bytes")
    data = _read(text, source)
    converter, tables = _converter(), federation.tables
    given = data["tables"]
    if not isinstance(given, dict):
        raise StateError(f"{source} cannot be used: tables is not an object", expected='{"tables": {…}}')
    accounts = _structured(converter, data["accounts"], list[Account], f"{source}, accounts")
    orgs = _structured(converter, data["orgs"], dict[str, Org], f"{source}, orgs")
    values = {
        name: _structured(converter, given.get(name, {}), dict[str, table.kind], f"{source}, tables.{name}")  # type: ignore[name-defined]
        for name, table in tables.items()
    }
    with federation.store.lock:
        federation.aws.replace(accounts)
        for name, provider in federation.identity_providers.items():
            if name in orgs:
                provider.directory.replace(orgs[name])
        for name, table in tables.items():
            table.load(values[name])
        owners: dict[Key, Org | Account] = {("aws", account.account_id): account for account in accounts}
        owners |= {("okta", name): org for name, org in orgs.items()}
        federation.loaded_state = LoadedState(name_of_state or source, owners)


def _read(text: str | bytes, source: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StateError(f"{source} is not JSON: {error}", expected="what GET /fedemu/state answers") from None
    if not isinstance(data, dict) or data.get("version") != VERSION:
        received = str(data.get("version")) if isinstance(data, dict) else type(data).__name__
        raise StateError(f"{source} is not a state of version {VERSION}", expected=str(VERSION), received=received)
    missing = [key for key in ("accounts", "orgs", "tables") if key not in data]
    if missing:
        raise StateError(f"{source} lacks {missing[0]}", expected="what GET /fedemu/state answers")
    return data


def _structured(converter: Converter, data: Any, kind: Any, where: str) -> Any:
    from cattrs import BaseValidationError, transform_error

    try:
        return converter.structure(data, kind)
    except (BaseValidationError, FederationError, ValueError, TypeError, LookupError) as error:
        mistakes = transform_error(error) if isinstance(error, BaseValidationError) else [str(error)]
        raise StateError(f"{where} cannot be used: {mistakes[0]}", explanation="; ".join(mistakes[:5])) from None


@cache
def _converter() -> Converter:
    """Returns what turns the values of both sides into JSON data and back."""
    from cattrs.preconf.json import make_converter
    from cattrs.strategies import configure_tagged_union

    from sp_mock.accounts.connect_resources import RoutingProfile
    from sp_mock.accounts.provider_metadata import ProviderMetadata, parse_metadata
    from sp_mock.arn import Arn
    from sp_mock.policies.documents import PolicyDocument
    from sp_mock.principals.credentials import FederatedSession, Session

    converter = make_converter(forbid_extra_keys=True)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _exactly)
    converter.register_unstructure_hook(Arn, str)
    converter.register_structure_hook(Arn, lambda text, _: _arn(text))
    converter.register_unstructure_hook(PolicyDocument, lambda policy: {"kind": policy.kind, "text": policy.text})
    converter.register_structure_hook(
        PolicyDocument, lambda data, _: PolicyDocument.parse(data["text"], kind=data["kind"])
    )
    converter.register_unstructure_hook(
        ProviderMetadata, lambda metadata: base64.b64encode(metadata.document).decode("ascii")
    )
    converter.register_structure_hook(
        ProviderMetadata, lambda text, _: parse_metadata(base64.b64decode(text, validate=True))
    )
    structured = converter.get_structure_hook(RoutingProfile)
    # States of older versions have a routing profile's name in its place.
    converter.register_structure_hook(
        RoutingProfile, lambda data, kind: RoutingProfile(data) if isinstance(data, str) else structured(data, kind)
    )
    for union in (Session, FederatedSession):
        configure_tagged_union(union, converter, tag_name="kind")
    return converter


def _exactly(value: Any, kind: type) -> Any:
    """Takes a value of the right type; without this a number would pass as text."""
    if type(value) is not kind:
        raise ValueError(f"{value!r} is not of type {kind.__name__}")
    return value


def _arn(text: Any) -> Any:
    from sp_mock.arn import Arn

    arn = Arn.parse(text) if isinstance(text, str) else None
    if arn is None:
        raise ValueError(f"{text!r} is not an ARN")
    return arn


class StateFile:
    """A file that follows a federation's state.

    Every change is on disk a moment after it was made. The file is written beside its place and then moved there, so
    that whatever ends the process leaves the old state or the new one.
    """

    def __init__(self, path: Path, federation: Federation) -> None:
        self._path = path
        self._federation = federation
        self._asked = threading.Event()
        self._over = False
        self._written = ""
        self._thread = threading.Thread(target=self._follow, name="state-file", daemon=True)

    def __enter__(self) -> StateFile:
        """Loads the file, if there is one, and begins to follow.

        Raises:
            StateError: the file cannot be read or is not a state.
        """
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            text = ""
        except (OSError, UnicodeDecodeError) as error:
            raise StateError(f"{self._path} cannot be read: {error}") from None
        if text:
            load_state(self._federation, text, source=str(self._path))
        self.save()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops following; the last state is on disk."""
        self._over = True
        self._asked.set()
        self._thread.join()
        self.save()

    def ask(self, _: object = None) -> None:
        """Has the state written soon: something may have changed."""
        self._asked.set()

    def save(self) -> None:
        """Writes the state, if it differs from what was written last.

        Raises:
            StateError: the file cannot be written.
        """
        text = dump_state(self._federation)
        if text == self._written:
            return
        try:
            write_atomically(self._path, text.encode())
        except OSError as error:
            raise StateError(f"{self._path} cannot be written: {error}") from None
        self._written = text

    def _follow(self) -> None:
        while not self._over:
            self._asked.wait()
            self._asked.clear()
            self.save()


def write_atomically(path: Path, data: bytes) -> None:
    """Puts ``data`` into a file of mode 0600, all of it or nothing.

    Raises:
        OSError: the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Makes the move itself last, where folders can be synchronised; on Windows they cannot."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
