"""The documents are right about the project; what they show is run in ``tests/documents``."""

from __future__ import annotations

import re

from tests import fidelity

README = (fidelity.ROOT / "README.md").read_text(encoding="utf-8")
README_JA = (fidelity.ROOT / "README.ja.md").read_text(encoding="utf-8")
DEVELOPMENT = (fidelity.ROOT / "docs" / "development.md").read_text(encoding="utf-8")
# The pages that are in one language, of which the README of that language tells.
OURS = {"README.ja.md", "README.md", "docs/walkthrough.ja.md"}
PACKAGES = ("emulator", "idp", "sp_mock")


def test_the_fidelity_page_is_current() -> None:
    """docs/fidelity.md is what the docstrings say now; make docs writes it."""
    assert (fidelity.ROOT / "docs" / "fidelity.md").read_text(encoding="utf-8") == fidelity.page()
    assert len(list(fidelity.rules())) > 30


def test_the_readme_is_a_front_door() -> None:
    """A transcript of a dozen lines comes first, then make demo and make test; a person reads the whole in minutes."""
    transcript, commands, *_ = _blocks(README)
    assert transcript.startswith("```console\n$ fedemu login ")
    assert len(transcript.splitlines()) - 2 <= 12
    assert re.findall(r"^(make \w+)", commands, re.MULTILINE) == ["make demo", "make test"]
    assert len(README.splitlines()) <= 100


def test_the_readme_leads_to_every_page_or_to_the_index() -> None:
    """The pages that people look for are in its table, and the index is named below it."""
    linked = set(re.findall(r"\]\((?:docs/)?([\w./]+)(?:#[\w-]+)?\)", README))
    pages = {path.name for path in (fidelity.ROOT / "docs").glob("*.md")}
    assert pages - linked == {"catalogue.md", "result.md", "scale.md", "walkthrough.ja.md"}
    assert "[docs/README.md](docs/README.md) lists all pages." in README


def _blocks(page: str) -> list[str]:
    return re.findall(r"^```\w*\n.*?^```$", page, re.MULTILINE | re.DOTALL)


def _code(page: str) -> list[str]:
    """What is in backquotes outside of the blocks, sorted, since a sentence's order is its language's."""
    prose = re.sub(r"^```\w*\n.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    return sorted(" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose))


def test_the_japanese_readme_has_the_same_blocks() -> None:
    """What runs in one, which tests/documents sees to, runs in the other."""
    assert len(_blocks(README)) == 4
    assert _blocks(README_JA) == _blocks(README)


def test_the_japanese_readme_has_the_same_commands_settings_and_links() -> None:
    """Nothing that the one says in code is missing in the other; only the Japanese one says which page is Japanese."""
    assert _code(README_JA) == _code(README)
    links, links_ja = (re.findall(r"\]\(([^)]+)\)", page) for page in (README, README_JA))
    assert sorted(set(links_ja) - OURS) == sorted(set(links) - OURS)
    assert [link for link in links_ja if not (fidelity.ROOT / link.partition("#")[0]).exists()] == []


def test_the_japanese_readme_has_the_same_headings() -> None:
    """A section that is added to one is missed in the other."""
    levels = [[line.split()[0] for line in page.splitlines() if re.match("#+ ", line)] for page in (README, README_JA)]
    assert levels[0] == levels[1]
    rows = [
        [re.findall(r"\]\(([^)]+)\)", line) for line in page.splitlines() if line[0:1] == "|"]
        for page in (README, README_JA)
    ]
    assert [[link for link in row if link not in OURS] for row in rows[1]] == rows[0]


def test_the_steps_in_the_documentation_are_those_that_there_are() -> None:
    """Its table has a row for each."""
    from emulator.scenarios.format.step_schema import DEEDS

    text = (fidelity.ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `(\w+): [^`]*` \|", text, re.MULTILINE)) == sorted([*DEEDS, "wait", "clock", "via"])


def test_every_folder_with_modules_has_a_caption() -> None:
    """The table in docs/development.md has a row for each room, and none for a folder that is gone."""
    rows = re.findall(r"^\| `([a-z_/]+)` \| \S", DEVELOPMENT, re.MULTILINE)
    rooms = {
        str(path.parent.relative_to(fidelity.ROOT))
        for package in PACKAGES
        for path in (fidelity.ROOT / package).rglob("*.py")
    }
    assert len(rows) == len(set(rows))
    assert rooms - set(rows) == set(), "they have no caption in docs/development.md"
    assert set(rows) - rooms == {"scenarios", "tests"}
    assert all((fidelity.ROOT / row).is_dir() for row in rows)


def test_the_files_that_the_map_names_are_there() -> None:
    """Every path in docs/development.md leads to a file or a folder."""
    named = set(re.findall(r"(?<![\w/])(?:emulator|idp|sp_mock|tests|docs|scenarios)(?:/\w+(?:\.\w+)?)+", DEVELOPMENT))
    assert len(named) > 60
    assert [path for path in sorted(named) if not (fidelity.ROOT / path).exists()] == []


def test_the_names_that_the_recipes_name_are_there() -> None:
    """A function or a table that a recipe sends people to is in one of the modules."""
    recipes = DEVELOPMENT[DEVELOPMENT.index("## Recipes") :]
    named = set(re.findall(r"`@?([A-Za-z_]*(?:[a-z]_[a-z]|[A-Z]{2}|[a-z][A-Z])\w*)(?:\([^`]*\))?`", recipes))
    folders = [fidelity.ROOT / name for name in (*PACKAGES, "tests")]
    source = "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py"))
    assert len(named) > 8
    assert [name for name in sorted(named) if not re.search(rf"\b{name}\b", source)] == []


def test_the_index_lists_every_document() -> None:
    """docs/README.md has a row for each page and folder beside it."""
    index = (fidelity.ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([\w./]+)\)", index))
    assert {path.name for path in (fidelity.ROOT / "docs").iterdir()} - {"README.md"} <= linked
    assert [link for link in sorted(linked) if not (fidelity.ROOT / "docs" / link).exists()] == []
