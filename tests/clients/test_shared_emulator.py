"""Credentials of fedemu login are accepted by the running emulator: by the AWS CLI and by boto3, unmodified."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.running.start import Serving
from tests.clients.conftest import ROOT, client
from tests.conftest import APP, USER

CALLER = "arn:aws:sts::123456789012:assumed-role/ConnectAgent/hanako@example.com"
LOGIN = f"{sys.executable} -m emulator login {USER} {APP}"
Shell = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def shell(internet: Serving, home: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Returns a function that runs a line in a shell that knows nothing of the emulator but its data folder."""
    monkeypatch.setenv("FEDEMU_HOME", str(home))
    internet.running.announce()

    def run(line: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "FEDEMU_HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "AWS_MAX_ATTEMPTS": "1",
        }
        return subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", line], env=environment, capture_output=True, text=True, check=False, timeout=180
        )

    return run


def test_a_shell_with_the_aws_cli_and_boto3(shell: Shell, internet: Serving) -> None:
    """What --print-env prints is all that they need."""
    called = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    done = shell(
        f'eval "$({LOGIN} --print-env)" && {client("aws")} sts get-caller-identity --query Arn --output text'
        f' && {sys.executable} -c "{called}"'
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [CALLER, CALLER]
    assert done.stderr.startswith(f"through the running emulator at {internet.running.http}, world ")
    assert len(done.stderr.splitlines()) == 1


def test_a_profile_with_credential_process(shell: Shell, internet: Serving, home: Path) -> None:
    """The profile of docs/running.md: the CLI and boto3 run fedemu by themselves."""
    (home / ".aws").mkdir()
    (home / ".aws" / "config").write_text(
        f"[profile fedemu]\ncredential_process = {LOGIN} --credential-process\n"
        f"endpoint_url = {internet.running.http}\nregion = ap-northeast-1\n",
        encoding="utf-8",
    )
    called = "import boto3; print(boto3.Session(profile_name='fedemu').client('sts').get_caller_identity()['Arn'])"
    done = shell(
        f"{client('aws')} --profile fedemu sts get-caller-identity --query Arn --output text"
        f' && {sys.executable} -c "{called}"'
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [CALLER, CALLER]
    logged = shell(f"{LOGIN} --credential-process")
    assert json.loads(logged.stdout)["Version"] == 1


def test_a_profile_without_a_running_emulator(shell: Shell, internet: Serving, home: Path) -> None:
    """The CLI says why there are no credentials, and asks nobody else."""
    internet.running.withdraw()
    (home / ".aws").mkdir()
    (home / ".aws" / "config").write_text(
        f"[profile fedemu]\ncredential_process = {LOGIN} --credential-process\nregion = us-east-1\n", encoding="utf-8"
    )
    done = shell(f"{client('aws')} --profile fedemu sts get-caller-identity")
    assert done.returncode != 0
    assert done.stdout == ""
    assert "Nothing would accept these credentials\n  why    no emulator is running\n" in done.stderr
