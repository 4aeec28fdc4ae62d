"""Runs the Dockerfile's own steps in a clean Debian root, where no container engine is at hand: ``make container``.

Debian's debootstrap makes the root, from the mirror that this machine's apt uses, and takes the place of the image that
the Dockerfile starts from: its Python is Debian's. RUN steps are run in it by chroot, in namespaces of their own. The
image's command is started without any network but loopback, as the image's user; the health check has to pass, and
the demo, the scenarios' runner and the Compose file's application are run beside it, with the Compose file's variables.
The size is the sum of the files' sizes, which is what an engine shows. Linux only, as root.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.release.dockerfile import Stage, Step, stages

ROOT = Path(__file__).parent.parent.parent
DOCKERFILE = ROOT / "docker" / "Dockerfile"
LIMIT_MB = 250
# What Debian's slim images leave out, too.
_NOT_IN_SLIM_IMAGES = (
    "usr/share/doc",
    "usr/share/info",
    "usr/share/locale",
    "usr/share/man",
    "var/cache/apt",
    "var/cache/debconf",
    "var/lib/apt/lists",
    "var/log",
)
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_CERTIFICATES = Path("etc/ssl/certs/ca-certificates.crt")


def run(*command: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """Runs a program and ends the trial if it fails."""
    return subprocess.run([str(word) for word in command], check=True, text=True, **more)


def base_root(folder: Path) -> None:
    """Makes the root that takes the base image's place, from the mirror and the suite that apt uses here."""
    wanted = "$(ORIGIN)|$(COMPONENT)|$(CODENAME)|$(REPO_URI)"
    listed = run("apt-get", "indextargets", "--format", wanted, "Created-By: Packages", capture_output=True).stdout
    sources = [line.split("|") for line in listed.splitlines()]
    suite, mirror = next(
        (codename, uri) for origin, part, codename, uri in sources if (origin, part) == ("Debian", "main")
    )
    packages = "python3,python3-venv,ca-certificates"
    run("debootstrap", "--variant=minbase", f"--include={packages}", suite, folder, mirror, stdout=subprocess.DEVNULL)
    for name in _NOT_IN_SLIM_IMAGES:
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "usr/local/bin/python").symlink_to("/usr/bin/python3")


def network_settings() -> dict[str, str]:
    """Returns how pip reaches its packages from here, by environment variables; what lies on this disk is left out."""
    names = ("INDEX_URL", "EXTRA_INDEX_URL", "PROXY", "TRUSTED_HOST", "DEFAULT_TIMEOUT")
    found = {f"PIP_{name}": os.environ[f"PIP_{name}"] for name in names if f"PIP_{name}" in os.environ}
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    for line in listed.stdout.splitlines():
        key, _, value = line.partition("=")
        name = key.rpartition(".")[2].upper().replace("-", "_")
        if name in names and "file:" not in value:
            found.setdefault(f"PIP_{name}", value.strip("'"))
    proxies = {name: value for name, value in os.environ.items() if name.lower() in {"http_proxy", "https_proxy"}}
    return {**found, **proxies, "PIP_QUIET": "1", "PIP_PROGRESS_BAR": "off"}


def inside(
    root: Path, script: str, *, environment: Mapping[str, str], user: str = "0:0", offline: bool = False
) -> None:
    """Runs a shell script in a root, with namespaces of its own, so that what it mounts and starts goes with it.

    Args:
        root: What the script sees as the file system.
        script: Shell commands.
        environment: All variables that the script has.
        user: Number of the user and of the group.
        offline: Whether there is no network but loopback.
    """
    variables = [f"{name}={value}" for name, value in environment.items()]
    start = ["chroot", f"--userspec={user}", str(root), "/usr/bin/env", "-i", *variables, "/bin/sh", "-euc", script]
    mounts = f"mount -t proc proc {shlex.quote(f'{root}/proc')} && mount --rbind /dev {shlex.quote(f'{root}/dev')}"
    loopback = f"{shlex.quote(sys.executable)} -c {shlex.quote(_LOOPBACK_UP)} && " if offline else ""
    namespaces = ["--mount", "--pid", "--fork", "--kill-child", *(["--net"] if offline else [])]
    run("unshare", *namespaces, "sh", "-euc", f"{loopback}{mounts} && exec {shlex.join(start)}")


# A scenario that does not come out as it says, which is what reports and traces are for.
_FAILS = """
scenario: A login that arrives, though the scenario says that it is refused
login: {user: hanako@example.com, app: amazon-connect}
expect: {outcome: refused}
"""

_LOOPBACK_UP = """
import fcntl, socket, struct
SET_FLAGS, UP = 0x8914, 1
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh14x", b"lo", UP))
"""


