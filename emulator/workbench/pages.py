"""What a page is asked with: whose federation it shows, and in which language."""

from __future__ import annotations

from flask import request

from emulator.kernel.services import services_of
from emulator.workbench.words import LANGUAGES, Words
from emulator.workbench.workbench import Workbench

LANGUAGE_COOKIE = "fedemu-language"


def workbench() -> Workbench:
    """Returns the federation at work whose page is asked for."""
    return services_of(request.environ).get(Workbench)


def words() -> Words:
    """Returns the words of the language that the browser asks for, or that was chosen."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return Words(chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES, "en"))
