"""IAM takes metadata of 10,000,000 characters, by boto3 and over a socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.federation import Federation
from tests.conftest import APP

END = "</md:EntityDescriptor>"
NEW_PROVIDER_ARN = "arn:aws:iam::123456789012:saml-provider/long"


def _of_length(federation: Federation, characters: int, filling: str) -> str:
    document = federation.identity_providers["acme"].metadata(APP).decode()
    element = f"<md:AdditionalMetadataLocation>{filling * 15}</md:AdditionalMetadataLocation>"
    count, rest = divmod(characters - len(document), len(element))
    return document.replace(END, element * count + " " * rest + END)


def test_ten_million_characters(sdk: Callable[..., Any], federation: Federation) -> None:
    """What is put in comes out again, umlauts included, and the trace keeps only its beginning."""
    iam, metadata = sdk("iam"), _of_length(federation, 10_000_000, "x" * 59 + "\u00fc")
    assert len(metadata) == 10_000_000
    arn = iam.create_saml_provider(Name="long", SAMLMetadataDocument=metadata)["SAMLProviderArn"]
    assert arn == NEW_PROVIDER_ARN
    kept = dict(federation.gateway.exchanges[-1].form)["SAMLMetadataDocument"]
    assert len(kept) < 201_000
    assert kept.endswith("… (10000000 characters)")
    iam.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument=metadata)
    assert iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"] == metadata


def test_one_character_more(sdk: Callable[..., Any], federation: Federation) -> None:
    """Is one too many, in the words of a parameter that is too long."""
    with pytest.raises(ClientError) as caught:
        sdk("iam").create_saml_provider(Name="long", SAMLMetadataDocument=_of_length(federation, 10_000_001, "x" * 60))
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationError"
    assert "'sAMLMetadataDocument' failed to satisfy constraint" in error["Message"]
    assert "Member must have length less than or equal to 10000000" in error["Message"]
