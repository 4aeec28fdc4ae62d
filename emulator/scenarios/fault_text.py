"""Faults as people write them, on the command line and in scenarios."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.kernel.errors import ScenarioError
from emulator.worldfile.yaml_file import parse_documents
from idp.saml.faults import Fault, parse_fault


def read_faults(texts: Iterable[str]) -> tuple[Fault, ...]:
    """Reads faults given as YAML text such as ``{attribute: Role, remove: true}``.

    Raises:
        FederationError: the text is no YAML or no fault.
    """
    return tuple(
        parse_fault(document.data)
        for text in texts
        for document in parse_documents(text, file="--fault", error=ScenarioError)
    )


def read_fault(data: Mapping[str, Any]) -> Fault:
    """Reads one fault given as data.

    Raises:
        FederationError: it is no fault.
    """
    return parse_fault(data)


def fault_text(fault: Mapping[str, Any]) -> str:
    """Returns a fault in one line."""
    return "{" + ", ".join(f"{name}: {value}" for name, value in fault.items()) + "}"
