"""Everything that ``explain`` knows, read from its files."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from emulator.diagnosis.check_texts import read_check_texts
from emulator.explaining.recognition import Known
from emulator.explaining.sentences import read_sentences

TOPICS = Path(__file__).parent / "topics"


@cache
def everything_known() -> Known:
    """Returns the checks of the services, the topics beside them, the sentences and the codes, read once in a process.

    Raises:
        FileError: a file cannot be used.
    """
    return Known({**read_check_texts(), **read_check_texts(TOPICS)}, read_sentences())
