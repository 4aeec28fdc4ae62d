"""Runs the command line as a person does, and keeps what it printed."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.cli import main
from emulator.world import load_world

_FIRST_ROW = re.compile(r"(\s+)(?:said|why)\s+\S")
_SECONDS = 60
_BAD_FILE = 2


@dataclass(frozen=True, slots=True)
class Printed:
    """What a command printed, and its exit code."""

    status: int
    text: str

    @property
    def is_bad_file(self) -> bool:
        """Whether the world was not taken."""
        return self.status == _BAD_FILE

    @property
    def block(self) -> str:
        """The first explanation: a headline and the rows below it; empty where nothing was explained."""
        if self.is_bad_file:
            return self.text.strip()
        lines = self.text.splitlines()
        for number, line in enumerate(lines):
            row = _FIRST_ROW.match(line)
            if row is None or not number:
                continue
            end = next((n for n in range(number, len(lines)) if not lines[n].startswith(row[1])), len(lines))
            return "\n".join(lines[number - 1 : end])
        return ""


@contextlib.contextmanager
def own_home(folder: Path) -> Iterator[None]:
    """Lets commands keep their keys in a folder of their own."""
    before = os.environ.get("FEDEMU_HOME")
    os.environ["FEDEMU_HOME"] = str(folder)
    try:
        yield
    finally:
        del os.environ["FEDEMU_HOME"]
        if before is not None:
            os.environ["FEDEMU_HOME"] = before


def run_command(arguments: Sequence[str], folder: Path) -> Printed:
    """Runs ``fedemu`` with arguments in a folder, in this process."""
    output = io.StringIO()
    status: object = 0
    with contextlib.chdir(folder), contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            main(list(arguments))
        except SystemExit as end:
            status = end.code
    return Printed(status if isinstance(status, int) else 1, output.getvalue())


def run_steps(folder: Path, program: str, environment: Mapping[str, str]) -> Printed:
    """Runs a program inside the emulated internet, with an assertion in the file that ``ASSERTION`` names."""
    org = next(iter(load_world(folder / "world.yaml").settings.okta.values()))
    minted = run_command(["mint", next(iter(org.users)), next(iter(org.apps)), "--world", "world.yaml"], folder)
    (folder / "assertion.txt").write_text(minted.text, encoding="utf-8")
    inside = [sys.executable, program]
    done = subprocess.run(
        [sys.executable, "-m", "emulator", "exec", "--world", "world.yaml", "--", *inside],
        cwd=folder,
        env={**os.environ, "ASSERTION": "assertion.txt", "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    return Printed(done.returncode, done.stdout)


def add_provider_acs(path: Path, data: Any, provider_name: str) -> None:
    """Sets the first app's ACS URL to the sign-in URL of a SAML provider of its world."""
    from emulator.federation import Federation

    accounts = Federation(load_world(path)).aws_services.aws.accounts.values()
    providers = [provider for account in accounts for provider in account.saml_providers.values()]
    (provider,) = (each for each in providers if str(each.arn).endswith(f"/{provider_name}"))
    org = next(iter(data["okta"].values()))
    app = next(iter(org["apps"].values()))
    app["acs_url"] = f"https://signin.aws.amazon.com/saml/acs/{provider.provider_id}"
