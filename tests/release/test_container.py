"""The Dockerfile as ``make container`` reads it; running its steps takes minutes and root, so no test does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.release import container, wheel
from tests.release.dockerfile import stages

BUILD, IMAGE = stages(container.DOCKERFILE)


def test_the_stages_and_their_steps() -> None:
    """A continued line is one step, options are apart, and a JSON list is words."""
    assert (BUILD.name, IMAGE.name, BUILD.base) == ("build", "", IMAGE.base)
    assert [step.keyword for step in BUILD.steps][-2:] == ["COPY", "RUN"]
    assert BUILD.last("RUN").text.startswith(
        "python -m venv /opt/fedemu && /opt/fedemu/bin/pip install --no-cache-dir "
    )
    assert IMAGE.last("COPY").options == {"from": "build"}
    assert IMAGE.last("HEALTHCHECK").words()[:2] == ["python", "-c"]
    assert IMAGE.last("CMD").words()[0] == "up"


def test_an_instruction_that_nobody_can_run_here_is_refused(tmp_path: Path) -> None:
    """It would be passed over in silence, and the trial would be one of another image."""
    (tmp_path / "Dockerfile").write_text("FROM a\n# a comment\nONBUILD RUN true\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"^the Dockerfile's ONBUILD is not known here$"):
        stages(tmp_path / "Dockerfile")


def test_everything_that_the_build_needs_is_copied() -> None:
    """The packages and the files that pyproject.toml names are copied, and .dockerignore lets them through."""
    project = wheel.settings()["project"]
    needed = {"pyproject.toml", "constraints.txt", project["readme"], *project["license-files"], *wheel.PACKAGES}
    copied = {word for step in BUILD.steps if step.keyword == "COPY" for word in step.words()[:-1]}
    assert copied == needed
    ignored = (wheel.ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == needed


def test_the_trial_uses_the_commands_of_both_files() -> None:
    """The image's command and health check, and the Compose file's scenarios and application."""
    script = container.trial(IMAGE)
    assert "\nfedemu up --http 7080 --proxy 7081 --ca-file /ca/fedemu-ca.pem >" in script
    assert "until python -c 'import urllib.request; " in script
    assert "\ncd /reports\nfedemu run --junit login.xml --html login.html -k " in script
    assert "SSL_CERT_FILE=/ca/fedemu-ca.pem" in script


def test_the_size_counts_each_file_once(tmp_path: Path) -> None:
    """A hard link is the file that it is a link to, and a link is not followed."""
    (tmp_path / "a").write_bytes(bytes(3_000_000))
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    (tmp_path / "c").symlink_to(tmp_path / "a")
    assert round(container.size_mb(tmp_path), 1) == 3.0
