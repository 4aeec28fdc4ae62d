"""A Dockerfile read as its stages and their steps, as far as this project's one needs."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

KEYWORDS = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "HEALTHCHECK", "ENTRYPOINT", "CMD"}


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction: its keyword, its options such as ``--from=build``, and the text after them."""

    keyword: str
    options: dict[str, str]
    text: str

    def words(self) -> list[str]:
        """Returns the words of the text: a JSON list's, or those between blanks, without ``CMD`` of a health check."""
        text = self.text.removeprefix("CMD ") if self.keyword == "HEALTHCHECK" else self.text
        return list(json.loads(text)) if text.startswith("[") else shlex.split(text)


@dataclass(frozen=True, slots=True)
class Stage:
    """What begins with a FROM: the image that it starts from, its name, and its steps."""

    base: str
    name: str
    steps: tuple[Step, ...]

    def last(self, keyword: str) -> Step:
        """Returns the step with this keyword that counts, which is the last one."""
        return [step for step in self.steps if step.keyword == keyword][-1]


def stages(path: Path) -> list[Stage]:
    """Returns the stages of a Dockerfile.

    Raises:
        ValueError: an instruction is none of ``KEYWORDS``, so that nobody knows how to run it.
    """
    found: list[tuple[str, str, list[Step]]] = []
    for step in _steps(path.read_text(encoding="utf-8")):
        if step.keyword == "FROM":
            base, _, name = step.text.partition(" AS ")
            found.append((base, name, []))
        else:
            found[-1][2].append(step)
    return [Stage(base, name, tuple(steps)) for base, name, steps in found]


def _steps(text: str) -> Iterator[Step]:
    without_comments = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for line in re.sub(r"\\\n", " ", without_comments).splitlines():
        if not line.strip():
            continue
        keyword, _, rest = line.partition(" ")
        if keyword not in KEYWORDS:
            raise ValueError(f"the Dockerfile's {keyword} is not known here")
        options = {}
        while (match := re.match(r"\s*--([\w-]+)=(\S+)\s+", rest)) is not None:
            options[match[1]] = match[2]
            rest = rest[match.end() :]
        yield Step(keyword, options, " ".join(rest.split()))
