"""The fenced blocks of all pages, each with its language and, where it cannot be run, the reason that the page gives.

A block whose language is followed by a name, as in ``yaml scenarios/login.yaml``, is that file of the page's project.
A comment before a block, ``<!-- not run: WHY -->``, says why nothing here can run it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent
_BLOCK: Final = re.compile(
    r"(?:^<!-- not run: (?P<reason>[^\n]+?) -->\n)?"
    r"^(?P<indent> *)```(?P<language>\w*)(?: (?P<name>\S+))?\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block.

    Args:
        page: The page's path, relative to the repository.
        line: The line of its opening fence.
        language: The word behind the fence; empty if there is none.
        name: The name of the file that it is; empty if it is none.
        text: What is between the fences.
        reason: Why it cannot be run; empty if it can.
    """

    page: str
    line: int
    language: str
    name: str
    text: str
    reason: str

    @property
    def place(self) -> str:
        """Where it is, as editors understand it."""
        return f"{self.page}:{self.line}"


def pages() -> Iterator[Path]:
    """Yields every page that people read, in a stable order."""
    yield from sorted(ROOT.glob("*.md"))
    yield from sorted((ROOT / "docs").rglob("*.md"))
    yield from sorted((ROOT / "docker").rglob("*.md"))


@cache
def blocks() -> tuple[Block, ...]:
    """Returns the blocks of all pages."""
    return tuple(block for page in pages() for block in _blocks_of(page))


def _blocks_of(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in _BLOCK.finditer(text):
        fence = found.start("indent")
        yield Block(
            page.relative_to(ROOT).as_posix(),
            text.count("\n", 0, fence) + 1,
            found["language"],
            found["name"] or "",
            found["text"],
            found["reason"] or "",
        )
