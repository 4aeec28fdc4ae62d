"""How the files of a custom page embed the CCP: the settings of initCCP, their own frames, the referrer policy."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from pathlib import Path
from typing import Any

from emulator.diagnosis.custom_ccp.page_scripts import read_calls, read_names
from emulator.diagnosis.custom_ccp.script_values import UNKNOWN, Call, Given, Names, Settings
from emulator.kernel.errors import Location
from emulator.kernel.records import dataclass
from emulator.worldfile.text.read_files import UnreadableFile, bytes_of

_MOST_FILES = 60  # that embed nothing, but may define names
_MOST_ENTRIES = 2000
_MAX_FILE_BYTES = 200_000
_EMBEDDING = re.compile(rb"initCCP|<iframe|referrer", re.IGNORECASE)
_PAGES = (".html", ".htm")
_SCRIPTS = (".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx")
_LEFT_OUT = frozenset({"node_modules", "__pycache__"})
_LIBRARY = re.compile(r"(?:connect-streams|amazon-connect|[.-]min\.js$)", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script", re.DOTALL | re.IGNORECASE)
_FRAME = re.compile(r"<iframe\b([^>]*)", re.IGNORECASE)
_META = re.compile(r"<meta\b([^>]*)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_HIDING = frozenset({"no-referrer", "same-origin"})


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that a page shows in a frame.

    Args:
        file: File that contains it.
        line: Line in that file.
        settings: Settings of initCCP; for an iframe in the page itself, ``ccpUrl`` is its address.
        by_library: Whether the Streams library shows it.
    """

    file: str
    line: int
    settings: Settings
    by_library: bool = True

    def value(self, name: str) -> Any:
        """Returns the value of a setting; UNKNOWN for one that cannot be read, None for one that is absent."""
        given = self.settings.given.get(name)
        if given is None:
            return None if self.settings.complete else UNKNOWN
        return given.value

    def place(self, name: str) -> Location:
        """Returns the place of a setting, or where it would belong."""
        given = self.settings.given.get(name)
        return Location(self.file, given.line if given else self.line, name)


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A referrer policy that a page sets for itself or a frame."""

    text: str
    place: Location


@dataclass(frozen=True, slots=True)
class PageFiles:
    """What was read from a page's files.

    Args:
        shown: What the page shows in frames.
        hidden_by: Its referrer policies that hide the origin.
        unread: A phrase for each file that may embed the CCP and was not read, and one for files beyond the limits.
    """

    shown: tuple[Shown, ...]
    hidden_by: tuple[PolicyText, ...]
    unread: tuple[str, ...] = ()


def read_pages(folders: Iterable[Path], *, first: Sequence[str] = ()) -> PageFiles:
    """Reads the files below the folders of a page.

    Minified files and the library itself are skipped, of very many the last ones that embed nothing, and large ones;
    ``unread`` has those that may embed the CCP.

    Args:
        folders: Folders to search; the first one that has a file provides it.
        first: Names of files that the browser loaded, the last one first; they come first in the result.
    """
    files, unread = _files(folders)
    texts: dict[str, str] = {}
    for name, path in files.items():
        try:
            texts[name] = bytes_of(path, limit=_MAX_FILE_BYTES).decode("utf-8", "replace")
        except UnreadableFile as error:
            if _may_embed(path):
                unread.append(f"{_display(path)}: {error.message}")
    shared: Names = {}
    for _ in range(2):  # a name may be defined in terms of one that a later file defines
        for name, text in texts.items():
            if name.endswith(_SCRIPTS):
                shared |= read_names(text, known=shared)
    order = sorted(texts, key=lambda name: (first.index(name) if name in first else len(first), name))
    shown: list[Shown] = []
    policies: list[PolicyText] = []
    for name in order:
        place = _display(files[name])
        shown += _shown(texts[name], place, known=shared, is_page=name.endswith(_PAGES))
        policies += _policies(texts[name], place) if name.endswith(_PAGES) else ()
    return PageFiles(tuple(shown), tuple(policies), tuple(unread))


def _files(folders: Iterable[Path]) -> tuple[Mapping[str, Path], list[str]]:
    """Returns the files by their paths below the page's origin, and a phrase where there are more than are read."""
    found: dict[str, Path] = {}
    seen = 0
    for folder in folders:
        for here, below, names in os.walk(folder):
            below[:] = sorted(each for each in below if each not in _LEFT_OUT and not each.startswith("."))
            for name in sorted(names):
                seen += 1
                if seen > _MOST_ENTRIES:
                    return found, [f"its folders hold more than {_MOST_ENTRIES:,} files"]
                path = Path(here, name)
                is_own = name.endswith((*_PAGES, *_SCRIPTS)) and not _LIBRARY.search(name)
                if is_own and (len(found) < _MOST_FILES or _may_embed(path)):
                    found.setdefault(path.relative_to(folder).as_posix(), path)
    return found, []


def _may_embed(path: Path) -> bool:
    """Returns whether a file may embed the CCP, by the words in it; true of one that cannot be opened."""
    before = b""
    try:
        with path.open("rb") as file:
            while piece := file.read(1_000_000):
                if _EMBEDDING.search(before + piece) is not None:
                    return True
                before = piece[-10:]
    except OSError:
        return True
    return False


def _display(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else str(path)


def _shown(text: str, file: str, *, known: Names, is_page: bool) -> Iterator[Shown]:
    if not is_page:
        yield from (_of_call(call, file) for call in read_calls(text, "initCCP", known=known))
        return
    text = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)
    scripts = [
        (match[2], text.count("\n", 0, match.start(2)) + 1)
        for match in _SCRIPT.finditer(text)
        if "src=" not in match[1].lower()
    ]
    names = dict(known)
    for script, line in scripts:
        names |= read_names(script, first_line=line, known=names)
    for script, line in scripts:
        yield from (_of_call(call, file) for call in read_calls(script, "initCCP", first_line=line, known=names))
    for match in _FRAME.finditer(_SCRIPT.sub(lambda script: "\n" * script[0].count("\n"), text)):
        address = _attributes(match[1]).get("src", "")
        if "://" in address:
            line = text.count("\n", 0, match.start()) + 1
            yield Shown(file, line, Settings({"ccpUrl": Given(address, line)}), by_library=False)


def _of_call(call: Call, file: str) -> Shown:
    return Shown(file, call.line, call.settings)


def _policies(text: str, file: str) -> Iterator[PolicyText]:
    """Yields the referrer policies that hide the origin, and those that a script composes."""
    text = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)
    for match in (*_META.finditer(text), *_FRAME.finditer(text)):
        attributes = _attributes(match[1])
        policy = attributes.get("content", "") if attributes.get("name", "").lower() == "referrer" else ""
        policy = attributes.get("referrerpolicy", policy)
        if policy.lower() in _HIDING or "${" in policy:
            yield PolicyText(policy, Location(file, text.count("\n", 0, match.start()) + 1, "referrer"))


def _attributes(text: str) -> Mapping[str, str]:
    return {
        match[1].lower(): unescape(next((each for each in match.groups()[1:] if each is not None), ""))
        for match in _ATTRIBUTE.finditer(text)
    }
