"""What somebody who installed the wheel would try first, in an empty folder; ``make package`` runs it.

It is run by the environment's own Python, as a script, so that nothing of the repository can be imported:
``.venv/package/bin/python tests/release/trial.py``. Each step ends with its exit code 0, or the trial ends there.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

PROGRAMS = Path(sys.executable).parent
_PATIENCE_SECONDS = 60


def run(*words: str, folder: Path) -> str:
    """Runs a program of the environment and returns what it printed."""
    done = subprocess.run(
        [str(PROGRAMS / words[0]), *words[1:]], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    last = (done.stdout.strip() or "-").splitlines()[-1]
    print(f"{' '.join(words)}: {last}")
    return done.stdout


def page(address: str) -> tuple[int, str]:
    """Returns the status and the text of a page of this machine."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=_PATIENCE_SECONDS)
    connection.request("GET", f"{parts.path or '/'}?{parts.query}")
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def workbench(folder: Path) -> None:
    """Starts ``fedemu up`` and opens every page of the workbench that its first page links or needs."""
    ready = folder / "ready.json"
    command = [str(PROGRAMS / "fedemu"), "up", "--http", "0", "--proxy", "0", "--ready-file", str(ready)]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as emulator:
        try:
            until = time.monotonic() + _PATIENCE_SECONDS
            while not (ready.exists() and ready.read_text(encoding="utf-8").endswith("}\n")):
                if emulator.poll() is not None or time.monotonic() > until:
                    raise SystemExit("fedemu up did not become ready")
                time.sleep(0.05)
            address = json.loads(ready.read_text(encoding="utf-8"))["http"]
            status, first = page(f"{address}/")
            linked = sorted(set(re.findall(r'(?:href|src)="(/(?:workbench|fedemu/static|static)[^"#?]*)', first)))
            answers = {path: page(f"{address}{path}")[0] for path in linked}
        finally:
            emulator.terminate()
    wrong = {path: each for path, each in answers.items() if each >= http.HTTPStatus.BAD_REQUEST}
    if status != http.HTTPStatus.OK or wrong or len(answers) < 5:
        raise SystemExit(f"the workbench answered {status}, {answers}")
    print(f"fedemu up: the workbench answered {len(answers) + 1} addresses; it ended with {emulator.returncode}")


def main() -> None:
    """Tries the demo, the catalogue, a project of ``fedemu init`` under pytest, and the workbench."""
    import emulator

    if not Path(emulator.__file__).is_relative_to(PROGRAMS.parent):
        raise SystemExit(f"emulator is imported from {emulator.__file__}, not from the environment")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["FEDEMU_HOME"] = str(folder / "home")
        os.environ.pop("PYTHONPATH", None)
        run("fedemu", "--version", folder=folder)
        run("fedemu", "demo", folder=folder)
        run("fedemu", "run", "--builtin", "-n", "auto", folder=folder)
        run("fedemu", "exec", "--", str(PROGRAMS / "python"), "-c", "pass", folder=folder)
        run("fedemu", "init", "mine", folder=folder)
        run("pytest", "-q", "mine", folder=folder)
        workbench(folder)


if __name__ == "__main__":
    main()
