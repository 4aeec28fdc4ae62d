"""The message that a login posted, line by line, with the results of checks beside the lines they concern."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from emulator.diagnosis.login_result import LoginResult
from emulator.diagnosis.xml_layout import LaidOut
from emulator.flow import Outcome, assertion_xml
from emulator.inspection.verdicts import Finding, Inspection, Sentence, Verdict
from emulator.kernel.clock import instant
from emulator.kernel.records import dataclass
from emulator.reports.run.html_parts import definitions, escaped, more
from emulator.reports.run.page_words import PageWords, english

_MOST_LINES = 400
_LEFT_OUT = "\N{SYMBOL FOR NEWLINE}"
_SHAPES = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.NOT_ASKED: "○"}
_CLASSES = {Verdict.PASSED: "good", Verdict.FAILED: "bad", Verdict.NOT_ASKED: "dim"}
_LONG = re.compile(r"(<(?:\w+:)?(?:SignatureValue|X509Certificate|CipherValue|Modulus)(?: [^<>]*)?>)([^<>]{40,})(?=</)")
_SIGNATURE = re.compile(r"\s*<(?:\w+:)?Signature(?: [^<>]*)?>")
_END_OF_SIGNATURE = re.compile(r"\s*</(?:\w+:)?Signature>")


ASSUMED = "(the emulator's wording)"
_POSTED, _JUDGED = "{verdicts}, as it was posted at {instant}.", "{verdicts}, judged at {instant}."
_POSTED_FOR = "{verdicts} for the role {role}, as it was posted at {instant}."
_JUDGED_FOR = "{verdicts} for the role {role}, judged at {instant}."


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class _Marks:
    """The notes beside lines.

    Args:
        by_line: Findings about a line, by its number.
        key: Prefix of the ids of lines.
        words: Words of the page.
    """

    by_line: Mapping[int, Sequence[Finding]]
    key: str
    words: PageWords

    def of(self, line: _Line) -> Sequence[Finding]:
        return self.by_line.get(line.number, ())


def message_section(
    result: LoginResult, judged: Inspection | None, *, key: str, words: PageWords = english, heading: str = "h4"
) -> str:
    """Returns the message that a login posted last; empty where it posted none.

    Args:
        result: The login.
        judged: Results of all checks on the message; None where it was not posted to AWS, or no check was requested.
        key: Prefix of the ids of lines, which makes them unique on the page.
        words: Words of the page.
        heading: Element of its heading.
    """
    xml = assertion_xml(result.login)
    if judged is None:
        laid_out = LaidOut(xml) if xml else None
        if laid_out is None:
            return ""
        title = f"<{heading}>{words('Message, as it was posted')}</{heading}>\n"
        note = f'<p class="dim">{words("No check was asked of it.")}</p>\n'
        return f"{title}{note}{_lines(laid_out.text, (), key, words)}"
    refused_by = ""
    if result.diagnosis is not None and result.login.outcome is Outcome.REFUSED:
        refused_by = result.diagnosis.check
    differs = judged.difference_from(refused_by)
    return (
        f"<{heading}>{words('Message and checks')}</{heading}>\n<p>{_summary(judged, words, is_posted=True)}</p>\n"
        f"{f'<p>{_sentence(differs, words)}</p>' if differs else ''}{_notes(judged, words)}"
        f"{_findings(judged, key, words, told=refused_by)}{_lines(judged.laid_out, judged.findings, key, words)}"
    )


def judged_section(judged: Inspection, *, key: str, words: PageWords = english) -> str:
    """Returns a message without a login, with the results of all checks and the reasons of failures.

    Args:
        judged: Results of all checks.
        key: As in ``message_section``.
        words: Words of the page.
    """
    return (
        f"<p>{_summary(judged, words, is_posted=False)}</p>\n{_notes(judged, words)}"
        f"{_findings(judged, key, words, told='')}{_lines(judged.laid_out, judged.findings, key, words)}"
    )


def _summary(judged: Inspection, words: PageWords, *, is_posted: bool) -> str:
    """Returns how many checks passed, failed and did not run, for which role, and for what time."""
    parts = [f'<span class="good">✓ {words("{count} passed", count=len(judged.passed))}</span>']
    if judged.failed:
        parts.append(f'<span class="bad">✗ {words("{count} failed", count=len(judged.failed))}</span>')
    if judged.not_asked:
        parts.append(f'<span class="dim">○ {words("{count} not asked", count=len(judged.not_asked))}</span>')
    told = {"verdicts": ", ".join(parts), "instant": instant(judged.judged_at)}
    if not judged.role_arn:
        return words(_POSTED if is_posted else _JUDGED, **told)
    return words(_POSTED_FOR if is_posted else _JUDGED_FOR, **told, role=escaped(judged.role_arn))


def _sentence(sentence: Sentence, words: PageWords) -> str:
    return words(sentence.text, **{name: escaped(value) for name, value in sentence.values.items()})


def _notes(judged: Inspection, words: PageWords) -> str:
    notes = []
    if any(finding.check == "signature" for finding in judged.failed):
        notes.append(words("The signature is not right: the checks after it are asked as if it were."))
    if judged.facts.get("Encrypted"):
        how = escaped(judged.facts["Encrypted"])
        notes.append(words("Encrypted: {how}. The assertion is shown in the encrypted one's place.", how=how))
    notes += map(escaped, judged.remarks)
    return "".join(f'<p class="dim">{each}</p>\n' for each in notes)


def _findings(judged: Inspection, key: str, words: PageWords, *, told: str) -> str:
    """Returns the checks that failed or did not run, and those that passed and concern no line.

    Args:
        judged: Results of all checks.
        key: Prefix of the ids of lines.
        words: Words of the page.
        told: Check of the login's refusal, whose reasons are shown with the refusal.
    """
    failed = "".join(
        f"<li>{failed_check(each, key, words, is_told=each.check == told)}</li>\n" for each in judged.failed
    )
    reasons: dict[str, list[str]] = {}
    for each in judged.not_asked:
        reason = words("cannot be asked: the check {check} failed", check=each.after) if each.after else each.text
        reasons.setdefault(reason, []).append(each.check)
    not_asked = "".join(
        f'<li class="dim">○ {escaped(", ".join(checks))}: {escaped(reason)}</li>\n'
        for reason, checks in reasons.items()
    )
    without = ", ".join(each.check for each in judged.passed if not each.line)
    of_no_line = words("passed, without a line of their own: {checks}", checks=escaped(without))
    passed = f'<li><span class="good">✓</span> {of_no_line}</li>\n' if without else ""
    return f'<ul class="checks">\n{failed}{not_asked}{passed}</ul>\n'


def failed_check(finding: Finding, key: str, words: PageWords, *, is_told: bool = True) -> str:
    """Returns what the list says about a failed check.

    Args:
        finding: The check with its refusal.
        key: Prefix of the ids of lines.
        words: Words of the page.
        is_told: Whether its reasons are already shown with the refusal.
    """
    at_line = words("line {number}", number=finding.line)
    line = f', <a href="#{key}-{finding.line}">{at_line}</a>' if finding.line else ""
    refusal = finding.refusal
    is_assumed = refusal is not None and refusal.evidence == "assumed"
    assumed = f" {words(ASSUMED)}" if is_assumed else ""
    rows: Sequence[tuple[str, str]] = ()
    if refusal is not None:
        rows = [("want", refusal.expected), ("got", refusal.received)]
    if finding.diagnosis is not None and not is_told:
        rows = [(name, value) for name, value in finding.diagnosis.rows if name not in {"where", "spec"}]
    values = definitions((words(name), value) for name, value in rows if value)
    named = f'<b class="bad">✗ {escaped(finding.check)}</b>{line}'
    return f"{named}: {escaped(finding.text)}{assumed}{values}"


def _lines(text: str, findings: Sequence[Finding], key: str, words: PageWords) -> str:
    lines = list(_shortened(text, words))
    marks: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.line:
            marks.setdefault(finding.line, []).append(finding)
    shown = "".join(_folded(lines[:_MOST_LINES], _Marks(marks, key, words)))
    return f'<ol class="xml">\n{shown}</ol>\n{more(len(lines) - _MOST_LINES, "lines", words)}'


def _folded(lines: Sequence[_Line], marks: _Marks) -> Iterator[str]:
    """Yields the lines; those within a signature without failures are folded."""
    at, expected = 0, 1
    while at < len(lines):
        inside = _inside_signature(lines, at)
        is_quiet = not any(f.verdict is Verdict.FAILED for each in inside for f in marks.of(each))
        yield _line(lines[at], marks, expected)
        expected, at = lines[at].number + 1, at + 1
        if inside and is_quiet:
            folded = "".join(_line(each, marks, each.number) for each in inside)
            first, last = inside[0].number, inside[-1].number
            what = marks.words("lines {first} to {last}, of the signature", first=first, last=last)
            yield f'<li class="fold" value="{first}"><details><summary>{what}</summary>\n<ol>\n{folded}</ol>'
            yield "</details></li>\n"
            at += len(inside)
            expected = 0


def _inside_signature(lines: Sequence[_Line], at: int) -> Sequence[_Line]:
    """Returns the lines inside a signature that begins at a line; none for another line."""
    if not _SIGNATURE.fullmatch(lines[at].text):
        return ()
    end = next((n for n in range(at + 1, len(lines)) if _END_OF_SIGNATURE.fullmatch(lines[n].text)), at)
    return lines[at + 1 : end]


def _line(line: _Line, marks: _Marks, expected: int) -> str:
    number = f' value="{line.number}"' if line.number != expected else ""
    found = marks.of(line)
    if not found:
        return f"<li{number}>{escaped(line.text)}\n"
    failed = " class=bad" if any(each.verdict is Verdict.FAILED for each in found) else ""
    told = "".join(_mark(each, marks.words) for each in found)
    return f'<li{number}{failed} id="{marks.key}-{line.number}">{escaped(line.text)}<span>{told}</span>\n'


def _mark(finding: Finding, words: PageWords) -> str:
    shape, kind = _SHAPES[finding.verdict], _CLASSES[finding.verdict]
    failed = f" {words('failed')}" if finding.verdict is Verdict.FAILED else ""
    return f'<b class="{kind}">{shape} {escaped(finding.check)}{failed}</b> '


def _shortened(text: str, words: PageWords) -> Iterator[_Line]:
    """Yields the lines, with the values of signatures, certificates and ciphers shortened, as nobody reads them."""

    def without(found: re.Match[str]) -> str:
        value = found[2].strip()
        length = words("({count} characters)", count=f"{len(value):,}")
        return f"{found[1]}{value[:16]}… {length}{_LEFT_OUT * found[2].count(chr(10))}"

    number = 1
    for line in _LONG.sub(without, text.replace(_LEFT_OUT, "\N{REPLACEMENT CHARACTER}")).rstrip("\n").split("\n"):
        yield _Line(number, line.replace(_LEFT_OUT, "").removesuffix("\r"))
        number += 1 + line.count(_LEFT_OUT)
