"""The AWS SDK as users have it: clients of the emulator, and what a refusal looks like to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

ADMINISTRATOR = {
    "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}

Sdk = Callable[..., Any]


def keys_of(credentials: Mapping[str, Any]) -> dict[str, str]:
    """Returns an STS answer's credentials as boto3's client takes them."""
    return {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }


def client(service: str, *, url: str, region: str = "us-east-1", **credentials: str) -> Any:
    """Returns a boto3 client with another endpoint and no other setting; by default the administrator's."""
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        config=Config(proxies={}, retries={"max_attempts": 0}),
        **(credentials or ADMINISTRATOR),
    )


@contextmanager
def refused(code: str, message: str, *, status: int) -> Iterator[None]:
    """Expects a call to be refused with exactly these words."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        yield
    answer = caught.value.response
    assert (answer["Error"]["Code"], answer["Error"]["Message"]) == (code, message)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
