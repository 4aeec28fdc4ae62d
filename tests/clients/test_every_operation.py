"""Every operation that AWS's APIs offer is AWS's, and a test calls it by its name or boto3's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from botocore import xform_name

from sp_mock.apis.operations import ServiceApi
from sp_mock.apis.service_model import ServiceOperations
from sp_mock.connect_api.api import SERVICE_API
from sp_mock.iam_api.api import IAM_API
from sp_mock.sts.api import STS_API

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
WORDS_OF_TESTS = {
    word for path in (ROOT / "tests").rglob("*.py") for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
}
WORDS_OF_THE_CONNECT_PAGE = set(re.findall(r"\w+", (ROOT / "docs" / "connect.md").read_text(encoding="utf-8")))
OPERATIONS = [(api, operation) for api in (STS_API, IAM_API, SERVICE_API) for operation in api.operations]


@pytest.mark.parametrize(("api", "operation"), OPERATIONS, ids=[operation for _, operation in OPERATIONS])
def test_every_operation_is_awss_and_is_called(api: ServiceApi, operation: str) -> None:
    """botocore's model has it, and some test names it."""
    assert ServiceOperations(api.prefix).knows(operation), f"{api.name} has no operation {operation}"
    assert {operation, xform_name(operation)} & WORDS_OF_TESTS, f"no test calls {operation}"


@pytest.mark.parametrize("operation", SERVICE_API.operations)
def test_the_documentation_names_every_operation_of_amazon_connect(operation: str) -> None:
    """docs/connect.md lists what is there, and says that the others are refused."""
    assert operation in WORDS_OF_THE_CONNECT_PAGE, f"docs/connect.md does not name {operation}"
