"""The running emulator as commands use it: over HTTP on this machine, in JSON.

Clients need neither a world nor either side, so this module imports neither.
"""

from __future__ import annotations

import json
import select
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from emulator.kernel.errors import EnvironmentProblem
from emulator.kernel.records import dataclass
from emulator.running.run_file import find_running, run_file

# The paths of the control API, repeated from emulator/network/gateway.py, which takes long to import.
ASK_EMULATOR = "/fedemu/emulator"
ASK_LOGIN = "/fedemu/logins"
ASK_ASSERTION = "/fedemu/assertions"
ASK_SCENARIO = "/fedemu/scenarios"
# How long to wait for an answer, when to ask others for a sign of life, and for how long they are asked.
_PATIENCE_SECONDS, _LOOK_SECONDS, _SILENT_SECONDS = 60, 5, 5
_CONFLICT, _TOO_LARGE = 409, 413


@dataclass(frozen=True, slots=True)
class Answered:
    """The running emulator's answer, or the reason why it was not asked.

    Args:
        data: The answer; None where the emulator does not do it.
        url: Address of the emulator; empty where none runs.
        reason: Why it does not do it; empty where it does, or where none runs.
    """

    data: Mapping[str, Any] | None = None
    url: str = ""
    reason: str = ""

    @property
    def note(self) -> str:
        """One line that says which emulator was used; empty where none runs."""
        if self.data is None:
            return self.reason and f"not through the running emulator at {self.url}: {self.reason}"
        return used_note(self.url, self.data)


def used_note(url: str, data: Mapping[str, Any]) -> str:
    """Returns one line that says which emulator was used, and which world it serves."""
    changed = data.get("changed")
    world = f"through the running emulator at {url}" + (f", world {data['world']}" if "world" in data else "")
    return f"{world}, as it was before {changed[0]} was changed" if changed else world


class NotAnEmulator(EnvironmentProblem):
    """Another program answers at the address."""


class OtherWorld(Exception):
    """The emulator serves something other than what is wanted; the text says what, as the end of a sentence."""


class NotCarriedOut(Exception):
    """The emulator cannot carry out the request; the command ends with its reason.

    Args:
        data: The error as docs/result.md describes it.
        text: The same for a person.
        exit_code: Exit code of the command.
        note: One line that says which emulator was used.
    """

    def __init__(self, data: Mapping[str, Any], text: str, exit_code: int, note: str) -> None:
        super().__init__(text)
        self.data = data
        self.exit_code = exit_code
        self.note = note


def ask_running(path: str, request: Mapping[str, Any]) -> Answered:
    """Asks the emulator in the run file for something, if one runs and serves what is wanted.

    Args:
        path: Path of the control API.
        request: JSON of the request.

    Raises:
        EnvironmentProblem: it runs, but gives no usable answer.
        NotCarriedOut: the request cannot be carried out.
    """
    running = find_running()
    if running is None:
        return Answered()
    try:
        return Answered(ask(running.http, "POST", path, request), running.http)
    except NotAnEmulator:
        return Answered(url=running.http, reason=f"another program answers there; {run_file()} is out of date")
    except OtherWorld as other:
        return Answered(url=running.http, reason=str(other))


def address_of(against: str) -> str:
    """Returns the address of an emulator, without a trailing slash.

    Args:
        against: ``running`` for the one in the run file, or an address of this machine.

    Raises:
        EnvironmentProblem: none runs.
        FederationError: it is not an address of this machine.
    """
    if against == "running":
        running = find_running()
        if running is None:
            raise EnvironmentProblem("No emulator is running", fix="Start one with fedemu up, or leave --against out.")
        return running.http
    from emulator.remote.loopback import loopback_address

    return loopback_address(against).url


def ask(
    url: str,
    method: str,
    path: str,
    request: Mapping[str, Any] | None = None,
    *,
    otherwise: str = "do without it by --standalone",
) -> dict[str, Any]:
    """Asks an emulator for something, and returns its answer.

    Args:
        url: Address of the emulator.
        method: HTTP method.
        path: Path of the control API.
        request: JSON of the request; None for none.
        otherwise: What a person may do instead where there is no usable answer.

    Raises:
        NotAnEmulator: another program answers there.
        EnvironmentProblem: it gives no usable answer.
        OtherWorld: it serves another world than is wanted.
        NotCarriedOut: the request cannot be carried out.
    """
    status, text = _exchange(url, method, path, request, otherwise)
    try:
        data = json.loads(text)
    except ValueError:
        data = None
    if status == _TOO_LARGE:
        text = text.strip().removeprefix("fedemu: ")
        raise NotCarriedOut({"format": 2, "error": {"message": text}}, text, 2, used_note(url, {}))
    if not isinstance(data, dict) or "format" not in data:
        if text.startswith("fedemu: "):
            raise EnvironmentProblem(
                f"The running emulator at {url} does not know {path}: it is of an older version",
                fix=f"Stop it and start it again with fedemu up, or {otherwise}.",
            )
        raise NotAnEmulator(f"What answers at {url} is not a running emulator", fix="Start one with fedemu up.")
    if status == _CONFLICT:
        raise OtherWorld(str(data.get("reason", "")))
    if "error" in data:
        told = {"format": data["format"], "error": data["error"]}
        raise NotCarriedOut(
            told, str(data.get("text", data["error"])), int(data.get("exit_code", 3)), used_note(url, data)
        )
    return data


def _exchange(url: str, method: str, path: str, request: Mapping[str, Any] | None, otherwise: str) -> tuple[int, str]:
    body = None if request is None else json.dumps(request).encode()
    headers = {} if body is None else {"Content-Type": "application/json"}
    connection = _connection(url, _PATIENCE_SECONDS)
    try:
        connection.request(method, path, body, headers)
        _wait(connection, url)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    except TimeoutError as error:
        why = str(error) if isinstance(error, _NoAnswer) else "it does not take the request"
    except (OSError, HTTPException) as error:
        why = str(error) or type(error).__name__
    finally:
        connection.close()
    raise EnvironmentProblem(
        f"The running emulator at {url} does not answer",
        explanation=why,
        fix=f"Look at the terminal where it runs; start it again with fedemu up, or {otherwise}.",
    )


class _NoAnswer(TimeoutError):
    """There was no answer within some time, which the text states."""


def _connection(url: str, seconds: float) -> HTTPConnection:
    parts = urlsplit(url)
    return HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)


def _wait(connection: HTTPConnection, url: str) -> None:
    """Waits until an answer begins: for long only if the emulator answers others meanwhile.

    Raises:
        TimeoutError: it does not begin.
    """
    began = monotonic()
    while not select.select([connection.sock], [], [], _LOOK_SECONDS)[0]:
        if monotonic() - began > _PATIENCE_SECONDS:
            raise _NoAnswer(f"it has not answered within {_PATIENCE_SECONDS} seconds")
        other = _connection(url, _SILENT_SECONDS)
        try:
            other.request("GET", ASK_EMULATOR)
            other.getresponse().read()
        except TimeoutError:
            raise _NoAnswer(f"it answers nobody for {_SILENT_SECONDS} seconds") from None
        finally:
            other.close()


def whole_path(file: Path | None) -> str:
    """Returns the full path of a given world file; empty where none was given."""
    return "" if file is None else str(Path.cwd() / file)
