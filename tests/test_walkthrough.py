"""The walk through the consoles is right, in both languages."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
from click.testing import CliRunner

from emulator.cli import fedemu, main
from emulator.diagnosis.check_texts import read_check_texts
from emulator.worldfile.schema.world_schema import WorldSettings
from tests import fidelity
from tests.browser.walkthrough_pictures import FOLDER, PICTURES, pictures_in
from tests.documents.shell import filtered

PAGES = {
    language: (fidelity.ROOT / "docs" / name).read_text(encoding="utf-8")
    for language, name in {"en": "walkthrough.md", "ja": "walkthrough.ja.md"}.items()
}
KEY = re.compile(r"^\| [^|]+ \| `((?:okta|aws)\.[^`]+)` \|$", re.MULTILINE)
CHECK = re.compile(r"^\| `([a-z-]+)` \| `([^`]+)`( \*assumed\*)? \| \S.* \|$", re.MULTILINE)
BLOCK = re.compile(r"^```console\n\$ (.+)\n((?:.*\n)*?)```$", re.MULTILINE)
SCHEMA = WorldSettings.model_json_schema()
# The source article's eleven steps and its four supplements.
HEADINGS = 15


def _schemas(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The schema itself, or those that it is one of."""
    if "$ref" in schema:
        return _schemas(SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")])
    choices = [*schema.get("anyOf", []), *schema.get("oneOf", []), *schema.get("allOf", [])]
    return [each for choice in choices for each in _schemas(choice)] or [schema]


def _below(schema: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The schemas of a setting, or of any name's where the page has one in capitals."""
    if not name.isupper():
        return _schemas(schema["properties"][name]) if name in schema.get("properties", {}) else []
    named = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
    return [each for found in named if isinstance(found, dict) for each in _schemas(found)]


def _has(key: str) -> bool:
    """Whether a world has such a key."""
    found = [SCHEMA]
    for part in key.split("."):
        found = [each for schema in found for each in _below(schema, part.removesuffix("[]"))]
        if part.endswith("[]"):
            found = [each for schema in found if "items" in schema for each in _schemas(schema["items"])]
    return bool(found)


def _sections(page: str) -> list[str]:
    return re.split(r"^## ", page, flags=re.MULTILINE)[1:]


def _facts(section: str) -> tuple[object, ...]:
    """What a section says in both languages alike."""
    number = re.match(r"\d+", section)
    return number and number[0], KEY.findall(section), CHECK.findall(section), BLOCK.findall(section)


def test_the_twins_say_the_same() -> None:
    """Heading by heading, both have the same keys, checks, words, commands and outputs."""
    english, japanese = (_sections(page) for page in PAGES.values())
    assert len(english) == len(japanese) == HEADINGS
    assert [_facts(section) for section in english] == [_facts(section) for section in japanese]


@pytest.mark.parametrize("section", _sections(PAGES["en"]), ids=lambda section: section.splitlines()[0])
def test_every_heading_has_a_field_a_check_and_a_command(section: str) -> None:
    """No row and no command of a section has another form than the tests below look for."""
    rows = [line for line in section.splitlines() if line.startswith("| ") and "`" in line]
    assert KEY.findall(section)
    assert CHECK.findall(section)
    assert len(rows) == len(KEY.findall(section)) + len(CHECK.findall(section))
    assert len(BLOCK.findall(section)) == section.count("```console") == 1


@pytest.mark.parametrize("key", sorted(set(KEY.findall(PAGES["en"]))))
def test_a_world_has_the_key(key: str) -> None:
    """The schema of the world knows it, and none that is like it but misspelt."""
    assert _has(key)
    assert not _has(f"{key.removesuffix('USER')}x")


@pytest.mark.parametrize(("check", "words", "assumed"), sorted(set(CHECK.findall(PAGES["en"]))))
def test_the_check_says_these_words(check: str, words: str, assumed: str) -> None:
    """They are those that explain knows of the check, and are marked where they are not the service's."""
    assert check in read_check_texts()
    said = CliRunner().invoke(fedemu, ["explain", check, "--all"]).output
    (line,) = re.findall(rf"^  said as  {re.escape(words)}(  \(the words are assumed: .*)?$", said, re.MULTILINE)
    assert bool(line) == bool(assumed)


@pytest.mark.parametrize(("command", "output"), BLOCK.findall(PAGES["en"]))
def test_the_command_prints_what_the_page_shows(
    command: str, output: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is run as it is there, in the repository's folder and in this process; what follows a bar chooses lines."""
    monkeypatch.chdir(fidelity.ROOT)
    verb, *filters = command.split(" | ")
    with pytest.raises(SystemExit):
        main(shlex.split(verb)[1:])
    printed = capsys.readouterr().out
    for each in filters:
        printed = filtered(printed, each)
    assert printed.rstrip() == output.rstrip()


@pytest.mark.parametrize("language", PAGES)
def test_every_picture_is_there_is_small_and_is_described(language: str) -> None:
    """Each has a text for whoever does not see it; the pages that are ours are in the language of the walk."""
    shown = list(pictures_in(PAGES[language]))
    assert len(shown) == PAGES[language].count("](pictures/") == len(PICTURES)
    assert [each.file for each in shown] == [each.file(language) for each in PICTURES]
    for each in shown:
        data = (FOLDER / each.file).read_bytes()
        assert (data[:4], data[8:12]) == (b"RIFF", b"WEBP")
        assert len(data) < 80_000, each.file
        assert len(each.alternative) > 10
        assert each.claims


def test_no_picture_is_left_that_nobody_shows() -> None:
    """Both walks together show all of them."""
    named = {each.file for page in PAGES.values() for each in pictures_in(page)}
    assert {each.name for each in FOLDER.iterdir()} == named


def test_the_twins_have_pictures_at_the_same_headings() -> None:
    """Where a heading has nothing on a page there is none."""
    per_heading = [
        [[each.file.partition(".")[0] for each in pictures_in(section)] for section in _sections(page)]
        for page in PAGES.values()
    ]
    assert per_heading[0] == per_heading[1]
    assert [len(each) for each in per_heading[0]] == [1] * 13 + [0, 1]
