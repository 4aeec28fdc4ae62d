"""Which rules say that their words are assumed, and whether the refusals they make say so too, read from the source.

A rule is a function, class or module whose docstring has an Evidence line. Its refusals are those it makes itself and
those of the functions it calls that are no rules of their own, or whose result is a refusal.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from emulator.kernel import errors

PACKAGES = ("idp", "sp_mock")
_KINDS = frozenset({"documented", "observed", "assumed"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Rule = ast.Module | ast.ClassDef | _Function
_Bound = Mapping[str, frozenset[str]]
_ASSUMED = re.compile(r"\bassumed\b(?: \(([^)]*)\))?")
_OF_WORDS = re.compile(
    r"(?:^|[,;] |\band )(?:that )?(?:(?:some of )?(?:the|its|their) |code and )?(?:[\w']+'s )?words\b"
)


def evidence_of(documentation: str) -> str:
    """Returns the text of a docstring's Evidence line, on one line; empty without one."""
    found = re.search(r"^Evidence: (.*(?:\n(?!\n).*)*)", documentation, re.MULTILINE)
    return " ".join(found[1].split()) if found else ""


def are_words_assumed(evidence: str) -> bool:
    """Returns whether an Evidence line says of words that they are assumed: ``assumed``, or ``assumed (the words)``."""
    return any(found[1] is None or _OF_WORDS.search(found[1]) for found in _ASSUMED.finditer(evidence))


def are_some_words_known(evidence: str) -> bool:
    """Returns whether an Evidence line of assumed words says of some words or sentences that they are known."""
    known = re.findall(r"\b(?:documented|observed)[^(,;]* \(([^)]*)\)", evidence)
    return bool(re.search(r"\b(?:some|most)\b", evidence)) or any("words" in each for each in known)


@dataclass(frozen=True, slots=True)
class _Place:
    """A function with its file; by these a call finds what it calls."""

    path: Path
    function: _Function


@dataclass(slots=True)
class AssumedWords:
    """The source below a folder: its rules with assumed words, and those whose refusals do not say so."""

    root: Path
    _functions: dict[tuple[Path, str], _Place] = field(init=False, default_factory=dict)
    _imports: dict[Path, dict[str, Path]] = field(init=False, default_factory=dict)
    _refusals: set[str] = field(init=False)
    _trees: dict[Path, ast.Module] = field(init=False)

    def __post_init__(self) -> None:
        self._refusals = {each.__name__ for each in with_subclasses(errors.Refusal)}
        files = [path for package in PACKAGES for path in sorted((self.root / package).rglob("*.py"))]
        self._trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in files}
        for path, tree in self._trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and {_name(base) for base in node.bases} & self._refusals:
                    self._refusals.add(node.name)
                elif isinstance(node, _Function):
                    self._functions[path, node.name] = _Place(path, node)
                elif isinstance(node, ast.ImportFrom) and node.module:
                    self._imports.setdefault(path, {}).update(self._imported(node))

    def _imported(self, node: ast.ImportFrom) -> Iterator[tuple[str, Path]]:
        """Yields each name of an import with the file it is from: a function's module, or the module itself."""
        folder = self.root.joinpath(*(node.module or "").split("."))
        for each in node.names:
            module = folder / f"{each.name}.py"
            yield each.asname or each.name, module if module in self._trees else folder.with_suffix(".py")

    def unmarked(self) -> list[str]:
        """Returns the rules whose words are assumed while refusals of theirs do not have ``evidence="assumed"``.

        Where only some of the words are, one such refusal is enough: which of them it has to be is not in the source.
        """
        return [
            f"{path.relative_to(self.root)}:{line} {name}: its words are assumed, its refusals say "
            + " or ".join(sorted(said))
            for path, line, name, evidence, said in self._rules()
            if said and ("assumed" not in said or (said != {"assumed"} and not are_some_words_known(evidence)))
        ]

    def checked(self) -> int:
        """Returns how many rules with assumed words make refusals; what the others word is not a refusal."""
        return sum(bool(said) for *_, said in self._rules())

    def _rules(self) -> Iterator[tuple[Path, int, str, str, frozenset[str]]]:
        for path, tree in self._trees.items():
            for node in ast.walk(tree):
                evidence = evidence_of(ast.get_docstring(node) or "") if isinstance(node, _Rule) else ""
                if isinstance(node, _Rule) and are_words_assumed(evidence):
                    said = self._said(node.body, path, {}, frozenset())
                    yield path, getattr(node, "lineno", 1), getattr(node, "name", path.stem), evidence, said

    def _said(self, body: list[ast.stmt], path: Path, bound: _Bound, above: frozenset[_Function]) -> frozenset[str]:
        """Returns every evidence that the refusals made in a body can have, with what its parameters are bound to."""
        found: set[str] = set()
        for node in _within(body):
            if isinstance(node, ast.Assign) and any(_name(target) == "evidence" for target in node.targets):
                found |= _texts(node.value, bound) & _KINDS
            if not isinstance(node, ast.Call):
                continue
            keywords = {keyword.arg: keyword.value for keyword in node.keywords}
            # A refusal is made by its class, or by a function that is given the class first.
            if any(_name(each) in self._refusals for each in (node.func, *node.args[:1])):
                given = keywords.get("evidence")
                found |= _texts(given, bound) & _KINDS if given is not None else {"documented"}
                continue
            called = self._called(node, path)
            if called and called.function not in above and self._belongs_to_caller(called.function):
                given_now = {**_defaults(called.function), **_arguments(called.function, node, bound)}
                found |= self._said(called.function.body, called.path, given_now, above | {called.function})
        return frozenset(found)

    def _called(self, call: ast.Call, caller: Path) -> _Place | None:
        """Returns the function of this source that a call by name calls; methods of other objects are not followed."""
        name, imports = _name(call.func), self._imports.get(caller, {})
        if isinstance(call.func, ast.Attribute):
            owner = _name(call.func.value)
            path = caller if owner in {"self", "cls"} else imports.get(owner)
        else:
            path = caller if (caller, name) in self._functions else imports.get(name)
        return self._functions.get((path, name)) if path else None

    def _belongs_to_caller(self, function: _Function) -> bool:
        is_rule = bool(evidence_of(ast.get_docstring(function) or ""))
        returned = (
            {_name(node) for node in ast.walk(function.returns) if isinstance(node, ast.expr)}
            if is_rule and function.returns
            else set()
        )
        return not is_rule or bool(returned & self._refusals)


