"""Two versions of a file ready to be shown: with no password, key or token in any line."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from emulator.diagnosis.fix import HIDDEN, is_secret_name
from emulator.worldfile.schema.settings import is_private_key
from emulator.worldfile.text.yaml_nodes import Node, read_nodes

_SHORTEST = 4
_ANOTHER = f"another {HIDDEN}"


def secrets_hidden(before: str, after: str) -> tuple[str, str]:
    """Returns two versions of a text without secrets; a secret that only the second has is marked as different."""
    old, new = _nodes(before), _nodes(after)
    known = {node.text for node in _secrets(old)}
    # The value of a mistyped key becomes a secret too, once the key is corrected.
    everywhere = {text for text in (*known, *(node.text for node in _secrets(new))) if len(text) >= _SHORTEST}
    shown = dict.fromkeys(known | everywhere, HIDDEN)
    return (
        _masked(before, old, shown),
        _masked(after, new, {text: HIDDEN if text in known | _texts(old) else _ANOTHER for text in everywhere | known}),
    )


def _nodes(text: str) -> Node | None:
    try:
        return read_nodes(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None


def _texts(root: Node | None) -> set[str]:
    return {each.text for each in _scalars(root)}


def _scalars(node: Node | None) -> Iterator[Node]:
    """Yields everything in a text except mappings and lists, keys included."""
    for each in node.all() if node is not None else ():
        if each.kind == "scalar":
            yield each
        yield from (key for key, _ in each.items if key is not None)


def _secrets(root: Node | None) -> Iterator[Node]:
    """Yields the values of secret keys, tokens (which are keys themselves), and private keys anywhere."""
    for node in root.all() if root is not None else ():
        if node.kind == "scalar" and is_private_key(node.text):
            yield node
        for key, value in node.items:
            if key is not None and is_secret_name(key.text):
                inside = [each for each, _ in value.items if each is not None]
                yield from (each for each in inside or _scalars(value) if each.text)


def _masked(text: str, root: Node | None, shown: dict[str, str]) -> str:
    under_secrets = {id(node) for node in _secrets(root)}
    spans = {
        (node.start, node.end): shown.get(node.text, _ANOTHER)
        for node in _scalars(root)
        if node.text in shown or id(node) in under_secrets
    }
    for (start, end), instead in sorted(spans.items(), reverse=True):
        breaks = text[start:end].count("\n")
        text = text[:start] + instead + f"\n{instead}" * breaks + text[end:]
    return text
