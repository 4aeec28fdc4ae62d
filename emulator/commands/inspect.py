"""``fedemu inspect``: what AWS would say to a SAMLResponse, check by check."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.commands.options import federation_of, instant_of, next_step, repeated, say, say_refusal, world_option

if TYPE_CHECKING:
    from emulator.diagnosis.inspector import Inspection


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@world_option
@click.option(
    "--at", "at", help="Judge at this instant, such as 2026-11-23T09:30:00Z, or 'now'. Default: when it was issued."
)
@click.option("--role", "role_arn", help="The ARN of the role to ask about. Default: the assertion's first.")
@click.option("--xml", "show_xml", is_flag=True, help="Print the message laid out, with line numbers.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
def command(
    file: Path | None, world_file: Path | None, at: str | None, role_arn: str | None, show_xml: bool, as_json: bool
) -> int:
    """Ask every check about the SAMLResponse in FILE, or on standard input.

    FILE holds base64, XML, a form body, a HAR or a trace. With a world the provider, the signature and the role's trust
    policy are judged too.

    Exit code 0 when AWS would accept it, 1 when not, 2 when there is no SAMLResponse in FILE.
    """
    from emulator.diagnosis.inspector import inspect, read_saml_response
    from emulator.network.trace import as_text

    saml_response = read_saml_response(_read(file))
    federation = federation_of(world_file) if world_file is not None else None
    inspection = inspect(saml_response, federation=federation, now=_judged_at(at), role_arn=role_arn)
    if as_json:
        click.echo(as_text(inspection.as_json()), nl=False)
    else:
        _print(inspection, show_xml=show_xml)
        given = repeated("inspect", file or "-", world=world_file or "world.yaml", role=role_arn, at=at)
        next_step(f"{given} --xml" if world_file else given)
    return 1 if inspection.failed else 0


def _read(file: Path | None) -> str:
    from emulator.diagnosis.inspector import MAX_INPUT_BYTES
    from emulator.kernel.errors import FileError, Location, Problem

    name = str(file) if file is not None and str(file) != "-" else "standard input"
    try:
        data = (
            sys.stdin.buffer.read(MAX_INPUT_BYTES + 1)
            if name == "standard input"
            else _bytes_of(Path(name), MAX_INPUT_BYTES)
        )
    except OSError as error:
        raise FileError([Problem(Location(name), error.strerror or str(error), "a readable file")]) from None
    if len(data) > MAX_INPUT_BYTES:
        raise FileError([Problem(Location(name), f"it is larger than {MAX_INPUT_BYTES} bytes", "one login's HAR")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        problem = Problem(Location(name), "it is not text", "base64, XML, a HAR or a trace")
        raise FileError([problem]) from None


def _bytes_of(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        return file.read(limit + 1)


def _judged_at(text: str | None) -> datetime | None:
    from emulator.kernel.clock import Clock

    if text is None:
        return None
    return Clock().now() if text == "now" else instant_of(text, option="--at")


def _print(inspection: Inspection, *, show_xml: bool) -> None:
    from emulator.diagnosis.inspector import Verdict
    from emulator.reports.text import diagnosis_block

    if show_xml:
        for number, line in enumerate(inspection.laid_out.splitlines(), 1):
            say(f"{number:>4}  {line}")
        say()
    for name, value in inspection.facts.items():
        first, *more = value.splitlines()
        say(f"{name:<16} {first}")
        for line in more:
            say(f"{'':<16} {line}")
    say()
    marks = {Verdict.PASSED: ("ok  ", "green"), Verdict.FAILED: ("FAIL", "red"), Verdict.NOT_ASKED: ("-   ", None)}
    for finding in inspection.findings:
        mark, colour = marks[finding.verdict]
        say(f"{mark} {finding.check:<22} {finding.text}", **({"fg": colour} if colour else {}))
    for finding in inspection.failed:
        if finding.diagnosis is not None:
            say()
            say_refusal(diagnosis_block(finding.diagnosis))
    say()
    asked = sum(finding.verdict is not Verdict.NOT_ASKED for finding in inspection.findings)
    verdict = (
        "AWS sign-in would refuse it, in the words of the first FAIL."
        if inspection.failed
        else "nothing speaks against it."
    )
    say(f"{asked} of {len(inspection.findings)} checks asked: {verdict}", bold=True)
