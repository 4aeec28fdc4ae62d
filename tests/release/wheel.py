"""What the wheel has to hold: worked out from the folders and from pyproject.toml, and looked up in the wheel.

``python -m tests.release.wheel FILE.whl`` prints what is wrong with a wheel, and exits with 1 if anything is.
"""

from __future__ import annotations

import sys
import tomllib
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("emulator", "idp", "sp_mock", "scenarios")
_MADE_BY_PYTHON = {".pyc", ".pyo"}


def settings() -> dict[str, Any]:
    """Returns what pyproject.toml says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def files_of_the_packages() -> set[str]:
    """Returns the path of every file in the packages' folders, which is what a wheel has to hold."""
    return {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in _MADE_BY_PYTHON
    }


def packed_files() -> set[str]:
    """Returns the paths that setuptools packs: the modules of each package, and what the patterns match."""
    data: dict[str, list[str]] = settings()["tool"]["setuptools"]["package-data"]
    modules = {path.relative_to(ROOT).as_posix() for name in PACKAGES for path in _modules(ROOT / name)}
    matched = {
        path.relative_to(ROOT).as_posix()
        for package, patterns in data.items()
        for pattern in patterns
        for path in ROOT.joinpath(*package.split(".")).glob(pattern)
        if path.is_file()
    }
    return modules | matched


def _modules(folder: Path) -> Iterator[Path]:
    """Yields the modules below a folder as far as there is an ``__init__.py``."""
    if (folder / "__init__.py").exists():
        yield from folder.glob("*.py")
        for each in folder.iterdir():
            if each.is_dir():
                yield from _modules(each)


def faults(wheel: Path) -> Iterator[str]:
    """Yields what is wrong with a wheel: files that are missing or too many, and its metadata."""
    project = settings()["project"]
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (information,) = {name.split("/")[0] for name in names if ".dist-info/" in name}
        metadata = Parser().parsestr(archive.read(f"{information}/METADATA").decode())
        entry_points = archive.read(f"{information}/entry_points.txt").decode()
    packed = {name for name in names if not name.startswith(f"{information}/")}
    yield from (f"missing: {name}" for name in sorted(files_of_the_packages() - packed))
    yield from (f"not one of ours: {name}" for name in sorted(packed - files_of_the_packages()))
    said = {
        "Version": project["version"],
        "Summary": project["description"],
        "License-Expression": project["license"],
        "Requires-Python": project["requires-python"],
    }
    yield from (f"{key} is {metadata[key]}, not {value}" for key, value in said.items() if metadata[key] != value)
    if f"{information}/licenses/LICENSE" not in names:
        yield "the licence is missing"
    for line in ("fedemu = emulator.cli:main", "emulator.pytest_plugin = emulator.pytest_plugin"):
        if line not in entry_points:
            yield f"entry point missing: {line}"


def main() -> int:
    """Prints what is wrong with the wheel that is named."""
    found = list(faults(Path(sys.argv[1])))
    print(
        "\n".join(found) or f"{Path(sys.argv[1]).name}: {len(files_of_the_packages())} files, metadata and entry points"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
