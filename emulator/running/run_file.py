"""The run file: the addresses of the running emulator, where other commands find them in the data folder."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from emulator.kernel.errors import EnvironmentProblem
from emulator.kernel.records import dataclass
from emulator.network.data_folder.keys import data_folder, make_data_folder
from emulator.network.data_folder.private_files import write_privately

_FILE = "running.json"


@dataclass(frozen=True, slots=True)
class Running:
    """The addresses of an emulator. ``https`` and ``proxy`` are empty when they are not served."""

    http: str
    https: str
    proxy: str
    ca_file: str
    pid: int
    dashboards: Mapping[str, str]

    def as_json(self) -> str:
        """The addresses as JSON text."""
        return json.dumps(asdict(self), indent=2) + "\n"

    def environment(self, *, endpoints: bool = False) -> dict[str, str]:
        """Returns the variables that lead unmodified clients to the emulator.

        Args:
            endpoints: Whether to set the STS and IAM endpoints too, for SDKs without proxy support such as the AWS SDK
                for JavaScript.

        Raises:
            LookupError: the emulator has no proxy.
        """
        if not self.proxy:
            raise LookupError("the running emulator has no proxy")
        local = "localhost,127.0.0.1,::1,.localhost"
        variables = {
            "HTTPS_PROXY": self.proxy,
            "HTTP_PROXY": self.proxy,
            "NO_PROXY": local,
            "https_proxy": self.proxy,
            "http_proxy": self.proxy,
            "no_proxy": local,
            "NODE_USE_ENV_PROXY": "1",
            **dict.fromkeys(
                (
                    "AWS_CA_BUNDLE",
                    "REQUESTS_CA_BUNDLE",
                    "SSL_CERT_FILE",
                    "CURL_CA_BUNDLE",
                    "NODE_EXTRA_CA_CERTS",
                ),
                self.ca_file,
            ),
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        if endpoints:
            variables.update(
                {f"AWS_ENDPOINT_URL_{service}": self.http for service in ("STS", "IAM", "CONNECT", "CLOUDTRAIL")}
            )
        return variables

    def announce(self) -> None:
        """Writes the file by which other commands find this emulator.

        Raises:
            EnvironmentProblem: the data folder cannot be written.
        """
        try:
            make_data_folder()
            self.write(run_file())
        except OSError as error:
            raise EnvironmentProblem(
                f"The data folder cannot be used: {error.strerror or error}",
                where=str(data_folder()),
                fix="Set FEDEMU_HOME to a folder that can be written.",
            ) from None

    def write(self, path: Path) -> None:
        """Writes the addresses into a file, atomically.

        Raises:
            OSError: it cannot be written.
        """
        write_privately(path, self.as_json().encode())

    def withdraw(self) -> None:
        """Removes the file, unless another emulator has written it since."""
        known = _read(run_file())
        if known == self:
            run_file().unlink(missing_ok=True)


def run_file() -> Path:
    """Returns the file by which other commands find the running emulator."""
    return data_folder() / _FILE


def find_running(ready_file: Path | None = None) -> Running | None:
    """Returns the running emulator, or None when there is none or it does not answer."""
    running = _read(ready_file or run_file())
    if running is None:
        return None
    try:
        host, _, port = running.http.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=2):
            return running
    except (OSError, ValueError, AttributeError, OverflowError):
        return None


def _read(path: Path) -> Running | None:
    try:
        return Running(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
