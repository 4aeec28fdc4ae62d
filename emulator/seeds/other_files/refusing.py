"""The refusal of a file that no reader recognises."""

from __future__ import annotations

from typing import Any

from emulator.seeds.contents import SeedError
from emulator.seeds.other_files.data_shapes import kind_of_data
from emulator.seeds.other_files.kinds import AS_EXPORTED, WHAT_IS_READ, OtherKind
from emulator.seeds.other_files.texts import kind_of_text


def refusal_of(text: str, data: Any, *, documents: int = 1, complaint: str = "") -> SeedError:
    """Returns the error that says what a file is, and what to provide instead.

    Args:
        text: The file's text.
        data: The file's data as JSON or YAML; None if it is neither.
        documents: The number of documents if the data is a list of them.
        complaint: Why the text could not be parsed as data.
    """
    kind = kind_of_text(text)
    is_text = data is None or (isinstance(data, str) and text[:1] not in {'"', "'"})
    if not is_text and not (kind is not None and kind.is_sure):
        kind = kind_of_data(data, documents=documents)
    if kind is None and complaint:
        return SeedError(f"this is neither YAML nor JSON: {complaint}", expected=WHAT_IS_READ, fix=AS_EXPORTED)
    return (kind or OtherKind("plain text")).refusal()
