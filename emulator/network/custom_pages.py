"""The user's own pages at emulated host names: a custom CCP, served from folders that the world names.

    pages:
      https://connect.example.com: [custom-ccp, node_modules/amazon-connect-streams/release]

``/ccp`` is ``ccp``, ``ccp.html`` or ``ccp/index.html`` in the first folder that has it.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from werkzeug.security import safe_join

from emulator.kernel.framed_pages import FramedPages, origin_of
from emulator.kernel.trace_notes import TraceNote, record
from emulator.network.wsgi import WsgiApp, plain_answer

_MAX_FILE_BYTES = 32_000_000
_FRAMES = frozenset({"iframe", "frame"})


class CustomPages:
    """Serves folders by host name, and passes every other host on to another application.

    Args:
        folders: Folders by origin, such as ``https://connect.example.com``; the first one that has a file provides it.
        otherwise: Application for hosts without folders, and for everything but GET.
        framed_pages: Records which of the pages were requested in a frame.
    """

    def __init__(self, folders: Mapping[str, Sequence[Path]], *, otherwise: WsgiApp, framed_pages: FramedPages) -> None:
        self._folders = {urlsplit(origin).hostname or "": tuple(each) for origin, each in folders.items()}
        self._otherwise = otherwise
        self._framed_pages = framed_pages

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self._remember_frame(environ)
        folders = self._folders.get(environ.get("HTTP_HOST", "").partition(":")[0])
        if folders is None or environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
            return self._otherwise(environ, start_response)
        path = environ.get("PATH_INFO", "/")
        file = _find(folders, path.encode("latin-1").decode("utf-8", "replace"))
        if file is None:
            places = ", ".join(map(str, folders))
            record(environ, TraceNote("custom page", f"no file for {path} in {places}"))
            answer = plain_answer("404 Not Found", f"fedemu: there is no file for {path} in {places}.\n")
            start_response(answer.status, list(answer.headers))
            return [answer.body]
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        if kind == "text/html":
            record(environ, TraceNote("custom page", f"served {file.name} for {path}"))
        data = file.read_bytes()
        charset = "; charset=utf-8" if kind.startswith("text/") else ""
        headers = [
            ("Content-Type", kind + charset),
            ("Content-Length", str(len(data))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        start_response("200 OK", headers)
        return [data]

    def _remember_frame(self, environ: Mapping[str, Any]) -> None:
        """Records whether a page was requested in a frame, and by which page.

        Spec: W3C Fetch Metadata "Sec-Fetch-Dest"
        """
        kind = environ.get("HTTP_SEC_FETCH_DEST", "document")
        if kind not in {"document", *_FRAMES}:
            return
        referer = origin_of(environ.get("HTTP_REFERER", "")) if kind in _FRAMES else ""
        self._framed_pages.shown(
            f"https://{environ.get('HTTP_HOST', '').partition(':')[0]}",
            browser=environ.get("HTTP_USER_AGENT", ""),
            around=referer,
        )


def _find(folders: Iterable[Path], path: str) -> Path | None:
    """Returns the file for a path, which must be inside one of the folders."""
    name = path.strip("/")
    for folder in folders:
        for candidate in (name, f"{name}.html" if name else "index.html", f"{name}/index.html"):
            joined = safe_join(str(folder), candidate) if candidate else None
            if joined is not None and _is_servable(Path(joined)):
                return Path(joined)
    return None


def _is_servable(file: Path) -> bool:
    try:
        return file.is_file() and file.stat().st_size <= _MAX_FILE_BYTES
    except (OSError, ValueError):
        return False
