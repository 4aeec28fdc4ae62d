"""No module is left lying; a page is in the route table of its docstring; a class is compiled when it is first used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from emulator.cli import VERBS

ROOT = Path(__file__).parent.parent
PACKAGES = ("emulator", "idp", "sp_mock")
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if path.name != "__init__.py"
}
# Started by Python, loaded by pytest or Locust, or found by its name on the command line.
STARTED = {"emulator.__main__", "emulator.pytest_plugin", "emulator.load.__main__", "emulator.load.locustfile"}
STARTED |= {f"emulator.commands.{verb}" for verb in VERBS}
# What only the standard library's decorator offers: a value for the constructor alone.
STANDARD_DATACLASSES = {"emulator.kernel.records", "sp_mock.assertion.signature"}
METHODS = ("get", "post", "put", "delete", "patch")


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


@cache
def _all_imported() -> frozenset[str]:
    return frozenset(name for module in MODULES for name in _imported(_tree(module)))


def _imported(tree: ast.Module) -> Iterator[str]:
    """Yields the modules that a module imports, at its top or within a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def test_every_module_is_imported_by_another() -> None:
    """Operations, pages or a report that somebody writes and nobody offers are found: in its service, site or verb."""
    assert sorted(MODULES.keys() - STARTED - _all_imported()) == []


def _routes(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yields method and path of every page that a module's decorators declare with a text."""
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for call in (each for each in function.decorator_list if isinstance(each, ast.Call)):
            if not isinstance(call.func, ast.Attribute) or not call.args or not isinstance(call.args[0], ast.Constant):
                continue
            path = str(call.args[0].value)
            if call.func.attr in METHODS:
                yield call.func.attr.upper(), path
            elif call.func.attr == "route":
                given = [each.value for each in call.keywords if each.arg == "methods"]
                methods: list[str] = ast.literal_eval(given[0]) if given else ["GET"]
                yield from ((method, path) for method in methods)


def test_dataclasses_are_compiled_when_they_are_first_used() -> None:
    """They come from emulator.kernel.records, so that a command does not wait for those it does not need."""
    standard = {
        module
        for module in MODULES
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.ImportFrom) and node.module == "dataclasses"
        if any(alias.name == "dataclass" for alias in node.names)
    }
    assert standard == STANDARD_DATACLASSES


def test_every_page_is_in_the_route_table_of_its_module() -> None:
    """Its method and each word of its path; the table may shorten what is variable."""
    routes = [(module, method, path) for module in MODULES for method, path in _routes(_tree(module))]
    missing = {
        (module, method, path): words for module, method, path in routes if (words := _unlisted(module, method, path))
    }
    assert missing == {}
    assert len(routes) > 90


def _unlisted(module: str, method: str, path: str) -> list[str]:
    """Returns the words of a route that the docstring of its module lacks."""
    table = ast.get_docstring(_tree(module)) or ""
    words = [method, *(f"/{word}" for word in re.split(r"<[^>]*>|/", path) if word)]
    return [word for word in words if not re.search(rf"{re.escape(word)}\b", table)]
