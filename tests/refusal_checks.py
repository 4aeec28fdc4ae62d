"""Which checks refusals of the two sides can name, read from their source; a computed name is followed to its texts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from emulator.kernel import errors

ROOT = Path(__file__).parent.parent
PACKAGES = ("idp", "sp_mock")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression with the file, the class and the functions around it, the innermost last."""

    node: ast.expr
    path: Path
    class_: ast.ClassDef | None
    functions: tuple[Function, ...]

    @property
    def place(self) -> str:
        """Its place: file and line."""
        return f"{self.path.relative_to(ROOT)}:{self.node.lineno}"


@cache
def source() -> Source:
    """Returns the source, read once in each process."""
    return Source()


class Source:
    """The source of the two sides: every call in it, and every place that names a check."""

    def __init__(self) -> None:
        self._calls: list[Expression] = []
        self._refusals = {each.__name__ for each in _with_subclasses(errors.Refusal)}
        files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
        trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in files}
        for path, tree in trees.items():
            self._visit(tree, path, None, ())

    def _visit(self, node: ast.AST, path: Path, class_: ast.ClassDef | None, functions: tuple[Function, ...]) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                if {_name(base) for base in child.bases} & self._refusals:
                    self._refusals.add(child.name)
                self._visit(child, path, child, functions)
            elif isinstance(child, Function):
                self._visit(child, path, class_, (*functions, child))
            else:
                if isinstance(child, ast.Call):
                    self._calls.append(Expression(child, path, class_, functions))
                self._visit(child, path, class_, functions)

    @cache  # noqa: B019 - there is one
    def checks(self) -> dict[str, list[str]]:
        """Returns every check's name with the places that name it.

        Raises:
            AssertionError: a name is computed in a way that is not understood here.
        """
        found: dict[str, list[str]] = {}
        for call in self._calls:
            for keyword in _keywords(call):
                if keyword.arg == "check":
                    for name in self._texts(_beside(call, keyword.value)):
                        found.setdefault(name, []).append(call.place)
        return found

    def without_check(self) -> list[str]:
        """Returns the places that make a refusal and name no check; a class may name it for all of its own."""
        with_own = {
            call.class_.name
            for call in self._calls
            if call.class_ is not None and "check" in {keyword.arg for keyword in _keywords(call)}
        }
        return [
            call.place
            for call in self._calls
            if isinstance(call.node, ast.Call)
            and _name(call.node.func) in self._refusals - with_own
            and "check" not in {keyword.arg for keyword in _keywords(call)}
        ]

    def _texts(self, expression: Expression) -> set[str]:
        """Returns every text an expression can be."""
        node = expression.node
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return {node.value}
        if isinstance(node, ast.IfExp):
            branches = (node.body, node.orelse)
            return {text for branch in branches for text in self._texts(_beside(expression, branch))}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "lower":
            return {text.lower() for text in self._texts(_beside(expression, node.func.value))}
        given = list(self._given(expression))
        assert given, (
            f"{expression.place} computes the name of a check in a way that tests/refusal_checks.py cannot read"
        )
        return {text for argument in given for text in self._texts(argument)}

    def _given(self, expression: Expression) -> Iterator[Expression]:
        """Yields what callers give for a function's parameter, or for a field of ``self``."""
        node, class_ = expression.node, expression.class_
        if isinstance(node, ast.Attribute) and _name(node.value) == "self" and class_ is not None:
            fields = [_name(each.target) for each in class_.body if isinstance(each, ast.AnnAssign)]
            yield from self._arguments(class_.name, node.attr, fields, expression.path)
        for function in expression.functions if isinstance(node, ast.Name) else ():
            parameters = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
            parameters = parameters[1:] if parameters[:1] == ["self"] else parameters
            known = {*parameters, *(each.arg for each in function.args.kwonlyargs)}
            if isinstance(node, ast.Name) and node.id in known:
                yield from self._arguments(function.name, node.id, parameters, expression.path)

    def _arguments(self, called: str, name: str, positions: list[str], path: Path) -> Iterator[Expression]:
        for call in self._calls:
            is_meant = isinstance(call.node, ast.Call) and _name(call.node.func) == called
            if not isinstance(call.node, ast.Call) or not is_meant or (called.startswith("_") and call.path != path):
                continue
            by_position = dict(zip(positions, call.node.args, strict=False))
            by_name = {keyword.arg: keyword.value for keyword in call.node.keywords}
            argument = by_name.get(name, by_position.get(name))
            if argument is not None:
                yield _beside(call, argument)


def _beside(expression: Expression, node: ast.expr) -> Expression:
    return Expression(node, expression.path, expression.class_, expression.functions)


def _keywords(call: Expression) -> list[ast.keyword]:
    return call.node.keywords if isinstance(call.node, ast.Call) else []


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _with_subclasses(kind: type[errors.Refusal]) -> Iterator[type[errors.Refusal]]:
    yield kind
    for subclass in kind.__subclasses__():
        yield from _with_subclasses(subclass)
