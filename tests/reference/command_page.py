"""Makes docs/cli.md from the commands themselves: every verb, its arguments, its options and its exit codes."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from emulator.cli import EXIT_CODES, VERBS, fedemu
from emulator.load.options import OPTIONS

ROOT: Final = Path(__file__).parent.parent.parent
PAGE: Final = ROOT / "docs" / "cli.md"
_HEAD: Final = """# The command line

Every verb of `fedemu` with its options, as `fedemu VERB --help` prints them. `make docs` writes this page from the
program. Every command ends by naming the next useful one; where `--json` is offered, standard output is JSON only.

`NO_COLOR` and `CI` switch colours off. `FEDEMU_HOME` names the folder for keys, the certificate authority and the file
by which commands find the running emulator.
"""
# What other pages say about a verb.
_MORE: Final = {
    "up": "workbench.md",
    "exec": "clients.md",
    "browser": "clients.md",
    "env": "clients.md",
    "login": "running.md",
    "run": "scenarios.md",
    "load": "scale.md",
    "inspect": "inspect.md",
    "record": "record.md",
    "explain": "explain.md",
    "check": "check.md",
    "fix": "fix.md",
    "compare": "compare.md",
    "init": "seeds.md",
    "schema": "world.md",
}


def page() -> str:
    """Returns the whole page."""
    return "".join(_text())


def _text() -> Iterator[str]:
    context = click.Context(fedemu, info_name="fedemu")
    verbs = {name: fedemu.get_command(context, name) for name in VERBS}
    yield _HEAD
    yield "\n| verb | does |\n|---|---|\n"
    for name, verb in verbs.items():
        assert verb is not None
        yield f"| [`{name}`](#fedemu-{name}) | {_cell(_paragraphs(verb)[0])} |\n"
    yield "\nExit codes; each verb says below which of them it ends with, and when:\n\n| code | means |\n|---|---|\n"
    yield from (f"| {code} | {meaning} |\n" for code, meaning in EXIT_CODES.items())
    for name, verb in verbs.items():
        assert verb is not None
        yield from _verb(verb, click.Context(verb, info_name=name, parent=context))


def _verb(verb: click.Command, context: click.Context, level: str = "##") -> Iterator[str]:
    yield f"\n{level} {context.command_path}\n\n"
    usage = " ".join(verb.collect_usage_pieces(context))
    yield f"`{context.command_path} {usage}`\n"
    yield from (f"\n{_wrapped(paragraph)}\n" for paragraph in _paragraphs(verb))
    more = _MORE.get(context.info_name or "")
    yield f"\nMore: [{more}]({more}).\n" if more else ""
    options = [each.get_help_record(context) for each in verb.params if isinstance(each, click.Option)]
    rows = [record for record in options if record is not None and "--help" not in record[0]]
    if context.info_name == "load":
        rows += [(f"{each.name} {_value(each.value)}", each.help) for each in OPTIONS]
    yield from _options(rows)
    for name, below in getattr(verb, "commands", {}).items():
        yield from _verb(below, click.Context(below, info_name=name, parent=context), "###")


def _options(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    if not rows:
        return
    yield "\n| option | does |\n|---|---|\n"
    for names, text in rows:
        yield f"| `{_cell(names)}` | {_cell(text)} |\n"


def _value(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else f"[{'|'.join(value)}]"


def _paragraphs(verb: click.Command) -> list[str]:
    text = (verb.help or "").partition("\f")[0]
    return [" ".join(each.split()) for each in re.split(r"\n\s*\n", text.strip())]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _wrapped(text: str) -> str:
    """Returns a paragraph in lines, in which no character starts markup but backquotes."""
    escaped = re.sub(r"[*~<]", r"\\\g<0>", text)
    return textwrap.fill(escaped, width=120, break_long_words=False, break_on_hyphens=False)
