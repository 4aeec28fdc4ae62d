"""The message that a login posted, line by line, with the results of checks beside the lines they concern."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from emulator.diagnosis.login_result import LoginResult
from emulator.diagnosis.xml_layout import LaidOut
from emulator.flow import Outcome, assertion_xml
from emulator.inspection.verdicts import Finding, Inspection, Verdict
from emulator.kernel.clock import instant
from emulator.reports.run.html_parts import definitions, escaped, more

_MOST_LINES = 400
_LEFT_OUT = "\N{SYMBOL FOR NEWLINE}"
_SHAPES = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.NOT_ASKED: "○"}
_CLASSES = {Verdict.PASSED: "good", Verdict.FAILED: "bad", Verdict.NOT_ASKED: "dim"}
_LONG = re.compile(r"(<(?:\w+:)?(?:SignatureValue|X509Certificate|CipherValue|Modulus)(?: [^<>]*)?>)([^<>]{40,})(?=</)")
_SIGNATURE = re.compile(r"\s*<(?:\w+:)?Signature(?: [^<>]*)?>")
_END_OF_SIGNATURE = re.compile(r"\s*</(?:\w+:)?Signature>")


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str


def message_section(result: LoginResult, judged: Inspection | None, *, key: str) -> str:
    """Returns the message that a login posted last; empty where it posted none.

    Args:
        result: The login.
        judged: Results of all checks on the message; None where it was not posted to AWS, or no check was requested.
        key: Prefix of the ids of lines, which makes them unique on the page.
    """
    xml = assertion_xml(result.login)
    if judged is None:
        laid_out = LaidOut(xml) if xml else None
        if laid_out is None:
            return ""
        note = '<p class="dim">No check was asked of it.</p>\n'
        return f"<h4>Message, as it was posted</h4>\n{note}{_lines(laid_out.text, (), key=key)}"
    refused_by = ""
    if result.diagnosis is not None and result.login.outcome is Outcome.REFUSED:
        refused_by = result.diagnosis.check
    differs = judged.differs_from(refused_by)
    summary = _summary(judged, "as it was posted at ")
    return (
        f"<h4>Message and checks</h4>\n<p>{summary}</p>\n"
        f"{f'<p>{escaped(differs)}</p>' if differs else ''}{_notes(judged)}{_findings(judged, key, told=refused_by)}"
        f"{_lines(judged.laid_out, judged.findings, key=key)}"
    )


def judged_section(judged: Inspection, *, key: str) -> str:
    """Returns a message without a login, with the results of all checks and the reasons of failures.

    Args:
        judged: Results of all checks.
        key: As in ``message_section``.
    """
    return (
        f"<p>{_summary(judged, 'judged at ')}</p>\n{_notes(judged)}{_findings(judged, key, told='')}"
        f"{_lines(judged.laid_out, judged.findings, key=key)}"
    )


def _summary(judged: Inspection, at: str) -> str:
    """Returns how many checks passed, failed and did not run, for which role, and for what time.

    Args:
        judged: Results of all checks.
        at: Text before the instant.
    """
    parts = [f'<span class="good">✓ {len(judged.passed)} passed</span>']
    if judged.failed:
        parts.append(f'<span class="bad">✗ {len(judged.failed)} failed</span>')
    if judged.not_asked:
        parts.append(f'<span class="dim">○ {len(judged.not_asked)} not asked</span>')
    role = f" for the role {escaped(judged.role_arn)}" if judged.role_arn else ""
    return f"{', '.join(parts)}{role}, {at}{instant(judged.judged_at)}."


def _notes(judged: Inspection) -> str:
    notes = []
    if any(finding.check == "signature" for finding in judged.failed):
        notes.append("The signature is not right: the checks after it are asked as if it were.")
    if judged.facts.get("Encrypted"):
        notes.append(f"Encrypted: {judged.facts['Encrypted']}. The assertion is shown in the encrypted one's place.")
    notes += judged.remarks
    return "".join(f'<p class="dim">{escaped(each)}</p>\n' for each in notes)


def _findings(judged: Inspection, key: str, *, told: str) -> str:
    """Returns the checks that failed or did not run, and those that passed and concern no line.

    Args:
        judged: Results of all checks.
        key: Prefix of the ids of lines.
        told: Check of the login's refusal, whose reasons are shown with the refusal.
    """
    failed = "".join(f"<li>{_failure(each, key, is_told=each.check == told)}</li>\n" for each in judged.failed)
    reasons: dict[str, list[str]] = {}
    for each in judged.not_asked:
        reasons.setdefault(each.text, []).append(each.check)
    not_asked = "".join(
        f'<li class="dim">○ {escaped(", ".join(checks))}: {escaped(reason)}</li>\n'
        for reason, checks in reasons.items()
    )
    without = ", ".join(each.check for each in judged.passed if not each.line)
    passed = (
        f'<li><span class="good">✓</span> passed, without a line of their own: {escaped(without)}</li>\n'
        if without
        else ""
    )
    return f'<ul class="checks">\n{failed}{not_asked}{passed}</ul>\n'


def _failure(finding: Finding, key: str, *, is_told: bool = True) -> str:
    line = f', <a href="#{key}-{finding.line}">line {finding.line}</a>' if finding.line else ""
    refusal = finding.refusal
    assumed = " (the emulator's wording)" if refusal is not None and refusal.evidence == "assumed" else ""
    rows: Sequence[tuple[str, str]] = ()
    if refusal is not None:
        rows = [("want", refusal.expected), ("got", refusal.received)]
    if finding.diagnosis is not None and not is_told:
        rows = [(name, value) for name, value in finding.diagnosis.rows if name not in {"where", "spec"}]
    values = definitions((name, value) for name, value in rows if value)
    named = f'<b class="bad">✗ {escaped(finding.check)}</b>{line}'
    return f"{named}: {escaped(finding.text)}{assumed}{values}"


def _lines(text: str, findings: Sequence[Finding], *, key: str) -> str:
    lines = list(_shortened(text))
    marks: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.line:
            marks.setdefault(finding.line, []).append(finding)
    shown = "".join(_folded(lines[:_MOST_LINES], marks, key))
    return f'<ol class="xml">\n{shown}</ol>\n{more(len(lines) - _MOST_LINES, "lines")}'


def _folded(lines: Sequence[_Line], marks: dict[int, list[Finding]], key: str) -> Iterator[str]:
    """Yields the lines; those within a signature without failures are folded."""
    at, expected = 0, 1
    while at < len(lines):
        inside = _inside_signature(lines, at)
        is_quiet = not any(f.verdict is Verdict.FAILED for each in inside for f in marks.get(each.number, ()))
        yield _line(lines[at], marks, key, expected)
        expected, at = lines[at].number + 1, at + 1
        if inside and is_quiet:
            folded = "".join(_line(each, marks, key, each.number) for each in inside)
            what = f"lines {inside[0].number} to {inside[-1].number}, of the signature"
            yield f'<li class="fold" value="{inside[0].number}"><details><summary>{what}</summary>\n<ol>\n{folded}</ol>'
            yield "</details></li>\n"
            at += len(inside)
            expected = 0


def _inside_signature(lines: Sequence[_Line], at: int) -> Sequence[_Line]:
    """Returns the lines inside a signature that begins at a line; none for another line."""
    if not _SIGNATURE.fullmatch(lines[at].text):
        return ()
    end = next((n for n in range(at + 1, len(lines)) if _END_OF_SIGNATURE.fullmatch(lines[n].text)), at)
    return lines[at + 1 : end]


def _line(line: _Line, marks: dict[int, list[Finding]], key: str, expected: int) -> str:
    number = f' value="{line.number}"' if line.number != expected else ""
    found = marks.get(line.number, ())
    if not found:
        return f"<li{number}>{escaped(line.text)}\n"
    failed = " class=bad" if any(each.verdict is Verdict.FAILED for each in found) else ""
    told = "".join(_mark(each) for each in found)
    return f'<li{number}{failed} id="{key}-{line.number}">{escaped(line.text)}<span>{told}</span>\n'


def _mark(finding: Finding) -> str:
    shape, kind = _SHAPES[finding.verdict], _CLASSES[finding.verdict]
    failed = " failed" if finding.verdict is Verdict.FAILED else ""
    return f'<b class="{kind}">{shape} {escaped(finding.check)}{failed}</b> '


def _shortened(text: str) -> Iterator[_Line]:
    """Yields the lines, with the values of signatures, certificates and ciphers shortened, as nobody reads them."""

    def without(found: re.Match[str]) -> str:
        value = found[2].strip()
        return f"{found[1]}{value[:16]}… ({len(value):,} characters){_LEFT_OUT * found[2].count(chr(10))}"

    number = 1
    for line in _LONG.sub(without, text.replace(_LEFT_OUT, "\N{REPLACEMENT CHARACTER}")).rstrip("\n").split("\n"):
        yield _Line(number, line.replace(_LEFT_OUT, "").removesuffix("\r"))
        number += 1 + line.count(_LEFT_OUT)
