"""Finds unknown parts of a template that may deny something, so that those who may be affected are left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from emulator.seeds.cloudformation.resources import Resource, Template

_NOT_THERE: Final = {"Ref": "AWS::NoValue"}
_POLICIES: Final = ("AWS::IAM::ManagedPolicy",)


def may_deny(written: Any) -> bool:
    """Returns whether an unresolved policy, document or statement may deny something.

    Anything without a visible ``Effect`` may deny, for example if a function generates it.
    """
    if isinstance(written, dict) and len(written) == 1 and isinstance(written.get("Fn::If"), list):
        return any(each != _NOT_THERE and may_deny(each) for each in written["Fn::If"][1:])
    if isinstance(written, list):
        return any(each != _NOT_THERE and may_deny(each) for each in written)
    if not isinstance(written, dict):
        return True
    if "Effect" in written:
        return bool(written["Effect"] != "Allow")
    inside = written.get("PolicyDocument", written.get("Statement"))
    return inside is None or may_deny(inside)


def mentioned(template: Template, written: Any, *kinds: str) -> Iterator[Resource]:
    """Yields the resources of some types that unresolved template code refers to."""
    names = set(_names(written))
    yield from (each for each in template.of(*kinds) if each.logical_id in names)


def mentions_a_denial(template: Template, written: Any) -> bool:
    """Returns whether unresolved template code refers to a managed policy that may deny something."""
    return any(may_deny(each.raw("PolicyDocument")) for each in mentioned(template, written, *_POLICIES))


def _names(written: Any) -> Iterator[str]:
    """Yields all strings in template code that may be logical ids: in ``Ref``, ``Fn::GetAtt`` and ``Fn::Sub``."""
    if isinstance(written, str):
        yield written
        yield from (each.partition("}")[0].partition(".")[0] for each in written.split("${")[1:])
        yield written.partition(".")[0]
    elif isinstance(written, (dict, list)):
        for each in written.values() if isinstance(written, dict) else written:
            yield from _names(each)
