"""``fedemu inspect``: what AWS would say to a SAMLResponse, or said to a recorded login, check by check."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.commands.options import (
    errors_name,
    federation_of,
    instant_of,
    next_step,
    no_fixes_option,
    read_input,
    repeated,
    say,
    say_refusal,
)

if TYPE_CHECKING:
    from emulator.federation import Federation
    from emulator.inspection.judge import Judge
    from emulator.inspection.login_inspection import LoginInspection
    from emulator.recordings.recording import Recording

_RECORD_IT = "save the login as a HAR in the browser's developer tools, and inspect that   (each check of its message)"
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--world",
    "-w",
    "world_file",
    type=click.Path(path_type=Path),
    help="The world to judge by. Default: ./world.yaml if it exists, otherwise the built-in Amazon Connect world for"
    " messages that come from it, and no world for others.",
)
@click.option(
    "--metadata",
    "metadata_file",
    type=click.Path(path_type=Path),
    help="The identity provider's metadata, for judging without a world.",
)
@click.option(
    "--role",
    "role",
    help="The role to ask about, by ARN or name; or, for judging without a world, a file with the output of"
    " `aws iam get-role` or a trust policy. Default: the role that was chosen, otherwise the assertion's first.",
)
@click.option(
    "--at",
    "at",
    help="Judge as of this instant, such as 2026-11-23T09:30:00Z, or 'now'. Default: when it was posted, if that was"
    " recorded, otherwise when it was issued.",
)
@click.option(
    "--login",
    "number",
    type=click.IntRange(min=1),
    metavar="N",
    help="Which login or event to judge, if there are several. Default: the last.",
)
@click.option(
    "--diff", "good", type=click.Path(path_type=Path), help="Compare FILE with this one, which is known to work."
)
@click.option(
    "--redact", is_flag=True, help="Print a copy of FILE to share: without secrets, and with other names for people."
)
@click.option("--xml", "show_xml", is_flag=True, help="Print the message, indented and with line numbers.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@no_fixes_option
def command(
    file: Path | None,
    world_file: Path | None,
    metadata_file: Path | None,
    role: str | None,
    at: str | None,
    number: int | None,
    good: Path | None,
    redact: bool,
    show_xml: bool,
    as_json: bool,
    no_fixes: bool,
) -> int:
    """Judge a SAMLResponse or a recorded login, check by check.

    FILE, or standard input, holds a SAMLResponse as base64, XML, a form, a page or a curl command; a HAR or a trace;
    CloudTrail events; or entries of Okta's System Log.

    Exit codes: 0 if AWS would accept the login; 1 if it is refused; 4 if not every check could be asked; 2 if FILE
    holds nothing that can be judged. With --diff: 0 if nothing differs, 1 if something does.
    """
    from emulator.recordings.recording import read_recording

    if world_file is not None and (metadata_file is not None or _is_file(role)):
        raise click.UsageError("--metadata and a role's file replace the world: give either them or --world.")
    data = read_input(file)
    with errors_name(file):
        if redact:
            return _redact(data)
        recording = read_recording(data)
    if good is not None:
        with errors_name(good):
            known = read_recording(read_input(good))
        return _diff(recording, known, number=number, name=str(file or "-"), as_json=as_json)
    options: dict[str, object] = {"world": world_file, "metadata": metadata_file, "role": role, "at": at}
    given = repeated("inspect", file or "-", **options, login=number)
    if recording.events:
        return _events(recording, number=number, as_json=as_json)
    chosen = _number(number, len(recording.logins))
    saml_response = recording.logins[chosen - 1].saml_response
    judge = _judge(saml_response, world_file, metadata_file, role, _judged_at(at))
    inspected = judge.inspect_login(recording.logins, chosen)
    if judge.federation is not None and not no_fixes:
        inspected = _with_fixes(inspected, judge.federation)
    return _login(inspected, judge, given=given, show_xml=show_xml, as_json=as_json)


def _with_fixes(inspected: LoginInspection, federation: Federation) -> LoginInspection:
    """Adds to the first failure the changes that would let the message be accepted."""
    if inspected.inspection is None or not inspected.inspection.failed:
        return inspected
    from emulator.fixes.inspected import with_fixes_tried

    return with_fixes_tried(inspected, federation)


def _is_file(role: str | None) -> bool:
    """Returns whether --role names a file instead of a role."""
    if role is None or role.startswith("arn:"):
        return False
    return Path(role).exists() or not _ROLE_NAME.fullmatch(role) or role.endswith(".json")


def _judge(
    saml_response: str, world_file: Path | None, metadata_file: Path | None, role: str | None, now: datetime | None
) -> Judge:
    """Returns the judge: a world, files instead of one, or the message by itself."""
    from emulator.inspection.judge import Judge

    role_arn = None if _is_file(role) else role
    if world_file is not None:
        return Judge(federation_of(world_file), str(world_file), now=now, role_arn=role_arn)
    if metadata_file is not None or _is_file(role):
        from emulator.inspection.own_files import read_own_files

        files = read_own_files(metadata_file=metadata_file, role_file=Path(role) if role and _is_file(role) else None)
        return Judge(files=files, now=now, role_arn=role_arn)
    return Judge.by_default(saml_response, now=now, role_arn=role_arn)


def _login(inspected: LoginInspection, judge: Judge, *, given: str, show_xml: bool, as_json: bool) -> int:
    from emulator.network.trace import as_text

    if as_json:
        click.echo(as_text(inspected.as_json()), nl=False)
        return inspected.outcome.exit_code
    from emulator.inspection.verdicts import Outcome
    from emulator.reports import inspection_text as told

    inspection = inspected.inspection
    if show_xml and inspection is not None:
        _say_all(f"{line:>4}  {text}" for line, text in enumerate(inspection.laid_out.rstrip("\n").split("\n"), 1))
        say()
    _say_block(told.listed_logins(inspected))
    _say_block(told.hop_lines(inspected.login.hops))
    if inspected.said is not None:
        say_refusal(told.said_block(inspected.said, comparison=inspected.comparison))
        say()
    if inspection is not None:
        _say_block(told.fact_lines(inspection))
        for finding in inspection.failed:
            say(f"FAIL {finding.check:<22} {finding.text}", fg="red")
        for finding in inspection.failed:
            say()
            say_refusal(told.finding_block(finding))
        if inspection.failed:
            say()
        _say_all(told.remark_lines(inspected))
        if inspection.passed:
            say(f"ok   {', '.join(finding.check for finding in inspection.passed)}", fg="green")
        _say_all(told.not_asked_lines(inspection))
        say(told.judged_by_line(inspection, judge.name))
        say()
    say(told.verdict_line(inspected), bold=True)
    if inspected.outcome is Outcome.REFUSED:
        next_step(repeated("explain", told.first_check(inspected)))
    elif inspected.outcome is Outcome.UNDECIDED and judge.lacks:
        next_step(f"{given} {judge.lacks}")
    else:
        next_step(given if show_xml else f"{given} --xml")
    return inspected.outcome.exit_code


def _events(recording: Recording, *, number: int | None, as_json: bool) -> int:
    from emulator.inspection.login_inspection import EventsInspection
    from emulator.network.trace import as_text

    refused = [place for place, event in enumerate(recording.events, 1) if event.refusal is not None]
    chosen = number or (refused[-1] if refused else len(recording.events))
    inspected = EventsInspection(_number(chosen, len(recording.events)), recording.events)
    if as_json:
        click.echo(as_text(inspected.as_json()), nl=False)
        return inspected.outcome.exit_code
    from emulator.reports import inspection_text as told

    event = inspected.event
    _say_block(told.event_lines(inspected))
    _say_block(told.event_facts(event))
    if event.refusal is not None:
        say_refusal(told.said_block(event.refusal, comparison=""))
        say()
    say(told.event_verdict(inspected), bold=True)
    checks = event.refusal.checks if event.refusal is not None else ()
    next_step(repeated("explain", checks[0]) if checks else _RECORD_IT)
    return inspected.outcome.exit_code


def _diff(bad: Recording, good: Recording, *, number: int | None, name: str, as_json: bool) -> int:
    from emulator.inspection.message_difference import differences
    from emulator.inspection.verdicts import FORMAT
    from emulator.network.trace import as_text
    from emulator.reports.inspection_text import difference_lines

    one, other = _message(good, None), _message(bad, number)
    found = differences(one, other)
    if as_json:
        click.echo(as_text({"format": FORMAT, "differences": [each.as_json() for each in found]}), nl=False)
    else:
        _say_all(difference_lines(found))
        say()
        say(
            f"{len(found)} difference{'' if len(found) == 1 else 's'} (- the one that works, + the other)."
            if found
            else "nothing differs.",
            bold=True,
        )
        next_step(repeated("inspect", name, login=number))
    return 1 if found else 0


def _message(recording: Recording, number: int | None) -> str:
    login = recording.logins[_number(number, len(recording.logins)) - 1] if recording.logins else None
    if login is None or not login.saml_response:
        raise click.UsageError("--diff compares two SAMLResponses, but one of the files does not have one.")
    return login.saml_response


def _redact(data: bytes) -> int:
    from emulator.inspection.redaction import redacted
    from emulator.kernel.clock import Ids

    click.echo(redacted(data, ids=Ids()))
    return 0


def _number(number: int | None, count: int) -> int:
    if number is not None and number > count:
        raise click.BadParameter(f"there are only {count}", param_hint="--login")
    return number or count


def _judged_at(text: str | None) -> datetime | None:
    from emulator.kernel.clock import Clock

    if text is None:
        return None
    return Clock().now() if text == "now" else instant_of(text, option="--at")


def _say_all(lines: Iterable[str]) -> None:
    for line in lines:
        say(line)


def _say_block(lines: Iterable[str]) -> None:
    """Prints lines, with an empty line below if there are any."""
    lines = list(lines)
    _say_all(lines)
    if lines:
        say()
