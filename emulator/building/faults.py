"""Faults as people write them, on the command line and in scenarios."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from emulator.kernel.errors import ScenarioError
from emulator.worldfile.text.yaml_file import parse_documents
from idp.saml.draft import Fault, Stage
from idp.saml.faults import FAULTS, parse_fault, written

_WIDTH = 54


def read_faults(texts: Iterable[str]) -> tuple[Fault, ...]:
    """Reads faults given as YAML text such as ``{attribute: Role, remove: true}``.

    Raises:
        FederationError: the text is not YAML, or not a fault.
    """
    return tuple(parse_fault(data) for text in texts for data in faults_as_data(text))


def faults_as_data(text: str, *, name: str = "--fault") -> list[Any]:
    """Returns the faults in YAML text as data, which need not be valid faults yet.

    Args:
        name: What error messages call it.

    Raises:
        ScenarioError: the text is not YAML.
    """
    return [document.data for document in parse_documents(text, file=name, error=ScenarioError)]


def read_fault(data: Mapping[str, Any]) -> Fault:
    """Reads one fault given as data.

    Raises:
        FederationError: it is not a fault.
    """
    return parse_fault(data)


def read_texts_and_data(given: Iterable[Any]) -> tuple[Fault, ...]:
    """Reads faults given by a program: each as YAML text, or as data.

    Raises:
        FederationError: one is not a fault.
    """
    return tuple(
        fault for each in given for fault in (read_faults([each]) if isinstance(each, str) else [read_fault(each)])
    )


def fault_text(fault: Mapping[str, Any]) -> str:
    """Returns a fault in one line."""
    return written(fault)


def list_of_faults() -> Iterator[str]:
    """Yields every form of fault with its effect, under the stage at which it takes effect."""
    for stage in Stage:
        yield f"{stage[0].upper()}{stage[1:]}"
        for form in (form for form in FAULTS if form.stage is stage):
            yield f"  {'{' + form.form + '}':<{_WIDTH}}  {form.description}"
    yield "A word in capitals is yours to choose: a PATH such as Assertion/Subject/NameID, a TIME such as -6m."
