"""Restores the keys of the AWS CLI's text output: the result is the data that ``--output json`` prints.

The keys of policy documents cannot be restored: ``STRINGEQUALS  https://…`` may be the value of any condition key,
``Allow  *`` a Resource or a NotResource. The only document that can be reconstructed with certainty is the trust policy
that the IAM console writes for a SAML provider; a role with any other is left out.

Spec: awscli/text.py
Evidence: observed
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.aws_text.text_records import DOCUMENTS, OF_NO_USE, PARTS, RECORDS, Column, Record
from emulator.worldfile.text.yaml_data import Lines

_IDENTITY = re.compile(r"(\d{12})\t(arn:[\w-]+:(?:iam|sts)::\S+)\t(\S+)")
_PROVIDER = re.compile(
    r"(?:(Allowed|Required)\t)?(\d{4}-\S+)\t(<.*>)\s*(?:\t([A-Z0-9]+))?(?:\t(\d{4}-\S+))?((?:\n(?:TAGS|PRIVATEKEYLIST)\t.*)*)",
    re.DOTALL,
)
_BEGIN_OF_PROVIDER = re.compile(r"(?:(?:Allowed|Required)\t)?\d{4}-\S+\t<")
_LOOKED_AT = 20_000
_PAGING = re.compile(r"(?:(True|False)|\d+)(?:\t.*)?")
_SIGN_IN = re.compile(
    r"https://(?:[a-z0-9-]+\.)?signin\.(?:aws\.amazon\.com|amazonaws-us-gov\.com|amazonaws\.cn)/saml(?:/acs/\w+)?"
)
_IRRELEVANT = frozenset(
    {
        "AllowedAccessControlHierarchyGroupId",
        "CreateDate",
        "DirectoryUserId",
        "HierarchyGroupId",
        "LastModifiedRegion",
        "LastModifiedTime",
        "OrganizationResourceId",
        "PasswordLastUsed",
        "Type",
        "ValidUntil",
    }
)
_SAML_PROVIDER = re.compile(r"arn:[\w-]+:iam::\d{12}:saml-provider/[\w.-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class TextOutput:
    """Parsed text output: its data, the lines of its keys, and what could not be read.

    Args:
        data: The data as ``--output json`` prints it.
        lines: The line number of each key.
        unread: The numbers of lines that are not a known record.
        lost_by: The command whose policy documents are lost in text output; empty if there is none.
    """

    data: dict[str, Any]
    lines: Lines
    unread: Sequence[int] = ()
    lost_by: str = ""


def is_text_output(text: str) -> bool:
    """Returns whether a text looks like the AWS CLI's text output, judging by its first record."""
    text = text[:_LOOKED_AT].replace("\r\n", "\n")
    if _IDENTITY.fullmatch(text) or _BEGIN_OF_PROVIDER.match(text):
        return True
    first, _, rest = text.partition("\n")
    if _PAGING.fullmatch(first) or (rest and _record_name(rest) in DOCUMENTS and "\t" in first):
        first = rest.partition("\n")[0]
    return "\t" in first and _record_name(first) in RECORDS.keys() | DOCUMENTS.keys()


def parse_text_output(text: str) -> TextOutput:
    """Parses text output and restores its keys."""
    text = text.replace("\r\n", "\n")
    identity = _IDENTITY.fullmatch(text)
    if identity is not None:
        keys = ("Account", "Arn", "UserId")
        return TextOutput(dict(zip(keys, identity.groups(), strict=True)), Lines(dict.fromkeys(keys, 1)))
    provider = _PROVIDER.fullmatch(text)
    if provider is not None:
        return _provider(provider)
    reading = _Reading()
    for number, line in enumerate(text.split("\n"), start=1):
        reading.take(number, line)
    reading.end()
    return TextOutput(reading.data, reading.lines, reading.unread, reading.lost_by)


def _record_name(line: str) -> str:
    return line.partition("\t")[0].partition("\n")[0]


def _provider(found: re.Match[str]) -> TextOutput:
    mode, created, document, uuid, until, parts = found.groups()
    given = {
        "AssertionEncryptionMode": mode,
        "CreateDate": created,
        "SAMLMetadataDocument": document,
        "SAMLProviderUUID": uuid,
        "ValidUntil": until,
    }
    data: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    lines = Lines(dict.fromkeys(data, 1))
    first = found.string.count("\n", 0, found.start(6)) + 1
    unread = []
    for number, line in enumerate(parts.split("\n"), start=first):
        name, *columns = line.split("\t")
        if name and not _add_part(data, lines, name, columns, number):
            unread.append(number)
    return TextOutput(data, lines, unread)


