"""From a world that is saved to what is served of it: the median of twenty saves, through ``fedemu up``.

    python -m tests.bench.saving

Half a second of it at most is the watch, which looks every quarter of a second and waits for two looks that agree.
"""

from __future__ import annotations

import os
import tempfile
import time
import urllib.request
from pathlib import Path

from emulator.world import DEFAULT_WORLD
from tests.bench.large_world import write_large_world
from tests.bench.measuring import median
from tests.bench.processes import running

_SAVES = 20
_LABEL = "label: Amazon Connect SAML"


def measure(folder: Path) -> None:
    """Prints the figures of the built-in world and of one with 10,000 people."""
    _report("the built-in world", folder, DEFAULT_WORLD.read_text(encoding="utf-8"))
    large = folder / "large.yaml"
    write_large_world(large, people=10_000, roles=100)
    _report("10,000 people", folder, large.read_text(encoding="utf-8"), saves=5)


def _report(what: str, folder: Path, text: str, *, saves: int = _SAVES) -> None:
    seconds = seconds_of_saves(folder, text, saves=saves)
    figures = f"median {median(seconds):.2f} s, slowest {max(seconds):.2f} s, of {saves}"
    print(f"save to new world served, {what}: {figures}", flush=True)


def seconds_of_saves(folder: Path, text: str, *, saves: int) -> list[float]:
    """Returns how long each save of a world took to be served, as the page of the people shows it.

    Args:
        folder: Where the world is written.
        text: The world; the label of its app is changed.
        saves: How many.
    """
    file = folder / "saved.yaml"
    file.write_text(text, encoding="utf-8")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    environment = {**os.environ, "FEDEMU_HOME": str(folder)}
    seconds = []
    with running(folder, environment, "--no-proxy", "--world", str(file)) as ready:
        url = f"{ready['http']}/workbench/people"
        opener.open(url).read()
        for number in range(saves):
            label = f"Saved {number} times"
            file.write_text(text.replace(_LABEL, f"label: {label}"), encoding="utf-8")
            began = time.perf_counter()
            while label.encode() not in opener.open(url).read():
                time.sleep(0.005)
            seconds.append(time.perf_counter() - began)
    return seconds


def main() -> None:
    """Measures in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        measure(Path(name))


if __name__ == "__main__":
    main()
