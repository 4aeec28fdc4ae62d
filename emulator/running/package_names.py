"""Whether our packages are the ones that Python imports: their names are plain, and other people's may hide them."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from emulator.kernel.errors import EnvironmentProblem

PACKAGES = ("emulator", "idp", "sp_mock", "scenarios")
OWN_FOLDER = Path(__file__).parents[2]


def foreign_packages() -> Iterator[str]:
    """Yields a phrase about each name that is imported from somewhere else, or not at all."""
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None or not spec.origin:
            yield f"{name} is not installed"
        elif Path(spec.origin) != OWN_FOLDER / name / "__init__.py":
            yield f"{name} is imported from {spec.origin}"


def hiding_names(folder: Path) -> list[str]:
    """Returns the packages and modules in a folder that hide ours from what is started there."""
    if folder == OWN_FOLDER:
        return []
    names = (each for name in PACKAGES for each in (folder / name, folder / f"{name}.py"))
    return [each.name for each in names if each.is_file() or (each / "__init__.py").exists()]


def require_own_packages() -> None:
    """Requires that our packages are imported, before the first import that would say something obscure.

    Raises:
        EnvironmentProblem: another package or module has the name of one.
    """
    foreign = list(foreign_packages())
    if foreign:
        raise EnvironmentProblem(
            f"Another package has a name that fedemu needs: {', '.join(foreign)}",
            explanation=f"The distribution fedemu brings the packages {', '.join(PACKAGES)}, and Python imports the "
            "first one of a name that it finds.",
            expected=str(OWN_FOLDER),
            fix="Give yours another name, or run fedemu from an environment of its own.",
        )