def _within(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yields the nodes of a body without those of rules inside it, which speak for themselves."""
    for statement in body:
        if isinstance(statement, _Rule) and evidence_of(ast.get_docstring(statement) or ""):
            continue
        yield statement
        yield from _children(statement)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _Rule) and evidence_of(ast.get_docstring(child) or ""):
            continue
        yield child
        yield from _children(child)


def _texts(node: ast.expr, bound: _Bound) -> set[str]:
    """Returns the texts an expression can be, as far as constants and bound parameters say."""
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) else set()
    if isinstance(node, ast.IfExp):
        holds = _holds(node.test, bound)
        branches = [node.body] * (holds is not False) + [node.orelse] * (holds is not True)
        return {text for branch in branches for text in _texts(branch, bound)}
    return set(bound.get(node.id, ())) if isinstance(node, ast.Name) else set()


def _holds(test: ast.expr, bound: _Bound) -> bool | None:
    """Returns whether a parameter is a text, or among texts; None where that cannot be said."""
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Eq | ast.In):
        return None
    given, other = _texts(test.left, bound), test.comparators[0]
    wanted = {text for each in (other.elts if isinstance(other, ast.Set) else [other]) for text in _texts(each, bound)}
    return given <= wanted if len(given) == 1 and wanted else None


def _defaults(function: _Function) -> dict[str, frozenset[str]]:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True)]
    pairs += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None]
    return {argument.arg: frozenset(_texts(default, {})) for argument, default in pairs}


def _arguments(function: _Function, call: ast.Call, bound: _Bound) -> dict[str, frozenset[str]]:
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    given = [*zip(names[1:] if names[:1] == ["self"] else names, call.args, strict=False)]
    given += [(keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg]
    return {name: frozenset(_texts(value, bound)) for name, value in given}


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def with_subclasses(kind: type[errors.Refusal]) -> Iterator[type[errors.Refusal]]:
    """Yields a class of refusals and all below it."""
    yield kind
    for subclass in kind.__subclasses__():
        yield from with_subclasses(subclass)
