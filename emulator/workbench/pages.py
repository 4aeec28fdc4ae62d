"""The context of a page: whose federation it shows, and in which language."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import request
from markupsafe import Markup, escape

from emulator.kernel.services import services_of
from emulator.workbench.words import LANGUAGES, Words
from emulator.workbench.workbench import Workbench

LANGUAGE_COOKIE = "fedemu-language"
_JOINTS = re.compile(r"(?<=[@/?=])(?=\w)|(?<=[a-z])(?=[A-Z])|(?<=\w)(?=&)")


def workbench() -> Workbench:
    """Returns the served federation of the current page."""
    return services_of(request.environ).get(Workbench)


def words() -> Words:
    """Returns the words of the browser's preferred language, or of the chosen one."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return Words(chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES, "en"))


def alias(url: str) -> str:
    """Returns the address at which a browser reaches a real URL from here.

    The workbench links to aliases only: a browser that knew a host by two names would have to sign in at both.
    """
    parts = urlsplit(url)
    port = f":{request.host.rpartition(':')[2]}" if ":" in request.host else ""
    return parts._replace(scheme="http", netloc=f"{parts.hostname}.localhost{port}").geturl()


def breakable(text: str) -> Markup:
    """Returns a name or an address for HTML that is broken, where it is too long for a line, at its joints only."""
    return Markup("<wbr>").join(escape(part) for part in _JOINTS.split(text))
