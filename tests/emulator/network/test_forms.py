"""Form bodies are read and written as the standard library does, whatever is in them."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emulator.network.forms import first_values, form_decoded, form_encoded

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
PIECES = st.sampled_from(["%", "%2", "%25", "%2B", "%2b", "%C3%A9", "%ff", "+", " ", "=", "&", "a", "2B", "é", "%zz"])


@given(st.dictionaries(TEXTS, TEXTS, max_size=4))
@example({"SAMLResponse": "PD94+bWw/==", "RelayState": "https://a.example/?b=c d&e=%2B"})
def test_what_is_written_is_read_again(fields: dict[str, str]) -> None:
    """The body is urlencode's, and gives the fields back."""
    body = form_encoded(fields)
    assert body == urlencode(fields)
    assert form_decoded(body) == list(fields.items())


@given(st.lists(PIECES, max_size=30).map("".join))
@example("%252B=%25")
@example("a=%2B%25%2B+%25")
@example("a=%%332B%32")  # a bare % before an escape
@example("a=%%2B2F%252F%C3%2F%A9")
def test_any_body_is_read_as_the_standard_library_reads_it(body: str) -> None:
    """Broken escapes, escapes of escapes, bytes that are no text."""
    assert form_decoded(body) == parse_qsl(body, keep_blank_values=True)


def test_a_form_of_too_many_fields_is_not_read() -> None:
    """Ten thousand fields are read, one more is refused."""
    assert len(form_decoded("&".join(["a=1"] * 10_000))) == 10_000
    with pytest.raises(ValueError, match="a form has at most 10,000 fields"):
        form_decoded("&".join(["a=1"] * 10_001))


def test_of_a_repeated_field_the_first_counts() -> None:
    """As in the sites."""
    assert first_values([("a", "1"), ("b", "2"), ("a", "3")]) == {"a": "1", "b": "2"}
