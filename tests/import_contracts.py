"""A contract for import-linter that fails closed: whatever is not named may not import what is guarded.

import-linter's own contracts name modules one by one or take whole packages. Rules such as "only modules named for
speaking import Flask" hold for modules that do not exist yet, so names are patterns here, as ``fnmatch`` reads them:
``*.*_pages`` is any module of that ending.
"""

from __future__ import annotations

import sys
from fnmatch import fnmatchcase

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class OnlyContract(Contract):
    """Of some modules only the named ones may import what is guarded. Direct imports count, lazy ones too.

    ``modules`` are patterns of whom it applies to, ``only`` patterns of those who may, ``guarded`` patterns of what
    they may import, ``free`` patterns of what is not guarded after all. The standard library is free.
    """

    type_name = "only"

    modules = fields.ListField(subfield=fields.StringField())
    guarded = fields.ListField(subfield=fields.StringField())
    only = fields.ListField(subfield=fields.StringField(), required=False)
    free = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002  import-linter's signature
        """Collects the imports that break the rule."""
        broken = [
            (importer, imported)
            for importer in sorted(graph.modules)
            if _matches(importer, self.modules) and not _matches(importer, self.only)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if _matches(imported, self.guarded) and not _matches(imported, self.free)
            if imported.partition(".")[0] not in sys.stdlib_module_names
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Prints one line an import."""
        for importer, imported in check.metadata["broken"]:
            output.print_error(f"{importer} must not import {imported}")


def _matches(module: str, patterns: object) -> bool:
    """Whether a module, or a package it lies in, matches one of the patterns."""
    names = [module]
    while "." in names[-1]:
        names.append(names[-1].rpartition(".")[0])
    return any(fnmatchcase(name, str(pattern)) for pattern in patterns or () for name in names)  # type: ignore[attr-defined]
