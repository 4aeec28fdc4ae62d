"""Disables a check in the code that runs: what would refuse in its name lets pass instead.

No check is known here and no function is named: refusals by the disabled check cannot be made. Where one would be,
there is None, and ``raise None`` does not happen, so that the next statement follows. For that, every ``raise`` of the
two sides is rewritten from the source, once for all checks. The functions stay the objects that they are and get other
code, so that every reference to them meets the mutant; outside ``Disabling`` they have their own again.
"""

from __future__ import annotations

import ast
import functools
import gc
import importlib
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from emulator.kernel.errors import Refusal
from emulator.network.calls import aws_calls
from tests.refusal_checks import PACKAGES, ROOT

_Place = tuple[str, int, str]
# What it keeps is botocore's, which knows no check of ours, and takes longer to make than a scenario.
_OF_BOTOCORE = aws_calls.__name__


class Disabling:
    """The code of the two sides in which a check can be disabled; a context manager, which puts the code back."""

    def __init__(self) -> None:
        self._check = ""
        self._before: list[tuple[types.FunctionType, types.CodeType]] = []
        self._caches: list[Any] = []
        self._making = mock.patch.object(Refusal, "__new__", self._make)

    def __enter__(self) -> Disabling:
        # What is imported later would have its own code, and caches that nobody empties.
        for name in _modules():
            importlib.import_module(name)
        codes = dict(_rewritten_codes())
        # What was there when the tests were collected is frozen, and would not be listed.
        gc.unfreeze()
        objects = gc.get_objects()
        gc.freeze()
        for function in [each for each in objects if isinstance(each, types.FunctionType)]:
            code = codes.get(_place(function.__code__))
            if code is not None and code.co_freevars == function.__code__.co_freevars:
                self._before.append((function, function.__code__))
                function.__code__ = code
        # What a mutant has let pass must not be remembered by a cache, nor the other way round.
        self._caches = [each for each in objects if _is_cache_of_ours(each)]
        self._making.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._making.stop()
        for function, code in self._before:
            function.__code__ = code
        self._before.clear()

    @contextmanager
    def without(self, check: str) -> Iterator[None]:
        """Lets pass whatever a check would refuse."""
        self._check = check
        self._forget()
        try:
            yield
        finally:
            self._check = ""
            self._forget()

    def _forget(self) -> None:
        for each in self._caches:
            each.cache_clear()

    def _make(self, kind: type[Refusal], /, *arguments: Any, **named: Any) -> Refusal | None:
        made = Exception.__new__(kind, *arguments)
        if self._check:
            kind.__init__(made, *arguments, **named)
            if made.check == self._check:
                return None
        return made


def _is_cache_of_ours(found: object) -> bool:
    if not isinstance(found, functools._lru_cache_wrapper):
        return False
    module = found.__wrapped__.__module__
    return module.partition(".")[0] in {*PACKAGES, "emulator"} and module != _OF_BOTOCORE


def _modules() -> Iterator[str]:
    """Yields the modules of the two sides, and those that build them from a world."""
    for folder in (*PACKAGES, "emulator/building"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _place(code: types.CodeType) -> _Place:
    return code.co_filename, code.co_firstlineno, code.co_qualname


def _rewritten_codes() -> Iterator[tuple[_Place, types.CodeType]]:
    for path in (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))):
        tree = _Rewriting().visit(ast.parse(path.read_text(encoding="utf-8")))
        module = compile(ast.fix_missing_locations(tree), str(path), "exec", dont_inherit=True)
        # A lambda raises nothing, and there may be several in a line.
        yield from ((_place(code), code) for code in _codes_in(module) if code.co_name != "<lambda>")


def _codes_in(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _codes_in(constant)


class _Rewriting(ast.NodeTransformer):
    """Makes ``raise X from Y`` raise only where X is something."""

    def visit_Raise(self, node: ast.Raise) -> ast.AST | list[ast.stmt]:
        """``raise X`` becomes ``made_ = X`` and ``if made_ is not None: raise made_``."""
        if node.exc is None:
            return node
        assigned = ast.Assign([ast.Name("made_", ast.Store())], node.exc)
        is_made = ast.Compare(ast.Name("made_", ast.Load()), [ast.IsNot()], [ast.Constant(None)])
        raised = ast.If(is_made, [ast.Raise(ast.Name("made_", ast.Load()), node.cause)], [])
        return [ast.copy_location(assigned, node), ast.copy_location(raised, node)]
