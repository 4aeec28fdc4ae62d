"""Long lists, as IAM and Amazon Connect hand them out."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from emulator.kernel.errors import AwsRefusal
from emulator.kernel.services import Services
from sp_mock.apis.api_endpoints import endpoint_of
from sp_mock.apis.operations import ApiCall, Pagination, ServiceApi
from sp_mock.connect.lists import LISTS as CONNECT_LISTS
from sp_mock.iam.lists import LISTS as IAM_LISTS
from tests.conftest import NOW


def _page(lists: Pagination, count: int, **parameters: Any) -> dict[str, Any]:
    call = ApiCall(
        api=ServiceApi("House", "house", {}),
        operation="ListDoors",
        parameters=parameters,
        endpoint=endpoint_of("house.amazonaws.com"),
        now=NOW,
        services=Services(),
    )
    return dict(lists.page(call, "Doors", list(range(count)), lambda number: {"Number": number}))


def _base64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def _numbers(elements: dict[str, Any]) -> list[int]:
    return [door["Number"] for door in elements["Doors"]]


def test_a_short_list_is_one_page() -> None:
    """IAM says that it is not truncated, Amazon Connect gives no token."""
    assert _page(IAM_LISTS, 2) == {"Doors": [{"Number": 0}, {"Number": 1}], "IsTruncated": False}
    assert _page(CONNECT_LISTS, 2) == {"Doors": [{"Number": 0}, {"Number": 1}]}


def test_without_a_size_a_page_has_a_hundred_items() -> None:
    """The marker leads to the rest, in the order in which response elements are sent."""
    first = _page(IAM_LISTS, 250)
    assert list(first) == ["Doors", "IsTruncated", "Marker"]
    assert (_numbers(first), first["IsTruncated"], first["Marker"]) == (list(range(100)), True, _base64("from 100"))
    last = _page(IAM_LISTS, 250, Marker=_base64("from 200"))
    assert (_numbers(last), last["IsTruncated"], "Marker" in last) == (list(range(200, 250)), False, False)


def test_a_page_is_as_long_as_asked_for() -> None:
    """A list that ends with the page has no other one."""
    assert _page(CONNECT_LISTS, 4, MaxResults=2)["NextToken"] == _base64("2")
    second = _page(CONNECT_LISTS, 4, MaxResults=2, NextToken=_base64("2"))
    assert (_numbers(second), "NextToken" in second) == ([2, 3], False)


@pytest.mark.parametrize(
    "marker", ["!", "=", "bm90aGluZw==", _base64("3"), _base64("from -1"), _base64("from 1 "), "é"]
)
def test_markers_that_iam_did_not_hand_out(marker: str) -> None:
    """They are refused by name."""
    with pytest.raises(AwsRefusal) as caught:
        _page(IAM_LISTS, 5, Marker=marker)
    assert (caught.value.code, caught.value.check, caught.value.message) == (
        "ValidationError",
        "marker",
        f"Invalid Marker: {marker}",
    )


@pytest.mark.parametrize("token", ["!", "made-up", _base64("from 3"), _base64("0"), _base64("5"), _base64("-1"), "é"])
def test_tokens_that_amazon_connect_did_not_hand_out(token: str) -> None:
    """A list as it is now decides what could have been handed out."""
    with pytest.raises(AwsRefusal) as caught:
        _page(CONNECT_LISTS, 5, NextToken=token)
    assert (caught.value.code, caught.value.status, caught.value.message) == (
        "InvalidParameterException",
        400,
        "Invalid NextToken",
    )


def test_a_marker_from_before_iams_list_became_shorter() -> None:
    """Opens an empty page."""
    assert _page(IAM_LISTS, 5, Marker=_base64("from 100")) == {"Doors": [], "IsTruncated": False}
