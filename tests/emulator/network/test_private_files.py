"""Traces are files of their owner alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.network.private_files import write_private
from emulator.scenarios.kept_files import kept_folder, replace_file

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no modes of files")


@pytest.fixture(params=[0o000, 0o022, 0o277, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Sets a umask that gives everybody everything, or takes from the owner, too."""
    (tmp_path / "there.json").write_text("old and longer")
    (tmp_path / "there.json").chmod(0o644)
    kept_folder(tmp_path, "traces")
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(file: Path) -> int:
    """Returns the permissions of a file."""
    return stat.S_IMODE(file.stat().st_mode)


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("name", ["new.json", "there.json"])
def test_a_trace_has_the_mode_0600_whatever_the_umask(tmp_path: Path, name: str) -> None:
    """A new file, and one that everybody could read before; what was kept of a run, too."""
    write_private(tmp_path / name, "é\n")
    replace_file(tmp_path / ".fedemu" / "traces" / "a.har", "{}\n")
    assert (mode(tmp_path / name), (tmp_path / name).read_text(encoding="utf-8")) == (0o600, "é\n")
    assert mode(tmp_path / ".fedemu" / "traces" / "a.har") == 0o600


def test_what_is_not_a_regular_file_keeps_its_mode() -> None:
    """A trace may go to a device."""
    before = Path(os.devnull).stat().st_mode
    write_private(Path(os.devnull), "text")
    assert Path(os.devnull).stat().st_mode == before