@dataclass(slots=True)
class _Reading:
    """The state of parsing: the data so far, the record that nested parts belong to, the trust policy being read."""

    data: dict[str, Any] = field(default_factory=dict)
    lines: Lines = field(default_factory=Lines)
    unread: list[int] = field(default_factory=list)
    lost_by: str = ""
    entry: dict[str, Any] | None = None
    entry_lines: Lines = field(default_factory=Lines)
    trust: list[list[str]] | None = None

    def take(self, number: int, line: str) -> None:
        name, *columns = line.split("\t")
        if name in DOCUMENTS:
            self.lost_by = self.lost_by or DOCUMENTS[name]
        elif name in RECORDS:
            self._record(name, columns, number)
        elif name == "NEXTTOKEN":
            self.data["NextToken"] = "…"
        elif self.entry is None:
            self._before(line, number)
        elif name == "ASSUMEROLEPOLICYDOCUMENT":
            self.trust = [[name, *columns]]
            self.entry_lines.own["AssumeRolePolicyDocument"] = number
        elif name in PARTS or name in OF_NO_USE:
            self._end_trust()
            known = name in OF_NO_USE or _add_part(self.entry, self.entry_lines, name, columns, number)
            if not known and name != "IDENTITYINFO":  # people's names may belong to any of several keys
                self._doubt(number)
        elif self.trust is not None:
            self.trust.append([name, *columns])
        elif "Username" not in self.entry:
            self._doubt(number)

    def end(self) -> None:
        self._end_trust()

    def _before(self, line: str, number: int) -> None:
        """Reads what comes before the first record: a pagination token, or a count of items."""
        found = _PAGING.fullmatch(line)
        if found is None:
            self.unread.append(number)
        elif found[1] is not None:
            self.data["IsTruncated"] = found[1] == "True"

    def _record(self, name: str, columns: list[str], number: int) -> None:
        self._end_trust()
        record, values = _read_record(RECORDS[name], columns)
        if values is None:
            self.entry, self.entry_lines = None, Lines()
            self.unread.append(number)
            self.data.setdefault(record.key, [] if record.is_list else {})
            return
        self.entry_lines = _add(self.data, self.lines, record, values, number)
        self.entry = values if isinstance(values, dict) else None

    def _doubt(self, number: int) -> None:
        """Notes a line that cannot be parsed: the record it belongs to cannot be used."""
        self.unread.append(number)
        if self.entry is not None:
            self.entry["Unread"] = number

    def _end_trust(self) -> None:
        if self.trust is not None and self.entry is not None:
            self.entry["AssumeRolePolicyDocument"] = _console_trust(self.trust)
        self.trust = None


def _add(data: dict[str, Any], lines: Lines, record: Record, value: Any, number: int) -> Lines:
    """Adds a record's value to the data, and returns the lines of its keys."""
    inside = Lines(dict.fromkeys(value, number) if isinstance(value, dict) else {})
    lines.own.setdefault(record.key, number)
    if not record.is_list:
        data[record.key] = value
        lines.inside[record.key] = inside
        return inside
    items = data.setdefault(record.key, [])
    around = lines.inside.setdefault(record.key, Lines())
    around.own[len(items)] = number
    around.inside[len(items)] = inside
    items.append(value)
    return inside


def _add_part(data: dict[str, Any], lines: Lines, name: str, columns: list[str], number: int) -> bool:
    """Adds a nested part to its record, and returns whether it could be read."""
    if "Username" in data and name == "TAGS":
        return True  # for tags of Connect users, only the values are printed
    record, value = _read_record([PARTS[name]], columns)
    if value is not None:
        _add(data, lines, record, value, number)
    return value is not None


def _read_record(records: Sequence[Record], columns: list[str]) -> tuple[Record, Any]:
    """Returns the first record type that fits, with its value; None if none fits or the fit is ambiguous."""
    for record in records:
        if not record.columns:
            return record, columns[0] if len(columns) == 1 else None
        values = list(_fits(record.columns, columns))
        if not values:
            continue
        if len(values) > 1:
            values = [value for value in values if str(value.get("Arn", "")).endswith(f"/{value.get('Id')}")]
        alike = values and all(_relevant(each) == _relevant(values[0]) for each in values)
        return record, (values[0] if alike else None)
    return records[0], None


def _relevant(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the fields of a record that are ever used: two readings that differ only in others are equivalent."""
    return {key: each for key, each in value.items() if key not in _IRRELEVANT}


def _fits(columns: Sequence[Column], values: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yields every way to match values to a record's columns; a gap means that the record lacks a key."""
    if not columns:
        if not values:
            yield {}
        return
    if len(values) > len(columns):
        return
    column, *others = columns
    if values and column.looks.fullmatch(values[0]):
        yield from ({column.key: _typed(column, values[0]), **rest} for rest in _fits(others, values[1:]))
    elif values and not values[0] and not column.is_always_there:
        yield from _fits(others, values[1:])
    if not column.is_always_there:
        yield from _fits(others, values)


def _typed(column: Column, value: str) -> Any:
    if column.looks.pattern == r"\d+":
        return int(value)
    return value == "True" if column.looks.pattern == "True|False" else value


def _console_trust(lines: Sequence[Sequence[str]]) -> dict[str, Any] | None:
    """Returns the trust policy that the IAM console writes for a SAML provider; None if it may be another.

    A missing condition proves nothing: a condition with an empty list prints no line.
    """
    if len(lines) < 2 or list(lines[0][1:]) != ["2012-10-17"] or [line[0] for line in lines].count("STATEMENT") != 1:
        return None
    name, *columns = lines[1]
    actions = [columns.pop(0)] if columns[:1] == ["sts:AssumeRoleWithSAML"] else []
    if name != "STATEMENT" or columns[:1] != ["Allow"] or not re.fullmatch(r"\w*", "\t".join(columns[1:]), re.ASCII):
        return None
    said: dict[str, list[str]] = {"ACTION": [*actions], "STRINGEQUALS": [], "PRINCIPAL": [], "FEDERATED": []}
    for name, *values in lines[2:]:
        if name not in said or len(values) != 1:
            return None
        said[name] += values
    providers = said["PRINCIPAL"] + said["FEDERATED"]
    if (
        not set(said["ACTION"]) <= {"sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"}
        or len(said["STRINGEQUALS"]) != 1
        or not _SIGN_IN.fullmatch(said["STRINGEQUALS"][0])
        or not providers
        or not all(map(_SAML_PROVIDER.fullmatch, providers))
    ):
        return None
    statement = {
        **({"Sid": columns[1]} if columns[1:] else {}),
        "Effect": "Allow",
        "Principal": {"Federated": providers[0] if said["PRINCIPAL"] else providers},
        "Action": said["ACTION"][0] if actions else said["ACTION"],
        "Condition": {"StringEquals": {"SAML:aud": said["STRINGEQUALS"][0]}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
