"""The import contracts fail closed: a new module that is in the wrong place is caught without being named anywhere."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PLANTED = {
    "emulator/reports/both_sides.py": "import idp.model\nimport sp_mock.arn\n",
    "emulator/inspection/signers.py": "import idp.model\n",
    "sp_mock/iam/talkative.py": "from flask import request\n",
    "idp/saml/roof.py": "from emulator.world import World\n",
    "emulator/kernel/house.py": "import lxml.etree\nimport sp_mock.arn\n",
    "sp_mock/accounts/borrowed.py": "import idp.saml.signing\n",
    "idp/sso/builder.py": "import saml2.saml\n",
    "sp_mock/policies/upstairs.py": "import sp_mock.signin.sign_in\n",
    "sp_mock/attic.py": "import sp_mock.arn\n",
}
CAUGHT = [
    "emulator.reports.both_sides must not import idp.model",
    "emulator.reports.both_sides must not import sp_mock.arn",
    "emulator.inspection.signers must not import idp.model",
    "sp_mock.iam.talkative must not import flask",
    "idp.saml.roof must not import emulator.world",
    "emulator.kernel.house must not import lxml",
    "emulator.kernel.house must not import sp_mock.arn",
    "sp_mock is not allowed to import idp",
    "idp.sso.builder must not import saml2",
    "No cycles are allowed in sp_mock.",
    "sp_mock.policies is not allowed to import sp_mock.signin",
    "sp_mock.attic",
]


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Returns what import-linter prints about a copy of the project in which every rule is broken once."""
    copy = tmp_path_factory.mktemp("copy")
    for package in ("emulator", "idp", "sp_mock"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__", "templates"))
    (copy / "tests").mkdir()
    for name in ("pyproject.toml", "tests/__init__.py", "tests/import_contracts.py"):
        shutil.copy(ROOT / name, copy / name)
    for name, text in PLANTED.items():
        (copy / name).write_text(f'"""In the wrong place."""\n\n{text}', encoding="utf-8")
    script = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command; lint_imports_command()"
    )
    command = [sys.executable, "-c", script, "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603
    assert done.returncode == 1, done.stderr
    return done.stdout


@pytest.mark.parametrize("finding", CAUGHT)
def test_a_new_module_in_the_wrong_place_is_caught(findings: str, finding: str) -> None:
    """Nothing in the contracts names the planted modules."""
    assert finding in findings