class Build:
    """The stages made one after another, each in a folder.

    Args:
        folder: Where the roots are made.
        base: The root that each stage starts from.
    """

    def __init__(self, folder: Path, base: Path) -> None:
        self.folder = folder
        self.base = base
        self.roots: dict[str, Path] = {}

    def make(self, stage: Stage) -> tuple[Path, dict[str, str], Path, str]:
        """Runs a stage's steps; returns its root, its variables, its working directory and its user."""
        root = self.roots[stage.name] = self.folder / (stage.name or "image")
        run("cp", "-a", "--reflink=auto", self.base, root)
        environment = {"PATH": _PATH, "HOME": "/root", "LANG": "C.UTF-8"}
        directory, user = Path("/"), "0:0"
        for step in stage.steps:
            if step.keyword == "WORKDIR":
                directory = Path(step.text)
                (root / directory.relative_to("/")).mkdir(parents=True, exist_ok=True)
            elif step.keyword == "COPY":
                self._copy(step, root, directory)
            elif step.keyword == "ENV":
                pairs = (word.partition("=") for word in step.words())
                environment |= {name: value.replace("$PATH", environment["PATH"]) for name, _, value in pairs}
            elif step.keyword == "USER":
                user = f"{step.text}:{step.text}"
            elif step.keyword == "RUN":
                print(f"{stage.name or 'image'}: {step.text}", flush=True)
                self._run(step, root, directory, environment)
        return root, environment, directory, user

    def _copy(self, step: Step, root: Path, directory: Path) -> None:
        *sources, target = step.words()
        there = root / (directory / target).relative_to("/")
        for source in sources:
            stage = step.options.get("from")
            here = self.roots[stage] / source.lstrip("/") if stage else ROOT / source
            if not here.is_dir():
                shutil.copy2(here, there / here.name if target.endswith("/") else there)
            elif stage:
                shutil.copytree(here, there, symlinks=True, dirs_exist_ok=True)
            else:
                shutil.copytree(here, there, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)

    def _run(self, step: Step, root: Path, directory: Path, environment: Mapping[str, str]) -> None:
        """Runs a step with this machine's way to the network, of which nothing stays in the root."""
        lent = {_CERTIFICATES: Path("/") / _CERTIFICATES, Path("etc/resolv.conf"): Path("/etc/resolv.conf")}
        before = {place: (root / place).read_bytes() if (root / place).exists() else None for place in lent}
        try:
            for place, file in lent.items():
                if file.exists():
                    shutil.copyfile(file, root / place)
            inside(root, f"cd {directory}; {step.text}", environment={**environment, **network_settings()})
        finally:
            for place, content in before.items():
                if content is None:
                    (root / place).unlink(missing_ok=True)
                else:
                    (root / place).write_bytes(content)


def size_mb(root: Path) -> float:
    """Returns the sum of the sizes of a root's files, each file once, in millions of bytes."""
    files = {}
    for folder, _, names in os.walk(root):
        for name in names:
            status = os.lstat(os.path.join(folder, name))  # noqa: PTH118  links are counted, not followed
            files[status.st_dev, status.st_ino] = status.st_size
    return sum(files.values()) / 1e6


def services() -> dict[str, Any]:
    """Returns the services of the Compose file."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8"))["services"]
    return found


def trial(image: Stage) -> str:
    """Returns the shell script that starts the image's command, waits until it is healthy, and uses it."""
    command = shlex.join([*image.last("ENTRYPOINT").words(), *image.last("CMD").words()])
    check = shlex.join(image.last("HEALTHCHECK").words())
    others = services()
    variables = " ".join(f"{name}={shlex.quote(value)}" for name, value in others["application"]["environment"].items())
    scenarios = shlex.join([*image.last("ENTRYPOINT").words(), *others["scenarios"]["command"]])
    return f"""
{command} >/tmp/up.txt 2>&1 &
emulator=$!
tries=0
until {check} 2>/dev/null; do
  tries=$((tries + 1))
  if [ $tries -gt 60 ]; then cat /tmp/up.txt; exit 1; fi
  sleep 1
done
echo "healthy after $tries failed checks"
fedemu demo | tail -n 1
fedemu doctor
{variables} python /tmp/application.py
cd {others["scenarios"]["working_dir"]}
{scenarios} -k AWS-OK-01
cp /opt/fedemu/lib/python3.*/site-packages/scenarios/worlds/connect.yaml world.yaml
mkdir scenarios
cp /tmp/fails.yaml scenarios
{scenarios} >/dev/null || test $? = 1
find . -type f | sort
kill -TERM $emulator
wait $emulator
"""


def main() -> int:
    """Builds the image's root, tries it, and measures it."""
    if os.geteuid() != 0 or platform.system() != "Linux":
        print("make container needs Linux, root, and debootstrap")
        return 3
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fedemu-container-") as name:
        folder = Path(name)
        base = folder / "base"
        kept = Path(sys.argv[1]) if len(sys.argv) > 1 else None
        if kept is None:
            base_root(base)
        else:
            run("cp", "-a", "--reflink=auto", kept, base)
        build = Build(folder, base)
        *_, (root, environment, directory, user) = [build.make(stage) for stage in stages(DOCKERFILE)]
        of_base, of_image = size_mb(base), size_mb(root)
        shutil.copy2(ROOT / "docker" / "application.py", root / "tmp" / "application.py")
        (root / "tmp" / "fails.yaml").write_text(_FAILS, encoding="utf-8")
        image = stages(DOCKERFILE)[-1]
        inside(root, f"cd {directory}\n{trial(image)}", environment=environment, user=user, offline=True)
        print(f"size {of_image:.0f} MB: {of_base:.0f} of the base, {of_image - of_base:.0f} of ours; limit {LIMIT_MB}")
        print(f"took {time.monotonic() - began:.0f} s", flush=True)
    return 1 if of_image > LIMIT_MB else 0


if __name__ == "__main__":
    sys.exit(main())
