"""The workbench's own words, in English and Japanese. Messages of services are not translated.

``words/en.yaml`` and ``words/ja.yaml`` have the same keys. A text that counts something has the keys ``…_one`` and
``…_other``; Japanese needs no more than the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from emulator.kernel.errors import WorldError
from emulator.worldfile.text.yaml_file import read_documents

LANGUAGES: Final = {"en": "English", "ja": "日本語"}
_FOLDER = Path(__file__).parent / "words"


@cache
def words_of(language: str) -> Mapping[str, str]:
    """Returns every text of a language by its key."""
    (document,) = read_documents(_FOLDER / f"{language}.yaml", error=WorldError)
    return {str(key): str(text) for key, text in document.data.items()}


class Words:
    """The words of one language.

    Args:
        language: Code of the language, one of ``LANGUAGES``.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = words_of(language)

    def __call__(self, key: str, **values: Any) -> str:
        """Returns a text with its values filled in.

        Args:
            key: Key of the text; for a text that counts, without ``_one`` and ``_other``.
            values: Values for the names in braces; ``count`` chooses the form of a text that counts.

        Raises:
            LookupError: the text does not exist.
        """
        if "count" in values:
            one = f"{key}_one"
            key = one if values["count"] == 1 and one in self._texts else f"{key}_other"
            values["count"] = f"{values['count']:,}"
        return self._texts[key].format(**values)
