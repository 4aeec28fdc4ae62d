"""``fedemu record``: a recorded login becomes a world and a scenario that ends like it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.commands.options import errors_name, next_step, read_input, repeated, say

if TYPE_CHECKING:
    from emulator.reconstruction.reconstruct import Reconstruction
    from emulator.reconstruction.recorded import Recorded
    from emulator.recordings.recording import Recording

_WITHOUT_FILE = "recorded-login"


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--output",
    "-o",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write to. Default: the name of FILE without its extension.",
)
@click.option(
    "--login",
    "number",
    type=click.IntRange(min=1),
    metavar="N",
    help="Which login to take, if there are several. Default: the last.",
)
@click.option("--redact", is_flag=True, help="Replace the names of people, addresses, the org, accounts and instances.")
@click.option("--force", is_flag=True, help="Overwrite the files of an earlier recording.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written and how the login ends, as JSON.")
def command(
    file: Path | None, folder: Path | None, number: int | None, redact: bool, force: bool, as_json: bool
) -> int:
    """Turn a recorded login into a world and a scenario.

    FILE, or standard input, holds a HAR of the login from any browser or proxy, a trace, a SAMLResponse, or CloudTrail
    events. The scenario is run at once. The command lists what a recording does not contain; passwords, cookies, tokens
    and keys are never written.

    Exit codes: 0 if the emulated login ends like the recorded one; 1 if it does not; 2 if no world can be made from
    FILE, or a file exists already.
    """
    name = file.name if file is not None and str(file) != "-" else ""
    with errors_name(file):
        recording = _read(read_input(file), name=str(file or "FILE"))
    login = _chosen(recording, number, as_json=as_json)
    made = _made(recording, login, redact=redact)
    where = folder or _usual_folder(name)
    _write(where, made, force=force)
    if as_json:
        return _as_json(where, made)
    for path in made.files:
        say(f"wrote {where / path}")
    say()
    say("not in the recording:")
    for text in made.told:
        say(f"  {text}")
    say()
    return _end(where, made, given=repeated("record", file or "-", login=number))


def _read(data: bytes, *, name: str) -> Recording:
    from emulator.kernel.errors import FederationError
    from emulator.recordings.recording import read_recording

    try:
        return read_recording(data)
    except FederationError as error:
        # Without the frames, which hold the data of a large file while it is read again.
        refused = error.with_traceback(None)
    from emulator.reconstruction.not_a_recording import not_a_recording

    raise not_a_recording(data, name=name) or refused


def _usual_folder(name: str) -> Path:
    """Returns the default folder for a file: its name without the extension, if it has one."""
    bare = Path(name).stem.strip(".")
    return Path(bare if bare and bare != name else _WITHOUT_FILE)


def _chosen(recording: Recording, number: int | None, *, as_json: bool) -> tuple[int, Recorded]:
    """Returns the selected login with its number, after listing all of them if there are several."""
    if recording.events:
        from emulator.reconstruction.cloudtrail_login import logins_of_events, recorded_event

        events = logins_of_events(recording.events)
        chosen = _number(number, len(events))
        if len(events) > 1 and not as_json:
            say(f"{len(events)} logins; using number {chosen}, --login chooses another")
            say()
        return chosen, recorded_event(events[chosen - 1], recording.events)
    from emulator.inspection.login_inspection import LoginInspection
    from emulator.reconstruction.recorded import recorded
    from emulator.reports.inspection_text import listed_logins

    chosen = _number(number, len(recording.logins))
    lines = list(listed_logins(LoginInspection(chosen, recording.logins, None)))
    for line in lines if not as_json else ():
        say(line)
    if lines and not as_json:
        say()
    return chosen, recorded(recording.logins[chosen - 1])


def _number(number: int | None, count: int) -> int:
    if number is not None and number > count:
        raise click.BadParameter(f"there are only {count}", param_hint="--login")
    return number or count


def _made(recording: Recording, login: tuple[int, Recorded], *, redact: bool) -> Reconstruction:
    from emulator.reconstruction.reconstruct import reconstruct
    from emulator.reconstruction.signatures import was_changed

    number, known = login
    message = recording.logins[number - 1].saml_response if recording.logins else ""
    is_broken = bool(message) and was_changed(message)
    if redact:
        from emulator.kernel.clock import Ids
        from emulator.reconstruction.other_names import with_other_names

        known = with_other_names(known, ids=Ids())
    return reconstruct(known, is_broken=is_broken)


def _write(folder: Path, made: Reconstruction, *, force: bool) -> None:
    from emulator.kernel.errors import FileError, Location, Problem
    from emulator.reconstruction.reconstruct import write_files

    written = [folder / path for path in made.files]
    existing = [path for path in written if path.is_symlink() or path.exists()]
    if existing and not force:
        raise FileError(
            [
                Problem(Location(str(path)), "exists already", "a folder without it", fix="Give -o DIR, or --force.")
                for path in existing
            ]
        )
    try:
        write_files(folder, made.files)
    except OSError as error:
        problem = Problem(Location(str(error.filename or folder)), f"cannot be written: {error.strerror}")
        raise FileError([problem]) from None


def _end(folder: Path, made: Reconstruction, *, given: str) -> int:
    told = made.received.told()
    if made.differences:
        say("the emulated login does not end like the recorded one:", fg="red", bold=True)
        for each in made.differences:
            say(f"  {each}")
        if made.received.why:
            say(f"  why    {made.received.why}")
        next_step(f"{given.replace('record', 'inspect', 1)}   (what each check says about the recorded message)")
        return 1
    if made.is_end_known:
        say(f"the emulated login ends like the recorded one: {told}", fg="green")
    else:
        say(f"the recording does not show how the login ended; the emulated one is {told}")
    next_step(repeated("run", folder / "scenarios"))
    return 0


def _as_json(folder: Path, made: Reconstruction) -> int:
    from emulator.network.trace import as_text

    data = {
        "files": [str(folder / path) for path in made.files],
        "not_in_the_recording": list(made.told),
        "ends": made.received.values,
        "is_end_known": made.is_end_known,
        "differences": [{"name": each.name, "was": each.was, "now": each.now} for each in made.differences],
    }
    click.echo(as_text(data), nl=False)
    return 1 if made.differences else 0
