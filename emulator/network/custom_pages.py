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
        try:
            file = _find(folders, path.encode("latin-1").decode("utf-8", "replace"))
            data = file.read_bytes()
        except _NotServed as why:
            record(environ, TraceNote("custom page", str(why)))
            answer = plain_answer("404 Not Found", f"fedemu: {why}.\n")
            start_response(answer.status, list(answer.headers))
            return [answer.body]
        except OSError as error:
            record(environ, TraceNote("custom page", f"{path} cannot be read: {error.strerror}"))
            answer = plain_answer("403 Forbidden", f"fedemu: {path} cannot be read: {error.strerror}.\n")
            start_response(answer.status, list(answer.headers))
            return [answer.body]
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        if kind == "text/html":
            record(environ, TraceNote("custom page", f"served {file.name} for {path}"))
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


class _NotServed(Exception):
    """No file is served for a path; the message says why."""


def _find(folders: Sequence[Path], path: str) -> Path:
    """Returns the file for a path, which is in one of the folders.

    Raises:
        _NotServed: the file does not exist, or must not be served.
    """
    name = path.strip("/")
    if any(part.startswith(".") and part.strip(".") for part in name.split("/")):
        raise _NotServed(f"files whose names begin with a dot are not served: {path}")
    why = _NotServed(f"there is no file for {path} in {', '.join(map(str, folders))}")
    for folder in folders:
        for candidate in (name, f"{name}.html" if name else "index.html", f"{name}/index.html"):
            joined = safe_join(str(folder), candidate) if candidate else None
            try:
                if joined is not None and Path(joined).is_file():
                    return _require_servable(Path(joined), folder)
            except _NotServed as refused:
                why = refused
            except (OSError, ValueError):
                continue
    raise why


def _require_servable(file: Path, folder: Path) -> Path:
    """Requires a file of a folder, and returns its real path: a link in the folder may lead anywhere.

    Raises:
        _NotServed: it is elsewhere, has a name that begins with a dot, or is too large.
    """
    real, inside = file.resolve(), folder.resolve()
    if not real.is_relative_to(inside):
        raise _NotServed(f"{file} is a link that leads out of {folder}, and is not followed")
    if any(part.startswith(".") for part in real.relative_to(inside).parts):
        raise _NotServed(f"{file} is a link to a file whose name begins with a dot, and is not followed")
    if real.stat().st_size > _MAX_FILE_BYTES:
        raise _NotServed(f"{file} has more than {_MAX_FILE_BYTES:,} bytes, and larger files are not served")
    return real
