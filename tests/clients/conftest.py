"""Real clients inside the emulated internet: real host names, full certificate verification, a fresh home."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

from emulator.clock import Clock, Ids
from emulator.federation import Federation
from emulator.keys import KeyFolder
from emulator.server import Server
from emulator.serving import Ports, Serving, serving
from emulator.world import World
from tests.requirements import program

ROOT = Path(__file__).parent.parent.parent
CLIENTS = Path(os.environ.get("FEDEMU_CLIENTS", ROOT / ".venv" / "clients"))

Run = Callable[..., subprocess.CompletedProcess[str]]


def client(name: str) -> str:
    """Returns the path of a client: one that ``make test`` installed, or one on PATH."""
    installed = CLIENTS / "bin" / name
    return str(installed) if installed.exists() else program(name)


@pytest.fixture
def internet(world: World, keys: KeyFolder) -> Iterator[Serving]:
    """Serves the built-in world by real names; its clock is the true one, as the clients' is."""
    with serving(Federation(world, clock=Clock(), ids=Ids(), keys=keys), Ports()) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Returns an empty home folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def run(internet: Serving, home: Path) -> Run:
    """Returns a function that runs a program with nothing but the emulator's variables and an empty home."""

    def call(
        *arguments: str, trusting: bool = True, extra: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "AWS_DEFAULT_REGION": "eu-west-1",
            "PYTHONWARNINGS": "ignore",
            **internet.running.environment(),
            **(extra or {}),
        }
        if not trusting:
            for name in [name for name, value in environment.items() if value == internet.running.ca_file]:
                del environment[name]
        return subprocess.run(  # noqa: S603
            arguments, env=environment, capture_output=True, text=True, check=False, timeout=120, cwd=home
        )

    return call


ADMINISTRATOR = {
    "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}

Sdk = Callable[..., Any]


def keys_of(credentials: Mapping[str, Any]) -> dict[str, str]:
    """Returns an STS answer's credentials as boto3's client takes them."""
    return {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }


@pytest.fixture
def sdk(server: Server) -> Sdk:
    """Returns a function that makes a boto3 client, told another endpoint and nothing else; by default the
    administrator's.
    """

    def make(service: str, *, region: str = "us-east-1", **credentials: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=server.url,
            region_name=region,
            config=Config(proxies={}, retries={"max_attempts": 0}),
            **(credentials or ADMINISTRATOR),
        )

    return make


@contextmanager
def refused(code: str, message: str, *, status: int) -> Iterator[None]:
    """Expects a call to be refused with exactly these words."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        yield
    answer = caught.value.response
    assert (answer["Error"]["Code"], answer["Error"]["Message"]) == (code, message)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
