"""A project's ``.gitignore``: what other commands write in the project stays out of git."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_HEAD: Final = "# What fedemu writes: the folder of its runs, traces and recordings of logins, reports."
_PATTERNS: Final = (".fedemu/", "*.har", "/login.json", "/login.xml", "/login.html")


def complete_git_ignore(folder: Path) -> str:
    """Adds the patterns that a folder's ``.gitignore`` lacks; returns the line to print, empty if nothing was added.

    A pattern that the file has in another form, or revokes with an exclamation mark, is its owner's decision. Where
    something else than a file has the name, nothing is written: git would not read it.

    Raises:
        OSError: it cannot be read or written.
    """
    file = folder / ".gitignore"
    is_new = not file.exists()
    if file.is_symlink() or not (is_new or file.is_file()):
        return ""
    # Git reads bytes, so a file in another encoding is none of our business.
    written = "" if is_new else file.read_bytes().decode("utf-8", errors="replace").removeprefix("\ufeff")
    decided = {line.strip().lstrip("!").strip("/") for line in written.splitlines()}
    lacking = [pattern for pattern in _PATTERNS if pattern.strip("/") not in decided]
    if not lacking:
        return ""
    end = "\r\n" if "\r\n" in written else "\n"
    lines = [_HEAD, *lacking]
    with file.open("ab") as opened:
        opened.write(("" if not written or written.endswith("\n") else end).encode())
        opened.write("".join(line + end for line in lines).encode())
    return f"wrote {file}" if is_new else f"added to {file}: {', '.join(lacking)}"
